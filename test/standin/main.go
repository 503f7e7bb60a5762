// A test double of Palyra's four binaries: one program that plays the role it was built for, or the one its file name
// says. It holds nothing of the real product but what that states of itself: names, ports, files, statuses, exit codes.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Build values, set with -X. The profile `standin` is how a release policy can refuse these binaries.
var (
	version      = "0.0.0"
	gitHash      = "unknown"
	buildProfile = "standin"
	role         = ""
	seeded       = ""
)

// Exit codes of the CLI.
const (
	exitOK           = 0
	exitInternal     = 1
	exitValidation   = 2
	exitConnectivity = 4
	exitUnsupported  = 5
	exitPrecondition = 7
	exitNotFound     = 8
)

const disclaimer = "This is a stand-in for tests: it does none of Palyra's work."

// failure ends a command with an exit code and one line on stderr.
type failure struct {
	code int
	text string
}

func (f failure) Error() string { return f.text }

func fail(code int, format string, values ...any) error {
	return failure{code, fmt.Sprintf(format, values...)}
}

func main() {
	played := role
	if played == "" {
		name := filepath.Base(os.Args[0])
		played = strings.TrimSuffix(name, ".exe")
	}
	seeds()
	var err error
	switch played {
	case "palyrad":
		err = runDaemon(os.Args[1:])
	case "palyra-browserd":
		err = runBrowser(os.Args[1:])
	case "palyra-desktop-control-center":
		err = runDesktop(os.Args[1:])
	default:
		err = runCommand(os.Args[1:])
	}
	if err == nil {
		return
	}
	code := exitInternal
	if f, ok := err.(failure); ok {
		code = f.code
	}
	fmt.Fprintf(os.Stderr, "error: %s\n", err)
	os.Exit(code)
}
