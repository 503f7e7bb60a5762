/** Use of an installed Palyra through its command line: each answer is looked at, not only that there is one. */
import type { Check } from "../../suites/suite.ts";
import type { Places, Subject } from "../product.ts";
import { deploymentChecks } from "./deployment.ts";
import { dryRunChecks } from "./dry-runs.ts";
import { versionCheck } from "./healthy.ts";
import { helpCheck } from "./help.ts";
import { reportCheck } from "./reports.ts";
import { scenarioChecks } from "./scenarios.ts";

/** Required checks of the doctor's that may fail on a clean machine: of a desktop nothing runs but what its user starts. */
const mayFail: Record<string, string[]> = { desktop: ["gateway_runtime_reachable"] };

/**
 * What the doctor finds in the installation. It exits with 0 whatever that is, so that its checks are read: none that it calls
 * required fails, but for those that are named here, and some do hold: a doctor that looks at nothing finds nothing. It knows that it is an installed release when it asks for no toolchain of
 * developers, and where there is a daemon, it must reach it.
 */
function doctorCheck(subject: Subject): Check {
  const daemon = subject.kind !== "desktop";
  return reportCheck(
    "doctor",
    [
      "report palyra doctor --json || exit",
      "rows diagnostics.checks required ok key >checks",
      "checks=0 required=0 failed=0 failing=",
      "while read -r asked ok key; do",
      "  checks=$((checks + 1))",
      '  case $asked in true | false) ;; *) echo "the check $key does not say whether it is required" ;; esac',
      '  if [ "$asked" = true ]; then',
      "    required=$((required + 1))",
      `    [ "$ok" = true ] || { failed=$((failed + 1)); case $key in ${mayFail[subject.kind]?.join("|") ?? "''"}) ;; *) failing="$failing $key" ;; esac; }`,
      "  fi",
      "done <checks",
      '[ $((required - failed)) -gt 0 ] && echo "required checks: some hold" || echo "required checks: of $checks checks, no required one holds"',
      "s=diagnostics.summary.required_checks",
      '[ "$(facts ${s}_total ${s}_ok ${s}_failed)" = "$required $((required - failed)) $failed" ] && echo "required checks: all counted" || echo "required checks: $required, $failed of them fail, and counted are $(facts ${s}_total ${s}_ok ${s}_failed)"',
      'echo "required checks that fail:${failing:- none}"',
      'grep -q toolchain checks && echo "installation: not known as one" || echo "installation: known"',
      ...(daemon ? ['echo "gateway reachable: $(sed -n "s/^[^ ]* \\([^ ]*\\) gateway_runtime_reachable$/\\1/p" checks)"'] : []),
    ],
    ["required checks: some hold", "required checks: all counted", "required checks that fail: none", "installation: known", ...(daemon ? ["gateway reachable: true"] : [])],
    { login: true },
  );
}

export function smoke(subject: Subject, at: Places): Check[] {
  return [versionCheck(subject, at), helpCheck(at), doctorCheck(subject), ...scenarioChecks(at), ...deploymentChecks(at), ...dryRunChecks(subject, at)];
}
