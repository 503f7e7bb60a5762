/** What makes and runs local machines: QEMU, mmdebstrap and mke2fs; by apt where that may be used. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { SetupFault } from "../fault.mjs";
import { toolVersion } from "../found.mjs";
import { cachePath, onPath } from "../places.mjs";
import { run } from "../run.mjs";
import { versionText } from "../versions.mjs";

/**
 * Programs, the Debian package that has each, and how each says its version (none: it needs none).
 * @type {{ program: string, package: string, version?: string[] }[]}
 */
export const MACHINE_TOOLS = [
  { program: process.arch === "arm64" ? "qemu-system-aarch64" : "qemu-system-x86_64", package: process.arch === "arm64" ? "qemu-system-arm" : "qemu-system-x86", version: ["--version"] },
  { program: "qemu-img", package: "qemu-utils", version: ["--version"] },
  { program: "mmdebstrap", package: "mmdebstrap", version: ["--version"] },
  { program: "mke2fs", package: "e2fsprogs" },
];

/** System folders in which tools for root lie, though they need not be on the PATH of another user. */
const SYSTEM = ":/usr/local/sbin:/usr/sbin:/sbin";

/** @param {string} program */
export const systemProgram = (program) => onPath(program, { path: (process.env["PATH"] ?? "") + SYSTEM });

/** Debian packages whose programs are not there. */
export function missingPackages() {
  return MACHINE_TOOLS.filter((tool) => !systemProgram(tool.program)).map((tool) => tool.package);
}

/**
 * Installs Debian packages. A package manager that was killed before is helped up first, one that is at work is waited for.
 * @param {string[]} packages
 * @param {(text: string) => void} report
 */
async function aptInstall(packages, report) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  const lockWait = ["-o", "DPkg::Lock::Timeout=300"];
  /** @param {string} line */
  const onLine = (line) => {
    if (/^(Get:|Unpacking|Setting up)/.test(line)) report(line.replace(/https?:\/\/\S+ /, "").slice(0, 60));
  };
  const orders = [
    ["apt-get", "update", ...lockWait],
    ["apt-get", "install", "--yes", "--no-install-recommends", ...lockWait, ...packages],
  ];
  for (const [command = "", ...args] of orders) {
    const until = Date.now() + 5 * 60_000;
    for (;;) {
      report(`apt-get ${args[0]}`);
      const { code, tail } = await run(command, args, { env, onLine, survives: true });
      if (code === 0) break;
      const interrupted = /dpkg was interrupted/.test(tail);
      const busy = /Could not get lock|Unable to (acquire|lock)/.test(tail);
      if (Date.now() > until || !(interrupted || busy)) {
        const lines = tail.split("\n").slice(-6).join("\n    ");
        throw new SetupFault(`apt-get ${args[0]} ended with ${code}; install ${packages.join(", ")} by hand and start again. It said:\n    ${lines}`);
      }
      if (interrupted) await run("dpkg", ["--configure", "-a"], { env, onLine, survives: true });
      else await sleep(3000);
    }
  }
}

/** @returns {import("../steps.mjs").Step} */
export function machineToolsStep() {
  return {
    name: "machine tools",
    purpose: "installing QEMU and mmdebstrap",
    needs: [],
    lock: cachePath("setup", "machine-tools.lock"),
    check() {
      if (missingPackages().length > 0) return undefined;
      const qemu = systemProgram(MACHINE_TOOLS[0]?.program ?? "");
      const version = qemu && toolVersion(qemu, ["--version"]);
      return `QEMU ${version ? versionText(version) : "of an unknown version"}, mmdebstrap`;
    },
    async get(report) {
      const packages = missingPackages();
      const mayInstall = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
      if (!mayInstall) {
        throw new SetupFault(
          `Local machines need the Debian packages ${packages.join(", ")}, which only root can install with apt; ` +
            `have them installed (sudo apt-get install ${packages.join(" ")}, or what your system calls them) and start again.`,
        );
      }
      await aptInstall(packages, report);
    },
  };
}
