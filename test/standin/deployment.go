package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

func deploymentProfiles(c call) error {
	if c.json() {
		printJSON(profileList)
		return nil
	}
	for _, p := range profileList {
		fmt.Printf("deployment.profile id=%s mode=%s bind_profile=%s\n", p.ProfileID, p.DeploymentMode, p.BindProfile)
	}
	return nil
}

// deliver writes JSON to --output, or prints it.
func deliver(c call, value any) error {
	file := c.options["output"]
	if file == "" {
		printJSON(value)
		return nil
	}
	bytes, _ := json.MarshalIndent(value, "", "  ")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, append(bytes, '\n'), 0o644)
}

func deploymentManifest(c call) error {
	p, err := profileNamed(c.options["deployment-profile"])
	if err != nil {
		return err
	}
	return deliver(c, p)
}

type gateStatus struct {
	ID       string `json:"id"`
	Required bool   `json:"required"`
	Status   string `json:"status"`
	Detail   string `json:"detail"`
}

type promotionReport struct {
	SchemaVersion    int          `json:"schema_version"`
	ProfileID        string       `json:"profile_id"`
	Status           string       `json:"status"`
	BlockingFailures int          `json:"blocking_failures"`
	GatesSource      string       `json:"gates_source"`
	Gates            []gateStatus `json:"gates"`
}

// gatesOf reads a gates file as leniently as the real one: what is missing or malformed is silently made good.
func gatesOf(file, id string) []gateStatus {
	var given struct {
		Gates []struct {
			ID            string   `json:"id"`
			Profiles      []string `json:"profiles"`
			Required      bool     `json:"required"`
			DefaultStatus string   `json:"default_status"`
			Summary       string   `json:"summary"`
		} `json:"gates"`
	}
	list := []gateStatus{}
	bytes, err := os.ReadFile(file)
	if err == nil && json.Unmarshal(bytes, &given) == nil {
		for _, g := range given.Gates {
			if g.ID == "" || g.Summary == "" || (len(g.Profiles) > 0 && !slices.Contains(g.Profiles, id)) {
				continue
			}
			if g.DefaultStatus == "" {
				g.DefaultStatus = "manual"
			}
			list = append(list, gateStatus{g.ID, g.Required, g.DefaultStatus, g.Summary})
		}
		return list
	}
	for _, name := range []string{"deployment_preflight", "support_bundle_export", "rollback_plan_reviewed"} {
		list = append(list, gateStatus{name, true, "manual", "a person decides"})
	}
	if id == "worker-enabled" {
		list = append(list, gateStatus{"worker_attestation_digest", true, "blocked", "workers have no digest"})
	}
	return list
}

func promotion(p profile, file string) promotionReport {
	if file == "" {
		file = filepath.Join("infra", "release", "deployment-promotion-gates.json")
	}
	report := promotionReport{SchemaVersion: 1, ProfileID: p.ProfileID, Status: "ready_for_staging", GatesSource: file, Gates: gatesOf(file, p.ProfileID)}
	for _, g := range report.Gates {
		if g.Required && g.Status == "blocked" {
			report.BlockingFailures++
		}
	}
	if report.BlockingFailures > 0 || faulty("promotion-blocked") {
		report.Status = "blocked"
	}
	if faulty("promotion-open") {
		report.Status, report.BlockingFailures = "ready_for_staging", 0
	}
	return report
}

func deploymentPromotion(c call) error {
	p, err := profileNamed(c.options["deployment-profile"])
	if err != nil {
		return err
	}
	report := promotion(p, c.options["gates"])
	if c.json() {
		printJSON(report)
		return nil
	}
	fmt.Printf("deployment.promotion_check profile=%s status=%s blocking_failures=%d gates_source=%s\n", p.ProfileID, report.Status, report.BlockingFailures, report.GatesSource)
	for _, g := range report.Gates {
		fmt.Printf("deployment.promotion_check.gate id=%s required=%t status=%s\n", g.ID, g.Required, g.Status)
	}
	return nil
}

type rollbackStep struct {
	Order  int    `json:"order"`
	ID     string `json:"id"`
	Action string `json:"action"`
}

type rollbackPlan struct {
	SchemaVersion int            `json:"schema_version"`
	ProfileID     string         `json:"profile_id"`
	GuardedScopes []string       `json:"guarded_scopes"`
	Steps         []rollbackStep `json:"steps"`
}

func rollback(p profile) rollbackPlan {
	plan := rollbackPlan{SchemaVersion: 1, ProfileID: p.ProfileID, GuardedScopes: []string{"config", "journal_migrations", "flow_tables", "replay_schema", "feature_rollouts"}}
	if p.ProfileID == "worker-enabled" {
		plan.GuardedScopes = append(plan.GuardedScopes, "networked_worker_leases", "worker_artifacts")
	}
	for n, id := range []string{"freeze_rollout", "export_support_bundle", "restore_config", "migrate_back", "drain_workers", "restart_services", "verify"} {
		plan.Steps = append(plan.Steps, rollbackStep{n + 1, id, "done by a person"})
	}
	return plan
}

func deploymentRollback(c call) error {
	p, err := profileNamed(c.options["deployment-profile"])
	if err != nil {
		return err
	}
	if c.json() || c.has("output") {
		return deliver(c, rollback(p))
	}
	for _, step := range rollback(p).Steps {
		fmt.Printf("deployment.rollback_plan.step order=%d id=%s\n", step.Order, step.ID)
	}
	return nil
}

// deploymentUpgradeSmoke upgrades nothing: it puts three reports into one.
func deploymentUpgradeSmoke(c call) error {
	p, err := profileNamed(c.options["deployment-profile"])
	if err != nil {
		return err
	}
	pre, pro := preflight(p, c.configPath()), promotion(p, "")
	status := "passed"
	if pre.Status == "blocked" || pro.Status == "blocked" {
		status = "blocked"
	}
	names := []string{}
	for _, file := range recipeFiles(p) {
		names = append(names, file.path)
	}
	if c.json() {
		printJSON(struct {
			SchemaVersion int             `json:"schema_version"`
			ProfileID     string          `json:"profile_id"`
			Status        string          `json:"status"`
			Preflight     preflightReport `json:"preflight"`
			Promotion     promotionReport `json:"promotion"`
			Rollback      rollbackPlan    `json:"rollback"`
			RecipeFiles   []string        `json:"recipe_files"`
		}{1, p.ProfileID, status, pre, pro, rollback(p), names})
		return nil
	}
	fmt.Printf("deployment.upgrade_smoke profile=%s status=%s\n", p.ProfileID, status)
	return nil
}
