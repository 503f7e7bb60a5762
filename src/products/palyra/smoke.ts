/** Use of an installed Palyra through its command line: each answer is looked at, not only that there is one. */
import type { Check } from "../../checks/check.ts";
import type { Places, Subject } from "../product.ts";
import { deploymentChecks } from "./deployment.ts";
import { doctorCheck } from "./doctor.ts";
import { dryRunCheck } from "./dry-runs.ts";
import { versionCheck } from "./healthy.ts";
import { helpCheck } from "./help.ts";
import { controlChecks } from "./rollout.ts";
import { scenarioChecks } from "./scenarios.ts";

export function smoke(subject: Subject, at: Places, archive: string): Check[] {
  return [
    versionCheck(subject, at),
    helpCheck(at),
    doctorCheck(subject, at),
    ...scenarioChecks(at),
    ...deploymentChecks(at),
    dryRunCheck(subject, at, archive),
    ...(subject.kind === "headless" ? controlChecks(at) : []),
  ];
}
