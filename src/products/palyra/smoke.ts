/** Use of an installed Palyra through its command line: each answer is looked at, not only that there is one. */
import type { Check } from "../../suites/suite.ts";
import type { Places, Subject } from "../product.ts";
import { deploymentChecks } from "./deployment.ts";
import { dryRunChecks } from "./dry-runs.ts";
import { versionCheck } from "./healthy.ts";
import { helpCheck } from "./help.ts";
import { reportCheck } from "./reports.ts";
import { scenarioChecks } from "./scenarios.ts";

/**
 * What the doctor finds in the installation. It exits with 0 whatever that is. It knows that it is an installed release when it
 * asks for no toolchain of developers, and where there is a daemon, it must reach it.
 */
function doctorCheck(subject: Subject): Check {
  const daemon = subject.kind !== "desktop";
  return reportCheck(
    "doctor",
    [
      "report palyra doctor --json || exit",
      'fact diagnostics.checks.0.key; [ "$fact" != "(none)" ] && echo "checks: some" || echo "checks: none"',
      'fact diagnostics.summary.required_checks_total; total=$fact; fact diagnostics.summary.required_checks_ok; well=$fact; fact diagnostics.summary.required_checks_failed',
      '[ "$total" -gt 0 ] && [ "$total" -eq $((well + fact)) ] && echo "required checks: all counted" || echo "required checks: $total, $well well and $fact failed"',
      'case $flat in *.key=*toolchain*) echo "installation: not known as one" ;; *) echo "installation: known" ;; esac',
      ...(daemon ? ["before=${flat%%'.key=\"gateway_runtime_reachable\"'*}", 'fact "diagnostics.checks.${before##*.}.ok"; echo "gateway reachable: $fact"'] : []),
    ],
    ["checks: some", "required checks: all counted", "installation: known", ...(daemon ? ["gateway reachable: true"] : [])],
    { login: true },
  );
}

export function smoke(subject: Subject, at: Places): Check[] {
  return [versionCheck(subject, at), helpCheck(at), doctorCheck(subject), ...scenarioChecks(at), ...deploymentChecks(at), ...dryRunChecks(subject, at)];
}
