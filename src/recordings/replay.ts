/**
 * Judges a recording by the suites as they are now, with the judge that gates use: what a real product said is held
 * against what is expected of it, and no machine is needed.
 */
import { cellSuites } from "../plan/index.ts";
import { productNamed, type Product } from "../products/index.ts";
import { sha256 } from "../storage/digest.ts";
import { judgeSuite, plannedChecks, type CheckRecord, type RunRecord, type Suite } from "../suites/index.ts";
import { questionOf, type Recording, type RecordedText, type Said } from "./recording.ts";

/**
 * What became of one check. `unrecorded`: it is asked otherwise now than it was recorded, or was not asked at all;
 * `unjudged`: redaction has taken away what it is judged by.
 */
export interface ReplayedCheck {
  suite: string;
  check: string;
  status: "passed" | "failed" | "missing" | "unrecorded" | "unjudged";
  expected?: string;
  observed?: string;
}

function stream(text: RecordedText): CheckRecord["stdout"] {
  const [head, tail] = (typeof text === "string" ? [text, ""] : [text.head, text.tail]).map((part) =>
    Buffer.from(part),
  ) as [Buffer, Buffer];
  const bytes = typeof text === "string" ? head.length : Math.max(text.bytes, head.length + tail.length + 1);
  return {
    bytes,
    sha256: sha256(Buffer.concat([head, tail])),
    head: head.toString("base64"),
    tail: tail.toString("base64"),
  };
}

/** A recorded check as the judge takes it. */
export function recordOf(
  suite: string,
  { question: _, unjudged: __, stdout, stderr, files = {}, ...said }: Said,
): CheckRecord {
  const came = Object.entries(files).map(([path, text]) => [path, stream(text)] as const);
  return { suite, ...said, stdout: stream(stdout), stderr: stream(stderr), files: Object.fromEntries(came) };
}

/** A phase of which only the checks are known. */
export function runOf(checks: CheckRecord[]): RunRecord {
  const nothing = {
    bootId: "recorded",
    kernel: "",
    system: "",
    packagesDigest: "0".repeat(64),
    time: "1970-01-01T00:00:00Z",
    ms: 0,
  };
  return { run: "recorded", planned: checks.length, ran: checks.length, ...nothing, checks };
}

/** The suites of a recording's cell as they are now. */
export function currentSuites({ facts }: Recording, product: Product = productNamed(facts.subject.product)): Suite[] {
  const { group, suites, subject, soakSeconds, recipe, previous } = facts;
  // Suites that go with a recipe are not asked for by name.
  const cell = { group, kind: subject.kind, suites: suites as never };
  return cellSuites({ cell, product, subject, soakSeconds, recipe, previous });
}

/** Judges each check of the suites that can be judged by what was recorded; all others are named with why. */
export function replay({ said }: Recording, suites: readonly Suite[]): ReplayedCheck[] {
  const all = Object.entries(said).flatMap(([suite, list]) => list.map((each) => recordOf(suite, each)));
  return suites.flatMap((suite) => {
    const recorded = new Map((said[suite.name] ?? []).map((each) => [each.check, each]));
    const planned = plannedChecks(suite);
    const same = planned.filter((check) => recorded.get(check.name)?.question === questionOf(check));
    const records = same.map((check) => recordOf(suite.name, recorded.get(check.name)!));
    const onHost = new Set(planned.filter((check) => check.on === "host").map((check) => check.name));
    const [machine, host] = [
      records.filter(({ check }) => !onHost.has(check)),
      records.filter(({ check }) => onHost.has(check)),
    ];
    const judged = judgeSuite(suite, runOf(machine), host, [runOf(all)]).checks;
    return judged.map(({ check, status, expected, observed }): ReplayedCheck => {
      const said = { suite: suite.name, check };
      if (!same.some(({ name }) => name === check)) return { ...said, status: "unrecorded" };
      if (recorded.get(check)!.unjudged) return { ...said, status: "unjudged" };
      return {
        ...said,
        status,
        ...(expected !== undefined && { expected }),
        ...(observed !== undefined && { observed }),
      };
    });
  });
}
