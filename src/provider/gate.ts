/** Gate: judges a cell's evidence, what policy asks beside it, or whether a release may be promoted. Evidence is stored before the gate answers. */
import { checkPromotion, type PromotionQuestion } from "../channel/index.ts";
import {
  gateContract,
  type DecisionAsked,
  type GateResult,
  type InputsOf,
  type OutputsOf,
  type PromotionAsked,
  type ProofAsked,
} from "../contract/index.ts";
import { EdgeError } from "../edges/edges.ts";
import {
  evidenceFile,
  loadEvidence,
  makeEvidence,
  pointCell,
  readCell,
  storeEvidence,
  type Evidence,
  type Observations,
} from "../evidence/index.ts";
import { judgeGate, gatePolicyDigest } from "../gates/index.ts";
import { machineState, markSpent, observePackets, stopOwnMachine } from "../machines/index.ts";
import { idleSuites } from "../plan/index.ts";
import { productNamed } from "../products/index.ts";
import { canonicalJson } from "../storage/digest.ts";
import { workspaceFolder } from "../storage/folders.ts";
import { relative } from "node:path";
import { decide, decisionResult, openNow } from "./decision.ts";
import { takeFailures } from "./failures.ts";
import { PartialFailure, type Call, type ResourceType } from "./resource.ts";
import { toolVersion } from "./version.ts";

type Inputs = InputsOf<typeof gateContract>;
type Outputs = OutputsOf<typeof gateContract>;

/** The product's output is not kept in the state a second time: the evidence has it. */
function outputsOf(inputs: Inputs, result: GateResult, reasons: string[]): Outputs {
  return { ...inputs, result, reasons };
}

/** What a proof is apart from how it is to be judged. */
function proofAlone({ maxAgeHours: _, keepRed: __, drift: ___, ...proof }: ProofAsked): string {
  return canonicalJson(proof);
}

/** The stored evidence of the very proof that was judged before, if there is one: judging again makes no new evidence. */
function evidenceBefore(
  proof: ProofAsked,
  previous: Outputs | undefined,
): { evidence: Evidence; digest: string } | undefined {
  if (!previous || !("proof" in previous) || proofAlone(previous.proof) !== proofAlone(proof)) return undefined;
  const digest = previous.result.evidence;
  try {
    return { evidence: loadEvidence(workspaceFolder(), digest), digest };
  } catch (e) {
    if (e instanceof EdgeError) return undefined;
    throw e;
  }
}

/** What the host sees of the proof's machine, or had seen of it when it was judged before and was still there. */
async function observe(proof: ProofAsked, previous: Outputs | undefined): Promise<Observations> {
  if ("failed" in proof.machine) return {};
  const { id } = proof.machine.value;
  try {
    const packets = await observePackets(id);
    if (packets !== undefined) return { packets: { value: packets } };
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return { packets: { failed: e.message } };
  }
  const before =
    previous && "proof" in previous && "value" in previous.proof.machine ? previous.proof.machine.value.id : undefined;
  return before === id ? (previous?.observed ?? {}) : {};
}

/** Makes evidence of a proof and stores it. */
async function newEvidence(
  proof: ProofAsked,
  observed: Observations,
  call: Call,
  now: Date,
): Promise<{ evidence: Evidence; digest: string }> {
  const workspace = workspaceFolder();
  const evidence = makeEvidence({ ...proof, observed, stack: call.stack, tool: toolVersion(), now });
  // The proof is as old as the machine's last word, however often it is judged.
  const last = evidence.phases.at(-1)?.time;
  if (last !== undefined && evidence.errors.length === 0 && Date.parse(last) < now.getTime()) evidence.time = last;
  if (!evidence.machine) evidence.errors.push(...takeFailures(workspace, call.stack, proof.cell));
  const digest = storeEvidence(workspace, evidence);
  await pointCell(workspace, call.stack, proof.cell, digest);
  return { evidence, digest };
}

/** Stores the evidence of a cell, closes its machine's account, and judges. */
async function judgeCell(proof: ProofAsked, call: Call, previous?: Outputs): Promise<{ id: string; outputs: Outputs }> {
  const workspace = workspaceFolder();
  const now = new Date();
  const observed = await observe(proof, previous);
  const { evidence, digest } = evidenceBefore(proof, previous) ?? (await newEvidence(proof, observed, call, now));
  const policy = {
    schema: 1 as const,
    suites: proof.suites.map((suite) => suite.name),
    maxAgeHours: proof.maxAgeHours,
  };
  const { verdict, requirements, sentence } = judgeGate({
    gate: proof.cell,
    target: proof.target,
    subject: proof.subject,
    companions: proof.companions,
    suites: proof.suites,
    policy,
    evidence,
    where: relative(workspace, evidenceFile(workspace, digest)),
    now,
  });
  if (evidence.machine) {
    // A machine that was lost before anything failed has not proven anything: it is not spent, and the next update replaces it.
    const { stage } = await machineState(workspace, evidence.machine.id);
    if ((evidence.errors.length === 0 || verdict === "red") && stage !== "spent")
      await markSpent(workspace, evidence.machine.id, digest);
    if (verdict === "green" || !proof.keepRed) await stopOwnMachine(workspace, evidence.machine.id, call.stack);
  }
  const result = {
    gate: proof.cell,
    verdict,
    subject: proof.subject.sha256,
    evidence: digest,
    policy: gatePolicyDigest(policy),
    requirements,
  };
  if (verdict !== "green")
    throw new PartialFailure(proof.cell, { ...outputsOf({ proof }, result, [sentence]), observed }, [sentence]);
  return { id: proof.cell, outputs: { ...outputsOf({ proof }, result, []), observed } };
}

/** What is asked of the channels about a promotion; or the sentence that says why there is nothing to ask. */
export function promotionQuestion(promotion: PromotionAsked): PromotionQuestion | string {
  const {
    released,
    fromChannel: from,
    toChannel: to,
    product,
    verdicts,
    candidateVersion,
    kinds,
    policy,
    maxAgeHours,
  } = promotion;
  const version = promotion.version || released?.version || "";
  const refuse = (why: string) =>
    `${[product, version].filter((part) => part !== "").join(" ")} cannot be promoted from ${from}: ${why}.`;
  if (!released || released.product !== product || released.version !== version) {
    const red =
      candidateVersion === version
        ? Object.entries(verdicts)
            .filter(([, verdict]) => verdict !== "green")
            .map(([gate]) => gate)
        : [];
    if (red.length > 0) return refuse(`its gates ${red.join(", ")} are not green there`);
    return refuse(
      released ? `that stack has released ${released.product} ${released.version}` : "that stack has released nothing",
    );
  }
  const idle: PromotionQuestion["idle"] = ({ base, kind, platform }, before) => {
    const owner = productNamed(product);
    if (!owner.kinds[kind]) throw new EdgeError(`${base} is of a kind that ${product} does not have`);
    return idleSuites(base, { product: owner, kind, platform, before });
  };
  return {
    workspace: workspaceFolder(),
    from,
    to,
    product,
    version,
    digests: released.files,
    release: released.digest,
    kinds,
    requires: policy.gates.machines.requires,
    maxAgeHours: Math.min(maxAgeHours, policy.gates.machines.maxAgeHours),
    idle,
  };
}

async function judgePromotion(name: string, promotion: PromotionAsked): Promise<{ id: string; outputs: Outputs }> {
  const question = promotionQuestion(promotion);
  const red = (sentence: string): never => {
    throw new PartialFailure(
      name,
      outputsOf({ promotion }, { gate: name, verdict: "red", subject: "", evidence: "" }, [sentence]),
      [sentence],
    );
  };
  if (typeof question === "string") return red(question);
  const answer = await checkPromotion(question);
  if (answer.verdict === "red") return red(answer.sentence);
  return {
    id: name,
    outputs: outputsOf(
      { promotion },
      { gate: name, verdict: "green", subject: answer.digest, evidence: answer.digest },
      [],
    ),
  };
}

async function judgeOther(decision: DecisionAsked): Promise<{ id: string; outputs: Outputs }> {
  const judgement = await decide(decision);
  const result = decisionResult(decision, judgement);
  if (judgement.verdict === "green") return { id: decision.gate, outputs: outputsOf({ decision }, result, []) };
  const reasons = [judgement.sentence];
  throw new PartialFailure(decision.gate, outputsOf({ decision }, result, reasons), reasons);
}

async function judge(inputs: Inputs, call: Call, previous?: Outputs): Promise<{ id: string; outputs: Outputs }> {
  if ("proof" in inputs) return judgeCell(inputs.proof, call, previous);
  if ("decision" in inputs) return judgeOther(inputs.decision);
  return judgePromotion(call.urn.split("::").at(-1)!, inputs.promotion);
}

function asInputs(value: Inputs): string {
  if ("proof" in value) return canonicalJson({ ...value.proof, drift: "" });
  return canonicalJson("decision" in value ? value.decision : value.promotion);
}

export const gate: ResourceType<typeof gateContract> = {
  contract: gateContract,
  // Evidence that is gone or spoiled is made again, from what the machine had printed.
  prepare: async (inputs, previous, call) => {
    if ("decision" in inputs)
      return { inputs: { decision: { ...inputs.decision, open: await openNow(inputs.decision) } }, failures: [] };
    if (!("proof" in inputs) || !previous) return { inputs, failures: [] };
    let drift = "";
    try {
      loadEvidence(workspaceFolder(), readCell(workspaceFolder(), call.stack, inputs.proof.cell)?.latest ?? "");
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      drift = e.message;
    }
    return { inputs: { proof: { ...inputs.proof, drift } }, failures: [] };
  },
  // A gate is judged again in place, whatever changed; the engine asks for it as well when the last verdict was not green.
  diff: (previous, inputs) => ({
    changes: asInputs(previous) !== asInputs(inputs) || ("proof" in inputs && (inputs.proof.drift ?? "") !== ""),
  }),
  create: (inputs, call) => judge(inputs, call),
  update: async (_id, previous, inputs, call) => (await judge(inputs, call, previous)).outputs,
};
