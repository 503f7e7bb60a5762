package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// gatewayURLs: options, or what the configuration says.
func (c call) gatewayURLs() (web, grpc string) {
	config, err := readSettings(c.configPath())
	if err != nil {
		config = settings{}
	}
	web, grpc = c.options["url"], c.options["grpc-url"]
	if web == "" {
		web = fmt.Sprintf("http://127.0.0.1:%d", config.number("daemon.port", 7142))
	}
	if grpc == "" {
		grpc = fmt.Sprintf("http://127.0.0.1:%d", config.number("gateway.grpc_port", 7443))
	}
	return strings.TrimSuffix(web, "/"), strings.TrimSuffix(grpc, "/")
}

type healthPart struct {
	Status        string `json:"status"`
	Service       string `json:"service"`
	Version       string `json:"version"`
	GitHash       string `json:"git_hash"`
	UptimeSeconds int64  `json:"uptime_seconds"`
}

func part(a healthAnswer) healthPart {
	return healthPart{a.Status, a.Service, a.Version, a.GitHash, a.UptimeSeconds}
}

// health needs both HTTP and gRPC to answer.
func health(c call) error {
	web, grpc := c.gatewayURLs()
	overHTTP, err := askHTTP(web, 5*time.Second)
	if err != nil {
		return fail(exitConnectivity, "the gateway does not answer over HTTP at %s: %v", web, err)
	}
	overGRPC, err := askGRPC(grpc, 5*time.Second)
	if err != nil {
		return fail(exitConnectivity, "the gateway does not answer over gRPC at %s: %v", grpc, err)
	}
	if c.json() {
		printJSON(map[string]any{"overall": "ok", "daemon_url": web, "grpc_url": grpc, "http": part(overHTTP), "grpc": part(overGRPC)})
		return nil
	}
	fmt.Printf("http.status=%s service=%s version=%s git_hash=%s uptime_seconds=%d\n", overHTTP.Status, overHTTP.Service, overHTTP.Version, overHTTP.GitHash, overHTTP.UptimeSeconds)
	fmt.Printf("grpc.status=%s service=%s version=%s git_hash=%s uptime_seconds=%d\n", overGRPC.Status, overGRPC.Service, overGRPC.Version, overGRPC.GitHash, overGRPC.UptimeSeconds)
	return nil
}

type diagnostic struct {
	Key         string `json:"key"`
	OK          bool   `json:"ok"`
	Required    bool   `json:"required"`
	Severity    string `json:"severity"`
	Remediation string `json:"remediation"`
}

// installMetadata is the record of the installation that this executable belongs to: beside it or one level above.
func installMetadata() string {
	for _, folder := range []string{ownFolder(), filepath.Dir(ownFolder())} {
		file := filepath.Join(folder, "install-metadata.json")
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
