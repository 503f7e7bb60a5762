/** What is asked of the sources without running them: one tool a check, side by side, each with its findings in full. */
import { spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { availableParallelism, setPriority } from "node:os";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { systemProgram } from "./places.mjs";

/**
 * One tool. It is red when it ends with anything but 0, and when it is not there.
 * @typedef {{ name: string, purpose: string, program: string, args: string[] }} Check
 * @typedef {{ name: string, passed: boolean, findings: string }} CheckResult
 */

/**
 * All checks of a source tree, those that take longest first.
 * @param {string} root
 * @param {string} node the Node that runs the tools of node_modules
 * @returns {Check[]}
 */
export function checksOf(root, node) {
  const tool = (/** @type {string[]} */ ...path) => join(root, "node_modules", ...path);
  const notes = join(root, ".greenlight", "checks");
  const shell = shellFiles(root);
  // tsc itself sees which of its notes still hold. ESLint's cache would not: what a file's types are depends on other files.
  const remembered = ["--incremental", "--tsBuildInfoFile", join(notes, "tsc.json")];
  return [
    {
      name: "eslint",
      purpose: "type-checked rules, import cycles",
      program: node,
      args: [tool("eslint", "bin", "eslint.js"), "."],
    },
    {
      name: "tsc",
      purpose: "types",
      program: node,
      args: [tool("typescript", "bin", "tsc"), "--noEmit", ...remembered],
    },
    {
      name: "prettier",
      purpose: "formatting",
      program: node,
      args: [tool("prettier", "bin", "prettier.cjs"), "--check", "."],
    },
    { name: "knip", purpose: "dead code", program: node, args: [tool("knip", "bin", "knip.js"), "--no-progress"] },
    { name: "shellcheck", purpose: "shell scripts", program: "shellcheck", args: shell },
    {
      name: "shfmt",
      purpose: "formatting of shell scripts, as .editorconfig says",
      program: "shfmt",
      args: ["-d", ...shell],
    },
  ];
}

/**
 * Shell scripts below a folder, relative to it: by their name, or by their first line where a name has no ending.
 * @param {string} root
 * @returns {string[]}
 */
export function shellFiles(root) {
  const others = new Set([".git", ".greenlight", "archives", "candidates", "node_modules"]);
  /** @type {string[]} */
  const found = [];
  const walk = (/** @type {string} */ at) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory() && !others.has(entry.name)) walk(path);
      else if (entry.isFile() && (entry.name.endsWith(".sh") || (!entry.name.includes(".") && startsAsShell(path))))
        found.push(relative(root, path));
    }
  };
  walk(root);
  return found.sort();
}

/** @param {string} file */
function startsAsShell(file) {
  const start = Buffer.alloc(64);
  const fd = openSync(file, "r");
  try {
    const [line = ""] = start.toString("latin1", 0, readSync(fd, start)).split("\n");
    return /^#!.*\b(ba|da)?sh\b/.test(line);
  } finally {
    closeSync(fd);
  }
}

/**
 * Runs checks, as many at a time as there are processors.
 * @param {Check[]} checks
 * @param {{ root: string, env: NodeJS.ProcessEnv, display: import("./steps.mjs").Display, lanes?: number, gentle?: boolean }} options gentle: everything else comes first
 * @returns {Promise<CheckResult[]>} in the order of the checks
 */
export async function runChecks(checks, { root, env, display, lanes = availableParallelism(), gentle = false }) {
  /** @type {CheckResult[]} */
  const results = [];
  const queue = [...checks.entries()];
  const lane = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [place, check] = next;
      display.started(check);
      const result = (results[place] = await runCheck(check, { root, env, gentle }));
      if (result.passed) display.done(check, check.purpose);
      else display.failed(check, `${check.purpose}: not as it must be`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

/**
 * What checks found: the findings of those that are red, in full, and the exit code.
 * @param {CheckResult[]} results
 * @returns {{ text: string, code: number }}
 */
export function reportOf(results) {
  const red = results.filter(({ passed }) => !passed);
  const findings = red.map(({ name, findings }) => `\n${name}:\n${findings}\n`);
  const verdict = red.length === 0 ? `${results.length} green` : `${red.length} of ${results.length} red`;
  return { text: `${findings.join("")}Checks: ${verdict}`, code: red.length === 0 && results.length > 0 ? 0 : 1 };
}

/** @param {number | undefined} pid */
function makeGentle(pid) {
  if (pid === undefined) return;
  try {
    setPriority(pid, 10);
  } catch {
    // only a kindness; it may have ended already
  }
}

/**
 * @param {Check} check
 * @param {{ root: string, env: NodeJS.ProcessEnv, gentle: boolean }} options
 * @returns {Promise<CheckResult>}
 */
function runCheck({ name, program, args }, { root, env, gentle }) {
  const file = systemProgram(program) ?? program;
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    if (gentle) makeGentle(child.pid);
    /** @type {string[]} */
    const said = [];
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => said.push(text));
    child.on("error", (e) =>
      resolve({
        name,
        passed: false,
        findings:
          "code" in e && e.code === "ENOENT"
            ? `${program} is not installed; install the Debian package ${program}, or what your system calls it`
            : e.message,
      }),
    );
    child.on("close", (code, signal) => {
      // Some tools colour what they say wherever CI is set, also into a pipe.
      const findings = stripVTControlCharacters(said.join("")).trim();
      resolve({
        name,
        passed: code === 0,
        findings: findings !== "" || code === 0 ? findings : `${program} ended with ${signal ?? code} and said nothing`,
      });
    });
  });
}
