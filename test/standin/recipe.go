package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

type recipeFile struct{ path, text string }

const unitHardening = `Restart=on-failure
RestartSec=5s
NoNewPrivileges=true
PrivateTmp=true
ProtectSystem=strict
ProtectHome=true
`

func unit(description, command, writable, more string) string {
	return "# Written by a stand-in for tests.\n[Unit]\nDescription=" + description + "\nAfter=network-online.target\nWants=network-online.target\n" + more +
		"\n[Service]\nType=simple\nUser=palyra\nGroup=palyra\nEnvironmentFile=/etc/palyra/palyra.env\nExecStart=" + command + "\n" + unitHardening +
		"ReadWritePaths=" + writable + "\n\n[Install]\nWantedBy=multi-user.target\n"
}

// recipeFiles are the files of a deployment, sorted by path. As in the real recipe, the unit of workers names a binary
// that exists nowhere, and no unit has a working directory.
func recipeFiles(p profile) []recipeFile {
	manifest, _ := json.MarshalIndent(p, "", "  ")
	plan, _ := json.MarshalIndent(rollback(p), "", "  ")
	workers := p.ProfileID == "worker-enabled"
	environment := []string{
		"# Written by a stand-in for tests. PALYRA_BROWSERD_STATE_ENCRYPTION_KEY and the digests of workers are set elsewhere.",
		"PALYRA_CONFIG=/etc/palyra/palyra.toml", "PALYRA_STATE_ROOT=/var/lib/palyra", "PALYRA_DEPLOYMENT_PROFILE=" + p.ProfileID,
		"PALYRA_DEPLOYMENT_MODE=" + p.DeploymentMode, "PALYRA_GATEWAY_BIND_PROFILE=loopback_only", "PALYRA_ADMIN_REQUIRE_AUTH=true",
		"PALYRA_GATEWAY_DANGEROUS_REMOTE_BIND_ACK=false", "PALYRA_GATEWAY_TLS_ENABLED=false", "PALYRA_BROWSER_SERVICE_ENABLED=false",
		"PALYRA_BROWSER_SERVICE_ENDPOINT=http://127.0.0.1:7543", "PALYRA_BROWSERD_STATE_DIR=/var/lib/palyra/browserd", "PALYRA_BROWSERD_ENGINE_MODE=chromium",
		fmt.Sprintf("PALYRA_EXPERIMENTAL_NETWORKED_WORKERS=%t", workers), fmt.Sprintf("PALYRA_EXPERIMENTAL_EXECUTION_BACKEND_NETWORKED_WORKER=%t", workers),
	}
	health := "[\"CMD\", \"/opt/palyra/palyra\", \"health\", \"--url\", \"http://127.0.0.1:7142\"]"
	docker := "# Written by a stand-in for tests.\nFROM debian:bookworm-slim\nRUN useradd --system --home-dir /var/lib/palyra palyra\nWORKDIR /opt/palyra\n" +
		"COPY --chmod=0755 palyra palyrad palyra-browserd /opt/palyra/\nCOPY web /opt/palyra/web\nUSER palyra\nENV PALYRA_STATE_ROOT=/var/lib/palyra\nEXPOSE 7142 7443\n" +
		"HEALTHCHECK --interval=30s --timeout=5s --retries=3 CMD " + health + "\nENTRYPOINT [\"/opt/palyra/palyrad\"]\n"
	compose := `# Written by a stand-in for tests.
services:
  palyrad:
    build:
      context: ../..
      dockerfile: infra/deployment/docker/Dockerfile.palyra
    image: palyra:local
    env_file: ../env/palyra.env
    ports: ["127.0.0.1:7142:7142", "127.0.0.1:7443:7443"]
    volumes: ["palyra-state:/var/lib/palyra", "palyra-config:/etc/palyra"]
    healthcheck:
      test: ` + health + `
      interval: 30s
      timeout: 5s
      retries: 3
    restart: unless-stopped
  palyra-browserd:
    image: palyra:local
    profiles: [browser]
    entrypoint: ["/opt/palyra/palyra-browserd"]
    ports: ["127.0.0.1:7143:7143", "127.0.0.1:7543:7543"]
    restart: unless-stopped
volumes:
  palyra-state: {}
  palyra-config: {}
`
	files := []recipeFile{
		{"profile-manifest.json", string(manifest) + "\n"},
		{"env/palyra.env.example", strings.Join(environment, "\n") + "\n"},
		{"docker/Dockerfile.palyra", docker},
		{"compose/" + p.ProfileID + ".yml", compose},
		{"systemd/palyrad.service", unit("Palyra daemon", "/opt/palyra/palyrad", "/var/lib/palyra /etc/palyra", "")},
		{"systemd/palyra-browserd.service", unit("Palyra browser service", "/opt/palyra/palyra-browserd --bind 127.0.0.1 --port 7143 --grpc-bind 127.0.0.1 --grpc-port 7543", "/var/lib/palyra", "")},
		{"release/rollback-plan.json", string(plan) + "\n"},
	}
	if workers {
		files = append(files, recipeFile{"systemd/palyra-workerd.service", unit("Palyra worker", "/opt/palyra/palyra-workerd", "/var/lib/palyra", "Requires=palyrad.service\n")})
	}
	if faulty("recipe-incomplete") {
		files = slices.Delete(files, 1, 2)
	}
	slices.SortFunc(files, func(a, b recipeFile) int { return strings.Compare(a.path, b.path) })
	return files
}

func deploymentRecipe(c call) error {
	p, err := profileNamed(c.options["deployment-profile"])
	if err != nil {
		return err
	}
	folder := c.options["output-dir"]
	if folder == "" {
		return fail(exitValidation, "--output-dir is needed")
	}
	files := recipeFiles(p)
	for _, file := range files {
		target := filepath.Join(folder, filepath.FromSlash(file.path))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, []byte(file.text), 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("deployment.recipe profile=%s output_dir=%s files=%d\n", p.ProfileID, folder, len(files))
	for _, file := range files {
		fmt.Printf("deployment.recipe.file=%s\n", file.path)
	}
	return nil
}
