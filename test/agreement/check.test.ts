/** The contract as a whole: files in folders, what is covered, and what people are told. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkContract } from "../../src/agreement/index.ts";
import { fileNames, projectFolder } from "../../src/matrix/index.ts";
import { productNamed, type ReadinessRules } from "../../src/products/index.ts";
import { policyFolderOf, policyJson, writeJson, type Json } from "../matrix/policy-folder.ts";
import { enumFile, ownFiles, rustOf, sealedFiles } from "./product-checkout.ts";

const palyra = productNamed("palyra");
const capabilities = policyJson("src/matrix/vocabulary/palyra.json").capabilities as string[];

describe("a check of the contract", () => {
  let temporary: string;
  const folders: string[] = [];
  beforeEach(() => (temporary = mkdtempSync(join(tmpdir(), "greenlight-contract-"))));
  afterEach(() =>
    [temporary, ...folders.splice(0)].forEach((folder) => rmSync(folder, { recursive: true, force: true })),
  );

  /** The sources of Palyra, as far as the contract looks at them. */
  function checkout(change: (own: ReturnType<typeof ownFiles>) => void = () => {}, declared = capabilities): string {
    const own = ownFiles();
    change(own);
    for (const [name, value] of Object.entries(own))
      writeJson(join(temporary, "infra/release", fileNames[name as keyof typeof own]), value);
    mkdirSync(dirname(join(temporary, enumFile)), { recursive: true });
    writeFileSync(join(temporary, enumFile), rustOf(declared));
    return temporary;
  }

  /** The releaser's folder, with changes. */
  function root(changes: Record<string, (value: Json) => void> = {}, product = "palyra"): string {
    const folder = policyFolderOf(product, changes);
    folders.push(folder);
    const policy = policyJson("infra/release/policy.json");
    changes["policy"]?.(policy);
    writeJson(join(folder, "infra/release/policy.json"), policy);
    const seeded = policyJson(`src/controls/${product}.json`);
    changes["seeded"]?.(seeded);
    writeJson(join(folder, `src/controls/${product}.json`), seeded);
    return folder;
  }

  const messages = (task: Omit<Parameters<typeof checkContract>[0], "product">, product = palyra): string[] =>
    checkContract({ product, ...task }).found.map(({ message }) => message);

  it("finds nothing in Palyra's files, with its sources, with a candidate, and without either", () => {
    assert.deepEqual(messages({ checkout: checkout() }), []);
    assert.deepEqual(messages({}), []);
    assert.equal(checkContract({ product: palyra, checkout: checkout() }).compared.length, 8);
  });

  it("finds nothing in those of NATS", () => assert.deepEqual(messages({}, productNamed("nats")), []));

  it("takes the code's word: a capability that is new there is missing everywhere else", () => {
    const [found, ...more] = messages({ checkout: checkout(undefined, [...capabilities, "time_travel"]) });
    assert.deepEqual(more, []);
    assert.match(found!, /^The capability time_travel is in crates\/palyra-common\/src\/runtime_preview\.rs:11/);
    for (const file of [
      "src/matrix/vocabulary/palyra.json",
      "infra/release/palyra/workflow-regression-matrix.json",
      "the product's infra/release/workflow-regression-matrix.json",
    ])
      assert.ok(found!.includes(`${file}:`), found);
  });

  it("looks at what a candidate was sealed with", () => {
    const seal = (names: readonly string[] | undefined, policy: Json = sealedFiles()): string => {
      const file = { file: "linux-x64/palyra", sha256: "0".repeat(64), size: 1 };
      const source = {
        repository: "r",
        revision: null,
        ...(names && { capabilities: Object.fromEntries(names.map((name) => [name, { mode: "disabled" }])) }),
      };
      writeJson(join(temporary, "candidate.json"), {
        schema: 1,
        product: "palyra",
        version: "0.1.0",
        source,
        policy,
        platforms: { "linux-x64": { binaries: { palyra: file } } },
      });
      return temporary;
    };
    assert.deepEqual(messages({ candidate: seal(capabilities) }), []);
    const [lacks] = messages({ candidate: seal(capabilities.slice(1)) });
    assert.match(
      lacks!,
      /^The capability session_queue_policy is in .* and not in .*candidate\.json:\d+ \(source\.capabilities\); take it out of /,
    );
    assert.match(
      messages({ candidate: seal(undefined) })[0]!,
      /does not say which capabilities its sources declare; seal the candidate again with/,
    );
    assert.match(messages({ candidate: join(temporary, "none") })[0]!, /candidate\.json does not exist/);
    assert.equal(checkContract({ product: palyra, candidate: seal(capabilities) }).compared.length, 8);
    for (const name of Object.values(fileNames)) {
      const { [name]: _, ...rest } = sealedFiles();
      assert.match(
        messages({ candidate: seal(capabilities, rest) })[0]!,
        new RegExp(
          `candidate\\.json was sealed without the product's infra/release/${name}; seal the candidate again with`,
        ),
      );
    }
    assert.match(messages({ candidate: seal(capabilities, {}) })[0]!, /was sealed without the product's/);
  });

  it("compares what a candidate was sealed with in both directions, and does not obey it", () => {
    const of = (change: (own: ReturnType<typeof ownFiles>) => void): string[] => {
      writeJson(join(temporary, "candidate.json"), {
        ...{ schema: 1, product: "palyra", version: "0.1.0" },
        source: {
          ...{ repository: "r", revision: null },
          capabilities: Object.fromEntries(capabilities.map((name) => [name, { mode: "disabled" }])),
        },
        policy: sealedFiles(change),
        platforms: { "linux-x64": { binaries: {} } },
      });
      return messages({ candidate: temporary });
    };
    assert.deepEqual(
      of(() => {}),
      [],
    );
    const [weaker, ...none] = of(({ matrix }) => (matrix.profiles.full.minimum_chaos_scenarios = 0));
    assert.deepEqual(none, []);
    assert.match(
      weaker!,
      /^The minimum of chaos of the profile full is "2" .* "0" in the product's infra\/release\/workflow-/,
    );
    const [more, ...others] = of(({ gates }) =>
      gates.gates.push({ ...gates.gates[0], id: "another_gate", summary: "One more." }),
    );
    assert.deepEqual(others, []);
    assert.match(
      more!,
      /^The promotion gate another_gate is in the product's infra\/release\/deployment-promotion-gates\.json:\d+/,
    );
    const [less, ...rest] = of(({ gates }) => gates.gates.splice(0, 1));
    assert.deepEqual(rest, []);
    assert.match(
      less!,
      /^The promotion gate deployment_preflight is in infra\/release\/palyra\/.*, and not in the product's/,
    );
    assert.match(
      of(({ checklist }) => (checklist.waived = true))[0]!,
      /compat-hardening-readiness\.json:\d+: waived: is no field/,
    );
  });

  const values: [string, (own: ReturnType<typeof ownFiles>) => void, RegExp][] = [
    [
      "chaos",
      ({ matrix }) => (matrix.scenarios[9].chaos = false),
      /^The chaos of the scenario dual_path_retrieval_runtime_diagnostics is "true" in .*, and "false" in the product's infra\/release\/workflow-regression-matrix\.json:\d+ \(scenarios\[9\]\.chaos\); write "true" in /,
    ],
    [
      "category",
      ({ matrix }) => (matrix.scenarios[0].category = "runtime"),
      /^The category of the scenario queued_input_lifecycle_contract/,
    ],
    [
      "minimum of chaos",
      ({ matrix }) => (matrix.profiles.full.minimum_chaos_scenarios = 0),
      /^The minimum of chaos of the profile full is "2" .* "0"/,
    ],
    [
      "capability",
      ({ matrix }) => (matrix.runtime_acceptance_scenarios[0].capability = "replay_capture"),
      /^The capability of the acceptance scenario queued_input_lifecycle is "session_queue_policy"/,
    ],
    [
      "kind",
      ({ checklist }) => (checklist.rollout_controls[1].kind = "feature_flag"),
      /^The kind of the rollout control session_queue_preview_mode is/,
    ],
    [
      "state",
      ({ checklist }) => (checklist.known_limitations[2].state = "expected_guardrail"),
      /^The state of the known limitation networked_worker_execution_remains_preview_only/,
    ],
    [
      "path",
      ({ checklist }) => (checklist.evidence[2].path = "elsewhere.sh"),
      /^The path of the item of evidence workflow_regression_contract_suite_unix/,
    ],
    [
      "required",
      ({ gates }) => (gates.gates[0].required = false),
      /^The required of the promotion gate deployment_preflight is "true"/,
    ],
    [
      "status",
      ({ gates }) => (gates.gates[5].default_status = "manual"),
      /^The default_status of the promotion gate worker_attestation_digest is "blocked" .*, and "manual" in the product's/,
    ],
    [
      "scope",
      ({ checklist }) => (checklist.release_scope = "another"),
      /^The scope of the product's releases as a whole is/,
    ],
  ];
  for (const [what, change, says] of values) {
    it(`finds another ${what} in the product's own files, and does not obey it`, () => {
      const all = messages({ checkout: checkout(change) });
      assert.equal(all.length, 1, all.join("\n"));
      assert.match(all[0]!, says);
    });
  }

  const uncovered: [string, Record<string, (value: Json) => void>, RegExp][] = [
    [
      "a capability that no control keeps closed",
      { checklist: (c) => (c.rollout_controls[3].capabilities = ["flow_orchestration"]) },
      /compat-hardening-readiness\.json:\d+ \(rollout_controls\) no control keeps delivery_arbitration closed/,
    ],
    [
      "a profile that no evidence asks for",
      { checklist: (c) => c.evidence.splice(0, 1) },
      /\(evidence\) no item asks for a report of the profile fast; add one/,
    ],
    [
      "a seeded fault for a check that there is not",
      { seeded: (s) => (s[0].check = "smoke/no-such") },
      /^The check headless smoke\/no-such is in src\/controls\/palyra\.json:\d+ \(\[0\]\.check\), and not in src\/suites/,
    ],
    [
      "a rule of the matrix that is broken",
      { matrix: (m) => (m.scenarios[9].chaos = false) },
      /asks for 2 scenarios of chaos and has 1/,
    ],
    [
      "a field that nobody knows",
      { gates: (g) => (g.gates[0].waived = true) },
      /gates\[0\]\.waived: is no field of this file; mend the file/,
    ],
  ];
  for (const [what, changes, says] of uncovered) {
    it(`finds ${what}`, () => {
      const all = messages({ root: root(changes) });
      assert.equal(all.length, 1, all.join("\n"));
      assert.match(all[0]!, says);
    });
  }
  it("finds a scenario of a check that there is not, and of a suite that no channel asks for", () => {
    const nats = productNamed("nats");
    const [unknown, ...others] = messages(
      { root: root({ matrix: (m) => (m.scenarios[0].proof.machine.checks = ["smoke/teleport"]) }, "nats") },
      nats,
    );
    assert.deepEqual(others, []);
    assert.match(
      unknown!,
      /^The check server smoke\/teleport is in infra\/release\/nats\/workflow-regression-matrix\.json:\d+ \(scenarios\[0\]\.proof\.machine\.checks\[0\]\), and not in/,
    );
    const without = (p: Json): void =>
      Object.values(p.channels).forEach((c: Json) =>
        c.gates.machines.requires.forEach((r: Json) => (r.suites = r.suites.filter((s: string) => s !== "power-cut"))),
      );
    const [idle, ...more] = messages({ root: root({ policy: without }, "nats") }, nats);
    assert.deepEqual(more, []);
    assert.match(
      idle!,
      /scenario stream_kept_power_cut is proven by the suite power-cut, which no channel of infra\/release\/policy\.json asks for/,
    );
  });

  it("finds a control, a track and a check of the product's definition that there are not", () => {
    const of = (readiness: ReadinessRules): string[] => messages({}, { ...palyra, readiness });
    const checks = { kind: "headless", checks: ["smoke/teleport"] };
    const known = { kind: "headless", checks: ["smoke/doctor"] };
    const found = [
      of({ controls: { no_such_control: known }, tracks: {} }),
      of({ controls: {}, tracks: { no_such_track: { apply: known, verify: known, rollback: known } } }),
      of({ controls: { session_queue_preview_mode: checks }, tracks: {} }),
      of({ controls: {}, tracks: { runtime_contract_catalog: { apply: known, verify: known, rollback: checks } } }),
    ];
    assert.deepEqual(
      found.map(({ length }) => length),
      [1, 1, 1, 1],
      found.flat().join("\n"),
    );
    const at = "the definition of product palyra:1";
    assert.match(
      found[0]![0]!,
      new RegExp(
        `^The rollout control no_such_control is in ${at} \\(readiness\\.controls\\.no_such_control\\), and not in infra/release/palyra/compat-`,
      ),
    );
    assert.match(found[1]![0]!, new RegExp(`^The migration track no_such_track is in ${at}`));
    assert.match(
      found[2]![0]!,
      new RegExp(
        `^The check headless smoke/teleport is in ${at} \\(readiness\\.controls\\.session_queue_preview_mode\\), and not in src/suites`,
      ),
    );
    assert.match(
      found[3]![0]!,
      /^The check headless smoke\/teleport is in .*readiness\.tracks\.runtime_contract_catalog/,
    );
  });

  it("finds sources without the enum, and a file of the product that is missing or has a field that nobody knows", () => {
    const at = checkout();
    writeFileSync(join(at, enumFile), "pub enum Another { A }\n");
    assert.match(
      messages({ checkout: at })[0]!,
      /runtime_preview\.rs has no enum RuntimePreviewCapability with the product's capabilities/,
    );
    rmSync(join(at, enumFile));
    assert.match(messages({ checkout: at })[0]!, /runtime_preview\.rs of the checkout cannot be read \(ENOENT\)/);
    rmSync(join(at, "infra/release", fileNames.gates));
    assert.match(
      messages({ checkout: at })[0]!,
      /the product's infra\/release\/deployment-promotion-gates\.json does not exist/,
    );
    assert.match(
      messages({ checkout: checkout(({ matrix }) => (matrix.novelty = 1)) })[0]!,
      /the product's infra\/release\/workflow-regression-matrix\.json:\d+: novelty: is no field of this file/,
    );
  });

  const greenlight = (...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(projectFolder, "src/cli/main.ts"), "contract", "check", ...args],
        (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr }),
      );
    });

  it("is a command with an exit code for each outcome", async () => {
    const good = await greenlight("--product", "palyra", "--checkout", checkout());
    assert.equal(good.code, 0, good.stdout + good.stderr);
    assert.match(good.stdout, /^Palyra: all agree, in 8 files: src\/matrix\/vocabulary\/palyra\.json, /);
    assert.match(
      (await greenlight("--product", "palyra")).stdout,
      /^The code itself was not looked at; --checkout or --candidate brings it\.$/m,
    );
    const bad = await greenlight("--product", "palyra", "--checkout", checkout(undefined, capabilities.slice(0, 7)));
    assert.equal(bad.code, 1);
    assert.match(bad.stdout, /^Palyra: one thing does not agree:\n {2}- The capability networked_workers is in /);
    const wrong = await greenlight("--product", "palyra", "--checkout", ".", "--candidate", ".");
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /--checkout and --candidate are both given/);
    assert.equal((await greenlight("--product", "box")).code, 2);
  });
});
