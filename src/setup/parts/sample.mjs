/** The sample candidate, which the main job releases when no other is named, and on which tests prove the whole path. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { sample } from "../../../samples/nats/sample.mjs";
import { SetupFault } from "../fault.mjs";
import { findNode } from "../found.mjs";
import { checkout, onPath } from "../places.mjs";
import { mustRun } from "../run.mjs";

/** Where the sample candidate lies. */
export const sampleFolder = join(checkout, "candidates", sample.product, sample.version);

/** @returns {import("../steps.mjs").Step} */
export function sampleStep() {
  return {
    name: "sample candidate",
    purpose: `building ${sample.product} ${sample.version} from Go modules`,
    needs: ["Node", "npm dependencies", "Pulumi engine"], // after the engine, which may need all processors for its own building
    lock: join(checkout, ".greenlight", "setup", "sample.lock"),
    // Written last by its build script.
    check: () => (existsSync(join(sampleFolder, "candidate.json")) ? sampleFolder : undefined),
    async get(report) {
      if (!onPath("go")) {
        throw new SetupFault(
          `The sample candidate is built with Go, which is not on PATH; install Go 1.25.11 or newer (https://go.dev/dl/), or release a candidate of your own with \`greenlight up --candidate DIR\`.`,
        );
      }
      await mustRun(findNode()?.file ?? process.execPath, [join(checkout, "samples", "nats", "build.mjs")], {
        cwd: checkout,
        onLine: (line) => report(line.replace(/^\[[^\]]*\] /, "")),
        remedy: "see that Go can reach its module proxy and start again",
      });
    },
  };
}
