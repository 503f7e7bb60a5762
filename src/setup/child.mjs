/** Hands over to a child process that has the terminal. */
import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * Runs a command with this process's input and output, to its end. Signals reach it too; this process waits for it to clean up.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv, cwd?: string }} options
 * @returns {Promise<number>} its exit code, 128 + n when a signal ended it, 127 when it could not be started
 */
export function handOver(command, args, { env, cwd }) {
  const child = spawn(command, args, { stdio: "inherit", env, cwd });
  // Ctrl-C goes to the whole foreground group by itself; a signal sent to this process alone is passed on.
  const ignore = () => {};
  const pass = () => void child.kill("SIGTERM");
  process.on("SIGINT", ignore);
  process.on("SIGTERM", pass);
  return new Promise((resolve) => {
    const end = (/** @type {number} */ code) => {
      process.off("SIGINT", ignore);
      process.off("SIGTERM", pass);
      resolve(code);
    };
    child.on("error", (e) => {
      process.stderr.write(`${command}: ${e.message}\n`);
      end(127);
    });
    child.on("close", (code, signal) => end(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
