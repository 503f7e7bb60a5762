package main

import (
	_ "embed"
	"encoding/json"
	"os"
	"strings"
	"sync"
)

// Every fault that can be seeded, name → what then happens: by the build value `seeded`, or at run time by
// PALYRA_STANDIN_FAULTS (names, separated by commas).
//
//go:embed faults.json
var faultList []byte

// seeds are the faults of this process. An unknown name among them would prove nothing, so it ends the program.
var seeds = sync.OnceValue(func() map[string]bool {
	found := map[string]bool{}
	for _, seed := range strings.Split(seeded+","+os.Getenv("PALYRA_STANDIN_FAULTS"), ",") {
		if seed = strings.TrimSpace(seed); seed == "" {
			continue
		}
		if _, ok := knownFaults[seed]; !ok {
			os.Stderr.WriteString("error: no fault is named " + seed + "; see test/standin/faults.json\n")
			os.Exit(exitInternal)
		}
		found[seed] = true
	}
	return found
})

var knownFaults = func() map[string]string {
	known := map[string]string{}
	if err := json.Unmarshal(faultList, &known); err != nil {
		panic(err)
	}
	return known
}()

// buildFolder is where a release was built that still looks for its files there.
const buildFolder = "/build/palyra"

// faulty answers whether the fault is seeded.
func faulty(name string) bool {
	if _, ok := knownFaults[name]; !ok {
		panic("fault " + name + " is not in faults.json")
	}
	return seeds()[name]
}

// statedHash is the commit as every place states it.
func statedHash() string {
	if faulty("git-hash-mismatch") {
		return "0badc0de0bad"
	}
	return gitHash
}

// statedVersion is the version as one place states it.
func statedVersion(place string) string {
	if faulty("version-mismatch") || (place == "cli" && faulty("cli-version-mismatch")) || (place == "healthz" && faulty("healthz-version-mismatch")) {
		return "9.9.9"
	}
	return version
}
