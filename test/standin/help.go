package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// The commands, path → what it does. Help pages are written from this table.
//
//go:embed commands.json
var commandList []byte

var commandTable = func() map[string]string {
	table := map[string]string{}
	if err := json.Unmarshal(commandList, &table); err != nil {
		panic(err)
	}
	return table
}()

// commandPath is the longest known command that the words begin with.
func commandPath(words []string) (string, bool) {
	if len(words) > 0 && words[0] == "help" {
		words = words[1:]
	}
	if len(words) == 0 {
		return "", true
	}
	for length := min(len(words), 2); length > 0; length-- {
		path := strings.Join(words[:length], " ")
		if _, ok := commandTable[path]; ok {
			// A group takes no words of its own: what follows is a misspelt subcommand.
			if len(words) > length && len(commandsBelow(path)) > 0 {
				return "", false
			}
			return path, true
		}
	}
	return "", false
}

func commandsBelow(path string) []string {
	depth, prefix := 1, ""
	if path != "" {
		depth, prefix = len(strings.Fields(path))+1, path+" "
	}
	found := []string{}
	for name := range commandTable {
		if strings.HasPrefix(name, prefix) && len(strings.Fields(name)) == depth {
			found = append(found, name)
		}
	}
	sort.Strings(found)
	return found
}

// options of the commands that this program carries out.
var optionTable = map[string]string{
	"setup":           "--mode <local|remote> --path <FILE> --force --tls-scaffold <none|bring-your-own|self-signed> --wizard --deployment-profile <PROFILE>",
	"init":            "--mode <local|remote> --path <FILE> --force --tls-scaffold <none|bring-your-own|self-signed> --wizard --deployment-profile <PROFILE>",
	"config validate": "--path <FILE> --json", "config list": "--path <FILE> --show-secrets --json",
	"config get": "--path <FILE> --key <KEY> --show-secrets --json", "config set": "--path <FILE> --key <KEY> --value <VALUE> --backups <COUNT> --json",
	"config unset": "--path <FILE> --key <KEY> --backups <COUNT>", "secrets set": "<SCOPE> <KEY> --value-stdin", "secrets get": "<SCOPE> <KEY> --reveal",
	"secrets configure": "openai-api-key <SCOPE> <KEY> --value-stdin --path <FILE> --json", "secrets audit": "--path <FILE> --offline --json", "secrets apply": "--path <FILE> --offline --json",
	"models set": "<MODEL> --path <FILE> --json", "models set-embeddings": "<MODEL> --dims <COUNT> --path <FILE> --json", "models status": "--path <FILE> --json",
	"protocol validate-id": "--id <ID>", "patch apply": "--stdin --dry-run --json",
	"configure":         "--path <FILE> --section <SECTION> --non-interactive --accept-risk --bind-profile <PROFILE> --daemon-port <PORT> --grpc-port <PORT> --quic-port <PORT> --json",
	"onboarding wizard": "--path <FILE> --flow <FLOW> --non-interactive --accept-risk --remote-base-url <URL> --admin-token-env <NAME> --skip-health --skip-channels --skip-skills --json",
	"doctor":            "--strict --json", "health": "--url <URL> --grpc-url <URL> --json", "docs search": "<QUERY> --limit <COUNT> --json", "docs show": "<SLUG> --json",
	"deployment profiles": "--json", "deployment manifest": "--deployment-profile <PROFILE> --output <FILE>",
	"deployment preflight": "--deployment-profile <PROFILE> --path <FILE> --json", "deployment recipe": "--deployment-profile <PROFILE> --output-dir <FOLDER>",
	"deployment upgrade-smoke": "--deployment-profile <PROFILE> --path <FILE> --json", "deployment promotion-check": "--deployment-profile <PROFILE> --gates <FILE> --json",
	"deployment rollback-plan": "--deployment-profile <PROFILE> --output <FILE> --json",
	"update":                   "--install-root <FOLDER> --archive <FILE> --check --dry-run --yes --skip-service-restart", "uninstall": "--install-root <FOLDER> --remove-state --yes --dry-run",
	"backup create": "--output <FILE>",
}

const globalOptions = "--profile --expect-profile --config --state-root -v --log-level --output-format --plain --no-color --allow-profile-mismatch --allow-strict-profile-actions"

// helpText is the page of a command, of the whole program for the empty path.
func helpText(path string) string {
	text := "Palyra on the command line\n"
	if path != "" {
		text = commandTable[path] + "\n"
	}
	text += disclaimer + "\n\n"
	if (path == "node" && faulty("help-differs")) || (path == "skills list" && faulty("subcommand-help-differs")) {
		text += "This line is in no package.\n"
	}
	below := commandsBelow(path)
	if path == "" && faulty("command-unlisted") {
		below = append(below, "stowaway")
	}
	usage := strings.TrimSpace("palyra " + path)
	switch {
	case len(below) > 0:
		text += fmt.Sprintf("Usage: %s [OPTIONS] <COMMAND>\n\nCommands:\n", usage)
		for _, name := range below {
			words := strings.Fields(name)
			text += fmt.Sprintf("  %-16s %s\n", words[len(words)-1], commandTable[name])
		}
	default:
		text += strings.TrimSpace(fmt.Sprintf("Usage: %s [OPTIONS] %s", usage, optionTable[path])) + "\n"
	}
	return text + "\nGlobal options:\n  " + globalOptions + "\n"
}
