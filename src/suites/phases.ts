/** What really runs of a suite, in which phase of its machine, and the digest by which a suite is known. */
import { canonicalJson, sha256 } from "../storage/digest.ts";
import { z } from "zod";
import type { Check, Reboot, Suite } from "../checks/check.ts";
import { guest } from "../checks/guest.ts";
import { judge, unless } from "../checks/judging.ts";

/** Seconds that a check without `within` may take. */
export const defaultWithin = 30;

/**
 * The check that every suite after a reboot begins with: the machine has booted anew since the phase before, and the boot before
 * ended as it was meant to: systemd's journal names its shutdown, or a power cut left no time for it.
 */
export function newBootCheck(how: Reboot): Check {
  return {
    name: "new-boot",
    run: guest(import.meta.url, "new-boot"),
    within: 20,
    expect: { judge: { name: "new-boot", given: how } },
  };
}

/** From the ids of two boots, a line each, and what was logged of the end of the first. */
export const newBootJudge = judge(z.enum(["clean", "hard"]), (how, { own }) => {
  const [before, after, ...logged] = own.stdout.split("\n");
  const ended = logged.join(" ").trim();
  if (!before || !after) return unless(false, "the ids of two boots", "no boot was recorded before");
  return [
    ...unless(before !== after, "another boot", `the boot id is still ${before}`),
    ...(how === "clean"
      ? unless(ended !== "", "the shutdown of the boot before", "the boot before was cut off")
      : unless(ended === "", "no shutdown of the boot before", `the boot before ended in order: ${ended}`)),
  ];
});

/** The checks of a suite, in order: its own, and after a reboot the proof of the reboot before them. */
export function plannedChecks(suite: Suite): Check[] {
  return suite.afterReboot ? [newBootCheck(suite.afterReboot), ...suite.checks] : suite.checks;
}

/** Those of them that run on the machine; the host answers the others. */
export function machineChecks(suite: Suite): Check[] {
  return plannedChecks(suite).filter((check) => check.on !== "host");
}

/** SHA-256 of what a suite runs and expects: evidence of a suite with another digest is evidence of something else. */
export function suiteDigest(suite: Suite): string {
  return sha256(
    canonicalJson({ name: suite.name, afterReboot: suite.afterReboot ?? "no", checks: plannedChecks(suite) }),
  );
}

/** The phases of a machine: a suite with `afterReboot` begins a new one. Each phase is one remote command. */
export function planPhases(suites: readonly Suite[]): Suite[][] {
  const phases: Suite[][] = [];
  for (const suite of suites) {
    const last = phases.at(-1);
    if (last && !suite.afterReboot) last.push(suite);
    else phases.push([suite]);
  }
  return phases;
}
