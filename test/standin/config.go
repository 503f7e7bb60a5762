package main

import (
	"fmt"
	"os"
	"strings"
)

const redacted = "<redacted>"

func isSecret(key string) bool {
	return strings.HasSuffix(key, "token") || strings.Contains(key, "api_key") || strings.HasSuffix(key, "secret")
}

func configValidate(c call) error {
	path := c.configPath()
	if faulty("config-invalid") {
		return fail(exitValidation, "config file %s is invalid", path)
	}
	config, err := readSettings(path)
	if err != nil {
		return err
	}
	if c.json() {
		printJSON(map[string]any{"valid": true, "source": path, "version": config.number("version", 1)})
		return nil
	}
	fmt.Printf("config=valid source=%s version=%d\n", path, config.number("version", 1))
	return nil
}

func configStatus(c call) error {
	path := c.configPath()
	_, statErr := os.Stat(path)
	_, err := readSettings(path)
	if c.json() {
		printJSON(map[string]any{"path": path, "exists": statErr == nil, "valid": err == nil})
		return nil
	}
	fmt.Printf("config.status path=%s exists=%t valid=%t\n", path, statErr == nil, err == nil)
	return nil
}

func configPathCommand(c call) error {
	if c.json() {
		printJSON(map[string]any{"path": c.configPath()})
		return nil
	}
	fmt.Println(c.configPath())
	return nil
}

func (c call) shown(config settings, key string) any {
	if isSecret(key) && !c.has("show-secrets") {
		return redacted
	}
	return config[key]
}

func configList(c call) error {
	config, err := readSettings(c.configPath())
	if err != nil {
		return err
	}
	all := map[string]any{}
	for _, key := range config.keys() {
		all[key] = c.shown(config, key)
		if !c.json() {
			fmt.Printf("%s = %s\n", key, renderValue(all[key]))
		}
	}
	if c.json() {
		printJSON(map[string]any{"source": c.configPath(), "values": all})
	}
	return nil
}

func (c call) key() (string, error) {
	if c.options["key"] == "" {
		return "", fail(exitValidation, "--key names no setting")
	}
	return c.options["key"], nil
}

func configGet(c call) error {
	key, err := c.key()
	if err != nil {
		return err
	}
	config, err := readSettings(c.configPath())
	if err != nil {
		return err
	}
	if _, ok := config[key]; !ok {
		return fail(exitNotFound, "config key %s is not set in %s", key, c.configPath())
	}
	if c.json() {
		printJSON(map[string]any{"key": key, "value": c.shown(config, key), "source": c.configPath()})
		return nil
	}
	fmt.Printf("config.get key=%s value=%s source=%s\n", key, renderValue(c.shown(config, key)), c.configPath())
	return nil
}

// rewrite changes a config file; other than setup it leaves it readable by its owner only.
func rewrite(path string, config settings) error {
	temporary := path + ".new"
	if err := os.WriteFile(temporary, []byte(config.render()), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

func configSet(c call) error {
	key, err := c.key()
	if err != nil {
		return err
	}
	path := c.configPath()
	config, err := readSettings(path)
	if err != nil {
		return err
	}
	value, err := parseValue(c.options["value"])
	if err != nil {
		value = c.options["value"]
	}
	config[key] = value
	if _, err := parseSettings(config.render()); err != nil {
		return fail(exitValidation, "%s cannot be set: %v", key, err)
	}
	if !faulty("config-set-ignored") {
		if err := rewrite(path, config); err != nil {
			return err
		}
	}
	fmt.Printf("config.set key=%s source=%s\n", key, path)
	return nil
}

func configUnset(c call) error {
	key, err := c.key()
	if err != nil {
		return err
	}
	path := c.configPath()
	config, err := readSettings(path)
	if err != nil {
		return err
	}
	if _, ok := config[key]; !ok {
		return fail(exitNotFound, "config key %s is not set in %s", key, path)
	}
	delete(config, key)
	if err := rewrite(path, config); err != nil {
		return err
	}
	fmt.Printf("config.unset key=%s source=%s\n", key, path)
	return nil
}
