/** Child processes of setup: they end with setup, their output becomes progress, and a failure shows its last lines. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setPriority } from "node:os";
import { SetupFault } from "./fault.mjs";
import { onPath } from "./places.mjs";

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] the whole environment; this process's when left out
 * @property {(line: string) => void} [onLine] every line of both streams
 * @property {boolean} [survives] true for what must not be killed in the middle (package managers of the system)
 * @property {boolean} [gentle] true for what may take minutes of processor time
 */

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number, stdout: string, tail: string }>} code 128 + n for signals and 127 when it could not be
 *   started; tail: the last lines of both streams
 */
export function run(command, args, { cwd, env, onLine, survives = false, gentle = false } = {}) {
  // A child that outlives a killed setup would go on beside the next one's.
  const setpriv = survives ? undefined : onPath("setpriv");
  const child = setpriv
    ? spawn(setpriv, ["--pdeathsig", "KILL", command, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] })
    : spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  if (gentle && child.pid !== undefined) {
    try {
      setPriority(child.pid, 10);
    } catch {
      // only a kindness
    }
  }
  /** @type {string[]} */
  const tail = [];
  /** @type {string[]} */
  const stdout = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      if (stream === child.stdout) stdout.push(line);
      tail.push(line);
      if (tail.length > 40) tail.shift();
      onLine?.(line);
    });
  }
  return new Promise((resolve) => {
    child.on("error", (e) => resolve({ code: 127, stdout: "", tail: e.message }));
    child.on("close", (code, signal) =>
      resolve({
        code: code ?? 128 + (signal === "SIGKILL" ? 9 : 15),
        stdout: stdout.join("\n"),
        tail: tail.join("\n"),
      }),
    );
  });
}

/**
 * Runs a command that has to succeed.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions & { remedy: string }} options remedy: what to do when it fails, an imperative clause without a full stop
 * @returns {Promise<string>} its standard output
 * @throws {SetupFault} with the last lines of its output
 */
export async function mustRun(command, args, { remedy, ...options }) {
  const { code, stdout, tail } = await run(command, args, options);
  if (code === 0) return stdout;
  const lines = tail.split("\n").filter((line) => line.trim() !== "");
  throw new SetupFault(
    `${[command, ...args].join(" ")} ended with ${code}; ${remedy}. It said:\n    ${lines.slice(-12).join("\n    ")}`,
  );
}
