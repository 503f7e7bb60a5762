import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EdgeError } from "../../src/edges/edges.ts";
import { checklistRules, matrixRules, policyFaults, parsePolicy, readPolicy } from "../../src/matrix/index.ts";
import { policyFiles, policyFolderOf, type Json } from "./policy-folder.ts";

const roots: string[] = [];
after(() => roots.forEach((root) => rmSync(root, { recursive: true, force: true })));

function changed(changes: Record<string, (value: Json) => void>, product = "palyra"): string {
  const root = policyFolderOf(product, changes);
  roots.push(root);
  return root;
}

/** The message with which the files are refused. */
function refusal(root: string, product = "palyra"): string {
  try {
    readPolicy(product, root);
  } catch (e) {
    if (e instanceof EdgeError) return e.message;
    throw e;
  }
  return "";
}

describe("the policy files of a product", () => {
  it("of Palyra have 8 subsystems, 8 acceptance scenarios, 16 scenarios, and all that is ready to be asked for", () => {
    const { matrix, checklist, gates } = readPolicy("palyra");
    assert.equal(matrix.value.required_subsystems.length, 8);
    assert.equal(matrix.value.runtime_acceptance_scenarios.length, 8);
    assert.equal(matrix.value.scenarios.length, 16);
    const ofFast = matrix.value.scenarios.filter(({ profiles }) => profiles.includes("fast"));
    assert.deepEqual(
      ofFast.map(({ category }) => category),
      Array.from({ length: 8 }, () => "contract"),
    );
    assert.equal(matrix.value.scenarios.filter(({ chaos }) => chaos).length, 2);
    assert.equal(checklist!.value.evidence.length, 7);
    assert.equal(gates!.value.gates.length, 6);
  });

  it("name no test of a library by a bare name and --exact, which would fit none", () => {
    for (const { id, command = [] } of readPolicy("palyra").matrix.value.scenarios)
      if (command.includes("--lib")) assert.ok(!command.includes("--exact"), id);
  });

  it("of NATS are a matrix alone, with chaos before a release", () => {
    const { matrix, checklist, gates } = readPolicy("nats");
    assert.deepEqual([checklist, gates], [undefined, undefined]);
    assert.equal(matrix.value.profiles.full.minimum_chaos_scenarios, 1);
  });

  it("are not there for a product without words of its own", () => {
    assert.throws(
      () => readPolicy("box"),
      /Product box has no vocabulary; write its words into src\/matrix\/vocabulary\/box\.json\./,
    );
  });

  const matrixFile = policyFiles("palyra")["matrix"]!;
  const strict: Record<string, { change: Record<string, (value: Json) => void>; says: RegExp }> = {
    "an unknown field": {
      change: { matrix: (m) => (m.scenarios[2].flaky = true) },
      says: /^infra\/release\/palyra\/workflow-regression-matrix\.json:\d+: scenarios\[2\]\.flaky: is no field of this file; mend the file\.$/,
    },
    "an unknown schema version": {
      change: { checklist: (c) => (c.schema_version = 2) },
      says: /compat-hardening-readiness\.json:2: schema_version: .*expected 1 \(found 2\); mend the file\.$/,
    },
    "an unknown status": {
      change: { gates: (g) => (g.gates[0].default_status = "passed") },
      says: /deployment-promotion-gates\.json:\d+: gates\[0\]\.default_status: .*"manual"\|"blocked" \(found "passed"\); mend the file\.$/,
    },
    "a gate without a status": {
      change: { gates: (g) => delete g.gates[0].default_status },
      says: /gates\[0\]\.default_status: .*\(found nothing\)/,
    },
    "a gate for no profile": {
      change: { gates: (g) => (g.gates[1].profiles = []) },
      says: /gates\[1\]\.profiles: names no deployment profile/,
    },
    "an unknown profile": {
      change: { matrix: (m) => (m.scenarios[0].profiles = ["quick"]) },
      says: /scenarios\[0\]\.profiles\[0\]: is no profile; there are fast, full \(found "quick"\)/,
    },
    "an id that is no name": {
      change: { matrix: (m) => (m.scenarios[0].id = "Queued Input") },
      says: /scenarios\[0\]\.id: is no name of a-z, 0-9 and _ \(found "Queued Input"\)/,
    },
    "a blank text": {
      change: { matrix: (m) => (m.release_scope = "  ") },
      says: /:3: release_scope: is blank \(found " {2}"\)/,
    },
    "a day that is none": { change: { matrix: (m) => (m.updated_at = "soon") }, says: /updated_at: is no day/ },
    "a list that is empty": {
      change: { matrix: (m) => (m.scenarios = []) },
      says: /scenarios: is empty \(found \[\]\)/,
    },
    "a profile that requires nothing": {
      change: { matrix: (m) => (m.profiles.fast.required_subsystems = []) },
      says: /profiles\.fast\.required_subsystems: names no subsystem/,
    },
    "a command without a word": {
      change: { matrix: (m) => (m.scenarios[0].command = []) },
      says: /scenarios\[0\]\.command: is empty/,
    },
    "a name that is listed twice": {
      change: { matrix: (m) => m.scenarios[0].profiles.push("fast") },
      says: /scenarios\[0\]\.profiles\[2\]: is there twice/,
    },
    "a scenario that nothing proves": {
      change: { matrix: (m) => (m.scenarios[0].proof = {}) },
      says: /scenarios\[0\]\.proof: names nothing that would prove the scenario/,
    },
    "a report to be read outside of the checkout": {
      change: { matrix: (m) => (m.scenarios[0].proof.command = { counted: "junit", files: ["../report.xml"] }) },
      says: /proof\.command\.files\[0\]: is no path that stays in the checkout/,
    },
    "a report that is counted and not named": {
      change: { matrix: (m) => (m.scenarios[0].proof.command = { counted: "junit" }) },
      says: /proof\.command\.files: is for `junit`, and must be there for it/,
    },
    "evidence of the sources that asks for nothing": {
      change: { checklist: (c) => (c.evidence[2].must_contain = []) },
      says: /evidence\[2\]\.must_contain: asks for nothing/,
    },
    "an item of evidence of an unknown kind": {
      change: { checklist: (c) => (c.evidence[0].kind = "hearsay") },
      says: /evidence\[0\]\.kind: /,
    },
  };
  for (const [what, { change, says }] of Object.entries(strict)) {
    it(`are refused for ${what}`, () => assert.match(refusal(changed(change)), says));
  }

  it("are refused for a key that is there twice, where JSON would take the last", () => {
    const root = changed({});
    const text = readFileSync(join(root, matrixFile), "utf8");
    writeFileSync(
      join(root, matrixFile),
      text.replace('"schema_version": 1,', '"schema_version": 7,\n  "schema_version": 1,'),
    );
    assert.match(
      refusal(root),
      /matrix\.json:3: schema_version: is there twice, and only one of them would count; mend the file\./,
    );
  });

  for (const [name, file] of Object.entries(policyFiles("palyra"))) {
    it(`are refused when ${file} is missing`, () => {
      const root = changed({});
      rmSync(join(root, file));
      assert.match(
        refusal(root),
        name === "words" ? /has no vocabulary; write its words into/ : / does not exist; mend the file\./,
      );
      assert.ok(refusal(root).includes(file));
    });
    it(`are refused when ${file} is no JSON`, () => {
      const root = changed({});
      writeFileSync(join(root, file), "{");
      assert.ok(refusal(root).includes(`${file} is not JSON (`), refusal(root));
    });
  }

  it("are refused with every fault at once, a line each", () => {
    const said = refusal(
      changed({ matrix: (m) => ((m.schema_version = 2), (m.scenarios[0].extra = 1)), gates: (g) => (g.gates = []) }),
    );
    assert.equal(said.split("\n").length, 3, said);
  });
});

/** For each rule, what breaks it and what is said then. */
const breaking: Record<string, { change: Record<string, (value: Json) => void>; says: RegExp }> = {
  "matrix unique-ids": {
    change: { matrix: (m) => m.scenarios.push(structuredClone(m.scenarios[3])) },
    says: /scenarios\[16\]\.id: is preflight_checkpoint_pair_contract, which an earlier entry is called; give each a name of its own/,
  },
  "matrix known-subsystems": {
    change: { matrix: (m) => m.profiles.full.required_subsystems.push("teleport"), checklist: () => {} },
    says: /profiles\.full\.required_subsystems\[8\]: names the subsystem teleport, which there is not; use one of session_queue_policy, /,
  },
  "matrix known-acceptance-scenarios": {
    change: { matrix: (m) => m.scenarios[0].acceptance_scenarios.push("teleport") },
    says: /scenarios\[0\]\.acceptance_scenarios\[1\]: names the acceptance scenario teleport, which there is not/,
  },
  "matrix known-fixtures": {
    change: {
      matrix: (m) => m.runtime_acceptance_scenarios[0].fixture_keys.push("teleport"),
      words: (w) => w.acceptance_scenarios[0].fixture_keys.push("teleport"),
    },
    says: /runtime_acceptance_scenarios\[0\]\.fixture_keys\[1\]: names the fixture teleport, which there is not/,
  },
  "matrix command-where-it-proves": {
    change: { matrix: (m) => delete m.scenarios[0].command },
    says: /scenarios\[0\]: scenario queued_input_lifecycle_contract is proven by a command and has no command; add it, or take proof\.command out/,
  },
  "matrix published-fixtures": {
    change: { matrix: (m) => m.runtime_acceptance_fixtures.push({ id: "teleport", summary: "x" }) },
    says: /runtime_acceptance_fixtures\[6\]\.id: is the fixture teleport, which the product does not have; take it out, or add it to src\/matrix\/vocabulary\/palyra\.json/,
  },
  "matrix same-acceptance-scenarios": {
    change: {
      words: (w) =>
        w.acceptance_scenarios.push({ id: "teleport", capability: "replay_capture", fixture_keys: ["replay_bundle"] }),
    },
    says: /: runtime_acceptance_scenarios: lacks the acceptance scenario teleport; add it, or take it out of src\/matrix\/vocabulary\/palyra\.json/,
  },
  "matrix same-capability-and-fixtures": {
    change: { matrix: (m) => (m.runtime_acceptance_scenarios[0].capability = "replay_capture") },
    says: /runtime_acceptance_scenarios\[0\]\.capability: acceptance scenario queued_input_lifecycle has the capability replay_capture, and the product says session_queue_policy/,
  },
  "matrix subsystems-covered": {
    change: { matrix: (m) => (m.scenarios[0].subsystems = ["replay_capture"]) },
    says: /profiles\.fast\.required_subsystems\[0\]: no scenario of the profile fast is about the subsystem session_queue_policy/,
  },
  "matrix acceptance-covered": {
    change: { matrix: (m) => (m.scenarios[1].acceptance_scenarios = []) },
    says: /runtime_acceptance_scenarios\[1\]\.required_profiles\[0\]: no scenario of the profile fast proves the acceptance scenario pruning_decision/,
  },
  "matrix enough-chaos": {
    change: { matrix: (m) => (m.scenarios[9].chaos = false) },
    says: /profiles\.full\.minimum_chaos_scenarios: the profile full asks for 2 scenarios of chaos and has 1/,
  },
  "checklist unique-ids": {
    change: { checklist: (c) => c.known_limitations.push(structuredClone(c.known_limitations[0])) },
    says: /known_limitations\[3\]\.id: is contract_first_preview_baseline, which an earlier entry is called/,
  },
  "checklist same-scope": {
    change: { checklist: (c) => (c.release_scope = "another") },
    says: /compat-hardening-readiness\.json:3: release_scope: is another, and infra\/release\/palyra\/workflow-regression-matrix\.json says /,
  },
  "checklist its-matrix": {
    change: { checklist: (c) => (c.matrix_manifest = "elsewhere.json") },
    says: /matrix_manifest: is elsewhere\.json, and the matrix is infra\/release\/palyra\/workflow-regression-matrix\.json; write that/,
  },
  "checklist known-capabilities": {
    change: { checklist: (c) => c.rollout_controls[1].capabilities.push("teleport") },
    says: /rollout_controls\[1\]\.capabilities\[1\]: names the capability teleport/,
  },
  "checklist known-evidence": {
    change: { checklist: (c) => c.rollout_controls[1].may_open_with.push("teleport") },
    says: /rollout_controls\[1\]\.may_open_with\[1\]: names the item of evidence teleport, which this file does not have/,
  },
  "checklist known-subsystems": {
    change: { checklist: (c) => c.evidence[0].required_subsystems.push("teleport") },
    says: /evidence\[0\]\.required_subsystems\[8\]: names the subsystem teleport/,
  },
  "checklist known-scenarios": {
    change: { checklist: (c) => c.evidence[0].must_pass_scenarios.push("flow_transitions_runtime_workflow") },
    says: /evidence\[0\]\.must_pass_scenarios\[8\]: names the scenario flow_transitions_runtime_workflow, which the profile fast of infra\/release\/palyra\//,
  },
  "checklist preview-has-effect": {
    change: { checklist: (c) => (c.known_limitations[2].effect.forbids_promotion_of = []) },
    says: /known_limitations\[2\]\.effect\.forbids_promotion_of: limitation networked_worker_execution_remains_preview_only is preview_only and forbids nothing/,
  },
  "gates unique-ids": {
    change: { gates: (g) => g.gates.push(structuredClone(g.gates[0])) },
    says: /gates\[6\]\.id: is deployment_preflight, which an earlier gate is called/,
  },
  "gates known-profiles": {
    change: { gates: (g) => g.gates[5].profiles.push("cluster") },
    says: /gates\[5\]\.profiles\[1\]: names the deployment profile cluster, which the product does not have; use one of local, single-vm, worker-enabled/,
  },
  "gates something-required": {
    change: { gates: (g) => g.gates.forEach((gate: Json) => (gate.required = !gate.profiles.includes("local"))) },
    says: /: gates: requires nothing for the deployment profile local of src\/matrix\/vocabulary\/palyra\.json:\d+ \(deployment_profiles\); add a gate that is required for it/,
  },
};

describe("a rule of the policy files", () => {
  it("is broken by a test, each of them", () => {
    const rules = [
      ...matrixRules.map(({ name }) => `matrix ${name}`),
      ...checklistRules.map(({ name }) => `checklist ${name}`),
    ];
    assert.deepEqual(
      rules.filter((rule) => !Object.hasOwn(breaking, rule)),
      [],
    );
  });
  for (const [rule, { change, says }] of Object.entries(breaking)) {
    it(`is red when broken: ${rule}`, () => {
      const root = changed(change);
      assert.match(refusal(root), says);
      const [of, name] = rule.split(" ");
      const found = { matrix: matrixRules, checklist: checklistRules, gates: [] }[of!]!.find(
        (each) => each.name === name,
      );
      const policy = parsePolicy("palyra", root);
      // And by that very rule, not by another one beside it.
      if (found && of === "matrix")
        assert.notDeepEqual((found as (typeof matrixRules)[number]).find(policy.matrix, policy.words), []);
    });
  }

  it("finds nothing in the files as they are", () => {
    for (const product of ["palyra", "nats"]) assert.deepEqual(policyFaults(parsePolicy(product)), []);
  });
});
