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

// doctor exits 0 whatever it finds, unless it is to be strict.
func doctor(c call) error {
	if faulty("stays-behind") {
		stayBehind()
	}
	_, statErr := os.Stat(c.configPath())
	config, err := readSettings(c.configPath())
	web, _ := c.gatewayURLs()
	_, reachable := askHTTP(web, 2*time.Second)
	checks := []diagnostic{
		{"config_present", statErr == nil, true, "blocking", "run palyra setup"},
		{"config_valid", err == nil && !faulty("doctor-complains"), true, "blocking", "run palyra config validate"},
		{"state_root_present", exists(c.stateRoot()), false, "warning", "run palyra setup"},
		{"gateway_runtime_reachable", reachable == nil, true, "blocking", "start palyrad"},
		{"dashboard_present", dashboard() != "", false, "info", "install the archive again"},
	}
	if installMetadata() == "" {
		checks = append(checks, diagnostic{"developer_toolchain", false, false, "warning", "install the toolchain, or an archive"})
	}
	counts := map[string]int{}
	for _, check := range checks {
		switch {
		case check.Required:
			counts["required_checks_total"]++
			if check.OK {
				counts["required_checks_ok"]++
			}
		case !check.OK:
			counts[check.Severity+"_checks_failed"]++
		}
	}
	failed := counts["required_checks_total"] - counts["required_checks_ok"]
	summary := map[string]int{"required_checks_total": counts["required_checks_total"], "required_checks_ok": counts["required_checks_ok"], "required_checks_failed": failed, "warning_checks_failed": counts["warning_checks_failed"], "info_checks_failed": counts["info_checks_failed"]}
	switch {
	case faulty("doctor-broken"):
		fmt.Println("{ \"schema_version\": 1,")
	case c.json():
		about := func(fields ...any) map[string]any {
			found := map[string]any{}
			for n := 0; n < len(fields); n += 2 {
				found[fields[n].(string)] = fields[n+1]
			}
			return found
		}
		printJSON(map[string]any{
			"schema_version": 1, "generated_at_unix_ms": time.Now().UnixMilli(), "mode": "diagnostics", "standin": true,
			"diagnostics": map[string]any{
				"checks": checks, "summary": summary,
				"config": about("path", c.configPath(), "exists", statErr == nil, "valid", err == nil), "identity": about("store_dir", config.text("gateway.identity_store_dir")),
				"connectivity": about("daemon_url", web, "reachable", reachable == nil), "provider_auth": about(), "browser": about(), "access": about(), "skills": about(), "sandbox": about(),
				"deployment": about("profile", config.text("deployment.profile"), "mode", config.text("deployment.mode")),
			},
			"recovery": nil,
		})
	default:
		for _, check := range checks {
			fmt.Printf("doctor.check key=%s ok=%t required=%t severity=%s\n", check.Key, check.OK, check.Required, check.Severity)
		}
	}
	if c.has("strict") && failed > 0 {
		return fail(exitPrecondition, "%d required checks failed", failed)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
