/** Whether a binary can start where it is meant to: platform by its name, and each of the platform's targets by what is there. */
import { targetFacts, type Platform, type Target } from "../products/index.ts";
import { compareVersions } from "./elf.ts";
import type { BinaryFacts } from "./facts.ts";

/** Libraries are named as programs name them; `expected` are those that a kind tells its users to install. */
export interface Surroundings {
  platform: Platform;
  targets: readonly Target[];
  expected?: readonly string[];
  /** whether a script may stand in a program's place: Windows starts none */
  scripts?: boolean;
}

function platformFault(facts: BinaryFacts, platform: Platform): string | undefined {
  const [os = "", architecture = ""] = platform.split("-");
  const found = `${facts.os ?? "another system"} on ${facts.architectures.map((a) => (a === "other" ? "another processor" : a)).join(" and ")}`;
  if (facts.os !== os || !facts.architectures.some((a) => a === architecture)) return `is for ${found} (${facts.format}), and ${platform} was asked for`;
  return undefined;
}

function targetFaults(facts: BinaryFacts, target: Target, expected: readonly string[]): string[] {
  const { glibc, interpreters, libraries } = targetFacts[target];
  const faults: string[] = [];
  if (facts.interpreter !== null && !interpreters.includes(facts.interpreter)) faults.push(`is loaded by ${facts.interpreter}, which ${target} does not have`);
  for (const library of facts.libraries) if (!libraries.includes(library) && !expected.includes(library)) faults.push(`needs the library ${library}, which ${target} does not have`);
  if (facts.glibc && compareVersions(facts.glibc.version, glibc) > 0) {
    faults.push(`needs ${facts.glibc.symbol === null ? "a symbol" : `the symbol ${facts.glibc.symbol}`} of GLIBC_${facts.glibc.version}, and ${target} has glibc ${glibc}`);
  }
  return faults;
}

/** Everything that keeps the binary from starting there, as clauses that follow its name; empty when nothing is known to. */
export function binaryFaults(facts: BinaryFacts, { platform, targets, expected = [], scripts = false }: Surroundings): string[] {
  if (facts.fault !== null) return [facts.fault];
  if (facts.format === "script") return scripts && !platform.startsWith("windows-") ? [] : ["is a script, not a program"];
  const wrong = platformFault(facts, platform);
  if (wrong) return [wrong];
  const faults = targets.flatMap((target) => targetFaults(facts, target, expected));
  // macOS on its own processors kills every program that carries no seal at all.
  if (platform === "macos-arm64" && facts.signature === null) faults.push("carries no code signature, without which macOS on arm64 ends every program at its start (`codesign -s -` makes one)");
  return faults;
}
