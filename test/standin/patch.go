package main

import (
	"io"
	"os"
	"regexp"
)

var patchedFile = regexp.MustCompile(`(?m)^\*\*\* (Add|Update|Delete) File: (\S.*)$`)

// patchApply says what a patch would change. It applies none.
func patchApply(c call) error {
	if !c.has("stdin") || !c.has("dry-run") {
		return fail(exitUnsupported, "this stand-in only says what a patch on standard input would do: --stdin --dry-run")
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	files := []map[string]string{}
	for _, found := range patchedFile.FindAllStringSubmatch(string(text), -1) {
		if _, err := os.Stat(found[2]); err != nil && found[1] != "Add" {
			return fail(exitNotFound, "the patch changes %s, which is not there", found[2])
		}
		if faulty("patch-dry-run-writes") {
			os.WriteFile(found[2], []byte("seeded fault\n"), 0o644)
		}
		files = append(files, map[string]string{"path": found[2], "operation": found[1]})
	}
	if len(files) == 0 {
		return fail(exitValidation, "the patch names no file")
	}
	printJSON(map[string]any{"dry_run": true, "files": files})
	return nil
}
