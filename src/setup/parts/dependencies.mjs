/** The npm dependencies, exactly as package-lock.json has them. */
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../places.mjs";
import { mustRun } from "../run.mjs";
import { fillWhole } from "../whole-folder.mjs";

/**
 * @typedef {{ packages?: Record<string, { version?: string, integrity?: string, optional?: boolean, link?: boolean }> }} LockFile
 * @param {string} file
 * @returns {LockFile | undefined}
 */
function lockFile(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * How many packages are installed, or undefined when they are not those of the lock file. npm writes what it installed to
 * node_modules/.package-lock.json as its last act, so this also sees an installation that was cut off, and takes one made by hand.
 * @param {string} folder
 * @returns {number | undefined}
 */
export function installed(folder) {
  const wanted = lockFile(join(folder, "package-lock.json"))?.packages;
  const there = lockFile(join(folder, "node_modules", ".package-lock.json"))?.packages;
  if (!wanted || !there) return undefined;
  const names = Object.keys(wanted).filter((name) => name !== "");
  for (const name of names) {
    const want = wanted[name];
    const have = there[name];
    if (!have && want?.optional) continue; // for another platform
    if (have?.version !== want?.version || have?.integrity !== want?.integrity) return undefined;
  }
  return Object.keys(there).every((name) => name in wanted) ? Object.keys(there).length : undefined;
}

/** @returns {import("../steps.mjs").Step} */
export function dependenciesStep() {
  return {
    name: "npm dependencies",
    purpose: "installing what package-lock.json lists",
    needs: [],
    lock: join(checkout, ".greenlight", "setup", "dependencies.lock"),
    check() {
      const count = installed(checkout);
      return count === undefined ? undefined : `${count} packages as locked`;
    },
    async get(report) {
      // Installed in a folder beside and renamed: an `npm ci` that is killed, or goes on after setup was killed, spoils nothing.
      const target = join(checkout, "node_modules");
      await fillWhole(target, async (folder) => {
        const project = join(folder, "..", "project");
        mkdirSync(project);
        for (const file of ["package.json", "package-lock.json"])
          copyFileSync(join(checkout, file), join(project, file));
        report("npm ci");
        await mustRun("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
          cwd: project,
          remedy: "see that npm can reach its registry and start again",
        });
        rmdirSync(folder);
        renameSync(join(project, "node_modules"), folder);
      });
    },
  };
}
