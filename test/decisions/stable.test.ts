/** A release that has everything that stable asks for, and what becomes of it when one thing is taken away or spoiled. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { judgeDecision, remedyOf, useApprovals, type Decision } from "../../src/decisions/index.ts";
import { evidenceFile, storeEvidence, type Evidence } from "../../src/evidence/index.ts";
import type { Judgement } from "../../src/gates/index.ts";
import { projectFolder, type Report } from "../../src/matrix/index.ts";
import { reportFiles } from "../../src/matrix/written.ts";
import { channelPolicy, gateNames, type ChannelPolicy } from "../../src/policy/index.ts";
import { productNamed } from "../../src/products/index.ts";
import { sourceContractFile } from "../../src/readiness/index.ts";
import { People, release } from "../approvals/people.ts";
import {
  commit,
  evidenceOf,
  headless,
  nats,
  now,
  palyra,
  reportOf,
  server,
  sourcesOf,
  type Asked,
} from "../readiness/samples.ts";

const manual = [
  "deployment_preflight",
  "deployment_recipe_generated",
  "runtime_smoke_queue_retrieval_flow",
  "support_bundle_export",
  "rollback_plan_reviewed",
];

/** Every check of machines that Palyra's readiness asks for, by suite. */
function mappedChecks(): Asked {
  const { controls, tracks } = productNamed("palyra").readiness!;
  const ways = Object.values(tracks).flatMap(({ apply, verify, rollback }) => [apply, verify, rollback]);
  const asked: Asked = {};
  for (const name of new Set([...Object.values(controls), ...ways].flatMap(({ checks }) => checks))) {
    const [suite, check] = name.split("/") as [string, string];
    (asked[suite] ??= []).push(check);
  }
  return asked;
}

describe("what stable asks for beside the machines", function () {
  this.timeout(60_000);
  let people: People;
  let root: string;
  const policy = (): ChannelPolicy => {
    const { gates, ...stable } = channelPolicy("stable", root);
    return { ...stable, gates: { ...gates, approvals: { ...gates.approvals!, by: ["alice@example.com"] } } };
  };

  beforeEach(() => {
    people = new People();
    root = join(people.folder, "project");
    for (const part of ["infra/release", "src/matrix/vocabulary", "src/controls"])
      cpSync(join(projectFolder, part), join(root, part), { recursive: true });
    cpSync(people.signersFile, join(root, "infra/release/allowed-signers"));
  });
  afterEach(() => people.remove());

  const put = (file: string, value: unknown): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
  };
  const reportFile = ({ product, profile }: Pick<Report, "product" | "profile">): string =>
    join(people.workspace, ".greenlight/matrix", product, commit, profile, reportFiles.report);
  const putReport = (report: Report): void => put(reportFile(report), report);
  const sourceFile = (): string => sourceContractFile(people.workspace, "palyra", commit);
  const approve = (gate: string) => people.approve("alice", { gate, product: "palyra", version: "0.1.0" }, { now });

  /** What a gate is asked of Palyra 0.1.0, as dev holds it. */
  const asked = (gate: string, evidence: Evidence[], more: Partial<Decision> = {}): Decision => ({
    ...{ gate, channel: "stable", product: "palyra", version: "0.1.0", revision: commit, candidate: null },
    archives: [{ base: headless.name.replace(/\.zip$/, ""), kind: "headless", sha256: headless.sha256 }],
    evidence: evidence.map((each) => storeEvidence(people.workspace, each)),
    ...{ from: { channel: "dev", release }, policy: policy(), ...more },
  });
  const proven = (more = {}): Evidence => evidenceOf({ product: "palyra", suites: mappedChecks(), ...more });
  const judge = (decision: Decision): Promise<Judgement> =>
    judgeDecision(decision, { workspace: people.workspace, now, root });
  const verdicts = (evidence: Evidence[], more: Partial<Decision> = {}): Promise<string[]> => {
    const decision = asked("", evidence, more);
    const names = gateNames(decision.policy, decision.product);
    return Promise.all(names.map(async (gate) => `${gate} ${(await judge({ ...decision, gate })).verdict}`));
  };
  const allGreen = ["contract green", "matrix green", "readiness green", "approvals green"];

  /** Everything that is asked for. */
  async function whole(): Promise<void> {
    for (const profile of ["fast", "full"] as const) putReport(reportOf(palyra, profile));
    put(sourceFile(), sourcesOf());
    for (const gate of manual) await approve(gate);
  }
  /** What a gate says, which must be red. */
  async function red(gate: string, evidence = [proven()], more: Partial<Decision> = {}): Promise<string> {
    const { verdict, sentence } = await judge(asked(gate, evidence, more));
    assert.equal(verdict, "red", sentence);
    return sentence;
  }

  it("is four gates for Palyra, and all are green when everything is there", async () => {
    await whole();
    assert.deepEqual(await verdicts([proven()]), allGreen);
  });

  it("is contract alone for a product that the other gates do not name", () => {
    assert.deepEqual(gateNames(policy(), "nats"), ["contract"]);
  });

  it("is refused in one paragraph that names all that is missing, each with who can supply it and how", async () => {
    const sentence = await red("readiness", []);
    const { evidence, rollout_controls, migration_tracks } = palyra.checklist!.value;
    for (const { id } of [...evidence, ...rollout_controls, ...migration_tracks])
      assert.ok(sentence.includes(id), `${id} is not named: ${sentence}`);
    const does = (gate: string, name: string): string =>
      remedyOf(asked(gate, []), { name, status: "missing" }, root).does;
    assert.equal(
      does("matrix", "queued_input_lifecycle_contract"),
      "npm start -- matrix run -p palyra --profile full --checkout DIR --only queued_input_lifecycle_contract",
    );
    assert.equal(
      does("readiness", "runtime_acceptance_fixture_contract"),
      "npm start -- evidence source-contract -p palyra --checkout DIR",
    );
    assert.equal(
      does("approvals", "rollback_plan_reviewed"),
      "npm start -- approve rollback_plan_reviewed --release palyra@0.1.0 --channel stable --key FILE",
    );
  });

  it("loses matrix and readiness, by name, with each report and with each scenario of it", async () => {
    await whole();
    for (const profile of ["fast", "full"] as const) {
      const good = reportOf(palyra, profile);
      rmSync(reportFile(good));
      assert.match(await red("readiness"), new RegExp(`workflow_regression_${profile} is missing`));
      for (const { id } of good.scenarios) {
        putReport(reportOf(palyra, profile, { [id]: "failed" }));
        assert.match(await red("matrix"), new RegExp(`${id} is failed`));
        assert.match(await red("readiness"), new RegExp(`workflow_regression_${profile} is failed.*${id}`));
      }
      putReport(good);
    }
    writeFileSync(reportFile({ product: "palyra", profile: "full" }), "{");
    assert.match(await red("matrix"), /report\.json is not JSON/);
  });

  it("loses readiness, by name, with each look at the sources, each control and each track", async () => {
    await whole();
    const sources = sourcesOf();
    for (const { id } of sources.items) {
      put(sourceFile(), { ...sources, items: sources.items.filter((each) => each.id !== id) });
      assert.match(await red("readiness"), new RegExp(`${id} is missing`));
    }
    rmSync(sourceFile());
    assert.match(await red("readiness"), /workflow_regression_contract_suite_unix is missing/);
    put(sourceFile(), sources);
    const { controls, tracks } = productNamed("palyra").readiness!;
    for (const [id, { rollback }] of Object.entries(tracks))
      assert.match(await red("readiness", [proven({ failing: rollback.checks })]), new RegExp(`${id}\\S* is failed`));
    // A control may be open once the evidence that it names is there, and not before.
    rmSync(reportFile({ product: "palyra", profile: "full" }));
    for (const [id, { checks }] of Object.entries(controls))
      assert.match(await red("readiness", [proven({ failing: checks })]), new RegExp(`${id} is failed`));
    putReport(reportOf(palyra, "full"));
    assert.match(await red("readiness", [proven({ sha256: "f".repeat(64) })]), /other bytes/);
  });

  it("is not proven by evidence that is gone, nor of a candidate that does not say its commit", async () => {
    await whole();
    const decision = asked("readiness", [proven()]);
    rmSync(evidenceFile(people.workspace, decision.evidence[0]!));
    assert.match((await judge(decision)).sentence, /^Gate readiness is red .*Evidence .* does not exist/);
    assert.match(await red("matrix", [proven()], { revision: null }), /does not say which commit it was built from/);
    assert.match(await red("matrix", [proven()], { revision: "e".repeat(40) }), /is missing/);
  });

  it("loses approvals with each gate's own, and for another release or channel", async () => {
    await whole();
    for (const gate of manual) {
      rmSync(people.kept, { recursive: true });
      const others = manual.filter((each) => each !== gate);
      for (const other of others) await approve(other);
      const { verdict, requirements } = await judge(asked("approvals", []));
      assert.equal(verdict, "red");
      assert.deepEqual(
        requirements.filter(({ status }) => status !== "satisfied").map(({ name }) => name),
        [gate],
      );
    }
    await approve(manual.at(-1)!);
    assert.equal((await judge(asked("approvals", []))).verdict, "green");
    assert.match(await red("approvals", [], { from: { channel: "dev", release: "e".repeat(64) } }), /is failed/);
    assert.match(await red("approvals", [], { channel: "beta" }), /is failed/);
    assert.match(await red("approvals", [], { from: null }), /only a release that a channel holds can be approved/);
  });

  it("loses approvals for a deployment that is blocked, unknown, or not named at all", async () => {
    await whole();
    const deploys = (...profiles: string[]) => ({ policy: { ...policy(), deploys: { palyra: profiles } } });
    const blocked = await red("approvals", [], deploys("worker-enabled"));
    assert.match(blocked, /worker_attestation_digest is failed: .*it is blocked for worker-enabled/);
    const preview = await red("readiness", [proven()], deploys("worker-enabled"));
    assert.match(preview, /networked_worker_execution_remains_preview_only/);
    const misspelt = await red("approvals", [], deploys("single-vn"));
    assert.match(misspelt, /deploys palyra as single-vn; name some of local, single-vm/);
    const { deploys: _, ...silent } = policy();
    assert.match(await red("approvals", [], { policy: silent }), /deploys palyra as nothing/);
  });

  it("notes approvals as used by the release that went out thanks to them", async () => {
    await whole();
    const { statements } = await people.ask({
      ...{ gate: manual[0]!, product: "palyra", version: "0.1.0", now },
      rules: { people: 1, by: ["alice@example.com"], days: 30 },
    });
    await useApprovals(asked("approvals", []), { workspace: people.workspace, now, root });
    const used = JSON.parse(readFileSync(join(people.kept, "used", `${statements[0]}.json`), "utf8"));
    assert.deepEqual([used.channel, used.release], ["stable", release]);
  });

  it("is blocked by each policy file of the product that is gone or malformed, named", async () => {
    await whole();
    const decision = asked("", [proven()]);
    for (const name of ["workflow-regression-matrix", "compat-hardening-readiness", "deployment-promotion-gates"]) {
      const file = join(root, `infra/release/palyra/${name}.json`);
      const text = readFileSync(file, "utf8");
      for (const spoil of [() => rmSync(file), () => writeFileSync(file, "{}")]) {
        spoil();
        for (const gate of ["contract", "matrix", "readiness", "approvals"]) {
          const { verdict, sentence } = await judge({ ...decision, gate });
          assert.equal(verdict, "red");
          assert.ok(sentence.includes(`${name}.json`), sentence);
        }
      }
      writeFileSync(file, text);
    }
    assert.deepEqual(await verdicts([proven()]), allGreen);
  });

  it("is blocked, every gate, when the product's own words are gone", async () => {
    await whole();
    const decision = asked("", [proven()]);
    rmSync(join(root, "src/matrix/vocabulary/palyra.json"));
    for (const gate of ["contract", "matrix", "readiness", "approvals"]) {
      const { verdict, sentence } = await judge({ ...decision, gate });
      assert.equal(verdict, "red", gate);
      assert.match(sentence, /src\/matrix\/vocabulary\/palyra\.json/);
    }
    rmSync(join(root, "infra/release/palyra"), { recursive: true });
    assert.equal((await judge({ ...decision, gate: "contract" })).verdict, "red");
  });

  it("is red for a gate that policy has no rules for, instead of an error", async () => {
    const { matrix: _, ...gates } = policy().gates;
    assert.match(
      await red("matrix", [], { policy: { ...policy(), gates } }),
      /matrix is missing: expected policy to ask for it; observed no rules/,
    );
  });

  it("uses no approval that does not count any more", async () => {
    const circumstances = { workspace: people.workspace, now, root };
    await assert.rejects(useApprovals(asked("approvals", []), circumstances), {
      message: /^gate deployment_preflight is not approved any more: /,
    });
  });

  it("is the same for NATS with its small matrix, where policy asks it of all products", async () => {
    const { gates, ...rest } = policy();
    const { products: _, ...people } = gates.approvals!;
    const hours = { maxAgeHours: 24 };
    const about: Partial<Decision> = {
      ...{ product: "nats", version: "1.2.3" },
      policy: {
        ...rest,
        gates: { machines: gates.machines, contract: {}, matrix: hours, readiness: hours, approvals: people },
      },
      archives: [{ base: server.name.replace(/\.zip$/, ""), kind: "server", sha256: server.sha256 }],
    };
    const closed = ["contract green", "matrix red", "readiness red", "approvals green"];
    assert.deepEqual(await verdicts([], about), closed);
    assert.deepEqual(await verdicts([evidenceOf()], about), closed);
    putReport(reportOf(nats, "full"));
    assert.deepEqual(await verdicts([], about), closed);
    assert.deepEqual(await verdicts([evidenceOf()], about), allGreen);
    const failing = [evidenceOf({ failing: ["power-cut/jetstream-read"] })];
    assert.match(await red("matrix", failing, about), /stream_kept_power_cut is failed/);
  });
});
