#!/usr/bin/env node
/**
 * A candidate to try Greenlight with: NATS 2.11.4 (the server) and its CLI 0.1.6, both Apache-2.0, built from the Go
 * modules that go.mod and go.sum pin. Equal inputs and an equal Go give equal bytes; what is up to date is left alone.
 *
 *   node samples/nats/build.mjs [--platform linux-x64,…] [--all] [--out DIR]
 */
import { mkdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));

async function main() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 18)) {
    console.error(
      `Building the sample needs Node 22.18 or newer, and this is ${process.versions.node}; \`npm start\` brings one and builds the sample by itself.`,
    );
    return 1;
  }
  const { EdgeError } = await import("../../src/edges/edges.ts");
  const { withLock } = await import("../../src/storage/lock.ts");
  const { sample } = await import("./sample.mjs");
  const { buildPlatform } = await import("./build-platform.mjs");
  const { sealSample } = await import("./seal.mjs");
  try {
    const { values } = parseArgs({
      options: {
        platform: { type: "string", multiple: true },
        all: { type: "boolean" },
        out: { type: "string" },
        help: { type: "boolean" },
      },
    });
    if (values.help) {
      console.log(
        `node samples/nats/build.mjs [--platform P]… [--all] [--out DIR]\n  P: ${Object.keys(sample.platforms).join(", ")}; linux-x64 when none is given\n  DIR: candidates/nats/${sample.version} when not given`,
      );
      return 0;
    }
    const wanted = values.all
      ? Object.keys(sample.platforms)
      : (values.platform ?? ["linux-x64"]).flatMap((p) => p.split(","));
    const unknown = wanted.filter((p) => !(p in sample.platforms));
    if (unknown.length > 0)
      throw new EdgeError(
        `--platform ${unknown.join(", ")} is not known; use ${Object.keys(sample.platforms).join(", ")}.`,
      );
    const out = resolve(values.out ?? join(here, "../../candidates/nats", sample.version));
    mkdirSync(out, { recursive: true });
    const started = performance.now();
    const report = (/** @type {string} */ line) =>
      console.log(`[${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s] ${line}`);
    await withLock(join(out, ".lock"), 900, async () => {
      for (const platform of wanted) await buildPlatform({ platform, out, report });
      await sealSample(out);
    });
    report(`nats ${sample.version} for ${wanted.join(", ")}: ${relative(process.cwd(), out) || "."}/candidate.json`);
    return 0;
  } catch (e) {
    if (!(e instanceof EdgeError) && !(e instanceof TypeError && "code" in e)) throw e;
    console.error(e.message);
    return 1;
  }
}

process.exitCode = await main();
