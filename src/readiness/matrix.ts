/**
 * Judges the regression matrix of a profile: each of its scenarios has been proven in one of the ways that the matrix states, at this
 * commit, by this policy, on these archives, and not too long ago.
 */
import type { Evidence } from "../evidence/index.ts";
import type { Requirement } from "../gates/index.ts";
import {
  mergeReports,
  profileNames,
  type Brought,
  type Matrix,
  type Merged,
  type ProductPolicy,
  type ProfileName,
  type Scenario,
  type ScenarioResult,
} from "../matrix/index.ts";
import { evidenceFault, reportFault, type Aside, type Subject } from "./counted.ts";
import { Judged } from "./machine-checks.ts";
import { machineReport } from "./machine-report.ts";

export interface MatrixQuestion extends Subject {
  /** undefined for a product that has no matrix */
  policy: ProductPolicy | undefined;
  profile: ProfileName;
  /** the reports that are stored */
  reports: readonly Brought[];
  /** the evidence that counts for each cell */
  evidence: readonly Evidence[];
}

export interface MatrixJudgement {
  requirements: Requirement[];
  /** everything that counted, put together; undefined when nothing did */
  merged: Merged | undefined;
  /** one paragraph for a person */
  sentence: string;
}

/** The way of a report by commands or of a brought report, as the matrix states it. */
const wayOf = { run: "command", import: "report", machine: "machine" } as const;

/** A result that its report has no right to: no such way in the matrix, or nothing executed. */
function corrected(result: ScenarioResult, scenario: Scenario, { report }: Brought): ScenarioResult {
  if (result.status !== "passed") return result;
  if (!scenario.proof[wayOf[report.origin]])
    return { ...result, status: "skipped", detail: `The matrix does not state that ${report.origin} proves it.` };
  return result.tests.executed === 0
    ? { ...result, status: "failed", detail: "The report says that it passed, and executed no test." }
    : result;
}

/** A report of which only what it may say counts, and of each scenario whether it is chaos as the matrix has it. */
function honest(brought: Brought, matrix: Matrix): Brought {
  const scenarios = brought.report.scenarios.flatMap((result) => {
    const scenario = matrix.scenarios.find(({ id }) => id === result.id);
    return scenario ? [{ ...corrected(result, scenario, brought), chaos: scenario.chaos }] : [];
  });
  return { ...brought, report: { ...brought.report, scenarios } };
}

/** What was put aside, and what it was about. */
interface PutAside extends Aside {
  /** whether it would say something of the scenario, had it counted */
  about(scenario: Scenario): boolean;
}

interface Sorted {
  counted: Brought[];
  aside: PutAside[];
  /** why machines that were asked have not proven a scenario, by its id */
  unknown: ReadonlyMap<string, string>;
}

/** The evidence and the reports that count, and why the others do not. */
function sorted(question: MatrixQuestion, policy: ProductPolicy): Sorted {
  const aside: PutAside[] = [];
  const evidence = question.evidence.filter((each) => {
    const fault = evidenceFault(each, question);
    if (fault) aside.push({ ...fault, about: ({ proof }) => proof.machine?.kind === each.subject.kind });
    return !fault;
  });
  const reports = question.reports.filter((each) => {
    const fault = reportFault(each, question, policy);
    const tells = new Set(each.report.scenarios.flatMap(({ id, status }) => (status === "skipped" ? [] : [id])));
    if (fault) aside.push({ ...fault, about: ({ id }) => tells.has(id) });
    return !fault;
  });
  const { product, commit } = question;
  const judged = new Judged();
  const machines = profileNames.map((profile): Brought => {
    const report = machineReport({ policy, product, profile, commit, evidence, judged });
    return { file: `the evidence of machines, profile ${profile}`, report };
  });
  const says = machines.filter(({ report }) => report.scenarios.some(({ status }) => status !== "skipped"));
  const asked = evidence.length === 0 ? [] : machines.flatMap(({ report }) => report.scenarios);
  return {
    counted: [...says, ...reports.map((each) => honest(each, policy.matrix.value))],
    aside,
    unknown: new Map(asked.map(({ id, detail }) => [id, detail])),
  };
}

/** The ways in which a scenario may be proven, as a clause. */
function ways({ proof: { command, machine, report } }: Scenario): string {
  return [
    ...(command ? ["by `greenlight matrix run`"] : []),
    ...(machine ? [`on a machine by ${machine.checks.join(", ")} of ${machine.kind}`] : []),
    ...(report ? ["by a report that `greenlight evidence import` brings in"] : []),
  ].join(", or ");
}

const first = (texts: readonly string[]): string => texts.find((text) => text !== "") ?? "nothing";

function scenarioRequirement(scenario: Scenario, { counted, aside, unknown }: Sorted): Requirement {
  const { id: name, proof } = scenario;
  const results = counted.flatMap(({ file, report }) =>
    report.scenarios.flatMap((each) => (each.id === name ? [{ file, ...each }] : [])),
  );
  const expected = `to be proven ${ways(scenario)}`;
  const failed = results.filter(({ status }) => status === "failed");
  if (failed.length > 0)
    return {
      name,
      status: "failed",
      expected,
      observed: `${first(failed.map(({ detail }) => detail))} (${failed[0]!.file})`,
    };
  const passed = results.find(({ status }) => status === "passed");
  if (passed) return { name, status: "satisfied", expected, observed: `passed, by ${passed.file}` };
  const about = aside.filter((each) => each.about(scenario));
  const stale = about.find(({ status }) => status === "stale") ?? about[0];
  if (stale) return { name, status: stale.status, expected: stale.expected, observed: stale.observed };
  const why = proof.machine && unknown.get(name);
  return { name, status: "missing", expected, observed: why ?? "no report and no evidence" };
}

/** Setup steps that were taken: a scenario whose command needs them is not proven without, and says so itself. */
function setupRequirements(matrix: Matrix, profile: ProfileName, counted: readonly Brought[]): Requirement[] {
  return matrix.setup_steps
    .filter(({ profiles }) => profiles.includes(profile))
    .flatMap(({ id: name }): Requirement[] => {
      const results = counted.flatMap(({ file, report }) =>
        report.setup_steps.flatMap((each) => (each.id === name ? [{ file, ...each }] : [])),
      );
      const failed = results.find(({ status }) => status === "failed");
      const expected = "the setup step to end with exit code 0";
      if (failed) return [{ name, status: "failed", expected, observed: `${failed.detail} (${failed.file})` }];
      return results.some(({ status }) => status === "passed") ? [{ name, status: "satisfied" }] : [];
    });
}

/** The least number of scenarios of chaos, counted from those that ran and passed. */
function chaosRequirement(matrix: Matrix, profile: ProfileName, requirements: readonly Requirement[]): Requirement {
  const { minimum_chaos_scenarios: minimum } = matrix.profiles[profile];
  const chaos = matrix.scenarios.filter((each) => each.chaos && each.profiles.includes(profile));
  const of = (status: Requirement["status"]): number =>
    chaos.filter(({ id }) => requirements.some((each) => each.name === id && each.status === status)).length;
  const enough = of("satisfied") >= minimum;
  return {
    name: "chaos-minimum",
    status: enough ? "satisfied" : of("failed") > 0 ? "failed" : of("stale") > 0 ? "stale" : "missing",
    expected: `at least ${minimum} scenarios of chaos that ran and passed`,
    observed: `${of("satisfied")} of ${chaos.length}`,
  };
}

/** What is open, by status, in words. */
function openWords(requirements: readonly Requirement[]): string {
  return (["failed", "stale", "missing"] as const)
    .flatMap((status) => {
      const names = requirements.filter((each) => each.status === status).map(({ name }) => name);
      return names.length === 0 ? [] : [`${status}: ${names.join(", ")}`];
    })
    .join("; ");
}

/** Judges; throws for nothing that it is given to judge. */
export function judgeMatrix(question: MatrixQuestion): MatrixJudgement {
  const { policy, profile, product, commit } = question;
  if (!policy) {
    const file = `infra/release/${product}/workflow-regression-matrix.json`;
    const requirement: Requirement = { name: "matrix", status: "missing", expected: file, observed: "no such file" };
    return {
      requirements: [requirement],
      merged: undefined,
      sentence: `${product} has no regression matrix; write ${file}.`,
    };
  }
  const matrix = policy.matrix.value;
  const known = sorted(question, policy);
  const { counted } = known;
  const requirements = matrix.scenarios
    .filter(({ profiles }) => profiles.includes(profile))
    .map((scenario) => scenarioRequirement(scenario, known));
  const all = [
    ...setupRequirements(matrix, profile, counted),
    ...requirements,
    chaosRequirement(matrix, profile, requirements),
  ];
  const open = openWords(all);
  const proven = requirements.filter(({ status }) => status === "satisfied").length;
  const of = `${product}, profile ${profile}, commit ${commit}: ${proven} of ${requirements.length} scenarios are proven`;
  return {
    requirements: all,
    merged: counted.length === 0 ? undefined : mergeReports(policy, counted),
    sentence: open === "" ? `${of}.` : `${of}; ${open}.`,
  };
}
