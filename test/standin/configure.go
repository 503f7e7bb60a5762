package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Wizards that are told every answer: nobody is asked.

func (c call) unasked() error {
	if !c.has("non-interactive") {
		return fail(exitUnsupported, "this stand-in asks nobody: use --non-interactive")
	}
	if !c.has("accept-risk") {
		return fail(exitValidation, "--non-interactive needs --accept-risk")
	}
	return nil
}

// fromEnvironment is the value of the variable that an option names.
func (c call) fromEnvironment(option string) (string, error) {
	name := c.options[option]
	if name == "" || os.Getenv(name) == "" {
		return "", fail(exitValidation, "--%s names no variable with a value", option)
	}
	return os.Getenv(name), nil
}

// remote notes where another gateway is, and what it is known by.
func (c call) remote(config settings) error {
	url := c.options["remote-base-url"]
	if !strings.HasPrefix(url, "https://") {
		return fail(exitValidation, "--remote-base-url %s is no https URL", url)
	}
	config["gateway.remote.base_url"] = url
	config["gateway.remote.verification"] = c.options["remote-verification"]
	for _, pin := range []string{"pinned-server-cert-sha256", "pinned-gateway-ca-sha256"} {
		if digest := c.options[pin]; digest != "" {
			if len(digest) != 64 || strings.Trim(digest, "0123456789abcdef") != "" {
				return fail(exitValidation, "--%s is no SHA-256", pin)
			}
			config["gateway.remote."+strings.ReplaceAll(pin, "-", "_")] = digest
		}
	}
	return nil
}

// onboardingWizard writes the configuration of one that uses a gateway elsewhere.
func onboardingWizard(c call) error {
	if err := c.unasked(); err != nil {
		return err
	}
	if c.options["flow"] != "remote" {
		return fail(exitUnsupported, "the flow %q is not part of this stand-in for tests", c.options["flow"])
	}
	if _, err := c.fromEnvironment("admin-token-env"); err != nil {
		return err
	}
	config := settings{"version": int64(1)}
	if err := c.remote(config); err != nil {
		return err
	}
	path := c.configPath()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := rewrite(path, config); err != nil {
		return err
	}
	printJSON(map[string]any{"status": "complete", "flow": "remote", "config_path": path, "standin": true})
	return nil
}

// configure changes what belongs to one section of the configuration.
func configure(c call) error {
	if err := c.unasked(); err != nil {
		return err
	}
	if c.options["section"] != "gateway" {
		return fail(exitUnsupported, "the section %q is not part of this stand-in for tests", c.options["section"])
	}
	path := c.configPath()
	config, err := readSettings(path)
	if err != nil {
		return err
	}
	for option, key := range map[string]string{"daemon-port": "daemon.port", "grpc-port": "gateway.grpc_port", "quic-port": "gateway.quic_port"} {
		if !c.has(option) {
			continue
		}
		port, err := strconv.ParseUint(c.options[option], 10, 16)
		if err != nil {
			return fail(exitValidation, "--%s %s is not a port", option, c.options[option])
		}
		config[key] = int64(port)
	}
	if c.has("bind-profile") {
		config["gateway.bind_profile"] = strings.ReplaceAll(c.options["bind-profile"], "-", "_")
	}
	for option, key := range map[string]string{"tls-cert-path": "gateway.tls.cert_path", "tls-key-path": "gateway.tls.key_path"} {
		if c.has(option) {
			config[key] = c.options[option]
		}
	}
	if err := c.remote(config); err != nil {
		return err
	}
	if err := rewrite(path, config); err != nil {
		return err
	}
	printJSON(map[string]any{"status": "complete", "section": "gateway", "config_path": path, "standin": true})
	return nil
}
