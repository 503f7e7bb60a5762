/** A candidate of the stand-in: four binaries for each platform, the files of every archive, and a seal on all of it. */
import { chmodSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeCandidate, type Candidate } from "../../src/candidate/index.ts";
import { parsePolicy } from "../../src/matrix/index.ts";
import { executableName, platforms as everyPlatform, productNamed, type Platform } from "../../src/products/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { withLock } from "../../src/storage/lock.ts";
import { sealedFiles } from "../agreement/product-checkout.ts";
import { go, goPlatforms, hostPlatform, sourcesDigest } from "./go.ts";
import { keptPart, stillKept } from "./kept.ts";
import { fillShared } from "./payload.ts";

export interface StandinOptions {
  /** semantic version; the minor version decides the journal's schema */
  version: string;
  platforms?: readonly Platform[];
  /** names of test/standin/faults.json, built into every binary */
  faults?: readonly string[];
  /** keep the unit that the product's recipe writes for a binary that does not exist */
  workerUnit?: boolean;
  out?: string;
  report?: (line: string) => void;
}

export interface StandinCandidate {
  /** absolute */
  folder: string;
  candidate: Candidate;
  /** absolute path of one binary */
  binary(key: string, platform?: Platform): string;
}

/** Folder of a candidate when none is named: one for each version, set of faults and kind of payload. */
function usualFolder({ version, faults = [], workerUnit }: StandinOptions): string {
  const name = [version, ...[...faults].sort(), ...(workerUnit ? ["worker-unit"] : [])].join("-");
  return join(import.meta.dirname, "../../candidates/palyra-standin", name);
}

/** When a version's sources are said to be from: the date of every file in its archives. */
function dateOf(version: string): string {
  const minor = Number(version.split(".")[1]);
  return new Date(Date.UTC(2026, 3 + (minor % 12), 28)).toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * Builds what is missing or outdated in the candidate's folder, and seals it. Equal sources and an equal Go give equal bytes.
 * @throws EdgeError when there is no Go, or a file cannot be made.
 */
export async function standinCandidate(options: StandinOptions): Promise<StandinCandidate> {
  const { version, faults = [], platforms = everyPlatform, report } = options;
  const folder = resolve(options.out ?? usualFolder(options));
  mkdirSync(folder, { recursive: true });
  const product = productNamed("palyra");
  const keys = Object.keys(product.binaries);
  const revision = sha256(`${sourcesDigest()}\n${version}`).slice(0, 40);
  const values = { version, gitHash: revision.slice(0, 12), seeded: [...faults].sort().join(",") };
  const goVersion = (await go(["env", "GOVERSION"])).trim();

  const build = async (target: string, key: string, platform: Platform, stated = values): Promise<void> => {
    const flags = Object.entries({ ...stated, role: key }).map(([name, value]) => `-X 'main.${name}=${value}'`);
    const file = join(target, executableName(key, platform));
    await go(
      [
        "build",
        "-trimpath",
        "-buildvcs=false",
        "-ldflags",
        ["-s", "-w", "-buildid=", ...flags].join(" "),
        "-o",
        file,
        ".",
      ],
      goPlatforms[platform],
    );
    chmodSync(file, 0o755);
  };

  const candidate = await withLock(join(folder, ".lock"), 900, async () => {
    const built: Platform[] = [];
    for (const platform of everyPlatform) {
      const inputs = sha256(JSON.stringify([revision, values, goVersion, goPlatforms[platform], keys]));
      // A platform that was not asked for stays in the seal when it is there: others may be using this folder.
      if (platforms.includes(platform) || (await stillKept(folder, platform, inputs))) built.push(platform);
      if (platforms.includes(platform))
        await keptPart(folder, platform, inputs, async (stage) => {
          const started = performance.now();
          // The first one compiles what all of them share.
          const [first, ...others] = keys;
          await build(stage, first!, platform);
          await Promise.all(others.map((key) => build(stage, key, platform)));
          report?.(`${platform}: built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
        });
    }
    const host = hostPlatform();
    const hostInputs = sha256(JSON.stringify([revision, goVersion]));
    // Without faults: help pages and recipes are those of a good release.
    await keptPart(folder, "host", hostInputs, (stage) => build(stage, "palyra", host, { ...values, seeded: "" }));
    const shared = await keptPart(
      folder,
      "shared",
      sha256(JSON.stringify([hostInputs, options.workerUnit ?? false, "payload 2"])),
      (stage) =>
        fillShared(stage, join(folder, "host", executableName("palyra", host)), version, {
          workerUnit: options.workerUnit ?? false,
        }),
    );
    const sealedApart = ["LICENSE.txt", "RELEASE_NOTES.txt"];
    const assets = Object.fromEntries(
      shared.filter((path) => !sealedApart.includes(path)).map((path) => [path, `shared/${path}`]),
    );
    return writeCandidate(folder, {
      product: product.name,
      version,
      source: {
        repository: "https://standin.invalid/palyra",
        revision,
        date: dateOf(version),
        capabilities: Object.fromEntries(
          parsePolicy("palyra").words.value.capabilities.map((name) => [name, { mode: "disabled" }]),
        ),
        standin: "A test double: not the product.",
      },
      policy: sealedFiles() as NonNullable<Candidate["policy"]>,
      licence: "shared/LICENSE.txt",
      notes: "shared/RELEASE_NOTES.txt",
      platforms: Object.fromEntries(
        built.map((platform) => [
          platform,
          {
            binaries: Object.fromEntries(keys.map((key) => [key, `${platform}/${executableName(key, platform)}`])),
            assets,
          },
        ]),
      ),
    });
  });
  return {
    folder,
    candidate,
    binary: (key, platform = hostPlatform()) => join(folder, platform, executableName(key, platform)),
  };
}
