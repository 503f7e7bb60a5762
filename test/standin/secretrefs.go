package main

import "fmt"

// References of the configuration to secrets in the vault.

const providerKeyRef = "models.openai_api_key_ref"

// secretConfigure keeps a provider's key in the vault and notes in the configuration where.
func secretConfigure(c call) error {
	if c.word(0) != "openai-api-key" {
		return fail(exitUnsupported, "the secret %q is not part of this stand-in for tests", c.word(0))
	}
	path := c.configPath()
	config, err := readSettings(path)
	if err != nil {
		return err
	}
	c.words = c.words[1:]
	name, err := c.secretName()
	if err != nil {
		return err
	}
	value, err := c.keepSecret(name)
	if err != nil {
		return err
	}
	config[providerKeyRef] = name
	if err := rewrite(path, config); err != nil {
		return err
	}
	report := map[string]any{"component": "openai-api-key", "vault_ref_configured": true, "path": path}
	if faulty("configure-prints-secret") {
		report["value"] = string(value)
	}
	printJSON(report)
	return nil
}

type secretSummary struct {
	Total    int `json:"total_references"`
	Resolved int `json:"resolved_references"`
}

// audit names every setting that holds a secret itself, and every reference to none, and counts the references.
func (c call) audit() (findings []map[string]string, summary secretSummary, err error) {
	config, err := readSettings(c.configPath())
	if err != nil {
		return nil, summary, err
	}
	sealed, err := c.vault().read()
	if err != nil {
		return nil, summary, err
	}
	findings = []map[string]string{}
	for _, key := range config.keys() {
		if key == providerKeyRef {
			summary.Total++
			if _, ok := sealed[config.text(key)]; ok {
				summary.Resolved++
			} else {
				findings = append(findings, map[string]string{"key": key, "finding": "unresolved"})
			}
		} else if isSecret(key) {
			findings = append(findings, map[string]string{"key": key, "finding": "plaintext"})
		}
	}
	return findings, summary, nil
}

func secretAudit(c call) error {
	findings, summary, err := c.audit()
	if err != nil {
		return err
	}
	if c.json() {
		printJSON(map[string]any{"offline": c.has("offline"), "findings": findings, "summary": summary})
		return nil
	}
	fmt.Printf("secrets.audit findings=%d\n", len(findings))
	return nil
}

// secretApply has nothing to move here: it says what an audit would.
func secretApply(c call) error {
	findings, summary, err := c.audit()
	if err != nil {
		return err
	}
	if c.json() {
		printJSON(map[string]any{"audit": summary, "action_modes": []string{}})
		return nil
	}
	fmt.Printf("secrets.apply findings=%d\n", len(findings))
	return nil
}
