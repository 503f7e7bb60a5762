/** `greenlight why-not CHANNEL`: every fact that keeps a release out of a channel, who can supply it, and how. */
import { decide } from "../provider/decision.ts";
import { remedyOf, type Remedy } from "../decisions/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { channelPolicy } from "../policy/index.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import { isOpen } from "../gates/index.ts";
import { plain } from "./findings.ts";
import { stackState, type GateState, type StackState } from "./gates-of-stack.ts";
import { stacksWithSettings } from "./stack.ts";

/** One thing that is missing. */
interface Fact extends Remedy {
  stack: string;
  gate: string;
  requirement: string;
  status: string;
  found: string;
}

/** What keeps a machine's gate closed: its machine must pass, or what it tests must be mended. */
function machineFacts(stack: string, { name, requirements, verdict, reasons }: GateState): Fact[] {
  const open = requirements.filter(isOpen);
  const failed = open.some(({ status }) => status === "failed");
  const remedy: Remedy = failed
    ? { who: "whoever builds the candidate", does: `mend it, then npm start -- up --stack ${stack} --candidate DIR` }
    : {
        who: "a release engineer",
        does: `npm start -- ${verdict === "red" ? `rerun ${name}` : "up"} --stack ${stack}`,
      };
  const found = reasons.join(" ");
  if (open.length === 0) return [{ stack, gate: name, requirement: name, status: verdict, found, ...remedy }];
  return open.map((each) => ({
    ...{ stack, gate: name, requirement: each.check ?? each.name, status: each.status },
    found: each.observed ?? found,
    ...remedy,
  }));
}

/** What keeps a gate of the whole release closed now: what was supplied since its last update counts. */
async function releaseFacts(stack: string, gate: GateState): Promise<Fact[]> {
  const { verdict, requirements, sentence } = await decide(gate.decision!);
  if (verdict === "green") return [];
  const open = requirements.filter(isOpen);
  const all = open.length > 0 ? open : [{ name: gate.name, status: "missing" as const, observed: sentence }];
  return all.map((each) => ({
    ...{ stack, gate: gate.name, requirement: each.name, status: each.status, found: each.observed ?? "" },
    ...remedyOf(gate.decision!, each),
  }));
}

function promotionFacts(stack: string, { name, verdict, reasons }: GateState): Fact[] {
  if (verdict === "green") return [];
  const remedy = { who: "a release engineer", does: `npm start -- up --stack ${stack}, after what it says` };
  return reasons.map((found) => ({ stack, gate: name, requirement: "promotion", status: verdict, found, ...remedy }));
}

async function factsOf({ stack, gates }: StackState): Promise<Fact[]> {
  const facts = gates.map(async (gate): Promise<Fact[]> => {
    if (gate.of === "release") return await releaseFacts(stack, gate);
    if (gate.of === "promotion") return promotionFacts(stack, gate);
    return gate.verdict === "green" ? [] : machineFacts(stack, gate);
  });
  return (await Promise.all(facts)).flat();
}

/** Writes every fact that is missing. @returns red when there is one; @throws EdgeError when no stack has tried that channel */
export async function whyNot(
  workspace: string,
  channel: string,
  { json = false }: { json?: boolean },
  write: (line: string) => void,
): Promise<number> {
  // A channel that policy does not name is a slip, or is closed by that alone.
  channelPolicy(channel);
  const states = stacksWithSettings(workspace).flatMap((stack) => stackState(workspace, stack) ?? []);
  const trying = states.filter((state) => state.channel === channel && state.gates.length > 0);
  if (trying.length === 0)
    throw new EdgeError(
      `No update has judged anything for channel ${channel}; run \`npm start -- up --stack STACK\` with the stack that publishes there first.`,
    );
  const facts = (await Promise.all(trying.map(factsOf))).flat();
  if (json) write(JSON.stringify({ schema: 1, channel, missing: facts }, null, 2));
  else if (facts.length === 0)
    write(`Nothing keeps channel ${channel} closed; \`npm start -- up --stack ${trying[0]!.stack}\` publishes there.`);
  else {
    write(`${facts.length === 1 ? "One fact keeps" : `${facts.length} facts keep`} channel ${channel} closed:`);
    for (const { gate, requirement, status, found, who, does } of facts)
      for (const line of [
        `  ✗ ${gate}: ${requirement} is ${status}${found === "" ? "" : `: ${found}`}`,
        `      ${who}: ${does}`,
      ])
        write(plain(line));
  }
  return facts.length === 0 ? exitCodes.green : exitCodes.red;
}
