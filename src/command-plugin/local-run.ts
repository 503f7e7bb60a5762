/** Runs one command on this host, in a process group of its own, so that what it started ends with it. */
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { Capture, type Outputs } from "./capture.ts";
import { previousOutputs, type Run } from "./remote-run.ts";

/** Linux takes no longer `NAME=value` (MAX_ARG_STRLEN, 32 pages, with its end); a longer one fails every start with E2BIG. */
const longestVariable = 128 * 1024 - 1;

export interface LocalRun extends Run {
  dir: string | undefined;
  interpreter: string[] | undefined;
}

/** The environment of the command: ours, what the program adds, and the outputs of the run before where they fit. */
function environmentOf(run: LocalRun): NodeJS.ProcessEnv {
  const previous = Object.entries(previousOutputs(run.previous)).filter(([name, value]) => {
    if (Buffer.byteLength(name) + 1 + Buffer.byteLength(value) <= longestVariable) return true;
    run.log.warn(
      `${name} is not set: the output of the run before is too long for an environment variable. Set addPreviousOutputInEnv to false if the command does not need it.`,
    );
    return false;
  });
  return { ...process.env, ...run.environment, ...Object.fromEntries(previous) };
}

/** @throws as {@link runRemote} does: with what ended the command, the command, and what it had printed. */
export async function runLocal(run: LocalRun): Promise<Outputs> {
  const capture = new Capture(run.logging, run.log.status);
  const fail = (cause: string): Error => capture.failure(cause, run.command, run.commandIsSecret);
  run.signal.throwIfAborted();
  const dir = run.dir ?? process.cwd();
  // A missing folder would be reported as a missing interpreter.
  if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) throw fail(`chdir ${dir}: no such file or directory`);
  const [program, ...args] = run.interpreter?.length
    ? run.interpreter
    : process.platform === "win32"
      ? ["cmd", "/C"]
      : ["/bin/sh", "-c"];
  const child = spawn(program!, [...args, run.command], {
    cwd: dir,
    env: environmentOf(run),
    detached: process.platform !== "win32",
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdout.on("data", (chunk: Buffer) => capture.stdout(chunk));
  child.stderr.on("data", (chunk: Buffer) => capture.stderr(chunk));
  // A command that ends without reading all its input is not at fault.
  child.stdin.on("error", () => {});
  child.stdin.end(run.stdin ?? "");

  const end = (signal: NodeJS.Signals): void => {
    try {
      process.kill(process.platform === "win32" ? child.pid! : -child.pid!, signal);
    } catch {
      // It has ended by itself.
    }
  };
  let kill: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    if (child.pid === undefined) return;
    end("SIGTERM");
    kill = setTimeout(() => end("SIGKILL"), 1_000);
  };
  run.signal.addEventListener("abort", onAbort, { once: true });
  try {
    const ending = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
      child.once("error", (error: NodeJS.ErrnoException) =>
        reject(
          fail(
            error.code === "ENOENT"
              ? `exec: ${JSON.stringify(program)}: executable file not found`
              : `exec: ${error.message}`,
          ),
        ),
      );
      child.once("close", (code, signal) => resolve({ code, signal }));
    });
    capture.end();
    if (run.signal.aborted) throw fail((run.signal.reason as Error).message);
    if (ending.signal) throw fail(`signal: ${signalWords[ending.signal] ?? ending.signal}`);
    if (ending.code !== 0) throw fail(`exit status ${ending.code}`);
    return capture.outputs();
  } finally {
    clearTimeout(kill);
    run.signal.removeEventListener("abort", onAbort);
    await run.log.flushed();
  }
}

/** Signals in the words of Go's os package. */
const signalWords: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: "killed",
  SIGTERM: "terminated",
  SIGINT: "interrupt",
  SIGHUP: "hangup",
  SIGSEGV: "segmentation fault",
  SIGABRT: "aborted",
};
