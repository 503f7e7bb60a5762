/** The sample's `candidate.json`: every platform that has been built, the server's licence, and where it all comes from. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EdgeError } from "../../src/edges/edges.ts";
import { writeAtomic } from "../../src/storage/atomic-write.ts";
import { checkCandidate, readCandidate, writeCandidate } from "../../src/candidate/index.ts";
import { executableName, productNamed } from "../../src/products/index.ts";
import { buildRecord } from "./build-platform.mjs";
import { go } from "./go.mjs";
import { noticesFile, sample } from "./sample.mjs";

/** @typedef {keyof typeof sample.platforms} Platform */

/**
 * Modules of the binaries as Go knows them: folder in the module cache, checksum, time of the release.
 * @returns {Promise<{ Path: string, Version: string, Sum: string, Dir: string, Info: string }[]>}
 */
async function modules() {
  const names = Object.values(sample.binaries).map((binary) => binary.module);
  const listed = await go(["mod", "download", "-json", ...names]);
  // Objects one after another, not an array.
  return JSON.parse(`[${listed.trim().replace(/^}\s*\{/gm, "},{")}]`);
}

/** The release's time as a candidate states it: UTC, whole seconds. @param {string} infoFile */
function releaseDate(infoFile) {
  const time = JSON.parse(readFileSync(infoFile, "utf8")).Time;
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

/** @param {string} out @param {Platform[]} built */
async function alreadySealed(out, built) {
  try {
    const listed = Object.keys(readCandidate(out).platforms);
    return (
      listed.length === built.length && (await checkCandidate(out, productNamed(sample.product), built)).length === 0
    );
  } catch {
    return false;
  }
}

/**
 * Seals what has been built in `out`; leaves a seal that still holds untouched, also where there is no Go.
 * @param {string} out
 */
export async function sealSample(out) {
  const known = /** @type {Platform[]} */ (Object.keys(sample.platforms));
  const records = known.flatMap((platform) => {
    const record = buildRecord(out, platform);
    return record ? [{ platform, record }] : [];
  });
  const built = records.map(({ platform }) => platform);
  if (await alreadySealed(out, built)) return;

  const found = await modules();
  const server = found.find((m) => m.Path === sample.binaries["nats-server"].module);
  if (!server) throw new EdgeError("Go does not know the module of nats-server; restore samples/nats/go.mod.");
  const licence = readFileSync(join(server.Dir, "LICENSE"), "utf8").replace(/\r\n/g, "\n");
  writeAtomic(join(out, "LICENSE.txt"), licence);
  await writeCandidate(out, {
    product: sample.product,
    version: sample.version,
    source: {
      repository: sample.repository,
      // Modules come without their commit; their checksums in go.sum identify the sources at least as well.
      revision: null,
      date: releaseDate(server.Info),
      tag: server.Version,
      modules: found.map(({ Path, Version, Sum }) => ({ path: Path, version: Version, sum: Sum })),
      toolchains: [...new Set(records.map(({ record }) => record.go))],
    },
    licence: "LICENSE.txt",
    platforms: Object.fromEntries(
      built.map((platform) => [
        platform,
        {
          binaries: Object.fromEntries(
            Object.entries(sample.binaries).map(([key, { version }]) => {
              const file = `${platform}/${executableName(key, platform)}`;
              return [key, version === sample.version ? file : { file, version }];
            }),
          ),
          assets: { [noticesFile]: `${platform}/${noticesFile}` },
        },
      ]),
    ),
  });
}
