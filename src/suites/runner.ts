/**
 * The runner: one POSIX sh text that runs the suites of one phase on a machine and prints evidence lines. It only
 * records; what is right is judged on the host. It is sent as one remote command, so it stays small and needs nothing
 * but what a minimal Debian has (dash, coreutils, util-linux, grep; bash for `http_get`). Under emulation a process
 * costs some 10 ms, hence the builtins, and hashing and counting once for all checks at the end.
 */
import { EdgeError, parseValue } from "../edges/edges.ts";
import { defaultWithin, machineChecks } from "./phases.ts";
import { shownWord } from "../edges/shell-word.mjs";
import { SuitesSchema } from "../checks/schema.ts";
import { sha256 } from "../storage/digest.ts";
import type { Check, GuestScript, Observation, Reboot, Step, Suite } from "../checks/check.ts";
import { guestText } from "../checks/guest.ts";

/** The largest text that is handed over on standard input: it is stored with the command's resource, and under emulation a shell reads 1 MiB in about a second. */
export const maxRunnerBytes = 400 * 1024;

/** What the runner is told. */
export interface RunnerOptions {
  /** the suites of one phase, in order */
  suites: readonly Suite[];
  /** names this run of the machine, usually by the machine's id: `[A-Za-z0-9._-]`, 4 to 100 characters */
  run: string;
  /** which phase of the run this is, from 1 (when not given); all lines carry run and phase */
  phase?: number;
  /** seconds for all checks; what was not reached by then has no record, and that is red */
  limitSeconds: number;
  /** reboots the machine after the last check; ssh takes no new connections from then on until it is up again */
  rebootAtEnd?: Reboot | undefined;
  /** for runs that are not on a machine of their own: where the runner keeps its files, and what else is different */
  host?: Partial<RunnerHost>;
}

/** What a machine offers to the runner; other values are for running it elsewhere. */
export interface RunnerHost {
  /** where the runner keeps its marker, notes and files */
  folder: string;
  /** sh texts that make ssh refuse new connections and schedule the reboot, for each way of rebooting */
  reboot: Record<Reboot, string>;
  /** cgroup2 mount below which the checks' own group is made; where there is none, processes are found by a mark in their environment */
  cgroup: string;
  /** bytes of one stream that are kept; a check that writes more loses its reader and is `overflow` */
  streamBytes: number;
}

/** Where a machine's files are uploaded to, on the machine. */
export const uploadFolder = "/root/upload";

/** Shell text of this room, without its comment lines: they are for readers here and would only be sent along. */
const shellText = (name: string): string => guestText(`suites/guest/${name}.sh`);

/** The machine of a cell. */
export const machineHost: RunnerHost = {
  folder: "/var/lib/greenlight",
  reboot: { clean: shellText("reboot-clean"), hard: shellText("reboot-hard") },
  cgroup: "/sys/fs/cgroup",
  streamBytes: 64 * 1024 * 1024,
};

/**
 * Bytes of output that come back: in all of one phase, of one output (a database of 100 tables that has just been migrated is some
 * 2 MiB), of one that is cut to its beginning and end, and kept back for each that is still to come.
 */
const kept = { bundle: 16 * 1024 * 1024, output: 4 * 1024 * 1024, excerpt: 8 * 1024, reserve: 512 };

const runPattern = /^[A-Za-z0-9._-]{4,100}$/;

/** What the lines of one phase of a run are marked with. */
export function phaseRun(run: string, phase = 1): string {
  if (!runPattern.test(run))
    throw new EdgeError(
      `Run id ${JSON.stringify(run)} is not usable; give 4 to 100 of A-Z, a-z, 0-9, '.', '_' and '-'.`,
    );
  return `${run}-phase-${phase}`;
}

/** Where a check works, and what the machine calls the files of shell that it runs. */
interface At {
  folder: string;
  scripts: ReadonlyMap<string, string>;
}

const words = (list: readonly string[]): string => list.map(shownWord).join(" ");

function exports(env: Record<string, string>, { folder }: At): string {
  const assigned = Object.entries(env).map(
    ([name, value]) => `${name}=${shownWord(value.replaceAll("{here}", folder))}`,
  );
  return assigned.length === 0 ? "" : `export ${assigned.join(" ")}`;
}

function commandText(run: Exclude<Check["run"], Observation>, at: At): string {
  if (typeof run === "string") return run;
  const placed = (list: string[]): string => words(list.map((each) => each.replaceAll("{here}", at.folder)));
  if (Array.isArray(run)) return placed(run);
  return `sh ${shownWord(at.scripts.get(run.script)!)} ${placed(run.args)}`;
}

function stepText({ id, run, env = {}, input }: Step, at: At): string {
  const step = `step ${id} ${commandText(run, at)}`;
  return [
    ...(input === undefined ? [] : [`printf %s ${shownWord(input)} >${id}.in`]),
    Object.keys(env).length === 0 ? step : `(${exports(env, at)}; ${step})`,
  ].join("\n");
}

/** What is in the working folder when the steps of a check have run. */
export const stepFiles = ({ id }: Step): string[] => ["out", "err", "exit"].map((part) => `${id}.${part}`);

/** The shell text of one check. Whatever it runs finds `$greenlight`; the functions of prelude.sh are there for a text of its own. */
function checkText({ run, steps = [], env = {} }: Check, at: At, home: string): string {
  const command = Array.isArray(run) && run.length === 0 ? "" : commandText(run, at);
  const own = [exports(env, at), command, ...steps.map((step) => stepText(step, at))].filter((text) => text !== "");
  if (steps.length > 0) own.push(":");
  return [`greenlight=${shownWord(home)}`, "export greenlight", '. "$greenlight/prelude.sh"', ...own].join("\n");
}

function checkCall(index: number, { suite, check }: { suite: Suite; check: Check }, at: At, home: string): string {
  const how = check.login ? "login" : check.user ? "user" : "plain";
  const needs = check.needs ? check.needs.replace("/", ".") : "-";
  const files = [...(check.steps ?? []).flatMap(stepFiles), ...(check.files ?? [])];
  return [
    `text ${index} ${shownWord(checkText(check, at, home))}`,
    `check ${index} ${suite.name} ${check.name} ${check.within ?? defaultWithin} ${check.expect.exit ?? 0} ${needs} ${how} ${check.user ?? "root"}`,
    ...(files.length === 0 ? [] : [`bring ${words(files.map((file) => `${index}/${file}`))}`]),
  ].join("\n");
}

/** Every file of shell that the checks run: a text for each, written once. */
function scriptCalls(
  checks: readonly { check: Check }[],
  folder: string,
): { calls: string[]; scripts: Map<string, string> } {
  const named = new Map<string, GuestScript>();
  for (const { run, steps = [] } of checks.map(({ check }) => check)) {
    for (const each of [run, ...steps.map((step) => step.run)])
      if (typeof each === "object" && !Array.isArray(each)) named.set(each.script, each);
  }
  const scripts = new Map([...named.keys()].map((script, i) => [script, `${folder}/guest/${i + 1}.sh`]));
  const calls = [...named.values()].map(({ script, sha256: wanted }, i) => {
    const text = guestText(script);
    if (sha256(text) !== wanted)
      throw new EdgeError(`${script} is not the file that the checks were made with; make the suites anew.`);
    return `script ${i + 1} ${shownWord(text)}`;
  });
  return { calls, scripts };
}

/**
 * The shell text of one phase, for `timeout -k 10 N sh -s` with the text on standard input (N: the limit and a minute). It exits 0 whenever it could run, whatever the checks did; 75 when this run was started
 * on the machine before and did not end (one that did end prints its lines again); other codes when it could not work.
 * @throws EdgeError when a suite is malformed, the run id is, or the text would be too large to hand over.
 */
export function renderRunner(options: RunnerOptions): string {
  const suites = parseValue(SuitesSchema, options.suites, {
    what: "The list of suites",
    remedy: "correct the product's checks",
  });
  const host = { ...machineHost, ...options.host };
  const reboot = options.rebootAtEnd ? host.reboot[options.rebootAtEnd] : ":";
  const checks = suites.flatMap((suite) => machineChecks(suite).map((check) => ({ suite, check })));
  const run = `${host.folder}/run-${phaseRun(options.run, options.phase)}`;
  const { calls, scripts } = scriptCalls(checks, run);
  const limit = Math.max(1, Math.floor(options.limitSeconds));
  const values = {
    run: phaseRun(options.run, options.phase),
    home: shownWord(host.folder),
    uploads: shownWord(uploadFolder),
    quoted_home: shownWord(shownWord(host.folder)),
    planned: checks.length,
    limit,
    stream: host.streamBytes,
    group: shownWord(host.cgroup),
    bundle_bytes: kept.bundle,
    output_bytes: kept.output,
    excerpt_bytes: kept.excerpt,
    reserve_bytes: kept.reserve,
    prelude: shownWord(shellText("prelude")),
  };
  const [before, after] = shellText("runner").split("@CHECKS@\n") as [string, string];
  const text = [
    ...Object.entries(values).map(([name, value]) => `${name}=${value}`),
    `reboot() {\n${reboot}\n}`,
    before,
    ...calls,
    ...checks.map((each, i) => checkCall(i + 1, each, { folder: `${run}/${i + 1}`, scripts }, host.folder)),
    after,
  ].join("\n");
  const bytes = Buffer.byteLength(text);
  if (bytes > maxRunnerBytes) {
    throw new EdgeError(
      `The suites of one phase make a runner of ${bytes} bytes and ${maxRunnerBytes} is the limit; shorten the checks or split them over more phases.`,
    );
  }
  return text;
}
