package main

import (
	"fmt"
)

type reportCheck struct {
	ID          string `json:"id"`
	Required    bool   `json:"required"`
	Status      string `json:"status"`
	Detail      string `json:"detail"`
	Remediation string `json:"remediation,omitempty"`
}

type preflightReport struct {
	SchemaVersion    int           `json:"schema_version"`
	ProfileID        string        `json:"profile_id"`
	ConfigPath       string        `json:"config_path"`
	Status           string        `json:"status"`
	BlockingFailures int           `json:"blocking_failures"`
	Warnings         int           `json:"warnings"`
	Manifest         profile       `json:"manifest"`
	Checks           []reportCheck `json:"checks"`
}

// judgeItem looks at the text of the configuration only: no port, disk, user or file.
func judgeItem(id string, config settings) (status, detail string) {
	holds := map[string]func() bool{
		"config_schema": func() bool { return true },
		"loopback_bind": func() bool { return config.text("daemon.bind_addr") == "127.0.0.1" },
		"storage_paths": func() bool {
			return config.text("storage.vault_dir") != "" && config.text("gateway.identity_store_dir") != ""
		},
		"worker_rollout": func() bool { return config.flag("feature_rollouts.networked_workers", false) },
		"attestation":    func() bool { return config.flag("networked_workers.require_attestation", false) },
	}
	switch id {
	case "systemd_or_compose", "model_auth", "artifact_transport", "orphan_reaper":
		return "warning", "is not looked at"
	case "bind_posture":
		if config.text("gateway.bind_profile") == "loopback_only" {
			return "ok", "loopback only"
		}
		if config.text("gateway.bind_profile") == "public_tls" && config.flag("gateway.tls.enabled", false) && config.flag("admin.require_auth", false) && config.flag("deployment.dangerous_remote_bind_ack", false) {
			return "warning", "public, acknowledged"
		}
		return "blocked", "public without acknowledgement"
	}
	if holds[id]() {
		return "ok", "as the profile needs it"
	}
	return "blocked", "not as the profile needs it"
}

func preflight(p profile, path string) preflightReport {
	report := preflightReport{SchemaVersion: 1, ProfileID: p.ProfileID, ConfigPath: path, Status: "passed", Manifest: p}
	config, err := readSettings(path)
	for _, it := range p.HealthPreflights {
		check := reportCheck{ID: it.ID, Required: it.Required, Status: "blocked", Remediation: "run palyra setup"}
		if err != nil {
			check.Detail = err.Error()
			if !it.Required {
				check.Status = "warning"
			}
		} else {
			check.Status, check.Detail = judgeItem(it.ID, config)
			if check.Status == "ok" {
				check.Remediation = ""
			}
		}
		if faulty("preflight-blocked") && it.ID == "config_schema" {
			check.Status, check.Detail = "blocked", "seeded fault"
		}
		if check.Required && check.Status == "blocked" {
			report.BlockingFailures++
			report.Status = "blocked"
		}
		if check.Status == "warning" {
			report.Warnings++
		}
		report.Checks = append(report.Checks, check)
	}
	return report
}

func deploymentPreflight(c call) error {
	name := c.options["deployment-profile"]
	path := c.configPath()
	if name == "" {
		name = "local"
		if config, err := readSettings(path); err == nil && config.text("deployment.profile") != "" {
			name = config.text("deployment.profile")
		}
	}
	p, err := profileNamed(name)
	if err != nil {
		return err
	}
	report := preflight(p, path)
	if c.json() {
		printJSON(report)
		return nil
	}
	fmt.Printf("deployment.preflight profile=%s status=%s blocking_failures=%d warnings=%d\n", p.ProfileID, report.Status, report.BlockingFailures, report.Warnings)
	for _, check := range report.Checks {
		fmt.Printf("deployment.preflight.check id=%s required=%t status=%s\n", check.ID, check.Required, check.Status)
	}
	return nil
}
