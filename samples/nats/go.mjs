/** Running the Go command in this folder, with nothing of the user's environment that would change what comes out. */
import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { EdgeError } from "../../src/edges/edges.ts";

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Standard output of `go …args`.
 * @param {string[]} args
 * @param {Record<string, string>} [environment]
 * @returns {Promise<string>}
 * @throws {EdgeError} one sentence when Go is missing; Go's own words when it fails
 */
export function go(args, environment = {}) {
  const env = {
    ...process.env,
    CGO_ENABLED: "0",
    GOFLAGS: "-mod=readonly",
    GOWORK: "off",
    GOEXPERIMENT: "",
    GODEBUG: "",
    ...environment,
  };
  return new Promise((resolve, reject) => {
    const child = spawn("go", args, { cwd: here, env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => (stdout += text));
    child.stderr
      .setEncoding("utf8")
      .on("data", (/** @type {string} */ text) => (stderr = (stderr + text).slice(-4000)));
    child.on("error", (e) => {
      const missing = /** @type {NodeJS.ErrnoException} */ (e).code === "ENOENT";
      reject(
        missing
          ? new EdgeError(
              "Building the NATS sample needs Go 1.24 or newer, and there is no `go` on PATH; install it from https://go.dev/dl, or bring a candidate of your own with `--candidate DIR`.",
            )
          : e,
      );
    });
    child.on("close", (code, signal) => {
      if (code === 0) resolve(stdout);
      else
        reject(
          new EdgeError(
            `\`go ${args.join(" ")}\` failed (${signal ?? `exit ${code}`}): ${stderr.trim().split("\n").slice(-8).join("\n")}`,
          ),
        );
    });
  });
}
