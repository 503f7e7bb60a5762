/** What only checks and tests need: linters of shell scripts, and an SSH server that tests start themselves, with its keys, its agent and ps. */
import { existsSync } from "node:fs";
import { aptInstall } from "../apt.mjs";
import { cachePath, systemProgram } from "../places.mjs";
import { run } from "../run.mjs";

/** Programs and the Debian package of each. */
const CHECK_TOOLS = { shellcheck: "shellcheck", shfmt: "shfmt" };
const TEST_TOOLS = { sshd: "openssh-server", "ssh-agent": "openssh-client", ps: "procps" };

/** @param {Record<string, string>} tools */
const missing = (tools) => Object.entries(tools).flatMap(([program, name]) => (systemProgram(program) ? [] : [name]));

/** @returns {import("../steps.mjs").Step} */
export function checkToolsStep() {
  return {
    name: "check tools",
    purpose: "installing linters of shell scripts",
    needs: ["machine tools"], // one package manager at a time
    lock: cachePath("setup", "check-tools.lock"),
    check: () => (missing(CHECK_TOOLS).length === 0 ? Object.keys(CHECK_TOOLS).join(", ") : undefined),
    get: (report) => aptInstall({ packages: missing(CHECK_TOOLS), purpose: "Checks of the sources need", report }),
  };
}

/** @returns {import("../steps.mjs").Step} */
export function testToolsStep() {
  return {
    name: "test tools",
    purpose: "installing an SSH server for tests, not started",
    needs: ["machine tools", "check tools"],
    lock: cachePath("setup", "test-tools.lock"),
    check: () => (missing(TEST_TOOLS).length === 0 ? Object.keys(TEST_TOOLS).join(", ") : undefined),
    async get(report) {
      const packages = missing(TEST_TOOLS);
      await aptInstall({ packages, purpose: "The tests need", report, starts: false });
      const booted = existsSync("/run/systemd/system"); // sd_booted(3)
      if (booted && packages.includes("openssh-server")) await run("systemctl", ["disable", "ssh.service"]);
    },
  };
}
