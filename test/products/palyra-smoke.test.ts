/** Palyra's own checks against a release that is laid out here: green when it is good, and red for each fault in the check that must see it. */
import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { controlCheck, rolloutControls } from "../../src/products/palyra/rollout.ts";
import { playedElsewhere, scenarioGroups } from "../../src/products/palyra/scenarios.ts";
import { hollowed } from "./hollow.ts";
import { LaidOut, product } from "./laid-out.ts";

describe("Palyra's smoke", function () {
  this.timeout(300_000);
  let desktop: LaidOut;
  let headless: LaidOut;
  before(async () => {
    [desktop, headless] = await Promise.all([LaidOut.of("desktop"), LaidOut.of("headless")]);
    await headless.serve();
  });
  after(() => Promise.all([desktop?.remove(), headless?.remove()]));
  afterEach(() => {
    for (const laid of [desktop, headless]) laid.faults = [];
  });

  /** What the named checks observed, all of which must be red, on a release with the faults. */
  const red = async (laid: LaidOut, checks: string[], ...faults: string[]): Promise<string> => {
    laid.faults = faults;
    const results = await laid.judge(laid.smoke.filter(({ name }) => checks.includes(name)));
    assert.deepEqual(
      results.map(({ check, status }) => `${check} ${status}`),
      checks.map((check) => `${check} failed`),
    );
    return results.map(({ observed }) => observed).join("\n");
  };

  /** One check of a release without a fault, which must be green. */
  const green = async (laid: LaidOut, check: string): Promise<void> => {
    laid.faults = [];
    const results = await laid.judge(laid.smoke.filter(({ name }) => name === check));
    assert.deepEqual(
      results.map(({ status }) => status),
      ["passed"],
      laid.said(check),
    );
  };

  for (const kind of ["desktop", "headless"] as const) {
    it(`is green on a good ${kind} release`, async () => {
      const laid = { desktop, headless }[kind];
      const results = await laid.judge(laid.smoke);
      assert.deepEqual(
        results.filter(({ status }) => status !== "passed"),
        [],
      );
      assert.deepEqual(
        results.map(({ check }) => check),
        [
          ...[
            "version-agrees",
            "help-pages",
            "doctor",
            "scenarios-setup",
            "scenarios-secrets",
            "scenarios-models",
            "scenarios-protocol",
            "scenarios-patch",
            "scenarios-docs",
          ],
          ...[
            "deployment-profiles",
            "deployment-local",
            "deployment-single-vm",
            "deployment-worker-enabled",
            "dry-runs",
          ],
          ...(kind === "headless" ? Object.keys(rolloutControls).map(controlCheck) : []),
        ],
      );
    });
  }

  it("sees a version that one place states otherwise, and another commit", async () => {
    assert.match(
      await red(desktop, ["version-agrees"], "cli-version-mismatch"),
      /json: version 9\.9\.9 and git hash of the manifest/,
    );
    assert.match(
      await red(desktop, ["version-agrees"], "git-hash-mismatch"),
      /json: version and git hash 0badc0de0bad instead of [0-9a-f]{12} of the manifest/,
    );
    assert.match(
      await red(desktop, ["version-agrees"], "version-text-mismatch"),
      /text: git_hash is 0badc0de0bad, and as JSON [0-9a-f]{12}/,
    );
  });
  it("finds fields of the version by their names, in any order and among others, and none that has no name or is there twice", async () => {
    assert.match(
      await red(desktop, ["version-agrees"], "version-unnamed"),
      /text: version is not stated, and as JSON 0\.1\.0/,
    );
    assert.match(
      await red(desktop, ["version-agrees"], "version-twice"),
      /text: version is 0\.1\.0.*9\.9\.9, and as JSON 0\.1\.0/s,
    );
    const turned = "real version | tr ' ' '\\n' | tac | tr '\\n' ' '; echo more=1";
    await hollowed(desktop, { version: turned }, async () => {
      await green(desktop, "version-agrees");
    });
  });

  describe("on help", () => {
    it("sees a group that fails, by its name", async () =>
      assert.match(await red(desktop, ["help-pages"], "group-help-fails"), /palyra gateway --help: exit code 1/));
    it("sees a page that is not the packaged one", async () =>
      assert.match(
        await red(desktop, ["help-pages"], "help-differs"),
        /palyra node --help differs from the packaged page: .*in no package/,
      ));
    it("sees a page below a group that is not the packaged one", async () =>
      assert.match(
        await red(desktop, ["help-pages"], "subcommand-help-differs"),
        /palyra skills list --help differs from the packaged page: .*in no package/,
      ));
    it("names every page that differs, asks an alias by its own name, and knows each packaged page's command", async () => {
      const snapshots = join(desktop.at.root, "current/docs/help_snapshots");
      const changed = [
        "config-unset-help.txt",
        "daemon-help.txt",
        "daemon-status-help.txt",
        "support-bundle-export-help.txt",
      ];
      const texts = changed.map((name) => readFileSync(join(snapshots, name), "utf8"));
      try {
        // What an alias prints in the product: the page of the command that it is another name of.
        changed.forEach((name, i) =>
          writeFileSync(
            join(snapshots, name),
            `A line more\n${texts[i]!.replace("Usage: palyra daemon", "Usage: palyra gateway")}`,
          ),
        );
        writeFileSync(join(snapshots, "other-help.txt"), "Usage: palyra another [OPTIONS]\n");
        writeFileSync(join(snapshots, "notes.txt"), "Notes\n");
        const [results] = await desktop.judge(desktop.smoke.filter(({ name }) => name === "help-pages"));
        const said = results!.observed!;
        assert.equal(results!.status, "failed");
        assert.match(results!.expected!, /^1\d\d help pages/);
        for (const command of ["config unset", "daemon", "daemon status", "support-bundle export"])
          assert.ok(said.includes(`palyra ${command} --help differs from the packaged page: < A line more`), said);
        for (const name of ["other-help.txt", "notes.txt"])
          assert.ok(said.includes(`palyra has the page ${name}, and nobody knows of which command`), said);
        assert.match(said, /^6 not as expected: /);
      } finally {
        changed.forEach((name, i) => writeFileSync(join(snapshots, name), texts[i]!));
        for (const name of ["other-help.txt", "notes.txt"]) rmSync(join(snapshots, name), { force: true });
      }
    });
    it("compares all 132 packaged pages, one of another system by what it lists, and finds a command with an argument in its middle", async () => {
      const snapshots = join(desktop.at.root, "current/docs/help_snapshots");
      assert.equal(readdirSync(snapshots).length, 132);
      assert.match(
        readFileSync(join(snapshots, "browser-tabs-open-help.txt"), "utf8"),
        /^Usage: palyra browser tabs <SESSION_ID> open \[OPTIONS\] --url <URL>$/m,
      );
      assert.match(
        await red(desktop, ["help-pages"], "middle-page-differs"),
        /palyra browser tabs open --help differs from the packaged page: .*in no package/,
      );
      const windows = join(snapshots, "root-help-windows.txt");
      const text = readFileSync(windows, "utf8");
      try {
        writeFileSync(windows, text.replace("  tunnel ", "  tunnels "));
        assert.match(
          await red(desktop, ["help-pages"]),
          /palyra in its page of Windows lists tunnels, which nobody knows/,
        );
        writeFileSync(windows, "Usage: palyra.exe [OPTIONS] <COMMAND>\n");
        assert.match(await red(desktop, ["help-pages"]), /palyra in its page of Windows lists only 0 commands/);
      } finally {
        writeFileSync(windows, text);
      }
    });
    it("asks with an argument in the middle where the page is another without", async () => {
      for (const without of ["real browser tabs --help", "exit 2"]) {
        await hollowed(desktop, { '"browser tabs open --help"': without }, async () => {
          await green(desktop, "help-pages");
        });
      }
      await hollowed(desktop, { '"browser tabs"*"open --help"': "exit 2" }, async () => {
        assert.match(await red(desktop, ["help-pages"]), /palyra browser tabs open --help: exit code 2/);
      });
    });
    it("compares without what snapshots lose, on both sides, and with all else", async () => {
      const page = join(desktop.at.root, "current/docs/help_snapshots/node-help.txt");
      const text = readFileSync(page, "utf8");
      try {
        writeFileSync(page, text.replaceAll("\n", " \t\n\n   \n"));
        await green(desktop, "help-pages");
        writeFileSync(page, text.replace("  --profile", "   --profile"));
        assert.match(await red(desktop, ["help-pages"]), /palyra node --help differs from the packaged page/);
      } finally {
        writeFileSync(page, text);
      }
    });
    it("sees a command that nobody has listed", async () =>
      assert.match(
        await red(desktop, ["help-pages"], "command-unlisted"),
        /palyra --help lists stowaway, which nobody knows/,
      ));
    it("sees that all help fails", async () =>
      assert.match(await red(desktop, ["help-pages"], "help-fails"), /exit code 1/));
    it("sees a page without a snapshot that nobody describes, and one whose snapshot says something else of its subcommands", async () => {
      const snapshots = join(desktop.at.root, "current/docs/help_snapshots");
      // The one is a group of the release smoke, the other is only listed.
      for (const name of ["nodes", "hooks"])
        renameSync(join(snapshots, `${name}-help.txt`), join(desktop.folder, `${name}-help.txt`));
      try {
        const observed = await red(desktop, ["help-pages"]);
        for (const name of ["nodes", "hooks"])
          assert.match(
            observed,
            new RegExp(`palyra ${name} --help: the release has no page of it, and it is not described`),
          );
      } finally {
        for (const name of ["nodes", "hooks"])
          renameSync(join(desktop.folder, `${name}-help.txt`), join(snapshots, `${name}-help.txt`));
      }
    });
  });

  describe("on the doctor", () => {
    it("sees a report that is no JSON", async () =>
      assert.match(await red(desktop, ["doctor", "scenarios-docs"], "doctor-broken"), /report is not JSON/));
    for (const kind of ["desktop", "headless"] as const) {
      it(`sees a check of a ${kind} release that is required and fails`, async () =>
        assert.match(
          await red({ desktop, headless }[kind], ["doctor"], "doctor-complains"),
          /required checks that fail: memory_embeddings_model_configured/,
        ));
    }
    it("sees a gateway that is not reached", async () => {
      await headless.stop();
      assert.match(
        await red(headless, ["doctor"]),
        /connectivity\/http\/ok = false; .*grpc\/ok = false; .*admin\/ok = false/,
      );
      await headless.serve();
    });
    for (const [fault, found] of [
      ["no-grpc", "grpc"],
      ["admin-refuses", "admin"],
    ] as const) {
      it(`sees a gateway that is reached in one way and not in another: ${fault}`, async () => {
        await headless.restart(fault);
        assert.match(await red(headless, ["doctor"]), new RegExp(`^/diagnostics/connectivity/${found}/ok = false$`));
        await headless.restart();
      });
    }
    it("sees a doctor that looks at another configuration and identity, or would have the configuration migrated", async () => {
      for (const laid of [desktop, headless])
        assert.match(
          await red(laid, ["doctor"], "doctor-elsewhere"),
          /config\/path = "\/nowhere\/palyra\.toml".*identity\/store_root = "\/nowhere\/identity"/,
        );
      assert.match(await red(headless, ["doctor"], "doctor-migrates"), /config\/migration\/requires_writeback = true/);
    });
    it("sees an identity that is not there, and a doctor that looks at nothing", async () => {
      const identity = join(headless.at.state, "identity");
      renameSync(identity, `${identity}.away`);
      try {
        assert.match(await red(headless, ["doctor"]), /identity\/exists = false; .*identity\/writable = false/);
      } finally {
        renameSync(`${identity}.away`, identity);
      }
      const nothing = `cat <<'END'\n{"diagnostics": {"checks": [], "summary": {"required_checks_total": 0, "required_checks_ok": 0, "required_checks_failed": 0}}}\nEND\n:`;
      await hollowed(desktop, { "*doctor*": nothing }, async () =>
        assert.match(await red(desktop, ["doctor"]), /no \/diagnostics\/config.*diagnostics\.checks/),
      );
    });
    it("sees that the installation is not known as one", async () => {
      const metadata = ["install-metadata.json", "current/install-metadata.json"].map((file) =>
        join(desktop.at.root, file),
      );
      for (const file of metadata) renameSync(file, `${file}.away`);
      try {
        assert.match(await red(desktop, ["doctor"]), /required checks that fail: developer_tool_4/);
      } finally {
        for (const file of metadata) renameSync(`${file}.away`, file);
      }
    });
  });

  describe("in its scenarios", () => {
    it("plays every functional scenario of the CLI's own install smoke, or names the check that does", () => {
      const upstream = [
        ...[
          "version",
          "root-help",
          "doctor-json",
          "protocol-version",
          "protocol-validate-id",
          "docs-search-gateway",
          "docs-show-help",
          "setup-local",
          "setup-wizard-quickstart",
          "config-validate",
        ],
        ...[
          "config-list",
          "onboarding-wizard-remote",
          "configure-gateway",
          "models-set",
          "models-set-embeddings",
          "models-status",
          "bare-config-status",
          "config-set",
          "config-get",
          "config-unset",
        ],
        ...[
          "setup-secrets-config",
          "secrets-set",
          "secrets-get-redacted",
          "secrets-get-reveal",
          "secrets-configure-openai",
          "secrets-audit",
          "secrets-apply",
          "patch-apply-dry-run",
          "update-dry-run",
          "uninstall-dry-run",
        ],
      ];
      assert.equal(upstream.length, 30);
      const played = Object.values(scenarioGroups)
        .flat()
        .filter(({ id }) => id !== "token-printed");
      const ids = played.map(({ id }) => id);
      assert.deepEqual(
        ids.filter((id, i) => ids.indexOf(id) !== i),
        [],
        "no id twice",
      );
      assert.deepEqual(
        upstream.filter((id) => !ids.includes(id) && !playedElsewhere[id]),
        [],
      );
      assert.deepEqual(
        Object.keys(playedElsewhere).filter((id) => !upstream.includes(id) || ids.includes(id)),
        [],
      );
      const checks = desktop.smoke.map(({ name }) => name);
      for (const check of Object.values(playedElsewhere)) assert.ok(checks.includes(check), check);
      // A scenario of which nothing but its exit code is looked at is one of these, whose other scenarios see what it did.
      const silent = [
        "setup-over-existing",
        "config-validate",
        "config-validate-nothing",
        "config-set",
        "config-set-again",
        "config-unset",
        "config-get-unset",
        "config-valid-after",
        "setup-secrets-config",
        "secrets-set",
        "secrets-get-other",
        "setup-for-models",
        "protocol-validate-no-id",
        "docs-search-nothing",
      ];
      assert.deepEqual(
        played.filter(({ expect }) => !expect?.stdout).map(({ id }) => id),
        silent,
      );
    });
    it("sees a provider's key that is printed", async () =>
      assert.match(
        await red(desktop, ["scenarios-secrets"], "configure-prints-secret"),
        /secrets-configure-openai: .*sk-greenlight-of-nobody/,
      ));
    it("sees a model that is not kept, by its name", async () =>
      assert.match(await red(desktop, ["scenarios-models"], "models-forgotten"), /models-status: \/text_model = ""/));
    it("sees a dry run of a patch that changes the file", async () =>
      assert.match(
        await red(desktop, ["scenarios-patch"], "patch-dry-run-writes"),
        /notes-after-dry-run: 13 bytes instead of 10/,
      ));
    it("sees identifiers that are not judged", async () =>
      assert.match(await red(desktop, ["scenarios-protocol"], "any-id-valid"), /protocol-validate-no-id: exit code 0/));
    it("sees a setup that prints the admin token, without printing it again", async () => {
      const observed = await red(desktop, ["scenarios-setup", "scenarios-secrets"], "setup-prints-token");
      assert.match(observed, /setup-local prints the admin token/);
      assert.doesNotMatch(observed, /palyra_admin_/);
    });
    it("sees a setup that fails half-way", async () =>
      assert.match(await red(desktop, ["scenarios-setup"], "setup-fails"), /setup-local: exit code 1/));
    it("sees a configuration that is called invalid", async () =>
      assert.match(await red(desktop, ["scenarios-setup"], "config-invalid"), /config-validate: exit code 2/));
    it("sees a setting that is not kept", async () =>
      assert.match(await red(desktop, ["scenarios-setup"], "config-set-ignored"), /config-get: exit code 8/));
    it("sees a secret with another byte in it", async () =>
      assert.match(
        await red(desktop, ["scenarios-secrets"], "secret-altered"),
        /secrets-get-reveal: 53 bytes instead of 52, other ones after 52/,
      ));
    it("sees that help pages are not found", async () => {
      assert.match(await red(desktop, ["scenarios-docs"], "docs-missing"), /docs-search-gateway: exit code 8/);
      const docs = join(desktop.at.root, "current/docs");
      renameSync(docs, `${docs}.away`);
      try {
        assert.match(await red(desktop, ["help-pages", "scenarios-docs"]), /docs-show-help: exit code 8/);
      } finally {
        renameSync(`${docs}.away`, docs);
      }
    });
  });

  describe("on deployments", () => {
    const profiles = ["deployment-local", "deployment-single-vm"];
    /** What the check of workers observes when the command's own preflight is changed by sed. */
    const observed = async (...changes: string[]): Promise<string | undefined> => {
      const sed = changes.map((change) => `-e '${change}'`).join(" ");
      return hollowed(desktop, { '*"deployment preflight"*': `real "$@" | sed ${sed}` }, async () => {
        const [result] = await desktop.judge(desktop.smoke.filter(({ name }) => name === "deployment-worker-enabled"));
        return result!.observed;
      });
    };
    it("sees reports that are blocked and exit with 0", async () => {
      assert.match(
        await red(desktop, profiles, "preflight-blocked"),
        /^(preflight: \/status = "blocked"; preflight: \/blocking_failures = 1; .*\n?){2}$/,
      );
      assert.match(await red(desktop, profiles, "promotion-blocked"), /promotion-check: \/status = "blocked"/);
      assert.match(
        await red(desktop, ["deployment-worker-enabled"], "preflight-blocked"),
        /preflight: \/checks\/0\/status = "blocked"/,
      );
    });
    it("sees a preflight of workers that says something else than its checks, and lets it want an attestation alone", async () => {
      const attestation = '/"id": "attestation"/,/}/s/"status": "ok"/"status": "blocked"/';
      assert.match((await observed(attestation))!, /preflight: \/checks\/2\/status = "blocked"/);
      const blocked = [
        's/^  "status": ".*"/  "status": "blocked"/',
        's/"blocking_failures": 0/"blocking_failures": 1/',
      ];
      assert.equal(
        await observed(attestation, ...blocked),
        'upgrade-smoke: "passed" instead of "blocked"',
        "the preflight itself is taken",
      );
      assert.match((await observed('/"code": "worker_attestation/d'))!, /preflight: no \/manifest\/blockers\/0\/code/);
      assert.match((await observed('s/"checks"/"check"/'))!, /preflight: no \/checks/);
    });
    it("sees that workers would be let through", async () =>
      assert.match(
        await red(desktop, ["deployment-worker-enabled"], "promotion-open"),
        /promotion-check: \/status = "ready_for_staging"/,
      ));
    it("sees a recipe without one of its files", async () =>
      assert.match(
        await red(desktop, ["deployment-single-vm", "deployment-worker-enabled"], "recipe-incomplete"),
        /recipe-writes: missing: env\/palyra\.env\.example.*made: nothing instead of .*env\/palyra\.env\.example/,
      ));
    it("sees a packaged recipe, or manifest, that is not what the command writes, and the mended file where it should be missing", async () => {
      const folder = join(desktop.at.root, "current/deployment");
      cpSync(folder, `${folder}.good`, { recursive: true });
      try {
        appendFileSync(join(folder, "single-vm/systemd/palyrad.service"), "# more\n");
        writeFileSync(join(folder, "worker-enabled/systemd/palyra-workerd.service"), "[Unit]\n");
        const manifest = join(folder, "worker-enabled/profile-manifest.json");
        writeFileSync(manifest, readFileSync(manifest, "utf8").replace('"preview_only"', '"enabled"'));
        const observed = await red(desktop, ["deployment-single-vm", "deployment-worker-enabled"]);
        assert.match(observed, /^made: [0-9a-f]{64} {2}\.\/systemd\/palyrad\.service instead of/m);
        assert.match(
          observed,
          /^made: .*profile-manifest\.json instead of .*profile-manifest\.json; .*palyra-workerd\.service$/m,
        );
      } finally {
        rmSync(folder, { recursive: true });
        renameSync(`${folder}.good`, folder);
      }
    });
  });

  describe("on dry runs", () => {
    it("sees a file that one leaves", async () => {
      const observed = await red(desktop, ["dry-runs"], "dry-run-writes");
      assert.match(observed, /after: .*update-plan\.tmp/);
      rmSync(join(desktop.at.root, "update-plan.tmp"));
    });
    it("sees an installation in whose root the release's manifest is missing, or is another's", async () => {
      const file = join(desktop.at.root, "release-manifest.json");
      const text = readFileSync(file, "utf8");
      try {
        rmSync(file);
        assert.match(await red(desktop, ["dry-runs"]), /update: \/current_version = null/);
        writeFileSync(file, text.replace('"version": "0.1.0"', '"version": "0.0.9"'));
        assert.match(await red(desktop, ["dry-runs"]), /update: \/current_version = "0\.0\.9"/);
      } finally {
        writeFileSync(file, text);
      }
    });
    const changes: Record<string, [change: (laid: LaidOut) => string, observed: RegExp]> = {
      "another text of the same length in the configuration": [
        ({ config }) => `sed -i 's/true/eurt/' '${config}'`,
        /after: .*[0-9a-f]{64} .*palyra\.toml instead of/,
      ],
      "a database in the installation": [({ at }) => `: >'${at.root}/new.sqlite3'`, /after: .*new\.sqlite3/],
    };
    for (const [name, [change, observed]] of Object.entries(changes)) {
      it(`sees ${name}`, async () => {
        const shim = readFileSync(desktop.shim, "utf8");
        const config = readFileSync(desktop.config);
        writeFileSync(desktop.shim, shim.replace("exec ", `${change(desktop)}\nexec `));
        try {
          assert.match(await red(desktop, ["dry-runs"]), observed);
        } finally {
          writeFileSync(desktop.shim, shim);
          writeFileSync(desktop.config, config);
          rmSync(join(desktop.at.root, "new.sqlite3"), { force: true });
        }
      });
    }
    it("sees an installation whose record names another archive's place, or none", async () => {
      const file = join(desktop.at.root, "install-metadata.json");
      const text = readFileSync(file, "utf8");
      try {
        writeFileSync(file, JSON.stringify({ ...JSON.parse(text), archive_path: "/nowhere.zip" }));
        assert.match(await red(desktop, ["dry-runs"]), /nowhere\.zip/);
        rmSync(file);
        assert.match(await red(desktop, ["dry-runs"]), /install-metadata\.json/);
      } finally {
        writeFileSync(file, text);
      }
    });
  });

  it("is red by the control's name when setup has switched one of its capabilities on", async () => {
    const kept = readFileSync(headless.config, "utf8");
    appendFileSync(headless.config, "\n[feature_rollouts]\nflow_orchestration = true\n");
    assert.match(
      await red(headless, ["closed-flow-delivery-preview-flags"]),
      /flow_orchestration is on in configuration: feature_rollouts\.flow_orchestration=true/,
    );
    await green(headless, "closed-session-queue-preview-mode");
    writeFileSync(headless.config, kept);
  });

  it("runs in a folder of its own: nothing of it is left in state and configuration", () => {
    assert.ok(!existsSync(join(desktop.at.state, "vault", "secrets.json")), "no secret of a scenario");
    assert.deepEqual(readdirSync(desktop.at.config), ["palyra.toml"]);
  });
});

describe("What healthy means for Palyra", function () {
  this.timeout(300_000);
  let headless: LaidOut;
  let desktop: LaidOut;
  before(async () => {
    [desktop, headless] = await Promise.all([LaidOut.of("desktop"), LaidOut.of("headless")]);
  });
  after(() => Promise.all([desktop?.remove(), headless?.remove()]));
  afterEach(() => {
    for (const laid of [desktop, headless]) laid.faults = [];
  });
  const judge = async (laid: LaidOut, ...faults: string[]) => {
    laid.faults = faults;
    if (laid.subject.kind === "headless") await laid.serve();
    const results = await laid.judge(product.checks.healthy!(laid.subject, laid.at));
    return Object.fromEntries(
      results.map(({ check, status, observed }) => [check, status === "passed" ? status : observed]),
    );
  };

  it("is so", async () => {
    assert.deepEqual(await judge(headless), {
      "answers-as-released": "passed",
      "dashboard-as-packaged": "passed",
      "capabilities-off": "passed",
    });
    assert.deepEqual(await judge(desktop), { "control-center-stays": "passed" });
  });
  const faults: Record<string, [check: string, observed: RegExp]> = {
    "healthz-version-mismatch": [
      "answers-as-released",
      /healthz: version 9\.9\.9 and git hash of the manifest.*grpc: version 9\.9\.9/s,
    ],
    "git-hash-mismatch": ["answers-as-released", /grpc: version and git hash 0badc0de0bad instead of/],
    "no-grpc": ["answers-as-released", /health: exit code 4; /],
    unhealthy: ["answers-as-released", /healthz: exit code 22; .*http_get: HTTP\S* 503.*palyra-browserd.*degraded/],
    "no-dashboard": ["dashboard-as-packaged", /503/],
  };
  for (const [fault, [check, observed]] of Object.entries(faults)) {
    it(`is not so with the fault ${fault}`, async () => {
      const results = await judge(headless, fault);
      assert.match(results[check]!, observed);
      for (const [name, result] of Object.entries(results)) if (name !== check) assert.equal(result, "passed");
    });
  }
  it("is not so with another dashboard than the packaged one, or a manifest without a commit", async () => {
    const page = join(headless.at.root, "current/web/index.html");
    const manifest = join(headless.at.root, "current/release-manifest.json");
    const kept = [page, manifest].map((file) => [file, readFileSync(file)] as const);
    appendFileSync(page, "<!-- more -->\n");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace("source_sha", "source"));
    const results = await judge(headless);
    assert.match(results["dashboard-as-packaged"]!, /served: [0-9a-f]{64} {2}web\/index\.html instead of [0-9a-f]{64}/);
    assert.match(
      results["answers-as-released"]!,
      /the manifest states no commit of the sources; seal the candidate with --source CHECKOUT/,
    );
    for (const [file, bytes] of kept) writeFileSync(file, bytes);
  });
  for (const fault of ["desktop-ends", "crash-at-start"]) {
    it(`is not so when the control center has the fault ${fault}`, async () =>
      assert.match((await judge(desktop, fault))["control-center-stays"]!, /ended by itself with exit code [01]/));
  }
  it("is not so when the control center cannot be executed", async () => {
    const file = join(desktop.at.root, "current/palyra-desktop-control-center");
    chmodSync(file, 0o644);
    assert.match((await judge(desktop))["control-center-stays"]!, /exit code 126/);
    chmodSync(file, 0o755);
  });
});
