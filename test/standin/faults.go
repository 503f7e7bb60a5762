package main

import (
	_ "embed"
	"encoding/json"
	"os"
	"strings"
)

// Every fault that can be seeded, name → what then happens: by the build value `seeded`, or at run time by
// PALYRA_STANDIN_FAULTS (names, separated by commas).
//
//go:embed faults.json
var faultList []byte

func knownFaults() map[string]string {
	known := map[string]string{}
	if err := json.Unmarshal(faultList, &known); err != nil {
		panic(err)
	}
	return known
}

// faulty answers whether the fault is seeded. An unknown name among the seeds would prove nothing, so it ends the program.
func faulty(name string) bool {
	known := knownFaults()
	if _, ok := known[name]; !ok {
		panic("fault " + name + " is not in faults.json")
	}
	found := false
	for _, seed := range strings.Split(seeded+","+os.Getenv("PALYRA_STANDIN_FAULTS"), ",") {
		seed = strings.TrimSpace(seed)
		if seed == "" {
			continue
		}
		if _, ok := known[seed]; !ok {
			os.Stderr.WriteString("error: no fault is named " + seed + "; see test/standin/faults.json\n")
			os.Exit(exitInternal)
		}
		found = found || seed == name
	}
	return found
}

// statedVersion is the version as one place states it.
func statedVersion(place string) string {
	if faulty("version-mismatch") || (place == "cli" && faulty("cli-version-mismatch")) || (place == "healthz" && faulty("healthz-version-mismatch")) {
		return "9.9.9"
	}
	return version
}
