/** The machine image: asked for of src/machines, which knows by its recipe whether it is there. Those sources need a newer Node, hence a child. */
import { join } from "node:path";
import { ownEnvironment } from "../environment.mjs";
import { SetupFault } from "../fault.mjs";
import { findNode } from "../found.mjs";
import { cachePath, checkout } from "../places.mjs";
import { run } from "../run.mjs";

/** The target that a fresh workspace proves archives on. */
export const DEFAULT_TARGET = "linux-x64/debian-12";

const child = join(checkout, "src", "setup", "image-child.ts");

/**
 * Asks the child. It prints `there …` or `missing …` for `find`, progress and then `there …` for `get`.
 * @param {"find" | "get"} what
 * @param {string} target
 * @param {(line: string) => void} onLine
 * @returns {Promise<{ code: number, tail: string, there: string | undefined }>}
 */
export async function askForImage(what, target, onLine) {
  const node = findNode();
  if (!node) return { code: 1, tail: "no Node that runs TypeScript", there: undefined };
  const args = ["--disable-warning=ExperimentalWarning", child, what, target];
  const { code, tail, stdout } = await run(node.file, args, { cwd: checkout, env: ownEnvironment(), onLine });
  const there = stdout.split("\n").find((line) => line.startsWith("there "));
  return { code, tail, there: there?.slice("there ".length) };
}

/** @returns {import("../steps.mjs").Step} */
export function imageStep() {
  return {
    name: "machine image",
    purpose: `building ${DEFAULT_TARGET} and booting it once (some minutes)`,
    needs: ["Node", "npm dependencies", "machine tools"],
    lock: cachePath("setup", "image.lock"),
    async check() {
      return (await askForImage("find", DEFAULT_TARGET, () => {})).there;
    },
    async get(report) {
      const { code, tail } = await askForImage("get", DEFAULT_TARGET, (line) => report(line));
      if (code !== 0) {
        throw new SetupFault(
          `The machine image ${DEFAULT_TARGET} could not be built; what is finished is kept, so mend this and start again. It said:\n    ${tail.split("\n").slice(-12).join("\n    ")}`,
        );
      }
    },
  };
}
