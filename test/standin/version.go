package main

import "fmt"

// cliProfile is a profile of the command line, as profiles.toml has it. setup makes the first one.
type cliProfile struct {
	name, label, environment, color, riskLevel, mode string
	strict                                           bool
}

// cliProfile is the default one of the state root; false before setup.
func (c call) cliProfile() (cliProfile, bool) {
	found, err := readSettings(profilesFile(c.stateRoot()))
	name := found.text("default_profile")
	if err != nil || name == "" {
		return cliProfile{}, false
	}
	text := func(key string) string { return found.text("profiles." + name + "." + key) }
	strict := found.flag("profiles."+name+".strict_mode", false)
	return cliProfile{name, text("label"), text("environment"), text("color"), text("risk_level"), text("mode"), strict}, true
}

// showVersion says more of itself once there is a profile.
func showVersion(c call) error {
	p, known := c.cliProfile()
	fields := []string{"name=palyra", "version=" + statedVersion("cli"), "git_hash=" + statedHash(), "build_profile=" + buildProfile}
	if known {
		fields = append(fields, "profile="+p.label, "environment="+p.environment, "risk_level="+p.riskLevel)
		fields = append(fields, fmt.Sprintf("strict_mode=%t", p.strict))
	}
	switch {
	case faulty("version-unnamed"):
		fields[1] = statedVersion("cli")
	case faulty("version-twice"):
		fields = append(fields, "version=9.9.9")
	case faulty("version-text-mismatch"):
		fields[2] = "git_hash=0badc0de0bad"
	}
	if !c.json() {
		for at, field := range fields {
			if at > 0 {
				fmt.Print(" ")
			}
			fmt.Print(field)
		}
		fmt.Println()
		return nil
	}
	stated := map[string]any{
		"name": "palyra", "version": statedVersion("cli"), "git_hash": statedHash(), "build_profile": buildProfile,
		"trace_id": ulid(), "state_root": c.stateRoot(), "log_level": "info", "no_color": false,
		"profile": nil, "profile_context": nil,
	}
	if known {
		stated["profile"] = p.name
		stated["profile_context"] = map[string]any{
			"name": p.name, "label": p.label, "environment": p.environment, "color": p.color,
			"risk_level": p.riskLevel, "strict_mode": p.strict, "mode": p.mode,
		}
	}
	printJSON(stated)
	return nil
}
