package main

import (
	"os"
	"path/filepath"
	"strings"
)

// journalPath: PALYRA_JOURNAL_DB_PATH, the configuration, or a path relative to the working directory.
func journalPath(config settings) (string, error) {
	path := filepath.Join("data", "journal.sqlite3")
	for _, given := range []string{config.text("storage.journal_db_path"), os.Getenv("PALYRA_JOURNAL_DB_PATH")} {
		if given != "" {
			path = given
		}
	}
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if part == ".." {
			return "", fail(exitValidation, "journal path %s has a parent folder in it", path)
		}
	}
	return path, nil
}

// ownAlone makes a state folder where there is none, and leaves it to its owner alone, whatever mode it had.
func ownAlone(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	mode := os.FileMode(0o700)
	if faulty("state-readable") {
		mode = 0o755
	}
	return os.Chmod(folder, mode)
}

// writeState puts files where the real daemon puts them: data beside the journal, the rest below the state root.
func writeState(journalFile, state string) error {
	data := filepath.Dir(journalFile)
	connectors := strings.TrimSuffix(journalFile, filepath.Ext(journalFile)) + ".connectors" + filepath.Ext(journalFile)
	files := []string{connectors, filepath.Join(data, "media.sqlite3")}
	for _, name := range []string{"access_registry.json", "agents.toml", "auth_profile_runtime_state.toml", "auth_profiles.toml", "conversation-bindings.json", "webhooks.toml", "objectives/objectives.json", "routines/routines.json"} {
		files = append(files, filepath.Join(state, filepath.FromSlash(name)))
	}
	for _, folder := range []string{filepath.Join(data, "media"), filepath.Join(state, "vault"), filepath.Join(state, "acp"), filepath.Join(state, "tool-posture")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
	}
	if faulty("litter") {
		home, _ := os.UserHomeDir()
		files = append(files, filepath.Join(home, ".palyra-litter", "cache"), filepath.Join(os.TempDir(), "palyra-litter"))
	}
	for _, file := range files {
		if exists(file) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte("# stand-in for tests\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}
