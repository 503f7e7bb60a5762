/** Who can supply what a gate lacks, and by which command. */
import { EdgeError } from "../edges/edges.ts";
import { readPolicy, type ProductPolicy } from "../matrix/index.ts";
import { isDecision } from "../policy/index.ts";
import type { Requirement } from "../gates/index.ts";
import type { Decision } from "./asked.ts";

/** What somebody can do about an open requirement. */
export interface Remedy {
  /** who can supply it, as a noun */
  who: string;
  /** what they do: a command that works as printed once the words in capitals are filled in, or the change that it takes */
  does: string;
}

const prove = (what: string): Remedy => ({
  who: "a release engineer",
  does: `prove ${what} with \`npm start -- up\` in the stack of its candidate`,
});

/** What proves a scenario, by the first way that its matrix states. */
function scenarioRemedy(id: string, { product, policy, revision }: Decision, files: ProductPolicy): Remedy {
  const scenario = files.matrix.value.scenarios.find((each) => each.id === id);
  const { profile } = policy;
  if (scenario?.proof.command || files.matrix.value.setup_steps.some((step) => step.id === id))
    return {
      who: "a developer with a checkout",
      does: `npm start -- matrix run -p ${product} --profile ${profile} --checkout DIR --only ${id}`,
    };
  if (scenario?.proof.report)
    return {
      who: "the product's own CI",
      does: `npm start -- evidence import -p ${product} --profile ${profile} --commit ${revision ?? "COMMIT"} --junit FILE`,
    };
  return prove(`scenario ${id}`);
}

/** What an item of the readiness checklist takes. */
function readinessRemedy(name: string, asked: Decision, files: ProductPolicy): Remedy {
  const item = files.checklist?.value.evidence.find(({ id }) => id === name);
  if (item?.kind === "source_contract")
    return {
      who: "a developer with a checkout",
      does: `npm start -- evidence source-contract -p ${asked.product} --checkout DIR`,
    };
  if (item || name === "workflow_regression_full")
    return {
      who: "a developer with a checkout",
      does: `npm start -- matrix run -p ${asked.product} --profile ${item?.profile ?? "full"} --checkout DIR`,
    };
  return prove(name);
}

/** What can be done about an open requirement of a gate. */
export function remedyOf(asked: Decision, { name }: Requirement, root?: string): Remedy {
  const { gate, product, version, channel, policy } = asked;
  if (!isDecision(gate))
    return { who: "whoever keeps policy", does: `take gate ${gate} out of infra/release/policy.json` };
  if (gate === "contract") return { who: "whoever keeps policy", does: `npm start -- contract check -p ${product}` };
  if (gate === "approvals")
    return {
      who: policy.gates.approvals?.by.join(", ") ?? "a person whom policy names",
      does: `npm start -- approve ${name} --release ${product}@${version} --channel ${channel} --key FILE`,
    };
  let files: ProductPolicy;
  try {
    files = readPolicy(product, root);
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return { who: "whoever keeps policy", does: `npm start -- contract check -p ${product}` };
  }
  return gate === "matrix" ? scenarioRemedy(name, asked, files) : readinessRemedy(name, asked, files);
}
