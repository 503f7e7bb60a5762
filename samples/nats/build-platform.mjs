/** The binaries of one platform, built into `<out>/<platform>/` unless what is there was made of the same inputs. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256, sha256File, canonicalJson } from "../../src/storage/digest.ts";
import { writeAtomic } from "../../src/storage/atomic-write.ts";
import { executableName } from "../../src/products/index.ts";
import { noticesOf } from "./notices.mjs";
import { go } from "./go.mjs";
import { noticesFile, sample } from "./sample.mjs";

const here = dirname(fileURLToPath(import.meta.url));

/** @typedef {{ inputs: string, go: string, files: Record<string, string> }} BuildRecord */
/** @typedef {keyof typeof sample.platforms} Platform */

/**
 * @param {string} out
 * @param {string} platform
 */
const recordFile = (out, platform) => join(out, ".build", `${platform}.json`);

/**
 * What the platform was last built of.
 * @param {string} out
 * @param {string} platform
 * @returns {BuildRecord | undefined}
 */
export function buildRecord(out, platform) {
  try {
    return JSON.parse(readFileSync(recordFile(out, platform), "utf8"));
  } catch {
    return undefined;
  }
}

/** Everything of ours that has a say in the bytes. @param {string} platform */
function ownInputs(platform) {
  const text = (/** @type {string} */ name) => readFileSync(join(here, name), "utf8");
  return {
    mod: text("go.mod"),
    sum: text("go.sum"),
    binaries: sample.binaries,
    environment: sample.platforms[/** @type {Platform} */ (platform)],
  };
}

/**
 * Whether every file that the record names is there with the bytes it had.
 * @param {string} out
 * @param {BuildRecord} record
 */
async function intact(out, record) {
  for (const [file, digest] of Object.entries(record.files)) {
    if (!existsSync(join(out, file)) || (await sha256File(join(out, file))) !== digest) return false;
  }
  return true;
}

/**
 * Builds what is missing or outdated.
 * @param {{ platform: string, out: string, report: (line: string) => void }} task
 */
export async function buildPlatform({ platform, out, report }) {
  const record = buildRecord(out, platform);
  // Without Go nothing can be built, but what stands there whole needs no Go either.
  const version = await go(["env", "GOVERSION"]).then(
    (text) => text.trim(),
    (e) => {
      if (record) return record.go;
      throw e;
    },
  );
  const inputs = sha256(canonicalJson({ ...ownInputs(platform), go: version }));
  if (record?.inputs === inputs && (await intact(out, record))) {
    report(`${platform}: up to date`);
    return;
  }
  const environment = sample.platforms[/** @type {Platform} */ (platform)];
  const folder = join(out, platform);
  const stage = join(out, ".build", `${platform}.stage`);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  report(`${platform}: building with ${version}; the first time Go downloads the modules and this takes a minute`);
  /** @type {BuildRecord} */
  const made = { inputs, go: version, files: {} };
  for (const [key, binary] of Object.entries(sample.binaries)) {
    const name = executableName(key, /** @type {Platform} */ (platform));
    const started = performance.now();
    const tick = setInterval(
      () => report(`${platform}/${name}: still building, ${Math.round((performance.now() - started) / 1000)} s`),
      10_000,
    );
    try {
      await go(
        ["build", "-trimpath", "-buildvcs=false", "-ldflags", binary.ldflags, "-o", join(stage, name), binary.package],
        environment,
      );
    } finally {
      clearInterval(tick);
    }
    chmodSync(join(stage, name), 0o755);
    made.files[`${platform}/${name}`] = await sha256File(join(stage, name));
    report(`${platform}/${name}: built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
  writeFileSync(join(stage, noticesFile), await noticesOf(environment), { mode: 0o644 });
  made.files[`${platform}/${noticesFile}`] = await sha256File(join(stage, noticesFile));
  // The record is written last: after a crash in between, the next run builds again.
  rmSync(recordFile(out, platform), { force: true });
  rmSync(folder, { recursive: true, force: true });
  renameSync(stage, folder);
  writeAtomic(recordFile(out, platform), `${JSON.stringify(made, undefined, 2)}\n`);
}
