package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// options of palyrad; what is not given comes from the configuration.
type daemonOptions struct {
	bind, grpcBind string
	port, grpcPort int
	quicPort       int
	quic           bool
	migrateOnly    bool
}

// daemonSettings reads the configuration that PALYRA_CONFIG names, which must then exist, or the first usual one that does.
func daemonSettings() (settings, string, error) {
	path := call{options: map[string]string{}}.configPath()
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("PALYRA_CONFIG") != "" {
			return nil, path, fail(exitInternal, "PALYRA_CONFIG names %s, which does not exist", path)
		}
		return settings{}, path, nil
	}
	config, err := readSettings(path)
	return config, path, err
}

func parseDaemon(args []string, config settings) (daemonOptions, error) {
	o := daemonOptions{
		bind: config.text("daemon.bind_addr"), port: int(config.number("daemon.port", 7142)),
		grpcBind: config.text("gateway.grpc_bind_addr"), grpcPort: int(config.number("gateway.grpc_port", 7443)),
		quicPort: int(config.number("gateway.quic_port", 0)), quic: config.flag("gateway.quic_enabled", true),
	}
	flags := flag.NewFlagSet("palyrad", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.bind, "bind", o.bind, "")
	flags.IntVar(&o.port, "port", o.port, "")
	flags.StringVar(&o.grpcBind, "grpc-bind", o.grpcBind, "")
	grpcPort := flags.Int("grpc-port", o.grpcPort, "")
	flags.BoolVar(&o.migrateOnly, "journal-migrate-only", false, "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return o, fail(exitValidation, "palyrad does not take %q", strings.Join(args, " "))
	}
	if *grpcPort != o.grpcPort || o.quicPort == 0 {
		o.quicPort = *grpcPort + 1
	}
	o.grpcPort = *grpcPort
	if o.bind == "" {
		o.bind = "127.0.0.1"
	}
	if o.grpcBind == "" {
		o.grpcBind = "127.0.0.1"
	}
	return o, nil
}

// askedForHelp prints help on standard output and ends with 0, as the real daemons do.
func askedForHelp(args []string, text string) bool {
	for _, arg := range args {
		if arg == "--help" || arg == "-h" || arg == "-help" {
			if faulty("help-fails") {
				os.Exit(exitInternal)
			}
			fmt.Print(text)
			return true
		}
	}
	return false
}

const daemonHelp = `Palyra gateway daemon
` + disclaimer + `

Usage: palyrad [OPTIONS]

Options:
      --bind <BIND>
      --port <PORT>
      --grpc-bind <GRPC_BIND>
      --grpc-port <GRPC_PORT>
      --journal-migrate-only
  -h, --help  Print help
`

var logging sync.Mutex

// logLine writes one JSON line to standard output.
func logLine(level, message string, more map[string]any) {
	logging.Lock()
	defer logging.Unlock()
	if faulty("plain-logs") {
		fmt.Printf("%s %s %v\n", level, message, more)
		return
	}
	line := map[string]any{"timestamp": time.Now().UTC().Format(time.RFC3339Nano), "level": level, "target": filepath.Base(os.Args[0]), "standin": true, "fields": map[string]any{"message": message, "more": more}}
	bytes, _ := json.Marshal(line)
	fmt.Println(string(bytes))
}

func runDaemon(args []string) error {
	if askedForHelp(args, daemonHelp) {
		return nil
	}
	if faulty("dumps-core") && len(args) == 1 && args[0] == crashWord {
		crash()
	}
	started := time.Now()
	config, source, err := daemonSettings()
	if err != nil {
		return err
	}
	o, err := parseDaemon(args, config)
	if err != nil {
		return err
	}
	path, err := journalPath(config)
	if err != nil {
		return err
	}
	j, err := openJournal(path)
	if err != nil {
		return err
	}
	if j.migrated && faulty("changes-on-migration") {
		config["networked_workers.lease_ttl_ms"] = int64(900000)
		if err := rewrite(source, config); err != nil {
			return err
		}
	}
	if o.migrateOnly {
		fmt.Printf("journal.migration=ok db_path=%s hash_chain_enabled=%t\n", path, true)
		return nil
	}
	token := os.Getenv("PALYRA_ADMIN_TOKEN")
	if token == "" {
		token = config.text("admin.auth_token")
	}
	if token == "" && config.flag("admin.require_auth", true) {
		return fail(exitInternal, "admin.require_auth is on and there is no admin token: neither PALYRA_ADMIN_TOKEN nor admin.auth_token")
	}
	if !isLoopback(o.bind) && os.Getenv("PALYRA_GATEWAY_DANGEROUS_REMOTE_BIND_ACK") != "true" {
		return fail(exitInternal, "binding %s needs PALYRA_GATEWAY_DANGEROUS_REMOTE_BIND_ACK=true", o.bind)
	}
	if faulty("crash-at-start") {
		return fail(exitInternal, "seeded fault: crash-at-start")
	}
	if faulty("dies-at-reboot") && bootedAnew(path) {
		return fail(exitInternal, "seeded fault: dies-at-reboot")
	}
	if faulty("trusts-lock") {
		if err := takeLock(lockFile(path)); err != nil {
			return err
		}
	}
	state := call{options: map[string]string{}}.stateRoot()
	if err := ownAlone(state); err != nil {
		return err
	}
	if err := writeState(path, state); err != nil {
		return err
	}
	presented, err := openIdentity(filepath.Join(state, "identity"))
	if err != nil {
		return err
	}
	if err := j.add("palyrad " + version + " started"); err != nil {
		return err
	}
	if faulty("token-in-log") {
		logLine("INFO", "admin token", map[string]any{"token": token})
	}
	logLine("INFO", "starting", map[string]any{"version": version, "config": source, "journal": path, "schema_version": j.head.Schema})
	if faulty("slow-start") {
		time.Sleep(20 * time.Second)
	}
	// Caught from here on: who stops the daemon while it begins to listen is heard too.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if faulty("deaf") {
		signal.Ignore(syscall.SIGTERM)
	}
	if err := listenAll(o, started, token, presented); err != nil {
		return err
	}
	misbehave()
	return awaitEnd(signals, func() error {
		os.Remove(lockFile(path))
		err := j.add("palyrad " + version + " stopped")
		if err == nil && faulty("bad-goodbye") {
			os.Exit(3)
		}
		if err == nil && !faulty("log-left") {
			err = j.write()
		}
		return err
	})
}

// awaitEnd waits for SIGTERM or an interrupt, then says goodbye and ends with 0.
func awaitEnd(signals chan os.Signal, goodbye func() error) error {
	for got := range signals {
		logLine("INFO", "stopping", map[string]any{"signal": got.String()})
		return goodbye()
	}
	return nil
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || (address != nil && address.IsLoopback())
}

func listenAll(o daemonOptions, started time.Time, token string, presented tls.Certificate) error {
	at := func(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }
	host := o.bind
	if faulty("wide-open") {
		host = "0.0.0.0"
	}
	// gRPC first: whoever sees /healthz answer may ask it at once.
	if !faulty("no-grpc") {
		if err := serveGRPC(at(o.grpcBind, o.grpcPort), "palyrad", started, nil); err != nil {
			return err
		}
		if err := serveGRPC(at(o.grpcBind, o.grpcPort+1), "palyrad-node", started, &presented); err != nil {
			return err
		}
	}
	if o.quic && !faulty("no-quic") {
		if _, err := net.ListenPacket("udp", at(o.grpcBind, o.quicPort)); err != nil {
			return fail(exitInternal, "%v", err)
		}
	}
	if faulty("extra-socket") {
		if _, err := net.Listen("tcp", "127.0.0.1:7999"); err != nil {
			return fail(exitInternal, "%v", err)
		}
	}
	return serveHTTP(at(host, o.port), "palyrad", started, dashboard(), token)
}
