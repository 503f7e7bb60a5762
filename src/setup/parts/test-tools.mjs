/** What only the tests need: an SSH server, which they start themselves on a port of their own, with its keys and agent, ps, and the shell scripts' linter. */
import { existsSync } from "node:fs";
import { aptInstall } from "../apt.mjs";
import { cachePath, systemProgram } from "../places.mjs";
import { run } from "../run.mjs";

/** Programs and the Debian package of each. */
const TOOLS = { sshd: "openssh-server", "ssh-agent": "openssh-client", ps: "procps", shellcheck: "shellcheck" };

function missing() {
  return Object.entries(TOOLS).flatMap(([program, name]) => (systemProgram(program) ? [] : [name]));
}

/** @returns {import("../steps.mjs").Step} */
export function testToolsStep() {
  return {
    name: "test tools",
    purpose: "installing an SSH server for tests, not started",
    needs: ["machine tools"], // one package manager at a time
    lock: cachePath("setup", "test-tools.lock"),
    check: () => (missing().length === 0 ? Object.keys(TOOLS).join(", ") : undefined),
    async get(report) {
      const packages = missing();
      await aptInstall({ packages, purpose: "The tests need", report, starts: false });
      const booted = existsSync("/run/systemd/system"); // sd_booted(3)
      if (booted && packages.includes("openssh-server")) await run("systemctl", ["disable", "ssh.service"]);
    },
  };
}
