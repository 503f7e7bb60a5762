/** Runs a runner for real, here, in a folder of its own: dash and the checks are real, only the machine is not. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guestText } from "../../src/checks/guest.ts";
import { shownWord } from "../../src/edges/shell-word.mjs";
import {
  parseEvidence,
  renderRunner,
  type Check,
  type CheckRecord,
  type RunnerHost,
  type RunnerOptions,
  type RunRecord,
  type Suite,
} from "../../src/suites/index.ts";

/** A cgroup2 mount of this host that a group can be made in, if there is one: both ways of finding processes are tested. */
export const cgroupHere = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].find(
  (folder) => process.getuid!() === 0 && existsSync(join(folder, "cgroup.procs")),
);

export interface HostRun {
  code: number | null;
  stdout: string;
  stderr: string;
  seconds: number;
}

/** A folder (with a quote and a space in its name) that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "greenlight's runner "));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function execute(text: string, shell: string[] = ["sh", "-s"]): Promise<HostRun> {
  const started = performance.now();
  const child = spawn(shell[0]!, shell.slice(1), { stdio: "pipe" });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString("utf8")));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString("utf8")));
  child.stdin.end(text);
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  return { code, stdout, stderr, seconds: (performance.now() - started) / 1000 };
}

/** Renders, runs and reads back; `host` takes what a test wants otherwise. */
export async function runHere(
  suites: Suite[],
  options: Partial<Omit<RunnerOptions, "host">> & { host?: Partial<RunnerHost> } = {},
): Promise<{ run: HostRun; record: RunRecord }> {
  const host = {
    folder: options.host?.folder ?? temporaryFolder(),
    cgroup: "/nowhere",
    reboot: { clean: ":", hard: ":" },
    ...options.host,
  };
  // Test files run at the same time, and a runner kills what carries its mark: each run has one of its own.
  const id = options.run ?? `test-run-${randomUUID().slice(0, 8)}`;
  const run = await execute(renderRunner({ suites, run: id, limitSeconds: 60, ...options, host }));
  if (run.code !== 0) throw new Error(`the runner ended with ${run.code}: ${run.stderr}`);
  return { run, record: parseEvidence(run.stdout, { run: id, phase: options.phase }, options.host?.streamBytes) };
}

/** The record of a check. */
export function recordOf(record: RunRecord, check: string): CheckRecord {
  const found = record.checks.find((each) => each.check === check);
  if (!found) throw new Error(`no record of ${check} among ${record.checks.map((each) => each.check).join(", ")}`);
  return found;
}

/** What is known of a check's standard output. */
export function said(record: CheckRecord, stream: "stdout" | "stderr" = "stdout"): string {
  return Buffer.from(record[stream].head, "base64").toString("utf8");
}

/** The text that a check's command is on the machine; a file of shell with its arguments is its own text here, so that a test can change it. */
export function textOf({ run }: Pick<Check, "run">): string {
  if (typeof run === "string") return run;
  if (Array.isArray(run)) return run.map(shownWord).join(" ");
  return [`set -- ${run.args.map(shownWord).join(" ")}`, guestText(run.script)].join("\n");
}

/** The check with another text for its command. */
export function changed<C extends Check>(check: C, change: (text: string) => string): C {
  return { ...check, run: change(textOf(check)) };
}
