/** Runs one host tool (mmdebstrap, mke2fs, qemu-img …) to its end and turns its failure into a sentence. */
import { spawn } from "node:child_process";
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
  options.signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn("setpriv", ["--pdeathsig", "KILL", command, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C.UTF-8", PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin:/usr/bin:/bin` },
    });
    let out = "";
    let rest = "";
    let last = "";
    const stop = () => child.kill("SIGKILL");
    options.signal?.addEventListener("abort", stop, { once: true });
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.trim() !== "") last = line.trim();
        options.onLine?.(line);
      }
    });
    child.on("error", () => reject(new EdgeError("setpriv is not on PATH; install the package util-linux.", "host")));
    child.on("close", (code, by) => {
      options.signal?.removeEventListener("abort", stop);
      if (options.signal?.aborted) return reject(options.signal.reason as Error);
      if (code === 0) return resolve(out);
      if (rest.trim() !== "") last = rest.trim();
      const missing = code === 127 || /failed to execute/.test(last);
      reject(
        new EdgeError(
          missing
            ? `${command} is not on PATH; install the package ${options.from ?? command}.`
            : `${command} failed (${by ?? `exit code ${code}`}): ${last || "it said nothing"}; mend that and run the same command again.`,
          "host",
        ),
      );
    });
  });
}

/** Seconds since a moment of `performance.now()`, for progress lines. */
export function elapsed(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
