package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// ulid is 26 random characters in the alphabet of ULIDs; nobody here sorts by its time.
func ulid() string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	bytes := make([]byte, 26)
	rand.Read(bytes)
	for n := range bytes {
		bytes[n] = alphabet[bytes[n]%32]
	}
	return string(bytes)
}

func profilesFile(state string) string { return filepath.Join(state, "cli", "profiles.toml") }

// seedProfile makes the command line's first profile: with absolute paths, and the time at which it was made.
func seedProfile(state, config, mode string) error {
	seed := settings{"version": int64(1), "default_profile": "local"}
	now := time.Now().UnixMilli()
	for key, value := range map[string]any{
		"config_path": config, "state_root": state, "daemon_url": "http://127.0.0.1:7142", "grpc_url": "http://127.0.0.1:7443",
		"principal": "admin:local", "device_id": ulid(), "channel": "cli", "label": "Local", "environment": "local", "color": "green",
		"risk_level": "low", "strict_mode": false, "mode": mode, "created_at_unix_ms": now, "updated_at_unix_ms": now,
	} {
		seed["profiles.local."+key] = value
	}
	file := profilesFile(state)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(seed.render()), 0o600)
}

// setup writes a configuration with a new admin token in it, mode 0644 minus the umask: as the real one does.
func setup(c call) error {
	mode := c.options["mode"]
	if mode == "" {
		mode = "local"
	}
	if mode != "local" && mode != "remote" {
		return fail(exitValidation, "--mode %s is neither local nor remote", mode)
	}
	scaffold := c.options["tls-scaffold"]
	switch scaffold {
	case "":
		scaffold = "bring-your-own"
	case "none", "bring-your-own", "self-signed":
	default:
		return fail(exitValidation, "--tls-scaffold %s is not known", scaffold)
	}
	name := c.options["deployment-profile"]
	if name == "" {
		name = map[string]string{"local": "local", "remote": "single-vm"}[mode]
	}
	profile, err := profileNamed(name)
	if err != nil {
		return err
	}
	path, state := c.configPath(), c.stateRoot()
	if _, err := os.Stat(path); err == nil && !c.has("force") {
		return fail(exitPrecondition, "config file %s exists; use --force to write it anew", path)
	}
	config := settings{
		"version":                              int64(1),
		"deployment.profile":                   profile.ProfileID,
		"deployment.mode":                      profile.DeploymentMode,
		"deployment.dangerous_remote_bind_ack": false,
		"daemon.bind_addr":                     "127.0.0.1",
		"daemon.port":                          int64(7142),
		"gateway.grpc_bind_addr":               "127.0.0.1",
		"gateway.grpc_port":                    int64(7443),
		"gateway.quic_bind_addr":               "127.0.0.1",
		"gateway.quic_port":                    int64(7444),
		"gateway.quic_enabled":                 true,
		"gateway.bind_profile":                 "loopback_only",
		"gateway.allow_insecure_remote":        false,
		"gateway.identity_store_dir":           filepath.Join(state, "identity"),
		"admin.require_auth":                   true,
		"admin.auth_token":                     "palyra_admin_" + ulid() + "_" + ulid(),
		"admin.bound_principal":                "admin:local",
		"storage.vault_dir":                    filepath.Join(state, "vault"),
		"orchestrator.runloop_v1_enabled":      true,
	}
	for _, d := range profile.Defaults {
		config[d.ConfigPath] = d.plain()
	}
	if faulty("capability-open") {
		config["feature_rollouts.flow_orchestration"] = true
	}
	tls := filepath.Join(filepath.Dir(path), "tls")
	if mode == "remote" && scaffold != "none" {
		config["gateway.tls.enabled"] = false
		config["gateway.tls.cert_path"] = filepath.Join(tls, "gateway.crt")
		config["gateway.tls.key_path"] = filepath.Join(tls, "gateway.key")
		if err := os.MkdirAll(tls, 0o755); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	text := config.render()
	if faulty("setup-fails") {
		os.WriteFile(path, []byte(text[:len(text)/2]), 0o644)
		return fail(exitInternal, "setup ended in the middle")
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return err
	}
	if err := seedProfile(state, path, mode); err != nil {
		return err
	}
	if c.has("wizard") && c.json() {
		printJSON(map[string]any{"status": "next_step_required", "recommended_step_id": "onboarding_status", "standin": true})
		return nil
	}
	fmt.Printf("init.status=complete mode=%s config_path=%s\n", mode, path)
	fmt.Printf("init.deployment_profile=%s\n", profile.ProfileID)
	fmt.Printf("init.state_root=%s\n", state)
	fmt.Println("init.admin_token_generated=true location=config(admin.auth_token)")
	if faulty("setup-prints-token") {
		fmt.Printf("init.admin_token=%s\n", config.text("admin.auth_token"))
	}
	if mode == "remote" {
		fmt.Printf("init.remote_guide.tls_scaffold=%s\n", scaffold)
		if scaffold == "self-signed" {
			fmt.Println("init.remote_guide.hint=no certificate was made; make one with openssl")
		}
	}
	return nil
}
