/** The stand-in's `palyra`: what is stated of the real one's commands, output and exit codes. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packEntries } from "../../src/archive/index.ts";
import { Installed } from "./installed.ts";

describe("the stand-in's palyra", function () {
  this.timeout(300_000);
  let it0: Installed;
  before(async () => {
    it0 = await Installed.of();
  });
  after(() => it0?.remove());
  beforeEach(() => {
    for (const part of ["config", "state"]) rmSync(join(it0.folder, part), { recursive: true, force: true });
  });
  const remote = () => it0.palyra("setup", "--mode", "remote");

  it("states version, commit and a build profile of its own, on one line or as JSON", () => {
    assert.match(
      it0.palyra("version").stdout,
      /^name=palyra version=0\.1\.0 git_hash=[0-9a-f]{12} build_profile=standin\n$/,
    );
    const stated = it0.json("version", "--output-format", "json");
    assert.deepEqual([stated.name, stated.version, stated.build_profile], ["palyra", "0.1.0", "standin"]);
    assert.equal(it0.json("--output-format", "json", "version").version, "0.1.0", "global options stand anywhere");
    remote();
    assert.match(
      it0.palyra("version").stdout,
      /^name=palyra version=0\.1\.0 git_hash=[0-9a-f]{12} build_profile=standin profile=Local environment=local risk_level=low strict_mode=false\n$/,
    );
    const { trace_id, ...more } = it0.json("version", "--output-format", "json");
    assert.match(trace_id, /^[0-9A-Z]{26}$/);
    assert.deepEqual(Object.keys(more).sort(), [
      "build_profile",
      "git_hash",
      "log_level",
      "name",
      "no_color",
      "profile",
      "profile_context",
      "state_root",
      "version",
    ]);
    assert.deepEqual(more.profile_context, {
      color: "green",
      environment: "local",
      label: "Local",
      mode: "remote",
      name: "local",
      risk_level: "low",
      strict_mode: false,
    });
    const profiles = readFileSync(join(it0.folder, "state", "cli", "profiles.toml"), "utf8");
    assert.match(profiles, /^default_profile = "local"\nversion = 1$/m);
    for (const field of [`config_path = "${it0.config}"`, `state_root = "${it0.env["PALYRA_STATE_ROOT"]}"`])
      assert.ok(profiles.includes(`\n${field}\n`), field);
    assert.match(profiles, /^created_at_unix_ms = \d{13}$/m);
  });

  it("has help for every command group of the release smoke, and says that it is a stand-in", () => {
    const groups = [
      "",
      "setup",
      "init",
      "onboarding",
      "onboarding wizard",
      "onboard wizard",
      "gateway",
      "daemon",
      "dashboard",
      "channels",
      "browser",
      "node",
      "nodes",
      "deployment",
      "deployment profiles",
      "docs",
      "update",
      "uninstall",
      "support-bundle",
    ];
    for (const group of groups) {
      const { code, stdout } = it0.palyra(...group.split(" ").filter(Boolean), "--help");
      assert.equal(code, 0, group);
      assert.match(stdout, new RegExp(`^Usage: palyra ?${group}`, "m"));
      assert.match(stdout, /[^ ] +\n {10}\n/, "blanks at an end, and a line of blanks alone");
      assert.match(stdout, /stand-in for tests/);
    }
    assert.equal(it0.palyra("no-such-command").code, 2);
    assert.equal(it0.palyra("gateway", "no-such-verb").code, 2);
    for (const words of [
      ["browser", "tabs", "open"],
      ["browser", "tabs", "a-session", "open"],
    ])
      assert.match(
        it0.palyra(...words, "--help").stdout,
        /^Usage: palyra browser tabs <SESSION_ID> open \[OPTIONS\] --url <URL>$/m,
      );
    assert.equal(it0.palyra("browser", "tabs", "a-session", "--help").code, 2);
    for (const command of ["status", "tunnel"])
      assert.match(it0.palyra("--help").stdout, new RegExp(`^  ${command} `, "m"));
    assert.equal(it0.palyra("backup", "verify").code, 5, "what is not played is unsupported");
  });

  describe("setup", () => {
    it("writes a config of mode 0644 with the admin token in it, and never prints the token", () => {
      const { code, stdout, stderr } = remote();
      assert.equal(code, 0);
      const config = readFileSync(it0.config, "utf8");
      const token = /^auth_token = "(palyra_admin_[0-9A-Z]{26}_[0-9A-Z]{26})"$/m.exec(config)![1]!;
      assert.equal(statSync(it0.config).mode & 0o777, 0o644 & ~process.umask());
      assert.ok(!(stdout + stderr).includes(token));
      for (const key of [
        "init.status=",
        "init.deployment_profile=single-vm",
        `init.state_root=${it0.env["PALYRA_STATE_ROOT"]}`,
        "init.admin_token_generated=true location=config(admin.auth_token)",
        "init.remote_guide.",
      ]) {
        assert.ok(stdout.includes(key), key);
      }
      assert.ok(existsSync(join(it0.folder, "config", "tls")), "a folder for certificates");
      assert.deepEqual(statSync(join(it0.folder, "config", "tls")).isDirectory(), true);
      assert.ok(existsSync(join(it0.folder, "state", "cli", "profiles.toml")));
    });

    it("refuses an existing config; --force writes it anew, with another token", () => {
      remote();
      const first = readFileSync(it0.config, "utf8");
      assert.equal(remote().code, 7);
      assert.equal(readFileSync(it0.config, "utf8"), first);
      assert.equal(it0.palyra("setup", "--mode", "remote", "--force").code, 0);
      assert.notEqual(readFileSync(it0.config, "utf8"), first);
    });

    it("lets the deployment profile override the mode, and makes no folder for certificates that nobody wants", () => {
      it0.palyra("setup", "--mode", "remote", "--deployment-profile", "workers", "--tls-scaffold", "none");
      assert.match(readFileSync(it0.config, "utf8"), /profile = "worker-enabled"/);
      assert.ok(!existsSync(join(it0.folder, "config", "tls")));
      assert.equal(it0.palyra("setup", "--mode", "sideways", "--force").code, 2);
      assert.equal(it0.palyra("setup", "--deployment-profile", "cluster", "--force").code, 2);
    });

    it("answers its wizard as JSON with what comes next", () => {
      const next = it0.json("setup", "--wizard", "--output-format", "json");
      assert.deepEqual([next.status, next.recommended_step_id], ["next_step_required", "onboarding_status"]);
    });
  });

  describe("config", () => {
    it("is valid after setup, missing before, and refused from a later version or when malformed", () => {
      assert.equal(it0.palyra("config", "validate").code, 8);
      remote();
      assert.equal(it0.palyra("config", "validate", "--path", it0.config).code, 0);
      for (const [text, sentence] of [
        ["version = 2\n", /unsupported config version/],
        ["version = \n", /is invalid/],
        ["[daemon]\nport = 70000\n", /is not a port/],
      ] as const) {
        writeFileSync(it0.config, text);
        const { code, stderr } = it0.palyra("config", "validate");
        assert.equal(code, 2);
        assert.match(stderr, sentence);
      }
    });

    it("lists, sets, gets and unsets; secrets are redacted unless asked for", () => {
      remote();
      const token = it0.json("config", "get", "--key", "admin.auth_token", "--show-secrets", "--json").value as string;
      assert.match(token, /^palyra_admin_/);
      assert.ok(!it0.palyra("config", "list").stdout.includes(token));
      assert.ok(it0.palyra("config", "list", "--show-secrets").stdout.includes(token));
      assert.equal(it0.json("config", "get", "--key", "admin.auth_token", "--json").value, "<redacted>");
      assert.equal(it0.palyra("config", "set", "--key", "daemon.port", "--value", "7200").code, 0);
      assert.equal(it0.json("config", "get", "--key", "daemon.port", "--json").value, 7200);
      assert.equal(it0.palyra("config", "set", "--key", "model.name", "--value", "plain words").code, 0);
      assert.equal(it0.json("config", "get", "--key", "model.name", "--json").value, "plain words");
      assert.equal(statSync(it0.config).mode & 0o777, 0o600, "other writers than setup close it");
      assert.equal(it0.palyra("config", "unset", "--key", "model.name").code, 0);
      assert.equal(it0.palyra("config", "get", "--key", "model.name").code, 8);
      assert.equal(it0.palyra("config", "validate").code, 0);
    });
  });

  it("keeps secrets byte by byte, sealed on disk, redacted unless revealed", () => {
    remote();
    const value = "two lines\nno end \u00fc";
    assert.equal(it0.run("palyra", ["secrets", "set", "global", "api", "--value-stdin"], { input: value }).code, 0);
    assert.match(it0.palyra("secrets", "get", "global", "api").stdout, /value=<redacted>/);
    assert.equal(it0.palyra("secrets", "get", "global", "api", "--reveal").stdout, value);
    assert.ok(!readFileSync(join(it0.folder, "state", "vault", "secrets.json"), "utf8").includes("two lines"));
    assert.match(it0.palyra("secrets", "list", "global").stdout, /^secrets\.key=api$/m);
    assert.equal(it0.palyra("secrets", "get", "global", "other").code, 8);
    assert.equal(it0.palyra("secrets", "delete", "global", "api").code, 0);
    assert.equal(it0.palyra("secrets", "get", "global", "api").code, 8);
  });

  it("keeps a provider's key in the vault, and says of each setting whether a secret lies in it", () => {
    remote();
    const configured = it0.run(
      "palyra",
      ["secrets", "configure", "openai-api-key", "global", "openai", "--value-stdin", "--json"],
      { input: "sk-of-nobody" },
    );
    assert.equal(configured.code, 0);
    assert.ok(
      !configured.stdout.includes("sk-of-nobody") && !readFileSync(it0.config, "utf8").includes("sk-of-nobody"),
    );
    assert.equal(it0.palyra("secrets", "get", "global", "openai", "--reveal").stdout, "sk-of-nobody");
    const findings = () =>
      it0
        .json("secrets", "audit", "--offline", "--json")
        .findings.map(({ key, finding }: Record<string, string>) => `${key} ${finding}`);
    assert.deepEqual(findings(), ["admin.auth_token plaintext"]);
    const resolved = { total_references: 1, resolved_references: 1 };
    assert.deepEqual(it0.json("secrets", "audit", "--offline", "--json").summary, resolved);
    assert.deepEqual(it0.json("secrets", "apply", "--offline", "--json").audit, resolved);
    it0.palyra("secrets", "delete", "global", "openai");
    assert.deepEqual(findings(), ["admin.auth_token plaintext", "models.openai_api_key_ref unresolved"]);
    assert.deepEqual(it0.json("secrets", "apply", "--offline", "--json").audit, {
      ...resolved,
      resolved_references: 0,
    });
    assert.equal(it0.palyra("secrets", "configure", "other-key", "global", "o", "--value-stdin").code, 5);
  });

  it("chooses models, and says which", () => {
    remote();
    assert.equal(it0.palyra("models", "set", "gpt-4.1-mini", "--json").code, 0);
    assert.equal(
      it0.json("models", "set-embeddings", "text-embedding-3-large", "--dims", "3072", "--json").embeddings_dims,
      3072,
    );
    assert.deepEqual(it0.json("models", "status", "--json"), {
      embeddings_dims: 3072,
      embeddings_model: "text-embedding-3-large",
      text_model: "gpt-4.1-mini",
    });
    assert.equal(it0.palyra("models", "set-embeddings", "m", "--dims", "many").code, 2);
    assert.equal(it0.palyra("models", "set").code, 2);
    assert.deepEqual(Object.keys(it0.json("--output-format", "json", "config")), ["exists", "path", "valid"]);
  });

  it("configures a gateway, here and elsewhere, when it is told everything", () => {
    remote();
    const gateway = [
      "configure",
      "--section",
      "gateway",
      "--remote-base-url",
      "https://gateway.invalid/",
      "--daemon-port",
      "7310",
      "--bind-profile",
      "public-tls",
    ];
    assert.equal(it0.palyra(...gateway).code, 5, "it asks nobody");
    assert.equal(it0.palyra(...gateway, "--non-interactive").code, 2, "the risk is not accepted");
    assert.equal(it0.json(...gateway, "--non-interactive", "--accept-risk", "--json").section, "gateway");
    assert.match(
      readFileSync(it0.config, "utf8"),
      /bind_profile = "public_tls"[^]*port = 7310|port = 7310[^]*bind_profile = "public_tls"/,
    );
    assert.equal(
      it0.palyra(...gateway, "--non-interactive", "--accept-risk", "--pinned-gateway-ca-sha256", "ab").code,
      2,
    );
    const wizard = [
      "onboarding",
      "wizard",
      "--flow",
      "remote",
      "--non-interactive",
      "--accept-risk",
      "--remote-base-url",
      "https://gateway.invalid/",
      "--admin-token-env",
      "REMOTE_TOKEN",
      "--path",
      join(it0.folder, "remote.toml"),
    ];
    assert.equal(it0.palyra(...wizard).code, 2, "the token's variable is empty");
    const { code, stdout } = it0.run("palyra", wizard, { env: { REMOTE_TOKEN: "token-of-nobody" } });
    assert.equal(code, 0);
    assert.ok(!(stdout + readFileSync(join(it0.folder, "remote.toml"), "utf8")).includes("token-of-nobody"));
  });

  it("says its protocol's version, judges identifiers, and says what a patch would change", () => {
    assert.equal(it0.palyra("protocol", "version").stdout, "protocol.major=1\njson.envelope.v=1\n");
    assert.equal(
      it0.palyra("protocol", "validate-id", "--id", "01JZ5X7QK3M8N2P4R6S9T0V1W2").stdout,
      "canonical_id.valid=true\n",
    );
    for (const id of ["01JZ5X7QK3M8N2P4R6S9T0V1WI", "81JZ5X7QK3M8N2P4R6S9T0V1W2", "short"])
      assert.equal(it0.palyra("protocol", "validate-id", "--id", id).code, 2, id);
    const file = join(it0.folder, "notes.txt");
    writeFileSync(file, "as it was\n");
    const patch = (name: string) =>
      it0.run("palyra", ["patch", "apply", "--stdin", "--dry-run", "--json"], {
        input: `*** Begin Patch\n*** Update File: ${name}\n@@\n-as it was\n+changed\n*** End Patch\n`,
      });
    assert.deepEqual(JSON.parse(patch(file).stdout), { dry_run: true, files: [{ operation: "Update", path: file }] });
    assert.equal(readFileSync(file, "utf8"), "as it was\n");
    assert.equal(patch(join(it0.folder, "none.txt")).code, 8);
    assert.equal(it0.palyra("patch", "apply").code, 5);
  });

  it("finds and shows its help pages from beside the executable only", () => {
    assert.match(it0.palyra("docs", "search", "gateway").stdout, /slug=help\/gateway-help/);
    assert.match(it0.palyra("docs", "search", "browser").stdout, /slug=help\/browser-help/);
    assert.match(it0.palyra("docs", "show", "help/docs-help").stdout, /Usage: palyra docs/);
    assert.ok(it0.json("docs", "list", "--json").length > 90);
    assert.equal(it0.palyra("docs", "search", "gateway", "--limit", "1").stdout.trim().split("\n").length, 1);
    assert.equal(it0.palyra("docs", "search", "nothing like this").code, 8);
    assert.equal(it0.palyra("docs", "show", "help/none").code, 8);
    const elsewhere = join(it0.folder, "alone");
    writeFileSync(elsewhere, readFileSync(it0.file("palyra")), { mode: 0o755 });
    assert.equal(it0.run("../alone", ["docs", "search", "gateway"]).code, 8);
  });

  it("reports with doctor whatever it finds and exits 0; --strict exits otherwise", () => {
    const report = it0.json("doctor", "--json");
    assert.deepEqual(Object.keys(report.diagnostics).sort(), [
      "access",
      "browser",
      "checks",
      "config",
      "connectivity",
      "deployment",
      "identity",
      "provider_auth",
      "sandbox",
      "skills",
      "summary",
    ]);
    assert.equal(it0.palyra("doctor", "--json").code, 0);
    const { summary, checks } = report.diagnostics;
    assert.deepEqual(
      [checks.length, summary.required_checks_total, summary.required_checks_failed],
      [22, 7, 7],
      "outside of an installation: tools of developers",
    );
    assert.equal(it0.palyra("doctor", "--strict", "--json").code, 7);
    const installed = (kind: string) => {
      const record = join(it0.root, "install-metadata.json");
      writeFileSync(record, JSON.stringify({ artifact_kind: kind }));
      const { diagnostics } = it0.json("doctor", "--json");
      rmSync(record);
      return diagnostics;
    };
    const headless = installed("headless");
    const keys = [
      "memory_embeddings_model_configured",
      "process_runner_tier_b_egress_allowlists_preflight_only",
      "process_runner_tier_c_strict_offline_only",
      "process_runner_tier_c_windows_backend_supported",
    ];
    assert.deepEqual(
      headless.checks.map(({ key, ok, required }: Record<string, unknown>) => [key, ok, required]),
      keys.map((key) => [key, true, false]),
    );
    assert.equal(headless.summary.required_checks_total, 0);
    assert.deepEqual(
      installed("desktop").checks.map(({ key }: { key: string }) => key),
      [...keys, "gateway_runtime_reachable"],
    );
    assert.deepEqual(
      [headless.connectivity.http.ok, headless.connectivity.grpc.ok, headless.connectivity.admin.ok],
      [false, false, false],
    );
    assert.deepEqual(Object.keys(headless.config).sort(), ["exists", "migration", "parsed", "path"]);
    assert.deepEqual(headless.identity, {
      exists: false,
      store_root: join(it0.folder, "state", "identity"),
      writable: false,
    });
  });

  it("cannot reach a daemon that is not there: exit 4", async () => {
    const { code, stderr } = it0.palyra("health", "--url", "http://127.0.0.1:9", "--grpc-url", "http://127.0.0.1:9");
    assert.equal(code, 4);
    assert.match(stderr, /does not answer over HTTP/);
  });

  describe("update and uninstall", () => {
    it("plans an update and applies none", () => {
      const plan = it0.json("update", "--install-root", it0.root, "--dry-run", "--output-format", "json");
      assert.deepEqual(
        [plan.mode, plan.apply_supported, plan.current_version, plan.candidate],
        ["plan", false, null, null],
        "no manifest lies there",
      );
      const manifest = join(it0.root, "release-manifest.json");
      writeFileSync(manifest, '{"version": "0.0.7"}');
      assert.equal(
        it0.json("update", "--install-root", it0.root, "--dry-run", "--output-format", "json").current_version,
        "0.0.7",
      );
      rmSync(manifest);
      assert.match(plan.rollback_hint, /backup/);
      assert.equal(
        it0.json("update", "--install-root", it0.root, "--check", "--output-format", "json").mode,
        "status-check",
      );
      assert.equal(it0.palyra("update", "--install-root", it0.root, "--yes").code, 5);
      assert.equal(it0.palyra("update", "--install-root", it0.root, "--yes", "--dry-run").code, 2);
    });

    it("reads an archive's manifest and notes, verifies nothing of it, and takes one without a manifest", async () => {
      const plan = async (files: Record<string, string>) => {
        const archive = join(it0.folder, "candidate.zip");
        await packEntries(
          Object.entries(files).map(([path, text]) => ({ path, mode: 0o644, data: Buffer.from(text) })),
          archive,
        );
        const found = it0.json(
          "update",
          "--install-root",
          it0.root,
          "--archive",
          archive,
          "--dry-run",
          "--output-format",
          "json",
        );
        assert.deepEqual(
          [found.mode, found.apply_supported, found.candidate.archive_path],
          ["candidate-plan", false, archive],
        );
        return found.candidate;
      };
      const manifest = JSON.stringify({ version: "0.0.1", artifact_kind: "desktop", platform: "windows-x64" });
      const older = await plan({ "release-manifest.json": manifest, "ROLLBACK.txt": "back", "checksums.txt": "wrong" });
      assert.deepEqual(
        [older.manifest_version, older.artifact_kind, older.platform, older.rollback_hint],
        ["0.0.1", "desktop", "windows-x64", "back"],
      );
      assert.deepEqual((await plan({ "other.txt": "" })).manifest_version, null);
    });

    it("removes an installation from outside of it, its own shims, and the state when asked; never another's shim", () => {
      const root = join(it0.folder, "second");
      const shims = { own: join(it0.folder, "own-shim"), foreign: join(it0.folder, "foreign-shim") };
      const target = join(root, "palyra");
      mkdirSync(root);
      mkdirSync(join(it0.folder, "second-state"));
      writeFileSync(shims.own, `exec '${target}'`);
      writeFileSync(shims.foreign, "exec '/opt/other/palyra'");
      writeFileSync(
        join(root, "install-metadata.json"),
        JSON.stringify({
          artifact_kind: "headless",
          state_root: join(it0.folder, "second-state"),
          cli_exposure: { command_root: it0.folder, shim_paths: Object.values(shims), target_binary_path: target },
        }),
      );
      const report = it0.json(
        "uninstall",
        "--install-root",
        root,
        "--remove-state",
        "--yes",
        "--output-format",
        "json",
      );
      assert.deepEqual(
        [report.dry_run, report.install_root_removed, report.state_root_removed, report.cli_cleanup.removed_shim_paths],
        [false, true, true, [shims.own]],
      );
      assert.deepEqual(
        [root, join(it0.folder, "second-state"), shims.own, shims.foreign].map((path) => existsSync(path)),
        [false, false, false, true],
      );
    });

    it("says what an uninstall would remove, and removes nothing of what it runs from", () => {
      const report = it0.json("uninstall", "--install-root", it0.root, "--dry-run", "--output-format", "json");
      assert.deepEqual([report.dry_run, report.install_root_removed], [true, false]);
      assert.equal(it0.palyra("uninstall", "--install-root", it0.root).code, 2, "neither --yes nor --dry-run");
      assert.equal(it0.palyra("uninstall", "--install-root", it0.root, "--yes").code, 7);
      assert.equal(it0.palyra("uninstall", "--install-root", "/", "--yes").code, 7);
      assert.ok(existsSync(it0.file("palyra")));
    });
  });
});
