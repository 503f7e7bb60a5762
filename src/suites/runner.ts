/**
 * The runner: one POSIX sh text that runs the suites of one phase on a machine and prints evidence lines. It only
 * records; what is right is judged on the host. It is sent as one remote command, so it stays small and needs nothing
 * but what a minimal Debian has (dash, coreutils, util-linux, grep; bash for `http_get`). Under emulation a process
 * costs some 10 ms, hence the builtins, and hashing and counting once for all checks at the end.
 */
import { readFileSync } from "node:fs";
import { EdgeError, parseValue } from "../edges/edges.ts";
import { defaultWithin, machineChecks } from "./phases.ts";
import { quote } from "./quote.ts";
import { SuitesSchema } from "./schema.ts";
import type { Check, Reboot, Suite } from "./suite.ts";

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

/** What outlives each session that asks for it: two seconds let that end. Without an accuracy a timer may fire up to a minute late. */
const soon =
  "systemctl stop ssh.socket ssh.service; systemd-run --quiet --collect --on-active=2 --timer-property=AccuracySec=100ms";

/** The machine of a cell. */
export const machineHost: RunnerHost = {
  folder: "/var/lib/greenlight",
  reboot: {
    clean: `${soon} systemctl reboot`,
    // Ours is made safe, file by file, as is the journal, which says what had happened; whatever else was not written in time is
    // lost, as in a power cut.
    hard: `find /var/lib/greenlight ${uploadFolder} -type f -exec sync {} +; journalctl --sync; ${soon} sh -c 'echo b >/proc/sysrq-trigger'`,
  },
  cgroup: "/sys/fs/cgroup",
  streamBytes: 64 * 1024 * 1024,
};

/** Shell text beside this file, without its comment lines: they are for readers here and would only be sent along. */
const shellText = (name: string): string =>
  readFileSync(new URL(name, import.meta.url), "utf8").replace(/^\s*#.*\n/gm, "");

/**
 * Bytes of output excerpts: in all, for one check, and kept back for each check that is still to come. With base64 (4/3) and
 * the other fields this stays below 256 KiB in all, and each line below 64 KiB (the real command plugin stops reading at that).
 */
const excerpt = { all: 160 * 1024, check: 8 * 1024, reserve: 512 };

/**
 * Bytes of output that comes back whole: of one check, of all checks of a phase, and in one line. It is beside the excerpts, in
 * lines of its own that stay below 64 KiB as well; what is over is an excerpt like any other. It is for copies of databases:
 * one of 100 tables that has just been migrated packs to some 150 KiB with its log, and an upgrade looks a dozen times.
 */
const whole = { check: 4 * 1024 * 1024, all: 16 * 1024 * 1024, line: 36 * 1024 };

const runPattern = /^[A-Za-z0-9._-]{4,100}$/;

/** What the lines of one phase of a run are marked with. */
export function phaseRun(run: string, phase = 1): string {
  if (!runPattern.test(run))
    throw new EdgeError(
      `Run id ${JSON.stringify(run)} is not usable; give 4 to 100 of A-Z, a-z, 0-9, '.', '_' and '-'.`,
    );
  return `${run}-phase-${phase}`;
}

function checkCall(index: number, suite: Suite, check: Check): string {
  const user = check.user ?? "root";
  const how = check.login ? "login" : check.user ? "user" : "plain";
  const needs = check.needs ? check.needs.replace("/", ".") : "-";
  return [
    `text ${index} ${quote(check.run)}`,
    `check ${index} ${suite.name} ${check.name} ${check.within ?? defaultWithin} ${check.expect.exit ?? 0} ${needs} ${how} ${user} ${check.whole ? "whole" : "-"}`,
  ].join("\n");
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
  const limit = Math.max(1, Math.floor(options.limitSeconds));
  const values = {
    run: phaseRun(options.run, options.phase),
    home: quote(host.folder),
    quoted_home: quote(quote(host.folder)),
    planned: checks.length,
    limit,
    stream: host.streamBytes,
    group: quote(host.cgroup),
    excerpt_all: excerpt.all,
    excerpt_check: excerpt.check,
    excerpt_reserve: excerpt.reserve,
    whole_all: whole.all,
    whole_check: whole.check,
    whole_line: whole.line,
    prelude: quote(`greenlight=${quote(host.folder)}\n${shellText("prelude.sh")}`),
  };
  const [before, after] = shellText("runner.sh").split("@CHECKS@\n") as [string, string];
  const text = [
    ...Object.entries(values).map(([name, value]) => `${name}=${value}`),
    `reboot() { ${reboot}; }`,
    before,
    ...checks.map(({ suite, check }, i) => checkCall(i + 1, suite, check)),
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
