/** Reads the releaser's policy, and finds what it asks of a channel and of an archive. */
import { join } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { readLocated, type Located } from "../edges/located.ts";
import { didYouMean } from "../edges/nearest.ts";
import { projectFolder } from "../matrix/index.ts";
import type { Platform } from "../products/index.ts";
import { canonicalJson, sha256 } from "../storage/digest.ts";
import { decisionNames, PolicySchema, type ChannelPolicy, type DecisionName, type Policy } from "./schema.ts";
import type { SuiteRequirement } from "./schema.ts";

/** Where policy lies, from the project's folder. */
export const policyFile = "infra/release/policy.json";

/**
 * The whole policy, with the line of each part.
 * @param root the project's folder
 * @throws EdgeError naming file, line, path and remedy of everything that is wrong
 */
export function readPolicyFile(root: string = projectFolder): Located<Policy> {
  return readLocated(PolicySchema, join(root, policyFile), { file: policyFile, remedy: "correct the file" });
}

/**
 * What policy asks of a channel.
 * @throws EdgeError when the policy cannot be read, or does not name the channel: a channel without rules holds nothing
 */
export function channelPolicy(channel: string, root: string = projectFolder): ChannelPolicy {
  const { channels } = readPolicyFile(root).value;
  if (Object.hasOwn(channels, channel)) return channels[channel]!;
  const known = Object.keys(channels);
  throw new EdgeError(
    `${policyFile} does not name channel ${channel}${didYouMean(channel, known)}, so nothing may be published there; add its rules to the file, or use one of ${known.join(", ")}.`,
    "refused",
  );
}

/** SHA-256 by which a channel's policy is known: a changed policy makes what was judged by it be judged again. */
export const policyDigest = (policy: ChannelPolicy): string => sha256(canonicalJson(policy));

/** The names of all gates that a channel needs of a product beside its machines, those first that Greenlight has. */
export function gateNames({ gates }: ChannelPolicy, product: string): string[] {
  const isAsked = (rules: { products?: readonly string[] }): boolean => rules.products?.includes(product) ?? true;
  const asked = Object.entries(gates)
    .filter(([name, rules]) => name !== "machines" && isAsked(rules as object))
    .map(([name]) => name);
  return [...decisionNames.filter((name) => asked.includes(name)), ...asked.filter((name) => !isDecision(name))];
}

/** Whether Greenlight has a gate of this name beside the machines. */
export const isDecision = (name: string): name is DecisionName => (decisionNames as readonly string[]).includes(name);

/** An archive on a target, as far as policy tells archives apart. */
export interface Asked {
  kind: string;
  /** `<platform>/<image>`; without it, whatever target of its platform */
  target?: string;
  platform?: Platform;
}

const applies = ({ kinds, targets }: SuiteRequirement, { kind, target, platform }: Asked): boolean =>
  (kinds?.includes(kind) ?? true) &&
  (targets?.some((each) => (target === undefined ? each.startsWith(`${platform}/`) : each === target)) ?? true);

/** The suites that are required of an archive on a target, each with the number of checks that it must have run at least. */
export function suitesRequired(requires: readonly SuiteRequirement[], asked: Asked): Map<string, number> {
  const least = new Map<string, number>();
  for (const requirement of requires.filter((each) => applies(each, asked)))
    for (const suite of requirement.suites)
      least.set(suite, Math.max(least.get(suite) ?? 1, requirement.minimumChecks ?? 1));
  return least;
}

/** Every suite that is required of any archive. */
export const allSuites = (requires: readonly SuiteRequirement[]): string[] => [
  ...new Set(requires.flatMap(({ suites }) => suites)),
];
