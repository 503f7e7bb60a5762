/**
 * The suite that asks what went wrong unseen: whatever crashed, was killed, was restarted or complained in the journal since
 * the machine was first told to do anything, over all of its boots. It has the last word before the installation is removed.
 */
import { z } from "zod";
import type { Check, Suite } from "../checks/check.ts";
import { guest } from "../checks/guest.ts";
import { judge, unless } from "../checks/judging.ts";
import { coreFolder } from "../machines/places/index.ts";

/** Lines of the journal that are ours, and why; regular expressions on `<who>: <message>`. */
const harness: readonly { pattern: string; why: string }[] = [
  { pattern: "^sshd: ", why: "whoever proves something knocks at the SSH server until it answers, and hangs up" },
];

/** What the kernel says of a program that it ended or that did what no program may. */
const kernelSigns = [
  "segfault at",
  "general protection",
  "trap ",
  "stack segment",
  "[Oo]ut of memory",
  "oom-kill",
  "oom_reaper",
  "invoked oom-killer",
  "BUG:",
  "Oops",
  "blocked for more than",
];

const CrashSchema = z.strictObject({
  /** regular expressions, of which a line must match one to be of interest; every line is when not given */
  only: z.array(z.string()).optional(),
  /** and others, of which it may match none */
  ours: z.array(z.string()),
  /** what a clean machine says as well is in a file, and what the journal must have heard in another */
  baseline: z.literal(true).optional(),
});

/** `<who>: <message>` of the journal's lines, without time, host and process. */
const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.replace(/^\S+ \S+ /, "").replace(/\[\d+\]:/, ":"));

/** What two lines have in common when only numbers differ. */
const common = (line: string): string => line.replace(/\d+/g, "#");

/** Judges lines of the journal: none may be left that is new, of interest and not ours. */
export const crashJudge = judge(CrashSchema, ({ only, ours, baseline }, { own }) => {
  // A journal that keeps nothing is as silent as a good one.
  const works = !baseline || own.file("heard").includes("looking");
  const known = new Set(baseline ? linesOf(own.file("baseline")).map(common) : []);
  const matches = (patterns: readonly string[], line: string): boolean =>
    patterns.some((pattern) => new RegExp(pattern).test(line));
  const left = linesOf(own.stdout).filter(
    (line) => (!only || matches(only, line)) && !matches(ours, line) && !known.has(common(line)),
  );
  return [
    ...unless(works, "a journal that keeps what it is told", "the journal does not keep what it is told"),
    ...unless(left.length === 0, "nothing of this kind in the journal", left.slice(0, 20).join("; ")),
  ];
});

const ours = harness.map(({ pattern }) => pattern);
const asks = (name: string, what: string, given: z.input<typeof CrashSchema>, files: string[] = []): Check => ({
  name,
  run: guest(import.meta.url, "crash", what),
  files,
  within: 60,
  expect: { judge: { name: "crash", given } },
});

/** Core dumps: the machine's keeper of them writes a line for each. */
const coreDumps: Check = {
  name: "core-dumps",
  run: `[ ! -e ${coreFolder} ] || cat ${coreFolder}/list || ls ${coreFolder}`,
  expect: { stdout: { equals: "" } },
};

const kernelLog = asks("kernel-log", "kernel", { only: kernelSigns, ours });

/** What is asked once more when the installation is gone: removing it is use as well. */
export const crashedLater: readonly Check[] = [coreDumps, kernelLog];

/** Whatever this machine was used for, nothing on it has crashed; it needs nothing to have succeeded before. */
export function crashSuite(): Suite {
  return {
    name: "crash",
    checks: [
      ...crashedLater,
      asks("journal", "complaints", { ours, baseline: true }, ["baseline", "heard"]),
      asks("restarts", "restarts", { ours }),
    ],
  };
}
