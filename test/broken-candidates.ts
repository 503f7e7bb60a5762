/**
 * Candidates that are broken in one way each, made from the good one of NATS and sealed anew: nothing but a machine can
 * tell. What packing would refuse is seeded in the packed archive, which is sealed anew in turn. Each says which check must see it, and in what words, so that it is red for its own reason.
 */
import { constants } from "node:fs";
import { chmod, copyFile, link, mkdir, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { controlsOf } from "../src/controls/index.ts";
import { readCandidate, writeCandidate, type Candidate, type CandidateDraft } from "../src/candidate/index.ts";
import type { SuiteName } from "../src/plan/index.ts";
import { forAarch64, needingLibrary } from "./elf.ts";
import type { File } from "./validator/release.ts";

export interface BrokenCandidate {
  name: string;
  /** what is wrong with it, as a sentence */
  how: string;
  /** the first check that must be red, and what its observation must match */
  expect: { suite: string; check: string; observed: RegExp };
  /** the suites that must be run to see it */
  suites: SuiteName[];
  /** least `soakSeconds` with which it is seen */
  soakSeconds?: number;
  /** makes it of a good candidate that has already been copied to the bench */
  spoil?(bench: Bench): Promise<void>;
  /** changes the packed archive instead, where nothing like that is packed any more (`repack` of repacked.ts seals it anew) */
  repack?(files: Map<string, File>): void;
}

const platform = "linux-x64";
type Key = "nats" | "nats-server";

/** The copy that is being spoiled: its folder holds files that nothing else has, its draft is what will be sealed. */
interface Bench {
  read(key: Key): Promise<Buffer>;
  write(key: Key, bytes: Buffer | string): Promise<void>;
  /** puts a script in the binary's place; in it `$real` is the true binary, which comes along as an asset */
  wrap(key: Key, script: string): Promise<void>;
}

/** How long the server that dies of use lives, in seconds. */
export const diesAfterSeconds = 60;

const seeds: Omit<BrokenCandidate, "how" | "expect" | "suites">[] = [
  { name: "executable-bit-lost", repack: (files) => void (files.get("nats")!.mode = 0o644) },
  {
    name: "other-architecture",
    repack: (files) => void files.set("nats-server", { mode: 0o755, data: forAarch64(files.get("nats-server")!.data) }),
  },
  {
    name: "other-version",
    spoil: async (bench) => bench.write("nats-server", replaced(await bench.read("nats-server"), "2.11.4", "2.11.5")),
  },
  {
    name: "service-exits",
    spoil: (bench) =>
      bench.wrap(
        "nats-server",
        'case " $* " in *" -c "*) echo "this server ends at once" >&2; exit 1 ;; esac\nexec "$real" "$@"',
      ),
  },
  {
    name: "service-dies",
    soakSeconds: diesAfterSeconds + 15,
    // The true server takes the place of this script, so that it is the service's main process in every other way.
    spoil: (bench) =>
      bench.wrap(
        "nats-server",
        `case " $* " in *" -c "*) (sleep ${diesAfterSeconds}; kill -KILL $$) & ;; esac\nexec "$real" "$@"`,
      ),
  },
  {
    name: "check-hangs",
    spoil: (bench) => bench.wrap("nats", 'case " $* " in *" pub "*) exec sleep 86400 ;; esac\nexec "$real" "$@"'),
  },
  {
    name: "library-missing",
    repack: (files) => void files.set("nats", { mode: 0o755, data: needingLibrary("libgreenlight-none.so.1") }),
  },
];

/** What a control of NATS says of itself: src/controls/nats.json. */
function declared(name: string): Pick<BrokenCandidate, "how" | "expect" | "suites"> {
  const control = controlsOf("nats").find(({ id }) => id === name);
  if (!control) throw new Error(`src/controls/nats.json names no control ${name}`);
  const [suite, check] = control.check.split("/") as [string, string];
  return {
    how: control.seeded,
    suites: control.suites as SuiteName[],
    expect: { suite, check, observed: new RegExp(control.observed) },
  };
}

export const brokenCandidates: BrokenCandidate[] = seeds.map((seed) => ({ ...seed, ...declared(seed.name) }));

const spoilers: Record<string, (file: string) => Promise<void>> = {
  truncated: async (file) => truncate(file, (await readFile(file)).length - 100),
  "one-byte": changeByte,
};

/** What may happen to a stored archive on its way; the machine's own digest check must see it. */
export const archiveSpoilers = Object.entries(spoilers).map(([name, spoil]) => ({ name, spoil, ...declared(name) }));

async function changeByte(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    const at = Math.floor((await handle.stat()).size / 2);
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, at);
    byte[0]! ^= 0x20;
    await handle.write(byte, 0, 1, at);
  } finally {
    await handle.close();
  }
}

/** Every occurrence of `from` replaced by as many bytes of `to`. */
function replaced(bytes: Buffer, from: string, to: string): Buffer {
  if (from.length !== to.length || !bytes.includes(from)) throw new Error(`cannot put ${to} in the place of ${from}`);
  const copy = Buffer.from(bytes);
  for (let at = copy.indexOf(from); at >= 0; at = copy.indexOf(from, at)) copy.write(to, at);
  return copy;
}

/** The file itself under another name where the file system allows it: nothing here writes into what it did not make. */
async function share(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_FICLONE));
}

function draftOf(candidate: Candidate): CandidateDraft {
  const files = candidate.platforms[platform];
  if (!files) throw new Error(`the good candidate has nothing for ${platform}`);
  return {
    product: candidate.product,
    version: candidate.version,
    source: candidate.source,
    ...(candidate.licence && { licence: candidate.licence.file }),
    ...(candidate.notes && { notes: candidate.notes.file }),
    platforms: {
      [platform]: {
        binaries: Object.fromEntries(
          Object.entries(files.binaries).map(([key, { file, version }]) => [
            key,
            version === undefined ? file : { file, version },
          ]),
        ),
        assets: Object.fromEntries(Object.entries(files.assets ?? {}).map(([path, { file }]) => [path, file])),
      },
    },
  };
}

/**
 * Makes `folder` a candidate like the good one (its linux-x64 half), broken as `broken` says (or whole, where that is seeded in its
 * archive); the seal holds, and the good one is left as it is. `folder` must not be there yet.
 */
export async function breakCandidate(broken: BrokenCandidate, good: string, folder: string): Promise<Candidate> {
  const candidate = readCandidate(good);
  const draft = draftOf(candidate);
  const files = candidate.platforms[platform]!;
  const sealed = [
    candidate.licence,
    candidate.notes,
    ...Object.values(files.binaries),
    ...Object.values(files.assets ?? {}),
  ].flatMap((f) => (f ? [f.file] : []));
  await mkdir(folder, { recursive: true });
  for (const file of new Set(sealed)) await share(join(good, file), join(folder, file));

  const place = (key: Key): string => join(folder, files.binaries[key]!.file);
  const bench: Bench = {
    read: (key) => readFile(place(key)),
    // Removed first: the name may still lead to the good candidate's own file.
    write: async (key, bytes) => {
      await rm(place(key));
      await writeFile(place(key), bytes);
      await chmod(place(key), 0o755);
    },
    wrap: async (key, script) => {
      const real = `${dirname(files.binaries[key]!.file)}/real/${key}`;
      await share(place(key), join(folder, real));
      draft.platforms[platform]!.assets![`real/${key}`] = real;
      await bench.write(key, `#!/bin/sh\nreal=$(dirname "$(readlink -f "$0")")/real/${key}\n${script}\n`);
    },
  };
  await broken.spoil?.(bench);
  return writeCandidate(folder, draft);
}
