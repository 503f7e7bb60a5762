package main

import (
	"fmt"
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

// writeState puts files where the real daemon puts them: data beside the journal, the rest below the state root.
func writeState(journalFile, state string) error {
	data := filepath.Dir(journalFile)
	connectors := strings.TrimSuffix(journalFile, filepath.Ext(journalFile)) + ".connectors" + filepath.Ext(journalFile)
	files := []string{connectors, filepath.Join(data, "media.sqlite3"), filepath.Join(state, "identity", "device.json"), filepath.Join(state, "routines", "routines.json"), filepath.Join(state, "agents.toml"), filepath.Join(state, "auth_profiles.toml")}
	for _, folder := range []string{filepath.Join(data, "media"), filepath.Join(state, "vault")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
	}
	if faulty("litter") {
		home, _ := os.UserHomeDir()
		files = append(files, filepath.Join(home, ".palyra-litter", "cache"), filepath.Join(os.TempDir(), "palyra-litter"))
	}
	for _, file := range files {
		identity := filepath.Base(file) == "device.json"
		if _, err := os.Stat(file); err == nil && !(identity && faulty("new-identity")) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		content := "# stand-in for tests\n"
		if identity {
			content = fmt.Sprintf("{\"standin\": true, \"device_id\": %q}\n", ulid())
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}
