/** Runs the scenarios of a profile that commands prove, one after the other, in a checkout. */
import { rmSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { excerpt, logLines, runCommand, type Ran } from "./command.ts";
import { addTests, countTests, noTests, whyNone, type Tests } from "./count.ts";
import { junitTests, readJunit } from "./junit.ts";
import { nothingRan, notRun, type ScenarioResult, type SetupResult } from "./report.ts";
import type { Matrix, ProfileName, Scenario, SetupStep } from "./schema.ts";

export interface RunTask {
  matrix: Matrix;
  profile: ProfileName;
  checkout: string;
  /** where the folder `logs` goes */
  output: string;
  /** ids of the scenarios to run; all of the profile when left out */
  only?: readonly string[];
  signal: AbortSignal;
  say: (line: string) => void;
}

export interface RunResults {
  setup: SetupResult[];
  scenarios: ScenarioResult[];
}

/** Minutes and seconds, as `04:07`. */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

/** How often a command that goes on is mentioned, in seconds. */
const HEARTBEAT = 30;

/** What a report that a command should have written says. @throws EdgeError when it is not there, older than the command, or none */
async function counted({ proof }: Scenario, checkout: string, log: string, since: number): Promise<Tests> {
  const { counted: counting, files = [] } = proof.command!;
  if (counting !== "junit") return countTests(counting, logLines(log));
  let sum = noTests;
  for (const file of files) {
    const at = statSync(join(checkout, file), { throwIfNoEntry: false });
    if (!at) throw new EdgeError(`The command did not write ${file}; see where its report goes.`);
    // A report of an earlier run would prove nothing of this one.
    if (at.mtimeMs < since) throw new EdgeError(`${file} is older than this run; see where the command's report goes.`);
    sum = addTests(sum, junitTests(readJunit(await readFile(join(checkout, file), "utf8"), file)));
  }
  return sum;
}

/** Why a command has not proven its scenario, as a sentence; empty when it has. */
function shortcoming(ran: Ran, tests: Tests, { proof }: Scenario): string {
  if (ran.fault !== undefined) return ran.fault;
  if (ran.exitCode !== 0) return `It ended with exit code ${ran.exitCode}.`;
  if (tests.failed > 0) return `It ended with exit code 0, and ${tests.failed} of its tests failed.`;
  if (tests.executed === 0)
    return `It ended with exit code 0 and executed no test: ${whyNone(proof.command!.counted, tests)}.`;
  return "";
}

class Runner {
  readonly #task: RunTask;
  readonly #started = performance.now();
  constructor(task: RunTask) {
    this.#task = task;
  }

  #say(line: string): void {
    this.#task.say(`[${clock(performance.now() - this.#started)}] ${line}`);
  }

  /** One command, with its log and what is said while it runs. */
  async #run(
    {
      id,
      label,
      command,
      time_limit_seconds,
    }: Required<Pick<SetupStep, "id" | "label" | "command" | "time_limit_seconds">>,
    place: string,
  ) {
    const { checkout, output, signal } = this.#task;
    const path = `logs/${id}.log`;
    this.#say(`${place} ${id}: ${label}`);
    let next = HEARTBEAT;
    const tick = (seconds: number): void => {
      if (seconds < next) return;
      this.#say(`${place} ${id}: running for ${Math.floor(seconds)} s of at most ${time_limit_seconds} s`);
      next += HEARTBEAT;
    };
    // Clocks of files may lag behind by a tick of the kernel.
    const since = Date.now() - 100;
    const log = join(output, path);
    const ran = await runCommand({ command, folder: checkout, log, limitSeconds: time_limit_seconds, signal, tick });
    const facts = {
      command,
      duration_ms: ran.durationMs,
      log_path: path,
      exit_code: ran.exitCode,
      output_excerpt: await excerpt(log),
    };
    return { ran, log, since, facts };
  }

  async setup(steps: readonly SetupStep[]): Promise<SetupResult[]> {
    const results: SetupResult[] = [];
    for (const [i, step] of steps.entries()) {
      const { id, label, command } = step;
      const before = results.find(({ status }) => status !== "passed");
      if (before || this.#task.signal.aborted) {
        const detail = before ? `The step ${before.id} before it failed.` : "It was interrupted.";
        results.push({ id, label, command, ...nothingRan, detail });
        continue;
      }
      const { ran, facts } = await this.#run(step, `setup ${i + 1} of ${steps.length}`);
      const detail = ran.fault ?? (ran.exitCode === 0 ? "" : `It ended with exit code ${ran.exitCode}.`);
      results.push({ id, label, ...facts, status: detail === "" ? "passed" : "failed", detail });
      if (detail !== "") this.#say(`  failed: ${detail}`);
    }
    return results;
  }

  async scenario(scenario: Scenario, place: string): Promise<ScenarioResult> {
    const { command, time_limit_seconds } = scenario;
    const { ran, log, since, facts } = await this.#run(
      { ...scenario, command: command!, time_limit_seconds: time_limit_seconds! },
      place,
    );
    let [tests, detail] = [noTests, ""];
    try {
      // What ended badly may have left anything where its report goes.
      if (ran.fault === undefined) tests = await counted(scenario, this.#task.checkout, log, since);
      detail = shortcoming(ran, tests, scenario);
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      detail = ran.exitCode === 0 ? e.message : shortcoming(ran, tests, scenario);
    }
    const status = detail === "" ? "passed" : "failed";
    const count = `${tests.executed} ${tests.executed === 1 ? "test" : "tests"}`;
    this.#say(`  ${status}, ${count}, ${(ran.durationMs / 1000).toFixed(1)} s${detail === "" ? "" : `: ${detail}`}`);
    return { ...notRun(scenario, detail), ...facts, status, tests };
  }
}

/** How a scenario is proven otherwise than by a command, as a sentence. */
function elsewhere({ proof }: Scenario): string {
  const ways = [
    ...(proof.machine ? [`on a machine, by ${proof.machine.checks.join(", ")}`] : []),
    ...(proof.report ? ["by a report of the product's own CI (`greenlight evidence import`)"] : []),
  ];
  return `It is proven ${ways.join(" or ")}.`;
}

/** The scenarios of the profile that are asked for. @throws EdgeError naming ids that are none, or that no command proves */
export function scenariosAsked({
  matrix,
  profile,
  only,
}: Pick<RunTask, "matrix" | "profile" | "only">): ReadonlySet<string> {
  const ofProfile = matrix.scenarios.filter(({ profiles }) => profiles.includes(profile));
  for (const id of only ?? []) {
    const scenario = ofProfile.find((each) => each.id === id);
    if (!scenario)
      throw new EdgeError(
        `The profile ${profile} has no scenario ${id}; it has ${ofProfile.map((each) => each.id).join(", ")}.`,
      );
    if (!scenario.proof.command) throw new EdgeError(`No command proves the scenario ${id}. ${elsewhere(scenario)}`);
  }
  const ids = ofProfile
    .filter(({ id, proof }) => proof.command && (only === undefined || only.includes(id)))
    .map(({ id }) => id);
  if (ids.length === 0)
    throw new EdgeError(
      `No command proves any scenario of the profile ${profile}; run another profile, or prove them on machines.`,
    );
  return new Set(ids);
}

/**
 * Runs the profile's setup steps and scenarios.
 * @throws EdgeError when nothing that is asked for can be run.
 */
export async function runScenarios(task: RunTask): Promise<RunResults> {
  const { matrix, profile, output, signal } = task;
  const ids = scenariosAsked(task);
  rmSync(join(output, "logs"), { recursive: true, force: true });
  const runner = new Runner(task);
  const setup = await runner.setup(matrix.setup_steps.filter(({ profiles }) => profiles.includes(profile)));
  const broken = setup.find(({ status }) => status !== "passed");
  const scenarios: ScenarioResult[] = [];
  let at = 0;
  for (const scenario of matrix.scenarios.filter(({ profiles }) => profiles.includes(profile))) {
    if (!scenario.proof.command) scenarios.push(notRun(scenario, elsewhere(scenario)));
    else if (!ids.has(scenario.id)) scenarios.push(notRun(scenario, "It was not asked for."));
    else if (broken) scenarios.push(notRun(scenario, `The setup step ${broken.id} failed.`));
    else if (signal.aborted) scenarios.push(notRun(scenario, "The run was interrupted."));
    else scenarios.push(await runner.scenario(scenario, `${++at} of ${ids.size}`));
  }
  return { setup, scenarios };
}
