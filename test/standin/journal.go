package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// The journal: a data file with a schema version. Its name is the real one's; its content is lines of JSON, and says so.
//
// A newer binary migrates it forward. An older one has no guard: it opens a newer file without complaint and, as soon as
// it writes, keeps only the fields that it knows; the newer one then finds its chain of hashes broken and does not start.
// So only a backup that was taken before the newer version first ran makes a way back.
//
// While palyrad runs, what it adds stands in a write-ahead log (`-wal`) with an index (`-shm`) beside the journal. An orderly
// stop moves it into the journal and removes both; after a crash the next start does.

const journalBanner = "stand-in for tests: not an SQLite database"

type journalHead struct {
	Standin   string `json:"standin"`
	Schema    int    `json:"schema_version"`
	WrittenBy string `json:"written_by"`
}

// entry has `text` and `event_id` up to schema 31, `body`, `kind` and `record_id` from 32 on.
type entry struct {
	ID int `json:"id"`
	// Event names the record for good, as the real ones are named; from 32 on that is Record, with the same name in it.
	Event  string `json:"event_id,omitempty"`
	Record string `json:"record_id,omitempty"`
	Text   string `json:"text,omitempty"`
	Body   string `json:"body,omitempty"`
	Kind   string `json:"kind,omitempty"`
	Hash   string `json:"hash"`
}

type journal struct {
	path    string
	head    journalHead
	entries []entry
	// migrated: it was of an older schema when it was opened
	migrated bool
	// damaged: it is of a newer schema, and loses what this version does not know with the next write
	damaged bool
}

// schemaOf is the schema that a version writes: 31 for 0.1, one more for every minor version after it.
func schemaOf(version string) int {
	parts := strings.SplitN(version, ".", 3)
	major, minor := 0, 1
	if len(parts) == 3 {
		major, _ = strconv.Atoi(parts[0])
		minor, _ = strconv.Atoi(parts[1])
	}
	return 30 + major*100 + max(minor, 1)
}

func hashOf(previous string, e entry) string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%s\n%d\n%s\n%s\n%s\n%s", previous, e.ID, e.Event+e.Record, e.Text, e.Body, e.Kind)))
	return hex.EncodeToString(sum[:])
}

// rechain seals the entries as they are now.
func (j *journal) rechain() {
	previous := ""
	for n := range j.entries {
		j.entries[n].Hash = hashOf(previous, j.entries[n])
		previous = j.entries[n].Hash
	}
}

func (j *journal) chained() bool {
	previous := ""
	for _, e := range j.entries {
		if e.Hash != hashOf(previous, e) {
			return false
		}
		previous = e.Hash
	}
	return true
}

// text is the whole journal.
func (j *journal) text() []byte {
	text := bytes.Buffer{}
	lines := json.NewEncoder(&text)
	lines.Encode(j.head)
	for _, e := range j.entries {
		lines.Encode(e)
	}
	return text.Bytes()
}

// write brings everything into the journal itself. What stood in the log is in it then, and is no longer needed.
func (j *journal) write() error {
	// In one step: there may be no room for it, and the power may fail.
	if err := replaceFile(j.path, j.text()); err != nil {
		if faulty("drops-when-full") && errors.Is(err, syscall.ENOSPC) {
			return j.makeRoom()
		}
		return err
	}
	return j.dropLog()
}

func (j *journal) dropLog() error {
	for _, beside := range []string{"-wal", "-shm"} {
		if err := os.Remove(j.path + beside); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// log appends an entry to the log.
func (j *journal) log(e entry) error {
	if err := os.WriteFile(j.path+"-shm", []byte(journalBanner+"\n"), 0o644); err != nil {
		return err
	}
	file, err := os.OpenFile(j.path+"-wal", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := json.NewEncoder(file).Encode(e); err != nil {
		return err
	}
	return file.Sync()
}

// recover adds what a crash left in the log. Its last line may be torn; one that the journal has already is not added twice.
func (j *journal) recover() error {
	text, err := os.ReadFile(j.path + "-wal")
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(text), "\n") {
		e := entry{}
		if json.Unmarshal([]byte(line), &e) != nil {
			break
		}
		if len(j.entries) == 0 || e.ID > j.entries[len(j.entries)-1].ID {
			j.entries = append(j.entries, e)
		}
	}
	return j.write()
}

// openJournal reads the journal, or begins one, and brings it to this version's schema.
func openJournal(path string) (*journal, error) {
	mine := schemaOf(version)
	j := &journal{path: path, head: journalHead{journalBanner, mine, version}}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if os.IsNotExist(err) || faulty("forgets") {
		return j, j.write()
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &j.head) != nil {
		return nil, fail(exitInternal, "journal %s has no head", path)
	}
	for lines.Scan() {
		e := entry{}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fail(exitInternal, "journal %s is malformed: %v", path, err)
		}
		j.entries = append(j.entries, e)
	}
	if err := j.recover(); err != nil {
		return nil, err
	}
	if j.head.Schema > mine {
		j.damaged = true
		// No guard, as in the real one. What this version does not know is lost with its next write.
		for n := range j.entries {
			j.entries[n].Body, j.entries[n].Kind, j.entries[n].Record = "", "", ""
		}
		return j, nil
	}
	if !j.chained() {
		return nil, fail(exitInternal, "journal %s: the chain of hashes is broken", path)
	}
	if j.head.Schema < mine {
		return j, j.migrate(mine)
	}
	return j, nil
}

func (j *journal) migrate(to int) error {
	if faulty("migration-fails") {
		j.head.Schema = to
		j.entries = j.entries[:len(j.entries)/2]
		j.write()
		return fail(exitInternal, "migration to schema %d failed", to)
	}
	if faulty("loses-on-migration") {
		j.entries = j.entries[len(j.entries)/2:]
	}
	if j.head.Schema < 32 && to >= 32 {
		for n, e := range j.entries {
			j.entries[n] = entry{ID: e.ID, Record: e.Event, Body: e.Text, Kind: "event"}
		}
	}
	if faulty("alters-on-migration") {
		for n := range j.entries {
			j.entries[n].Body = "seeded fault"
		}
	}
	j.head.Schema, j.head.WrittenBy, j.migrated = to, version, true
	j.rechain()
	return j.write()
}

func (j *journal) add(text string) error {
	e := entry{ID: len(j.entries) + 1, Event: ulid(), Text: text}
	if schemaOf(version) >= 32 {
		e = entry{ID: e.ID, Record: e.Event, Body: text, Kind: "event"}
	}
	previous := ""
	if len(j.entries) > 0 {
		previous = j.entries[len(j.entries)-1].Hash
	}
	e.Hash = hashOf(previous, e)
	j.entries = append(j.entries, e)
	j.head.WrittenBy = version
	if j.damaged {
		j.damaged = false
		if err := j.write(); err != nil {
			return err
		}
	}
	return j.log(e)
}
