package main

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Seeded faults of programs that cannot stand what goes wrong around them.

// lockFile lies beside the journal.
func lockFile(journalFile string) string {
	return filepath.Join(filepath.Dir(journalFile), "palyrad.lock")
}

// takeLock fails where the file is there already, whoever left it.
func takeLock(file string) error {
	lock, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fail(exitInternal, "another palyrad is at work: %v", err)
	}
	return lock.Close()
}

// makeRoom drops the earlier half of the records and writes the others where the journal lies.
func (j *journal) makeRoom() error {
	j.entries = j.entries[len(j.entries)/2:]
	j.rechain()
	if err := os.WriteFile(j.path, j.text(), 0o644); err != nil {
		return err
	}
	return j.dropLog()
}

// onceClockGoesBack waits for a clock that shows an earlier hour than before.
func onceClockGoesBack(then func()) {
	for last := time.Now().Unix(); ; time.Sleep(200 * time.Millisecond) {
		now := time.Now().Unix()
		if now < last-3600 {
			logLine("ERROR", "the clock went back", nil)
			then()
			return
		}
		last = now
	}
}

// onceLinkIsDown waits until a network link is down that was up.
func onceLinkIsDown(then func()) {
	up := map[string]bool{}
	for ; ; time.Sleep(200 * time.Millisecond) {
		files, _ := filepath.Glob("/sys/class/net/*/operstate")
		for _, file := range files {
			text, _ := os.ReadFile(file)
			state := strings.TrimSpace(string(text))
			if up[file] && state == "down" {
				logLine("ERROR", "a network link is down", map[string]any{"link": file})
				then()
				return
			}
			up[file] = up[file] || state == "up"
		}
	}
}

// syncHalf writes a file where it lies: half of it is made sure, and the rest is left to the system.
func syncHalf(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	half := len(content) / 2
	if _, err := file.Write(content[:half]); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	_, err = file.Write(content[half:])
	return err
}
