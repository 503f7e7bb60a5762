/** What makes and runs local machines: QEMU, mmdebstrap and mke2fs; by apt where that may be used. */
import { aptInstall } from "../apt.mjs";
import { toolVersion } from "../found.mjs";
import { cachePath, systemProgram } from "../places.mjs";
import { versionText } from "../versions.mjs";

/**
 * Programs, the Debian package that has each, and how each says its version (none: it needs none).
 * @type {{ program: string, package: string, version?: string[] }[]}
 */
export const MACHINE_TOOLS = [
  {
    program: process.arch === "arm64" ? "qemu-system-aarch64" : "qemu-system-x86_64",
    package: process.arch === "arm64" ? "qemu-system-arm" : "qemu-system-x86",
    version: ["--version"],
  },
  { program: "qemu-img", package: "qemu-utils", version: ["--version"] },
  { program: "mmdebstrap", package: "mmdebstrap", version: ["--version"] },
  { program: "mke2fs", package: "e2fsprogs" },
];

/** Debian packages whose programs are not there. */
export function missingPackages() {
  return MACHINE_TOOLS.filter((tool) => !systemProgram(tool.program)).map((tool) => tool.package);
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
    get: (report) => aptInstall({ packages: missingPackages(), purpose: "Local machines need", report }),
  };
}
