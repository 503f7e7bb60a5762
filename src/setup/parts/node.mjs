/** Node that runs TypeScript sources as they are: the user's, or one from npm, whose lock file in tools/node pins its digest. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { SetupFault } from "../fault.mjs";
import { findNode, ownNode } from "../found.mjs";
import { cachePath, checkout } from "../places.mjs";
import { mustRun } from "../run.mjs";
import { NODE_VERSION } from "../versions.mjs";
import { fillWhole } from "../whole-folder.mjs";

/** @returns {import("../steps.mjs").Step} */
export function nodeStep() {
  return {
    name: "Node",
    purpose: `getting ${NODE_VERSION} from npm, since ${process.version} does not run TypeScript`,
    needs: [],
    lock: cachePath("setup", "node.lock"),
    check() {
      const node = findNode();
      return node && `${node.version}, ${node.file}`;
    },
    async get(report) {
      const platform = `${process.platform}-${process.arch}`;
      const project = join(checkout, "tools", "node", platform);
      if (!existsSync(project)) {
        throw new SetupFault(
          `Node ${process.version} does not run TypeScript; install Node 22.18 or newer and start again.`,
        );
      }
      await fillWhole(dirname(dirname(ownNode())), async (folder) => {
        const npm = join(folder, "npm");
        mkdirSync(npm);
        for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(project, file), join(npm, file));
        report(`npm ci of node-${platform}`);
        await mustRun("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
          cwd: npm,
          remedy: "see that npm can reach its registry, or install Node 22.18 or newer, and start again",
        });
        mkdirSync(join(folder, "bin"));
        copyFileSync(join(npm, "node_modules", `node-${platform}`, "bin", "node"), join(folder, "bin", "node"));
        chmodSync(join(folder, "bin", "node"), 0o755);
        rmSync(npm, { recursive: true });
      });
    },
  };
}
