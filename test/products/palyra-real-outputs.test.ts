/** What the real 0.1.0 says on an installed, healthy machine, written down as it was seen there: the checks must take it. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { palyra } from "../../src/products/palyra/definition.ts";
import { versionCheck } from "../../src/products/palyra/healthy.ts";
import { smoke } from "../../src/products/palyra/smoke.ts";
import type { Places, Subject } from "../../src/products/index.ts";
import { secretFormChecks } from "../../src/suites/declared.ts";
import { judgeSuite, type Check } from "../../src/suites/index.ts";
import { runHere } from "../suites/on-host.ts";

const commit = `1e2f4d1ff538${"a".repeat(28)}`;
const build = { version: "0.1.0", git_hash: "1e2f4d1ff538", build_profile: "release" };

const profile = {
  name: "local",
  label: "Local",
  environment: "local",
  color: "green",
  risk_level: "low",
  strict_mode: false,
  mode: "local",
};
const versionAsJson = {
  name: "palyra",
  ...build,
  trace_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
  profile: "local",
  profile_context: profile,
  state_root: "/var/lib/palyra",
  log_level: "info",
  no_color: false,
};
const versionLine =
  "name=palyra version=0.1.0 git_hash=1e2f4d1ff538 build_profile=release " +
  "profile=Local environment=local risk_level=low strict_mode=false";

/** Four checks, none of them required. */
const keys = [
  "memory_embeddings_model_configured",
  "process_runner_tier_b_egress_allowlists_preflight_only",
  "process_runner_tier_c_strict_offline_only",
  "process_runner_tier_c_windows_backend_supported",
];
const doctor = {
  schema_version: 1,
  mode: "diagnostics",
  diagnostics: {
    checks: keys.map((key) => ({ key, ok: true, required: false, severity: "info", remediation: ['set "a" = b'] })),
    summary: {
      required_checks_total: 0,
      required_checks_ok: 0,
      required_checks_failed: 0,
      warning_checks_failed: 0,
      info_checks_failed: 0,
    },
    config: {
      path: "/etc/palyra/palyra.toml",
      exists: true,
      parsed: true,
      migration: { state: "current", source_version: 1, target_version: 1, requires_writeback: false },
    },
    identity: { store_root: "/var/lib/palyra/identity", exists: true, writable: true },
    connectivity: {
      daemon_url: "http://127.0.0.1:7142",
      grpc_url: "http://127.0.0.1:7443",
      http: { ok: true },
      grpc: { ok: true },
      admin: { ok: true },
    },
  },
  recovery: null,
};

describe("what the real Palyra says", () => {
  let root = "";
  let at: Places;
  const subject: Subject = {
    product: "palyra",
    kind: "headless",
    version: "0.1.0",
    binaryVersions: {},
    platform: "linux-x64",
    sha256: "0".repeat(64),
    base: "palyra-headless-0.1.0-linux-x64",
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "greenlight-real-"));
    at = { root, state: "/var/lib/palyra", config: "/etc/palyra", commands: join(root, "bin") };
    for (const folder of ["current", "bin"]) mkdirSync(join(root, folder));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** Judges checks with a command that says what it is given, by its arguments. */
  const judged = async (checks: Check[], says: Record<string, string>, source: string | null = commit) => {
    writeFileSync(
      join(root, "current/release-manifest.json"),
      JSON.stringify({ version: "0.1.0", source_sha: source }),
    );
    const answers = Object.entries(says).map(([asked, text], n) => {
      writeFileSync(join(root, `answer-${n}`), `${text}\n`);
      return `"${asked}") cat ${root}/answer-${n} ;;`;
    });
    writeFileSync(at.commands + "/palyra", `#!/bin/sh\ncase "$*" in ${answers.join(" ")} *) exit 2 ;; esac\n`, {
      mode: 0o755,
    });
    const env = { PATH: `${at.commands}:${process.env["PATH"]}` };
    const here = checks.map(({ login: _, needs: __, ...check }): Check => ({ ...check, env }));
    const suite = { name: "s", checks: here };
    const { record } = await runHere([suite]);
    return judgeSuite(suite, record)
      .checks.map(({ status, observed }) => observed ?? status)
      .join();
  };
  const versions = { version: versionLine, "version --output-format json": JSON.stringify(versionAsJson, null, 2) };
  const doctorCheck = (): Check[] => smoke(subject, at, "").filter(({ name }) => name === "doctor");

  it("of its version, with the fields of a profile behind it", async () => {
    assert.equal(await judged([versionCheck(subject, at)], versions), "passed");
    const { args, prints } = palyra.binaries["palyra"]!.version;
    const equals = prints.replace("{version}", "0.1.0");
    const plain: Check = { name: "version", run: `palyra ${args}`, expect: { stdout: { equals } } };
    assert.equal(await judged([plain], versions), "passed");
    const other = { ...versions, version: versionLine.replace("version=0.1.0", "version=0.1.1") };
    assert.match(await judged([versionCheck(subject, at)], other), /text: version is 0\.1\.1, and as JSON 0\.1\.0/);
  });
  it("is named with its remedy where the archive states no commit to hold against it", async () => {
    assert.match(
      await judged([versionCheck(subject, at)], versions, null),
      /seal the candidate with --source CHECKOUT/,
    );
  });
  it("of the installation's health, where no check is required", async () => {
    assert.equal(await judged(doctorCheck(), { "doctor --json": JSON.stringify(doctor, null, 2) }), "passed");
    const text = JSON.stringify(doctor);
    const failing = text.replace('"ok":true,"required":false', '"ok":false,"required":true');
    assert.match(await judged(doctorCheck(), { "doctor --json": failing }), /required checks that fail: memory_/);
    const unreached = text.replace('"admin":{"ok":true}', '"admin":{"ok":false}');
    assert.match(await judged(doctorCheck(), { "doctor --json": unreached }), /connectivity\/admin\/ok = false/);
  });

  it("needs a key of 32 bytes as base64: any other is named by its length, and never printed", async () => {
    const key = Buffer.from(Array.from({ length: 32 }, (_, n) => 255 - n));
    const asked = async (value: string): Promise<string> => {
      writeFileSync(join(root, "palyra-browserd.secrets"), `PALYRA_BROWSERD_STATE_ENCRYPTION_KEY=${value}\n`);
      const services = palyra.kinds["headless"]!.services.map((service) => ({ ...service, configFolder: root }));
      return judged(secretFormChecks({ services }), {});
    };
    const good = key.toString("base64");
    for (const value of [good, `"${good}"`]) assert.equal(await asked(value), "passed");
    const wrong = [
      key.toString("hex"),
      key.toString("base64url"),
      good.replace("=", ""),
      key.subarray(1).toString("base64"),
      `${good}\r`,
      ` ${good}`,
      `${"A".repeat(42)}B=`,
      "$(id)`id`*",
      "",
    ];
    for (const value of wrong) {
      const said = await asked(value);
      assert.match(said, /PALYRA_BROWSERD_STATE_ENCRYPTION_KEY: \d+ characters that are not 32 bytes of base64/);
      assert.ok(value === "" || !said.includes(value), "it is printed");
    }
  });
});
