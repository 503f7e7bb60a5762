/** Debian packages, where root and apt are there. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { SetupFault } from "./fault.mjs";
import { run } from "./run.mjs";

/** Where Debian's package scripts ask whether a service may start (invoke-rc.d(8), deb-systemd-invoke(1)). */
const POLICY = "/usr/sbin/policy-rc.d";

/**
 * Installs packages. A package manager that was killed before is helped up first, one that is at work is waited for.
 * @param {{ packages: string[], purpose: string, report: (text: string) => void, starts?: boolean }} options purpose: the beginning of the
 *   sentence, `Local machines need`; starts: false to keep the packages' services from being started
 * @throws {SetupFault} naming the packages when they may not be installed here or cannot be
 */
export async function aptInstall({ packages, purpose, report, starts = true }) {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new SetupFault(
      `${purpose} the Debian packages ${packages.join(", ")}, which only root can install with apt; have them installed ` +
        `(sudo apt-get install ${packages.join(" ")}, or what your system calls them) and start again.`,
    );
  }
  const remedy = `install ${packages.join(", ")} by hand and start again`;
  await untilFree(["update"], remedy, report);
  const release = starts ? () => {} : forbidServices();
  try {
    await untilFree(["install", "--yes", "--no-install-recommends", ...packages], remedy, report);
  } finally {
    release();
  }
}

/**
 * @param {string[]} args of apt-get
 * @param {string} remedy
 * @param {(text: string) => void} report
 */
async function untilFree(args, remedy, report) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  /** @param {string} line */
  const onLine = (line) => {
    if (/^(Get:|Unpacking|Setting up)/.test(line)) report(line.replace(/https?:\/\/\S+ /, "").slice(0, 60));
  };
  const until = Date.now() + 5 * 60_000;
  for (;;) {
    report(`apt-get ${args[0]}`);
    // Survives setup's own end: a package manager must not be killed in the middle.
    const { code, tail } = await run("apt-get", ["-o", "DPkg::Lock::Timeout=300", ...args], {
      env,
      onLine,
      survives: true,
    });
    if (code === 0) return;
    const interrupted = /dpkg was interrupted/.test(tail);
    const busy = /Could not get lock|Unable to (acquire|lock)/.test(tail);
    if (Date.now() > until || !(interrupted || busy)) {
      throw new SetupFault(
        `apt-get ${args[0]} ended with ${code}; ${remedy}. It said:\n    ${tail.split("\n").slice(-6).join("\n    ")}`,
      );
    }
    if (interrupted) await run("dpkg", ["--configure", "-a"], { env, onLine, survives: true });
    else await sleep(3000);
  }
}

/**
 * Keeps package scripts from starting services, unless the system has a policy of its own. Should this process be killed, the policy
 * that it leaves allows everything.
 * @returns {() => void} takes the policy away
 */
function forbidServices() {
  const text = `#!/bin/sh\n# Left by greenlight's setup; without that process it forbids nothing and may be removed.\nkill -0 ${process.pid} 2>/dev/null && exit 101\nexit 0\n`;
  try {
    writeFileSync(POLICY, text, { flag: "wx", mode: 0o755 });
  } catch {
    return () => {};
  }
  return () => {
    if (readFileSync(POLICY, "utf8") === text) rmSync(POLICY);
  };
}
