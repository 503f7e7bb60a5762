/**
 * Runs one command to its end, with a time limit and a log; whatever it has begun ends with it. By Node itself: execa ends a
 * command's group when it ends the command, and here it must end also after a command that ended by itself.
 */
import { spawn } from "node:child_process";
import { closeSync, fstatSync, mkdirSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";

export interface CommandTask {
  command: readonly string[];
  folder: string;
  /** gets all that the command prints, in the order in which it does */
  log: string;
  limitSeconds: number;
  /** ends the command when it is aborted */
  signal: AbortSignal;
  /** called about once a second with the seconds since it began */
  tick?: (seconds: number) => void;
}

export interface Ran {
  /** null when it was ended by a signal, or never began */
  exitCode: number | null;
  durationMs: number;
  /** why it did not end by itself, as a sentence; undefined when it did */
  fault?: string;
}

/** A log that grows beyond it is no log: the command has run wild. */
const LOG_BYTES = 256 << 20;
/** How long a command that is told to end has for it. */
const GRACE_MS = 3000;

/** What a command of a checkout has no business with: the engine's state, and credentials by the names that they usually go by. */
const withheld = /^(PULUMI_|GREENLIGHT_|AWS_|SSH_AUTH_SOCK$)|TOKEN|SECRET|PASSWORD|PASSPHRASE|CREDENTIAL|_KEY$/i;

/** The environment of commands. */
export function surroundings(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !withheld.test(name)));
}

/** Signals a whole process group; one that is gone already is none to signal. */
function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== "ESRCH") throw e;
  }
}

/** Runs it; never throws for what the command does. */
export async function runCommand({ command, folder, log, limitSeconds, signal, tick }: CommandTask): Promise<Ran> {
  mkdirSync(dirname(log), { recursive: true });
  const out = openSync(log, "w");
  const started = performance.now();
  const [program, ...words] = command;
  try {
    return await new Promise<Ran>((resolve) => {
      // One file for both streams keeps their order; no pipe that a forgotten helper could hold open.
      const child = spawn(program!, words, {
        cwd: folder,
        env: surroundings(),
        detached: true,
        stdio: ["ignore", out, out],
      });
      let fault: string | undefined;
      let kill: NodeJS.Timeout | undefined;
      const end = (why: string): void => {
        if (fault !== undefined) return;
        fault = why;
        signalGroup(child.pid, "SIGTERM");
        kill = setTimeout(() => signalGroup(child.pid, "SIGKILL"), GRACE_MS);
      };
      const interrupted = (): void => end("It was interrupted.");
      const watch = setInterval(() => {
        const seconds = (performance.now() - started) / 1000;
        tick?.(seconds);
        if (fstatSync(out).size > LOG_BYTES)
          end(`It printed more than ${LOG_BYTES >> 20} MiB and was ended; see what it repeats.`);
      }, 1000);
      const limit = setTimeout(
        () =>
          end(`It did not end within ${limitSeconds} s and was ended; see where it hangs, or raise its time limit.`),
        limitSeconds * 1000,
      );
      signal.addEventListener("abort", interrupted);
      if (signal.aborted) interrupted();
      const done = (exitCode: number | null): void => {
        clearInterval(watch);
        clearTimeout(limit);
        clearTimeout(kill);
        signal.removeEventListener("abort", interrupted);
        signalGroup(child.pid, "SIGKILL");
        resolve({
          exitCode,
          durationMs: Math.round(performance.now() - started),
          ...(fault !== undefined && { fault }),
        });
      };
      child.on("error", (e: NodeJS.ErrnoException) => {
        fault = `${program} cannot be run (${e.code}); see that it is installed and on PATH.`;
        done(null);
      });
      child.on("exit", (code, by) => {
        if (code === null) fault ??= `It was ended by ${by}.`;
        done(code);
      });
    });
  } finally {
    closeSync(out);
  }
}

/** The lines of a log. */
export async function* logLines(log: string): AsyncGenerator<string> {
  const file = await open(log);
  try {
    yield* file.readLines();
  } finally {
    await file.close();
  }
}

/** The end of a log: at most 40 lines and 4,000 characters. */
export async function excerpt(log: string): Promise<string> {
  const file = await open(log);
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, 64 << 10));
    await file.read(bytes, 0, bytes.length, size - bytes.length);
    const lines = bytes.toString("utf8").trimEnd().split("\n").slice(-40).join("\n");
    return [...lines].slice(-4000).join("");
  } finally {
    await file.close();
  }
}
