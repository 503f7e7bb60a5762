/** The stand-in's `palyra deployment`: statuses, exit codes and files as they are stated of the real one, its weaknesses included. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Installed } from "./installed.ts";

const profiles = ["local", "single-vm", "worker-enabled"] as const;

describe("the stand-in's palyra deployment", function () {
  this.timeout(300_000);
  let it0: Installed;
  before(async () => {
    it0 = await Installed.of();
  });
  after(() => it0?.remove());
  const configFor = (profile: string): string => {
    const path = join(it0.folder, `${profile}.toml`);
    assert.equal(
      it0.palyra(
        "setup",
        "--mode",
        profile === "local" ? "local" : "remote",
        "--deployment-profile",
        profile,
        "--path",
        path,
        "--force",
        "--tls-scaffold",
        "none",
      ).code,
      0,
    );
    return path;
  };
  const ids = (list: { id: string }[]): string[] => list.map(({ id }) => id);

  it("has three profiles, with these modes, capabilities and blockers", () => {
    const list = it0.json("deployment", "profiles", "--json");
    assert.deepEqual(
      list.map((p: any) => [p.profile_id, p.deployment_mode, p.bind_profile]),
      [
        ["local", "local_desktop", "loopback_only"],
        ["single-vm", "remote_vps", "loopback_only"],
        ["worker-enabled", "remote_vps", "loopback_only"],
      ],
    );
    for (const manifest of list) {
      assert.deepEqual(Object.keys(manifest), [
        "schema_version",
        "profile_id",
        "display_name",
        "deployment_mode",
        "bind_profile",
        "operator_summary",
        "capabilities",
        "defaults",
        "blockers",
        "health_preflights",
        "recipe_targets",
        "next_steps",
      ]);
      assert.equal(manifest.capabilities.length, 8);
    }
    assert.deepEqual(
      list.map((p: any) => p.blockers.map((b: any) => b.code)),
      [[], ["public_tls_requires_dual_ack"], ["worker_attestation_digest_required", "execution_plane_egress_review"]],
    );
    const lease = list[2].defaults.find((d: any) => d.config_path === "networked_workers.lease_ttl_ms");
    assert.deepEqual(lease.value, { kind: "integer", value: 900000 });
  });

  it("prints a manifest or writes it, and knows aliases", () => {
    const manifest = it0.json("deployment", "manifest", "--deployment-profile", "remote_vps");
    assert.equal(manifest.profile_id, "single-vm");
    const file = join(it0.folder, "out", "manifest.json");
    assert.equal(
      it0.palyra("deployment", "manifest", "--deployment-profile", "single-vm", "--output", file).stdout,
      "",
    );
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), manifest);
    assert.equal(it0.palyra("deployment", "manifest").code, 2);
  });

  it("passes each profile's own configuration, blocks a missing one, and exits 0 for both", () => {
    for (const profile of profiles) {
      const path = configFor(profile);
      const report = it0.json("deployment", "preflight", "--deployment-profile", profile, "--path", path, "--json");
      assert.deepEqual([report.status, report.blocking_failures, report.config_path], ["passed", 0, path], profile);
      assert.ok(report.warnings > 0);
      rmSync(path);
      const { code, stdout } = it0.palyra(
        "deployment",
        "preflight",
        "--deployment-profile",
        profile,
        "--path",
        path,
        "--json",
      );
      const blocked = JSON.parse(stdout);
      assert.equal(code, 0);
      assert.equal(blocked.status, "blocked");
      assert.ok(blocked.checks.every((c: any) => (c.required ? c.status === "blocked" : c.status === "warning")));
    }
    const checks = it0.json(
      "deployment",
      "preflight",
      "--deployment-profile",
      "single-vm",
      "--path",
      configFor("single-vm"),
      "--json",
    ).checks;
    assert.deepEqual(ids(checks), ["config_schema", "bind_posture", "storage_paths", "systemd_or_compose"]);
    assert.equal(checks[3].status, "warning");
  });

  it("looks at the configuration's text only", () => {
    const path = configFor("single-vm");
    it0.palyra("config", "set", "--path", path, "--key", "gateway.bind_profile", "--value", "public_tls");
    assert.equal(
      it0.json("deployment", "preflight", "--path", path, "--json").status,
      "blocked",
      "the profile is the configuration's own",
    );
    for (const key of ["gateway.tls.enabled", "admin.require_auth", "deployment.dangerous_remote_bind_ack"])
      it0.palyra("config", "set", "--path", path, "--key", key, "--value", "true");
    const report = it0.json("deployment", "preflight", "--path", path, "--json");
    assert.equal(report.checks[1].status, "warning");
    assert.equal(report.status, "passed");
  });

  it("is always ready for staging, but for workers, who are always blocked; and exits 0", () => {
    for (const profile of profiles) {
      const { code, stdout } = it0.palyra(
        "deployment",
        "promotion-check",
        "--deployment-profile",
        profile,
        "--gates",
        "/nowhere.json",
        "--json",
      );
      const report = JSON.parse(stdout);
      assert.equal(code, 0);
      assert.equal(report.gates_source, "/nowhere.json", "a missing file is still named as the source");
      const workers = profile === "worker-enabled";
      assert.deepEqual([report.status, report.blocking_failures], workers ? ["blocked", 1] : ["ready_for_staging", 0]);
      assert.deepEqual(
        report.gates.map((g: any) => g.status),
        workers ? ["manual", "manual", "manual", "blocked"] : ["manual", "manual", "manual"],
      );
    }
  });

  it("reads a gates file as leniently as the real one", () => {
    const gates = join(it0.folder, "gates.json");
    writeFileSync(
      gates,
      JSON.stringify({
        schema_version: 99,
        gates: [
          { id: "everywhere", summary: "s" },
          { id: "", summary: "dropped" },
          { id: "no-summary" },
          { id: "workers", profiles: ["worker-enabled"], required: true, default_status: "blocked", summary: "s" },
        ],
      }),
    );
    const check = (profile: string) =>
      it0.json("deployment", "promotion-check", "--deployment-profile", profile, "--gates", gates, "--json");
    assert.deepEqual(
      check("local").gates.map((g: any) => [g.id, g.status]),
      [["everywhere", "manual"]],
    );
    assert.equal(check("worker-enabled").status, "blocked");
  });

  it("writes the files of a recipe, seven for one machine and eight with workers, and never cleans", () => {
    const common = [
      "docker/Dockerfile.palyra",
      "env/palyra.env.example",
      "profile-manifest.json",
      "release/rollback-plan.json",
      "systemd/palyra-browserd.service",
      "systemd/palyrad.service",
    ];
    for (const [profile, more] of [
      ["single-vm", ["compose/single-vm.yml"]],
      ["worker-enabled", ["compose/worker-enabled.yml", "systemd/palyra-workerd.service"]],
    ] as const) {
      const folder = join(it0.folder, "recipe", profile);
      const { code, stdout } = it0.palyra(
        "deployment",
        "recipe",
        "--deployment-profile",
        profile,
        "--output-dir",
        folder,
      );
      assert.equal(code, 0);
      const files = [...common, ...more].sort();
      assert.deepEqual(stdout.trim().split("\n"), [
        `deployment.recipe profile=${profile} output_dir=${folder} files=${files.length}`,
        ...files.map((f) => `deployment.recipe.file=${f}`),
      ]);
      for (const file of files) assert.ok(existsSync(join(folder, file)), file);
      writeFileSync(join(folder, "mine.txt"), "kept");
      it0.palyra("deployment", "recipe", "--deployment-profile", profile, "--output-dir", folder);
      assert.ok(existsSync(join(folder, "mine.txt")));
    }
    const read = (file: string): string => readFileSync(join(it0.folder, "recipe", "single-vm", file), "utf8");
    assert.deepEqual(
      read("env/palyra.env.example")
        .split("\n")
        .filter((line) => /^[A-Z]/.test(line)).length,
      14,
    );
    assert.match(read("systemd/palyrad.service"), /^ProtectSystem=strict$/m);
    assert.doesNotMatch(read("systemd/palyrad.service"), /^WorkingDirectory=/m);
    assert.match(read("docker/Dockerfile.palyra"), /^FROM debian:bookworm-slim$/m);
    assert.match(read("compose/single-vm.yml"), /127\.0\.0\.1:7142:7142/);
    assert.equal(it0.palyra("deployment", "recipe", "--deployment-profile", "single-vm").code, 2);
  });

  it("puts three reports into one and calls it a smoke of an upgrade", () => {
    const path = configFor("worker-enabled");
    const { code, stdout } = it0.palyra(
      "deployment",
      "upgrade-smoke",
      "--deployment-profile",
      "worker-enabled",
      "--path",
      path,
      "--json",
    );
    const report = JSON.parse(stdout);
    assert.equal(code, 0);
    assert.deepEqual(
      [report.status, report.preflight.status, report.promotion.status, report.recipe_files.length],
      ["blocked", "passed", "blocked", 8],
    );
    assert.equal(
      it0.json(
        "deployment",
        "upgrade-smoke",
        "--deployment-profile",
        "single-vm",
        "--path",
        configFor("single-vm"),
        "--json",
      ).status,
      "passed",
    );
  });

  it("has seven steps back, and more to guard with workers", () => {
    const plan = it0.json("deployment", "rollback-plan", "--deployment-profile", "single-vm", "--json");
    assert.deepEqual(ids(plan.steps), [
      "freeze_rollout",
      "export_support_bundle",
      "restore_config",
      "migrate_back",
      "drain_workers",
      "restart_services",
      "verify",
    ]);
    assert.deepEqual(plan.guarded_scopes, [
      "config",
      "journal_migrations",
      "flow_tables",
      "replay_schema",
      "feature_rollouts",
    ]);
    assert.equal(
      it0.json("deployment", "rollback-plan", "--deployment-profile", "worker-enabled", "--json").guarded_scopes.length,
      7,
    );
  });
});
