/** Use of an installed Palyra through its command line: each answer is looked at, not only that there is one. */
import type { Check } from "../../checks/check.ts";
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
 * What the doctor finds in the installation. It exits with 0 whatever that is, so that its report is read: it looks at something,
 * and no check that it calls required fails, but for those that are named here. An installed release may require none; one that
 * does not know that it is installed asks for tools of developers, which a clean machine has not. What it has looked at stands
 * in its report by value: the configuration and the identity are the installation's, and where there is a daemon, it was reached in each way.
 */
function doctorCheck(subject: Subject, at: Places): Check {
  const daemon = subject.kind !== "desktop";
  const config = ["path", "exists", "parsed", "migration.requires_writeback"].map(
    (field) => `diagnostics.config.${field}`,
  );
  const identity = ["store_root", ...(daemon ? ["exists", "writable"] : [])].map(
    (field) => `diagnostics.identity.${field}`,
  );
  const connectivity = ["http", "grpc", "admin"].map((way) => `diagnostics.connectivity.${way}.ok`);
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
      '[ $checks -gt 0 ] && echo "checks: some" || echo "checks: none"',
      "s=diagnostics.summary.required_checks",
      '[ "$(facts ${s}_total ${s}_ok ${s}_failed)" = "$required $((required - failed)) $failed" ] && echo "required checks: all counted" || echo "required checks: $required, $failed of them fail, and counted are $(facts ${s}_total ${s}_ok ${s}_failed)"',
      'echo "required checks that fail:${failing:- none}"',
      `echo "config: $(facts ${config.join(" ")})"`,
      `echo "identity: $(facts ${identity.join(" ")})"`,
      ...(daemon ? [`echo "reached over HTTP, gRPC and as admin: $(facts ${connectivity.join(" ")})"`] : []),
    ],
    [
      ...["checks: some", "required checks: all counted", "required checks that fail: none"],
      `config: ${at.config}/palyra.toml true true false`,
      `identity: ${at.state}/identity${daemon ? " true true" : ""}`,
      ...(daemon ? ["reached over HTTP, gRPC and as admin: true true true"] : []),
    ],
    { login: true },
  );
}

export function smoke(subject: Subject, at: Places): Check[] {
  return [
    versionCheck(subject, at),
    helpCheck(at),
    doctorCheck(subject, at),
    ...scenarioChecks(at),
    ...deploymentChecks(at),
    ...dryRunChecks(subject, at),
  ];
}
