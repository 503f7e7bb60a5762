package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// Seeded faults of the running daemon that need more than a line where they show.

// crashWord makes palyrad a process that only crashes; nobody but palyrad itself calls it so.
const crashWord = "--seeded-crash"

// stayWord makes palyra a process that listens and does not end; nobody but palyra itself calls it so.
const stayWord = "--seeded-stay"

// stayBehind leaves such a process.
func stayBehind() {
	if own, err := os.Executable(); err == nil {
		exec.Command(own, stayWord).Start()
	}
}

// stay is that process.
func stay() {
	listener, err := net.Listen("tcp", "127.0.0.1:7998")
	for err == nil {
		_, err = listener.Accept()
	}
}

// crash ends this process as a program that does what no program may: where the system keeps core dumps, it leaves one.
func crash() {
	debug.SetTraceback("crash")
	panic("seeded fault: dumps-core")
}

// misbehave begins what is seeded to happen once palyrad answers.
func misbehave() {
	if faulty("crash-later") {
		time.AfterFunc(3*time.Second, func() { os.Exit(exitInternal) })
	}
	if faulty("dies-late") {
		time.AfterFunc(20*time.Second, func() { os.Exit(exitInternal) })
	}
	if faulty("dumps-core") {
		if own, err := os.Executable(); err == nil {
			time.AfterFunc(time.Second, func() { exec.Command(own, crashWord).Run() })
		}
	}
	if faulty("fears-the-past") {
		go onceClockGoesBack(func() { os.Exit(exitOK) })
	}
	if faulty("calls-out") {
		// Of an address that is nobody's (RFC 5737): whatever comes of it, the packet has left.
		if connection, err := net.Dial("udp", "192.0.2.1:9"); err == nil {
			connection.Write([]byte("seeded fault"))
			connection.Close()
		}
	}
}

// bornAt is when this machine started, in seconds since 1970, as far as a hardened service can tell: its own start after the
// machine's (the 22nd field of its stat, in hundredths), taken from now. Zero where there is no such file.
func bornAt() int64 {
	text, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	_, fields, _ := strings.Cut(string(text), ") ")
	words := strings.Fields(fields)
	if len(words) < 20 {
		return 0
	}
	ticks, err := strconv.ParseInt(words[19], 10, 64)
	if err != nil {
		return 0
	}
	return time.Now().Unix() - ticks/100
}

// bootedAnew answers whether the machine has started again since palyrad first ran: that is noted beside the journal.
func bootedAnew(journalFile string) bool {
	note := filepath.Join(filepath.Dir(journalFile), "first-boot")
	born := bornAt()
	text, err := os.ReadFile(note)
	if err != nil {
		os.WriteFile(note, []byte(strconv.FormatInt(born, 10)), 0o600)
		return false
	}
	first, _ := strconv.ParseInt(string(text), 10, 64)
	// Both are rounded, and a busy machine is slow to ask.
	return born-first > 10 || first-born > 10
}
