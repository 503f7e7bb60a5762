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

// groupArgument: groups that take an argument before their subcommand.
var groupArgument = map[string]string{"browser tabs": "<SESSION_ID>"}

// commandPath is the longest known command that the words begin with, and how many of them belong to it.
func commandPath(words []string) (path string, used int, known bool) {
	for used < len(words) {
		next := strings.TrimSpace(path + " " + words[used])
		if _, ok := commandTable[next]; ok {
			path, used = next, used+1
			continue
		}
		if groupArgument[path] != "" && used+1 < len(words) {
			if _, ok := commandTable[path+" "+words[used+1]]; ok {
				path, used = path+" "+words[used+1], used+2
				continue
			}
		}
		// A group takes no other words of its own: what follows is a misspelt subcommand.
		return path, used, path != "" && len(commandsBelow(path)) == 0
	}
	return path, used, true
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
	"backup create": "--output <FILE>", "browser tabs open": "--url <URL>",
}

const globalOptions = "--profile --expect-profile --config --state-root -v --log-level --output-format --plain --no-color --allow-profile-mismatch --allow-strict-profile-actions"

// helpText is the page of a command, of the whole program for the empty path.
func helpText(path string) string {
	text := "Palyra on the command line\n"
	if path != "" {
		text = commandTable[path] + "\n"
	}
	text += disclaimer + "\n\n"
	if (path == "node" && faulty("help-differs")) || (path == "skills list" && faulty("subcommand-help-differs")) || (path == "browser tabs open" && faulty("middle-page-differs")) {
		text += "This line is in no package.\n"
	}
	below := commandsBelow(path)
	if path == "" && faulty("command-unlisted") {
		below = append(below, "stowaway")
	}
	usage := "palyra"
	for at, words := 0, strings.Fields(path); at < len(words); at++ {
		usage += " " + words[at]
		if argument := groupArgument[strings.Join(words[:at+1], " ")]; argument != "" {
			usage += " " + argument
		}
	}
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
	// As the real program, it ends lines in blanks, and separates parts of a long description by lines of blanks alone.
	return text + "\nGlobal options:\n  " + globalOptions + "  \n          \n          They may stand anywhere.\n"
}
