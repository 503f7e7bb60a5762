package main

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// metadata is what these commands read of install-metadata.json: all of it optional.
type metadata struct {
	ArtifactKind string `json:"artifact_kind"`
	StateRoot    string `json:"state_root"`
	CLIExposure  struct {
		CommandRoot      string   `json:"command_root"`
		ShimPaths        []string `json:"shim_paths"`
		TargetBinaryPath string   `json:"target_binary_path"`
	} `json:"cli_exposure"`
}

func (c call) installRoot() (string, error) {
	root := c.options["install-root"]
	if root == "" {
		root = ownFolder()
	}
	absolute, err := filepath.Abs(root)
	if err == nil {
		absolute, err = filepath.EvalSymlinks(absolute)
	}
	if err != nil {
		return "", fail(exitNotFound, "install root %s cannot be read", root)
	}
	return absolute, nil
}

func readMetadata(root string) (m metadata) {
	if bytes, err := os.ReadFile(filepath.Join(root, "install-metadata.json")); err == nil {
		json.Unmarshal(bytes, &m)
	}
	return m
}

func readManifest(root string) (m struct {
	Version string `json:"version"`
}) {
	if bytes, err := os.ReadFile(filepath.Join(root, "release-manifest.json")); err == nil {
		json.Unmarshal(bytes, &m)
	}
	return m
}

func readNote(root, name string) any {
	if text, err := os.ReadFile(filepath.Join(root, name)); err == nil {
		return string(text)
	}
	return nil
}

// candidateOf reads an archive's manifest and notes. As the real one, it verifies nothing, and a zip without a manifest gives nulls.
func candidateOf(file string) (map[string]any, error) {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return nil, fail(exitValidation, "archive %s cannot be read: %v", file, err)
	}
	defer archive.Close()
	found := map[string]any{"archive_path": file, "manifest_version": nil, "artifact_kind": nil, "platform": nil, "rollback_hint": nil, "migration_notes": nil}
	for _, f := range archive.File {
		if f.Name != "release-manifest.json" && f.Name != "ROLLBACK.txt" && f.Name != "MIGRATION_NOTES.txt" {
			continue
		}
		reader, err := f.Open()
		if err != nil {
			continue
		}
		text, _ := io.ReadAll(io.LimitReader(reader, 1<<20))
		reader.Close()
		switch f.Name {
		case "ROLLBACK.txt":
			found["rollback_hint"] = string(text)
		case "MIGRATION_NOTES.txt":
			found["migration_notes"] = string(text)
		default:
			var manifest struct {
				Version  *string `json:"version"`
				Kind     *string `json:"artifact_kind"`
				Platform *string `json:"platform"`
			}
			json.Unmarshal(text, &manifest)
			found["manifest_version"], found["artifact_kind"], found["platform"] = manifest.Version, manifest.Kind, manifest.Platform
		}
	}
	return found, nil
}

// update only plans: applying an update is not implemented in the real one either.
func update(c call) error {
	if c.has("yes") && c.has("dry-run") {
		return fail(exitValidation, "--yes cannot be used with --dry-run")
	}
	root, err := c.installRoot()
	if err != nil {
		return err
	}
	plan := map[string]any{"mode": "plan", "install_root": root, "current_version": nil, "current_artifact_kind": nil, "state_root": c.stateRoot(), "service_installed": false, "service_running": false, "rollback_hint": readNote(root, "ROLLBACK.txt"), "migration_notes": readNote(root, "MIGRATION_NOTES.txt"), "candidate": nil, "apply_supported": false, "next_steps": []string{"install the archive anew"}}
	if kind := readMetadata(root).ArtifactKind; kind != "" {
		plan["current_artifact_kind"] = kind
	}
	// Of the release that lies in the install root itself, beside the metadata; whatever runs there says nothing.
	if manifest := readManifest(root); manifest.Version != "" {
		plan["current_version"] = manifest.Version
	}
	if c.has("check") {
		plan["mode"] = "status-check"
	}
	if file := c.options["archive"]; file != "" {
		candidate, err := candidateOf(file)
		if err != nil {
			return err
		}
		plan["mode"], plan["candidate"] = "candidate-plan", candidate
	}
	if c.has("dry-run") && faulty("dry-run-writes") {
		os.WriteFile(filepath.Join(root, "update-plan.tmp"), []byte("seeded fault\n"), 0o644)
	}
	if c.has("yes") {
		return fail(exitUnsupported, "an update in place is not implemented")
	}
	if c.json() {
		printJSON(plan)
		return nil
	}
	fmt.Printf("update.mode=%s install_root=%s current_version=%v apply_supported=false\n", plan["mode"], root, plan["current_version"])
	return nil
}

func uninstall(c call) error {
	if c.has("yes") == c.has("dry-run") {
		return fail(exitValidation, "uninstall needs either --yes or --dry-run")
	}
	root, err := c.installRoot()
	if err != nil {
		return err
	}
	m := readMetadata(root)
	state := m.StateRoot
	if state == "" {
		state = c.stateRoot()
	}
	removed := []string{}
	if !c.has("dry-run") {
		if filepath.Dir(root) == root {
			return fail(exitPrecondition, "%s is the root of a file system", root)
		}
		if own := ownFolder(); own == root || strings.HasPrefix(own, root+string(filepath.Separator)) {
			return fail(exitPrecondition, "this program runs from %s and cannot remove it", root)
		}
		for _, shim := range m.CLIExposure.ShimPaths {
			if text, err := os.ReadFile(shim); err == nil && m.CLIExposure.TargetBinaryPath != "" && strings.Contains(string(text), m.CLIExposure.TargetBinaryPath) && os.Remove(shim) == nil {
				removed = append(removed, shim)
			}
		}
		if err := os.RemoveAll(root); err != nil {
			return err
		}
		if c.has("remove-state") {
			if err := os.RemoveAll(state); err != nil {
				return err
			}
		}
	}
	report := map[string]any{"dry_run": c.has("dry-run"), "install_root": root, "state_root": state, "install_root_removed": !c.has("dry-run"), "state_root_removed": c.has("remove-state") && !c.has("dry-run"), "cli_cleanup": nil, "rollback_hint": readNote(root, "ROLLBACK.txt"), "migration_notes": readNote(root, "MIGRATION_NOTES.txt"), "windows_path_cleanup_required": false, "next_steps": []string{}}
	if m.CLIExposure.CommandRoot != "" {
		report["cli_cleanup"] = map[string]any{"removed_shim_paths": removed, "removed_profile_files": []string{}, "command_root_removed": false, "windows_path_cleanup_required": false}
	}
	if c.json() {
		printJSON(report)
		return nil
	}
	fmt.Printf("uninstall.dry_run=%t install_root=%s install_root_removed=%t state_root_removed=%t\n", report["dry_run"], root, report["install_root_removed"], report["state_root_removed"])
	return nil
}

// backupCreate writes a zip of the state root, of the configuration, and of the journal's folder where a variable names it.
func backupCreate(c call) error {
	file := c.options["output"]
	if file == "" {
		return fail(exitValidation, "--output is needed")
	}
	target, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fail(exitPrecondition, "%v", err)
	}
	defer target.Close()
	archive := zip.NewWriter(target)
	count := 0
	add := func(path, name string) error {
		bytes, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		writer, err := archive.Create(name)
		if err != nil {
			return err
		}
		count++
		_, err = writer.Write(bytes)
		return err
	}
	root := c.stateRoot()
	err = filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		relative, _ := filepath.Rel(root, path)
		return add(path, "state/"+filepath.ToSlash(relative))
	})
	if err != nil {
		return err
	}
	if exists(c.configPath()) {
		if err := add(c.configPath(), "config/palyra.toml"); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	fmt.Printf("backup.create=ok output=%s files=%d\n", file, count)
	return nil
}
