package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
)

// settings is a configuration as dotted keys → string, int64, bool or []string: the part of TOML that palyra.toml needs.
type settings map[string]any

func parseSettings(text string) (settings, error) {
	found := settings{}
	table := ""
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			table = strings.TrimSpace(line[1:len(line)-1]) + "."
			continue
		}
		key, rest, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("line %d is neither a table nor a value", n)
		}
		value, err := parseValue(strings.TrimSpace(rest))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		found[table+strings.TrimSpace(key)] = value
	}
	return found, lines.Err()
}

func parseValue(text string) (any, error) {
	switch {
	case text == "true" || text == "false":
		return text == "true", nil
	case strings.HasPrefix(text, `"`):
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%s is not a string", text)
		}
		if rest := strings.TrimSpace(text[len(quoted):]); rest != "" && !strings.HasPrefix(rest, "#") {
			return nil, fmt.Errorf("%s follows a string", rest)
		}
		return strconv.Unquote(quoted)
	case strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]"):
		list := []string{}
		for _, part := range strings.Split(text[1:len(text)-1], ",") {
			if part = strings.TrimSpace(part); part == "" {
				continue
			}
			item, err := strconv.Unquote(part)
			if err != nil {
				return nil, fmt.Errorf("%s is not a string", part)
			}
			list = append(list, item)
		}
		return list, nil
	default:
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s is no value of TOML that is read here", text)
		}
		return number, nil
	}
}

func renderValue(value any) string {
	switch v := value.(type) {
	case string:
		return strconv.Quote(v)
	case []string:
		parts := []string{}
		for _, item := range v {
			parts = append(parts, strconv.Quote(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	default:
		return fmt.Sprint(v)
	}
}

func (s settings) keys() []string {
	keys := []string{}
	for key := range s {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func (s settings) render() string {
	tables := map[string][]string{}
	for _, key := range s.keys() {
		at := strings.LastIndex(key, ".")
		tables[key[:max(at, 0)]] = append(tables[key[:max(at, 0)]], fmt.Sprintf("%s = %s\n", key[at+1:], renderValue(s[key])))
	}
	names := []string{}
	for name := range tables {
		names = append(names, name)
	}
	sort.Strings(names)
	text := "# Written by a stand-in for tests.\n"
	for _, name := range names {
		if name != "" {
			text += "\n[" + name + "]\n"
		}
		text += strings.Join(tables[name], "")
	}
	return text
}

func (s settings) text(key string) string {
	value, _ := s[key].(string)
	return value
}

func (s settings) flag(key string, otherwise bool) bool {
	if value, ok := s[key].(bool); ok {
		return value
	}
	return otherwise
}

func (s settings) number(key string, otherwise int64) int64 {
	if value, ok := s[key].(int64); ok {
		return value
	}
	return otherwise
}

// readSettings reads and checks a config file. Only version 1 exists: a higher one is refused.
func readSettings(path string) (settings, error) {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return nil, fail(exitNotFound, "config file %s cannot be read: %v", path, err)
	}
	found, err := parseSettings(string(bytes))
	if err != nil {
		return nil, fail(exitValidation, "config file %s is invalid: %v", path, err)
	}
	if found.number("version", 1) != 1 {
		return nil, fail(exitValidation, "unsupported config version %v in %s", found["version"], path)
	}
	for _, key := range []string{"daemon.port", "gateway.grpc_port", "gateway.quic_port"} {
		if value, ok := found[key]; ok {
			if port, isNumber := value.(int64); !isNumber || port < 0 || port > 65535 {
				return nil, fail(exitValidation, "%s in %s is not a port", key, path)
			}
		}
	}
	return found, nil
}
