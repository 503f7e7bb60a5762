package main

import (
	"encoding/base64"
	"flag"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

const browserHelp = `Palyra browser service
` + disclaimer + `

Usage: palyra-browserd [OPTIONS]

Options:
      --bind <BIND>            [default: 127.0.0.1]
      --port <PORT>            [default: 7143]
      --grpc-bind <GRPC_BIND>  [default: 127.0.0.1]
      --grpc-port <GRPC_PORT>  [default: 7543]
  -h, --help                   Print help
`

// browserKey holds standard base64 of 32 bytes. 64 hexadecimal digits are such a text as well, of 48.
const browserKey = "PALYRA_BROWSERD_STATE_ENCRYPTION_KEY"

func runBrowser(args []string) error {
	if askedForHelp(args, browserHelp) {
		return nil
	}
	flags := flag.NewFlagSet("palyra-browserd", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	bind, grpcBind := flags.String("bind", "127.0.0.1", ""), flags.String("grpc-bind", "127.0.0.1", "")
	port, grpcPort := flags.Int("port", 7143, ""), flags.Int("grpc-port", 7543, "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return fail(exitValidation, "palyra-browserd: %v", err)
	}
	started := time.Now()
	if key, given := os.LookupEnv(browserKey); given {
		if bytes, err := base64.StdEncoding.DecodeString(key); err != nil || len(bytes) != 32 {
			return fail(exitInternal, "%s must decode to exactly 32 bytes", browserKey)
		}
	}
	if folder := os.Getenv("PALYRA_BROWSERD_STATE_DIR"); folder != "" {
		if err := ownAlone(folder); err != nil {
			return err
		}
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if err := serveGRPC(net.JoinHostPort(*grpcBind, strconv.Itoa(*grpcPort)), "palyra-browserd", started, nil); err != nil {
		return err
	}
	if err := serveHTTP(net.JoinHostPort(*bind, strconv.Itoa(*port)), "palyra-browserd", started, "", ""); err != nil {
		return err
	}
	return awaitEnd(signals, func() error { return nil })
}

// runDesktop plays a window that stays open until it is told to close. It reads no display.
func runDesktop(args []string) error {
	if askedForHelp(args, "Palyra desktop control center\n"+disclaimer+"\n") {
		return nil
	}
	if faulty("crash-at-start") {
		return fail(exitInternal, "seeded fault: crash-at-start")
	}
	if faulty("desktop-ends") {
		time.Sleep(time.Second)
		return nil
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	return awaitEnd(signals, func() error { return nil })
}
