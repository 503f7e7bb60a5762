#!/usr/bin/env node
/**
 * Builds candidates of the stand-in, a test double of Palyra, for trying Greenlight without the product:
 *
 *   node test/standin/build.ts [--version 0.1.0,0.2.0] [--platform linux-x64,…] [--faults NAME,…] [--worker-unit] [--out DIR]
 */
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { EdgeError } from "../../src/edges/edges.ts";
import { platforms, PlatformSchema } from "../../src/products/index.ts";
import { standinCandidate } from "./candidate.ts";

const list = (text: string | undefined): string[] => (text ?? "").split(",").filter(Boolean);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      version: { type: "string" },
      platform: { type: "string" },
      faults: { type: "string" },
      "worker-unit": { type: "boolean" },
      out: { type: "string" },
    },
  });
  const versions = values.version ? list(values.version) : ["0.1.0", "0.2.0"];
  const wanted = values.platform ? list(values.platform) : [...platforms];
  const unknown = wanted.filter((name) => !PlatformSchema.safeParse(name).success);
  if (unknown.length > 0)
    throw new EdgeError(`--platform ${unknown.join(", ")} is not known; use ${platforms.join(", ")}.`);
  if (values.out !== undefined && versions.length > 1)
    throw new EdgeError("--out holds one candidate; name one --version with it.");
  for (const version of versions) {
    const { folder } = await standinCandidate({
      version,
      platforms: wanted.map((name) => PlatformSchema.parse(name)),
      faults: list(values.faults),
      workerUnit: values["worker-unit"],
      out: values.out,
      report: (line) => console.log(`palyra stand-in ${version}: ${line}`),
    });
    console.log(`${relative(process.cwd(), folder) || "."}/candidate.json`);
  }
  return 0;
}

try {
  process.exitCode = await main();
} catch (e) {
  if (!(e instanceof EdgeError) && !(e instanceof TypeError && "code" in e)) throw e;
  console.error(e.message);
  process.exitCode = 1;
}
