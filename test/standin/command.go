package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// call is one command line: its options wherever they stood, and the words that are left.
type call struct {
	words   []string
	options map[string]string
}

// takesValue holds every option with a value; all others are switches.
var takesValue = map[string]bool{}

func init() {
	for _, name := range strings.Fields("profile expect-profile config state-root log-level output-format path mode deployment-profile tls-scaffold output output-dir gates url grpc-url limit install-root archive key value backups backup only skip rollback-run flow port service-name bin-path log-dir id dims section bind-profile daemon-port grpc-port quic-port tls-cert-path tls-key-path remote-base-url remote-verification pinned-server-cert-sha256 pinned-gateway-ca-sha256 admin-token-env auth-method api-key-env") {
		takesValue[name] = true
	}
}

func parseCall(args []string) (call, error) {
	c := call{options: map[string]string{}}
	for at := 0; at < len(args); at++ {
		arg := args[at]
		switch {
		case arg == "-h":
			c.options["help"] = "true"
		case strings.HasPrefix(arg, "-v") && !strings.HasPrefix(arg, "--"):
		case strings.HasPrefix(arg, "--"):
			name, value, given := strings.Cut(arg[2:], "=")
			if takesValue[name] && !given {
				if at+1 == len(args) {
					return c, fail(exitValidation, "--%s needs a value", name)
				}
				at++
				value = args[at]
			} else if !given {
				value = "true"
			}
			c.options[name] = value
		default:
			c.words = append(c.words, arg)
		}
	}
	return c, nil
}

func (c call) has(name string) bool { return c.options[name] != "" }

// json answers whether the output is to be JSON.
func (c call) json() bool {
	return c.has("json") || c.options["output-format"] == "json" || c.options["output-format"] == "ndjson"
}

// word is the nth word after the command's own, or the empty text.
func (c call) word(n int) string {
	if n < len(c.words) {
		return c.words[n]
	}
	return ""
}

func printJSON(value any) {
	bytes, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		panic(err)
	}
	fmt.Println(string(bytes))
}

// stateRoot: option, environment, or the place that the system gives.
func (c call) stateRoot() string {
	home, _ := os.UserHomeDir()
	for _, root := range []string{c.options["state-root"], os.Getenv("PALYRA_STATE_ROOT")} {
		if root != "" {
			return root
		}
	}
	if runtime.GOOS == "windows" {
		return filepath.Join(os.Getenv("LOCALAPPDATA"), "Palyra")
	}
	if base := os.Getenv("XDG_STATE_HOME"); base != "" {
		return filepath.Join(base, "palyra")
	}
	return filepath.Join(home, ".local", "state", "palyra")
}

// configPath: option, environment, the first of the usual files that exists, or the user's own.
func (c call) configPath() string {
	for _, path := range []string{c.options["path"], c.options["config"], os.Getenv("PALYRA_CONFIG")} {
		if path != "" {
			return path
		}
	}
	home, _ := os.UserHomeDir()
	places := []string{filepath.Join(home, ".config", "palyra", "palyra.toml"), "/etc/palyra/palyra.toml"}
	if base := os.Getenv("XDG_CONFIG_HOME"); base != "" {
		places[0] = filepath.Join(base, "palyra", "palyra.toml")
	}
	if runtime.GOOS == "windows" {
		places = []string{filepath.Join(os.Getenv("APPDATA"), "Palyra", "palyra.toml"), filepath.Join(os.Getenv("PROGRAMDATA"), "Palyra", "palyra.toml")}
	}
	for _, path := range places {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return places[0]
}

// ownFolder is the folder of this executable, links followed: docs and dashboard lie beside it.
func ownFolder() string {
	file, err := os.Executable()
	if err != nil {
		return "."
	}
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	return filepath.Dir(file)
}

// actions by the first words of a command line; everything else in the command table only has its help.
var actions map[string]func(call) error

func init() {
	actions = map[string]func(call) error{
		"version":                    showVersion,
		"setup":                      setup,
		"init":                       setup,
		"config":                     configStatus,
		"config validate":            configValidate,
		"config list":                configList,
		"config show":                configList,
		"config status":              configStatus,
		"config path":                configPathCommand,
		"config get":                 configGet,
		"config set":                 configSet,
		"config unset":               configUnset,
		"config migrate":             configValidate,
		"secrets set":                secretSet,
		"secrets get":                secretGet,
		"secrets list":               secretList,
		"secrets delete":             secretDelete,
		"secrets configure":          secretConfigure,
		"secrets audit":              secretAudit,
		"secrets apply":              secretApply,
		"onboarding wizard":          onboardingWizard,
		"onboard wizard":             onboardingWizard,
		"configure":                  configure,
		"models set":                 modelsSet,
		"models set-embeddings":      modelsSetEmbeddings,
		"models status":              modelsStatus,
		"protocol version":           protocolVersion,
		"protocol validate-id":       protocolValidateID,
		"patch apply":                patchApply,
		"doctor":                     doctor,
		"health":                     health,
		"docs list":                  docsList,
		"docs search":                docsSearch,
		"docs show":                  docsShow,
		"deployment profiles":        deploymentProfiles,
		"deployment manifest":        deploymentManifest,
		"deployment preflight":       deploymentPreflight,
		"deployment recipe":          deploymentRecipe,
		"deployment promotion-check": deploymentPromotion,
		"deployment upgrade-smoke":   deploymentUpgradeSmoke,
		"deployment rollback-plan":   deploymentRollback,
		"backup create":              backupCreate,
		"update":                     update,
		"uninstall":                  uninstall,
	}
}

func runCommand(args []string) error {
	if faulty("stays-behind") && len(args) == 1 && args[0] == stayWord {
		stay()
	}
	c, err := parseCall(args)
	if err != nil {
		return err
	}
	if c.word(0) == "help" {
		c.words, c.options["help"] = c.words[1:], "true"
	}
	path, used, known := commandPath(c.words)
	if !known {
		return fail(exitValidation, "unrecognized command %q; `palyra --help` lists the commands", strings.Join(c.words, " "))
	}
	if c.has("help") || len(c.words) == 0 {
		if faulty("help-fails") {
			return fail(exitInternal, "help is not available")
		}
		if path == "gateway" && faulty("group-help-fails") {
			return fail(exitInternal, "help of %s is not available", path)
		}
		fmt.Print(helpText(path))
		return nil
	}
	if faulty("commands-litter") {
		if home, err := os.UserHomeDir(); err == nil {
			os.WriteFile(filepath.Join(home, ".palyra-called"), []byte("seeded fault\n"), 0o600)
		}
	}
	action := actions[path]
	if action == nil {
		if len(commandsBelow(path)) > 0 {
			fmt.Fprint(os.Stderr, helpText(path))
			return fail(exitValidation, "palyra %s needs a subcommand", path)
		}
		return fail(exitUnsupported, "palyra %s is not part of this stand-in for tests", path)
	}
	c.words = c.words[used:]
	return action(c)
}
