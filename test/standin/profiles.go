package main

import "strings"

type typedValue struct {
	Kind  string `json:"kind"`
	Value any    `json:"value"`
}

type profileDefault struct {
	ConfigPath string     `json:"config_path"`
	Value      typedValue `json:"value"`
	Rationale  string     `json:"rationale"`
}

// plain is the default as a setting.
func (d profileDefault) plain() any {
	if number, ok := d.Value.Value.(int); ok {
		return int64(number)
	}
	return d.Value.Value
}

type capability struct {
	ID               string `json:"id"`
	EnabledByDefault bool   `json:"enabled_by_default"`
	Posture          string `json:"posture"`
}

type blocker struct {
	Code        string `json:"code"`
	Severity    string `json:"severity"`
	Summary     string `json:"summary"`
	Remediation string `json:"remediation"`
}

type preflightItem struct {
	ID       string `json:"id"`
	Required bool   `json:"required"`
	Scope    string `json:"scope"`
	Summary  string `json:"summary"`
}

type recipeTarget struct {
	Kind    string `json:"kind"`
	Path    string `json:"path"`
	Service string `json:"service"`
}

// profile is the manifest of a deployment profile, fields in the order in which they are printed.
type profile struct {
	SchemaVersion    int              `json:"schema_version"`
	ProfileID        string           `json:"profile_id"`
	DisplayName      string           `json:"display_name"`
	DeploymentMode   string           `json:"deployment_mode"`
	BindProfile      string           `json:"bind_profile"`
	OperatorSummary  string           `json:"operator_summary"`
	Capabilities     []capability     `json:"capabilities"`
	Defaults         []profileDefault `json:"defaults"`
	Blockers         []blocker        `json:"blockers"`
	HealthPreflights []preflightItem  `json:"health_preflights"`
	RecipeTargets    []recipeTarget   `json:"recipe_targets"`
	NextSteps        []string         `json:"next_steps"`
}

var capabilityNames = []string{"session_queue_policy", "pruning_policy_matrix", "retrieval_dual_path", "auxiliary_executor", "flow_orchestration", "delivery_arbitration", "replay_capture", "networked_workers"}

func stringDefault(path, value string) profileDefault {
	return profileDefault{path, typedValue{"string", value}, "what the profile needs"}
}
func flagDefault(path string, value bool) profileDefault {
	return profileDefault{path, typedValue{"boolean", value}, "what the profile needs"}
}

func describe(id, name, mode string, workers bool, more []profileDefault, blockers []blocker, items []preflightItem) profile {
	p := profile{SchemaVersion: 1, ProfileID: id, DisplayName: name, DeploymentMode: mode, BindProfile: "loopback_only", OperatorSummary: name + " (described by a stand-in for tests)", Blockers: blockers, HealthPreflights: items}
	for _, c := range capabilityNames {
		p.Capabilities = append(p.Capabilities, capability{c, workers && c == "networked_workers", map[bool]string{true: "preview_only", false: "disabled"}[workers && c == "networked_workers"]})
	}
	workerMode := map[bool]string{true: "preview_only", false: "disabled"}[workers]
	p.Defaults = append([]profileDefault{
		stringDefault("deployment.profile", id), stringDefault("deployment.mode", mode), stringDefault("gateway.bind_profile", "loopback_only"),
		flagDefault("admin.require_auth", true), flagDefault("feature_rollouts.networked_workers", workers), stringDefault("networked_workers.mode", workerMode),
	}, more...)
	if p.Blockers == nil {
		p.Blockers = []blocker{}
	}
	services := []string{"palyrad", "palyra-browserd"}
	if workers {
		services = append(services, "palyra-workerd")
	}
	p.RecipeTargets = []recipeTarget{{"dockerfile", "infra/deployment/docker/Dockerfile.palyra", "palyrad"}, {"compose", "infra/deployment/compose/" + id + ".yml", "palyrad"}}
	for _, s := range services {
		p.RecipeTargets = append(p.RecipeTargets, recipeTarget{"systemd", "infra/deployment/systemd/" + s + ".service", s})
	}
	p.NextSteps = []string{"palyra deployment preflight --deployment-profile " + id, "palyra deployment promotion-check --deployment-profile " + id}
	return p
}

func item(id string, required bool) preflightItem {
	return preflightItem{id, required, "config", "is looked at in the configuration's text"}
}

var profileList = []profile{
	describe("local", "Local desktop", "local_desktop", false, nil, nil, []preflightItem{item("config_schema", true), item("loopback_bind", true), item("model_auth", false)}),
	describe("single-vm", "Single VM", "remote_vps", false, []profileDefault{flagDefault("gateway.allow_insecure_remote", false)},
		[]blocker{{"public_tls_requires_dual_ack", "warning", "Public TLS needs to be acknowledged twice", "Acknowledge it in the configuration and the environment"}},
		[]preflightItem{item("config_schema", true), item("bind_posture", true), item("storage_paths", true), item("systemd_or_compose", false)}),
	describe("worker-enabled", "Worker enabled", "remote_vps", true,
		[]profileDefault{flagDefault("networked_workers.require_attestation", true), {"networked_workers.lease_ttl_ms", typedValue{"integer", 900000}, "what the profile needs"}},
		[]blocker{
			{"worker_attestation_digest_required", "blocking", "Workers need a digest that they are attested by", "Set the digests of the workers"},
			{"execution_plane_egress_review", "warning", "What workers may reach is to be reviewed", "Review it"},
		},
		[]preflightItem{item("config_schema", true), item("worker_rollout", true), item("attestation", true), item("artifact_transport", true), item("orphan_reaper", true)}),
}

var profileAliases = map[string]string{
	"local_desktop": "local", "desktop": "local", "single": "single-vm", "single_vm": "single-vm", "vps": "single-vm", "remote": "single-vm", "remote_vps": "single-vm",
	"worker": "worker-enabled", "workers": "worker-enabled", "worker_enabled": "worker-enabled",
}

func profileNamed(name string) (profile, error) {
	wanted := strings.ToLower(strings.TrimSpace(name))
	if id, ok := profileAliases[wanted]; ok {
		wanted = id
	}
	for _, p := range profileList {
		if p.ProfileID == wanted {
			return p, nil
		}
	}
	if name == "" {
		return profile{}, fail(exitValidation, "--deployment-profile is needed: local, single-vm or worker-enabled")
	}
	return profile{}, fail(exitValidation, "deployment profile %q is not known; use local, single-vm or worker-enabled", name)
}
