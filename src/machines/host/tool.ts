/** Runs one host tool (mmdebstrap, mke2fs, qemu-img …) to its end and turns its failure into a sentence. */
import { EdgeError } from "../../edges/edges.ts";

/** Where progress goes: one line of text, with the elapsed time in it. */
export type Report = (line: string) => void;

export interface ToolOptions {
  signal?: AbortSignal;
  /** told each line of standard error as it comes */
  onLine?: (line: string) => void;
  /** which Debian package has the tool, for the remedy */
  from?: string;
}

/**
 * Answers the tool's standard output. The tool dies with this process (`setpriv --pdeathsig`), so that a killed build
 * does not go on unseen.
 * @throws EdgeError with the tool's last line when it is missing or fails; the signal's reason when aborted.
 */
export async function runTool(command: string, args: string[], options: ToolOptions = {}): Promise<string> {
  const { signal, onLine, from = command } = options;
  signal?.throwIfAborted();
  // Loaded here, since all commands load this file and few run a tool.
  const { execa } = await import("execa");
  let last = "";
  const ran = await execa("setpriv", ["--pdeathsig", "KILL", command, ...args], {
    stdin: "ignore",
    stderr: function* (line: unknown) {
      const text = line as string;
      if (text.trim() !== "") last = text.trim();
      onLine?.(text);
    },
    env: { LC_ALL: "C.UTF-8", PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin:/usr/bin:/bin` },
    stripFinalNewline: false,
    reject: false,
    ...(signal && { cancelSignal: signal }),
    killSignal: "SIGKILL",
  });
  if (signal?.aborted) throw signal.reason as Error;
  if (!ran.failed) return ran.stdout;
  if (ran.code === "ENOENT") throw new EdgeError("setpriv is not on PATH; install the package util-linux.");
  if (ran.exitCode === 127 || /failed to execute/.test(last))
    throw new EdgeError(`${command} is not on PATH; install the package ${from}.`);
  const how = ran.signal ?? (ran.exitCode === undefined ? ran.shortMessage : `exit code ${ran.exitCode}`);
  throw new EdgeError(
    `${command} failed (${how}): ${last || "it said nothing"}; mend that and run the same command again.`,
  );
}

/** Seconds since a moment of `performance.now()`, for progress lines. */
export function elapsed(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
