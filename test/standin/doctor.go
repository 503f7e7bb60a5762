package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// checksHere are those of an installed release: none is required.
var checksHere = []string{
	"memory_embeddings_model_configured", "process_runner_tier_b_egress_allowlists_preflight_only",
	"process_runner_tier_c_strict_offline_only", "process_runner_tier_c_windows_backend_supported",
}

// Outside of an installation the tools of developers are asked for: with what else is looked at, 22 checks, 7 of them required.
const (
	allChecks      = 22
	requiredChecks = 7
)

// doctorChecks: on a desktop the gateway is one of them, since nobody but the user starts it.
func doctorChecks(reachable bool) []diagnostic {
	checks := []diagnostic{}
	for _, key := range checksHere {
		checks = append(checks, diagnostic{key, true, false, "info", ""})
	}
	metadata := installMetadata()
	if metadata == "" || faulty("doctor-as-developer") {
		for n := len(checks); n < allChecks; n++ {
			required := n < len(checksHere)+requiredChecks
			severity := map[bool]string{true: "blocking", false: "warning"}[required]
			key := fmt.Sprintf("developer_tool_%d", n)
			checks = append(checks, diagnostic{key, false, required, severity, "install the tool, or an archive"})
		}
	} else if readMetadata(filepath.Dir(metadata)).ArtifactKind == "desktop" {
		checks = append(checks, diagnostic{"gateway_runtime_reachable", reachable, true, "blocking", "start palyrad"})
	}
	if faulty("doctor-complains") {
		checks[0].OK, checks[0].Required, checks[0].Severity = false, true, "blocking"
	}
	return checks
}

func summaryOf(checks []diagnostic) map[string]int {
	summary := map[string]int{}
	for _, count := range []string{"required_checks_total", "required_checks_ok", "required_checks_failed", "warning_checks_failed", "info_checks_failed"} {
		summary[count] = 0
	}
	for _, check := range checks {
		switch {
		case check.Required && check.OK:
			summary["required_checks_ok"]++
		case check.Required:
			summary["required_checks_failed"]++
		case !check.OK:
			summary[check.Severity+"_checks_failed"]++
		}
		if check.Required {
			summary["required_checks_total"]++
		}
	}
	return summary
}

// doctor exits 0 whatever it finds, unless it is to be strict.
func doctor(c call) error {
	if faulty("stays-behind") {
		stayBehind()
	}
	if faulty("doctor-elsewhere") {
		c.options["config"] = "/nowhere/palyra.toml"
		c.options["state-root"] = "/nowhere"
	}
	path := c.configPath()
	config, err := readSettings(path)
	web, grpc := c.gatewayURLs()
	_, overHTTP := askHTTP(web, 2*time.Second)
	_, overGRPC := askGRPC(grpc, 2*time.Second)
	admin := askAdmin(web, config.text("admin.auth_token"), 2*time.Second)
	store := config.text("gateway.identity_store_dir")
	if store == "" {
		store = filepath.Join(c.stateRoot(), "identity")
	}
	checks := doctorChecks(overHTTP == nil && overGRPC == nil)
	summary := summaryOf(checks)
	ok := func(err error) map[string]any { return map[string]any{"ok": err == nil} }
	none := map[string]any{}
	switch {
	case faulty("doctor-broken"):
		fmt.Println("{ \"schema_version\": 1,")
	case c.json():
		printJSON(map[string]any{
			"schema_version": 1, "generated_at_unix_ms": time.Now().UnixMilli(), "mode": "diagnostics", "standin": true,
			"diagnostics": map[string]any{
				"checks": checks, "summary": summary,
				"config": map[string]any{
					"path": path, "exists": exists(path), "parsed": err == nil,
					"migration": map[string]any{
						"state": "current", "source_version": config.number("version", 1), "target_version": 1,
						"requires_writeback": faulty("doctor-migrates"),
					},
				},
				"identity": map[string]any{"store_root": store, "exists": exists(store), "writable": writable(store)},
				"connectivity": map[string]any{
					"daemon_url": web, "grpc_url": grpc, "http": ok(overHTTP), "grpc": ok(overGRPC), "admin": ok(admin),
				},
				"provider_auth": none, "browser": none, "access": none, "skills": none, "sandbox": none,
				"deployment": map[string]any{"profile": config.text("deployment.profile"), "mode": config.text("deployment.mode")},
			},
			"recovery": nil,
		})
	default:
		for _, check := range checks {
			fmt.Printf("doctor.check key=%s ok=%t required=%t severity=%s\n", check.Key, check.OK, check.Required, check.Severity)
		}
	}
	if failed := summary["required_checks_failed"]; c.has("strict") && failed > 0 {
		return fail(exitPrecondition, "%d required checks failed", failed)
	}
	return nil
}

// writable asks without writing.
func writable(folder string) bool {
	info, err := os.Stat(folder)
	return err == nil && info.IsDir() && info.Mode().Perm()&0o200 != 0
}
