/** Whether a binary can start where it is meant to: platform by its name, and each of the platform's targets by what is there. */
import { targetFacts, type Platform, type Target } from "../products/index.ts";
import type { BinaryFacts } from "./facts.ts";
import { neededBy, type Inside, type Needed } from "./libraries.ts";
import { scriptFaults } from "./script.ts";
import { compareLibraryVersions } from "./versions.ts";

/** Libraries are named as programs name them; `expected` are those that a kind tells its users to install. */
export interface Surroundings {
  platform: Platform;
  targets: readonly Target[];
  expected?: readonly string[];
  /** programs that a kind tells its users to install, which may run its scripts */
  programs?: readonly string[];
  /** whether a script may stand in a program's place: Windows starts none */
  scripts?: boolean;
  /** the binary's path in the archive, and what else lies there: libraries that it brings are looked for beside it */
  path?: string;
  inside?: Inside;
}

const named = (architecture: string): string => (architecture === "other" ? "another processor" : architecture);

function platformFault(facts: BinaryFacts, platform: Platform): string | undefined {
  const [os = "", architecture = ""] = platform.split("-");
  const found = `${facts.os ?? "another system"} on ${facts.architectures.map(named).join(" and ")}`;
  if (facts.os !== os || !facts.architectures.some((a) => a === architecture))
    return `is for ${found} (${facts.format}), and ${platform} was asked for`;
  return undefined;
}

function targetFaults(
  facts: BinaryFacts,
  { host, glibc: needed }: Needed,
  target: Target,
  expected: readonly string[],
): string[] {
  const { glibc, interpreters, libraries } = targetFacts[target];
  const faults: string[] = [];
  if (facts.interpreter !== null && !interpreters.includes(facts.interpreter))
    faults.push(`is loaded by ${facts.interpreter}, which ${target} does not have`);
  for (const library of host)
    if (!libraries.includes(library) && !expected.includes(library))
      faults.push(`needs the library ${library}, which ${target} does not have`);
  if (needed && compareLibraryVersions(needed.version, glibc) > 0) {
    faults.push(
      `needs ${needed.symbol === null ? "a symbol" : `the symbol ${needed.symbol}`} of GLIBC_${needed.version}, and ${target} has glibc ${glibc}`,
    );
  }
  return faults;
}

/** What the platform runs of a binary: of a universal one, its parts for the platform's processor; all of it where there is none. */
export function factsFor(facts: BinaryFacts, platform: Platform): BinaryFacts[] {
  const architecture = platform.split("-")[1];
  const own = facts.slices.filter((slice) => slice.architectures.some((a) => a === architecture));
  return own.length > 0 ? own : [facts];
}

/** Everything that keeps the binary from starting there, as clauses that follow its name; empty when nothing is known to. */
export function binaryFaults(facts: BinaryFacts, surroundings: Surroundings): string[] {
  return [...new Set(factsFor(facts, surroundings.platform).flatMap((own) => faultsOf(own, surroundings)))];
}

function faultsOf(
  facts: BinaryFacts,
  {
    platform,
    targets,
    expected = [],
    programs = [],
    scripts = false,
    path = "",
    inside = () => undefined,
  }: Surroundings,
): string[] {
  if (facts.shebang)
    return scripts && !platform.startsWith("windows-")
      ? scriptFaults(facts.shebang, platform, targets, programs)
      : ["is a script, not a program"];
  if (facts.fault !== null) return [facts.fault];
  const wrong = platformFault(facts, platform);
  if (wrong) return [wrong];
  const needed = neededBy(path, facts, inside);
  const faults = [...needed.faults, ...targets.flatMap((target) => targetFaults(facts, needed, target, expected))];
  // macOS on its own processors kills every program that carries no seal at all.
  if (platform === "macos-arm64" && facts.signature === null)
    faults.push(
      "carries no code signature, without which macOS on arm64 ends every program at its start (`codesign -s -` makes one)",
    );
  return faults;
}
