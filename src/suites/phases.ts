/** What really runs of a suite, in which phase of its machine, and the digest by which a suite is known. */
import { canonicalJson, sha256 } from "../storage/digest.ts";
import type { Check, Reboot, Suite } from "../checks/check.ts";

/** Seconds that a check without `within` may take. */
export const defaultWithin = 30;

/**
 * The check that every suite after a reboot begins with: the machine has booted anew since the phase before, and the boot before
 * ended as it was meant to: systemd's journal names its shutdown, or a power cut left no time for it.
 */
export function newBootCheck(how: Reboot): Check {
  return {
    name: "new-boot",
    run: [
      'read -r before <"$greenlight/boot-id" || { echo "no boot was recorded before"; exit 1; }',
      "read -r after </proc/sys/kernel/random/boot_id",
      '[ "$before" != "$after" ] || { echo "the boot id is still $before"; exit 1; }',
      `ended=$(journalctl -q --no-pager -o cat -n 1 -b "$(echo "$before" | tr -d -)" _PID=1 UNIT=shutdown.target)`,
      how === "clean"
        ? '[ -n "$ended" ] || { echo "the boot before was cut off"; exit 1; }'
        : '[ -z "$ended" ] || { echo "the boot before ended in order: $ended"; exit 1; }',
      'echo "rebooted"',
    ].join("\n"),
    within: 20,
    expect: { stdout: { equals: "rebooted" } },
  };
}

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
