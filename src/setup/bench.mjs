/** `npm run bench`: sets up what machines need, then runs bench/main.ts, which measures, prints a table and writes the same as JSON. */
import { join } from "node:path";
import { handOver } from "./child.mjs";
import { ownEnvironment } from "./environment.mjs";
import { findNode } from "./found.mjs";
import { sampleStep } from "./parts/sample.mjs";
import { checkout } from "./places.mjs";
import { setup } from "./setup.mjs";

if (await setup("machines", { workspace: checkout, more: [sampleStep()] })) {
  const node = findNode()?.file ?? process.execPath;
  const args = ["--disable-warning=ExperimentalWarning", join(checkout, "bench", "main.ts"), ...process.argv.slice(2)];
  process.exitCode = await handOver(node, args, { env: ownEnvironment({ workspace: checkout }), cwd: checkout });
} else {
  process.exitCode = 1;
}
