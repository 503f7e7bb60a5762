/**
 * How bytes get into a channel, for publication and promotion alike. Under the channel's lock: what dead processes left
 * is removed, everything is staged beside the releases, made durable, hashed again, renamed into place, and last the index
 * is replaced. A kill anywhere leaves either the old index or the new one, and the next run finishes or starts over. A release
 * folder that is there is never replaced: it is taken in when it holds the same bytes, and otherwise nothing is published.
 */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { EdgeError } from "../edges/edges.ts";
import { isLowerCaseName } from "../edges/names.ts";
import { syncFolder, writeAtomic } from "../storage/atomic-write.ts";
import { sha256 } from "../storage/digest.ts";
import { withLock } from "../storage/lock.ts";
import { workspacePath } from "../storage/folders.ts";
import { keepProofs } from "./proofs.ts";
import { readIndex, readRelease } from "./read.ts";
import {
  channelFolder,
  indexFile,
  IndexSchema,
  parseRelease,
  publishedFolder,
  releaseText,
  type Index,
  type Release,
} from "./release.ts";
import { requireListed } from "./unlisted.ts";
import { compareFolder, verifyRelease } from "./verify.ts";
import { compareVersions } from "../candidate/index.ts";

/** What came of it: `published`, `adopted` (the same bytes were there), and whether the channel now offers this version. */
export interface Placed {
  outcome: "published" | "adopted";
  version: string;
  /** the version that the channel offers now */
  current: string;
  /** SHA-256 of release.json */
  digest: string;
  folder: string;
  /** one sentence about what was done */
  sentence: string;
}

export interface Placement {
  workspace: string;
  channel: string;
  release: Release;
  /** path in the release → absolute file to copy it from */
  sources: ReadonlyMap<string, string>;
  promotedFrom?: string;
  /** further evidence of these bytes to be kept beside the release: digest → absolute file */
  proofs?: ReadonlyMap<string, string>;
  /** why the release may not be put there anew, a whole sentence; where it is already, it may stay */
  onlyAdopt?: string;
  /** called under the lock before anything is put there; throws when the channel is not any more what the release was judged by */
  confirm?: () => void;
  now: Date;
  /** called by name before and after each thing that lasts; tests end the process there */
  step?: (name: string) => void | Promise<void>;
  lockWaitSeconds?: number;
}

async function copy(source: string, target: string): Promise<void> {
  mkdirSync(dirname(target), { recursive: true });
  await pipeline(createReadStream(source), createWriteStream(target, { flags: "wx", mode: 0o444 }));
  const fd = openSync(target, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Equal as far as a reader's bytes go: evidence of a second proof does not make another release of the same files. */
function samePublishedFiles(a: Release, b: Release): boolean {
  const list = (release: Release) =>
    JSON.stringify(
      release.files
        .filter((f) => f.role !== "evidence")
        .map((f) => [f.path, f.role, f.sha256, f.size])
        .sort(),
    );
  return list(a) === list(b);
}

/** Only a holder of the lock writes below the channel, so that whatever is unfinished there belongs to a dead process. */
function removeLeftovers(folder: string): void {
  rmSync(join(folder, ".staging"), { recursive: true, force: true });
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isFile() && entry.name.startsWith(".tmp-")) rmSync(join(folder, entry.name), { force: true });
  }
}

function nextIndex(previous: Index | undefined, placement: Placement, digest: string): Index {
  const { product, version } = placement.release;
  const entry = {
    version,
    release: digest,
    publishedAt: placement.now.toISOString(),
    ...(placement.promotedFrom ? { promotedFrom: placement.promotedFrom } : {}),
  };
  const releases = [...(previous?.releases ?? []), entry].sort((a, b) => compareVersions(a.version, b.version));
  const forward = !previous || compareVersions(version, previous.current) > 0;
  return IndexSchema.parse({ schema: 1, product, current: forward ? version : previous.current, releases });
}

/**
 * The release in a folder of this version that no index names, with its identity: a run was killed before it wrote the index, or the index is
 * older than the folder. Its bytes are as good as ours when they are the same. Undefined when there is no such folder.
 * @throws EdgeError when it holds anything else, since it may have been published.
 */
async function unlistedTwin(
  { channel, release }: Placement,
  folder: string,
): Promise<{ release: Release; digest: string } | undefined> {
  if (!lstatSync(folder, { throwIfNoEntry: false })) return undefined;
  const what = `Channel ${channel} holds a folder of ${release.product} ${release.version} that no index names`;
  const faults = await verifyRelease(folder);
  if (faults.length > 0) {
    const found = faults.map((f) => `${f.path} ${f.message}`).join("; ");
    throw new EdgeError(
      `${what} and that is damaged: ${found}; restore it from a backup, or, where it was never published, move ${folder} out of the channel.`,
      "stored",
    );
  }
  const text = readFileSync(join(folder, "release.json"), "utf8");
  const there = parseRelease(text, { what: join(folder, "release.json"), remedy: "restore it from a backup" });
  if (there.product !== release.product || there.version !== release.version || !samePublishedFiles(there, release)) {
    throw new EdgeError(
      `${what}, with other bytes, and a release that is there is never replaced; take it back in with \`greenlight channel repair ${channel}\`, and give the candidate a new version.`,
      "refused",
    );
  }
  return { release: there, digest: sha256(text) };
}

/** Stages the release and puts it into place. */
async function putFolder({ workspace, channel, release, sources, step }: Placement, digest: string): Promise<void> {
  const root = channelFolder(workspace, channel);
  const folder = publishedFolder(workspace, channel, release.product, release.version);
  const stage = join(root, ".staging", `${release.product}-${release.version}`);
  mkdirSync(stage, { recursive: true });
  for (const { path } of release.files) {
    await step?.(`before staging ${path}`);
    const source = sources.get(path);
    if (source === undefined)
      throw new EdgeError(
        `${path} of ${release.product} ${release.version} has no file to be copied from; nothing was published.`,
      );
    try {
      await copy(source, join(stage, path));
    } catch (e) {
      throw new EdgeError(
        `${source} could not be copied into channel ${channel} (${(e as NodeJS.ErrnoException).code ?? (e as Error).message}); nothing was published.`,
      );
    }
  }
  writeAtomic(join(stage, "release.json"), releaseText(release), 0o444);
  await step?.("before verifying");
  const faults = await compareFolder(stage, release, digest);
  if (faults.length > 0) {
    throw new EdgeError(
      `${release.product} ${release.version} is not published to ${channel}: ${faults.map((f) => `${f.path} ${f.message}`).join("; ")}; make the archives again with the next \`up\`.`,
      "refused",
    );
  }
  for (const inside of new Set(release.files.map(({ path }) => dirname(join(stage, path))))) syncFolder(inside);
  syncFolder(stage);
  mkdirSync(dirname(folder), { recursive: true });
  await step?.("before placing");
  renameSync(stage, folder);
  syncFolder(dirname(folder));
  syncFolder(join(root, "releases"));
}

/**
 * Puts a release into a channel.
 * @throws EdgeError when the version is there with other bytes, when the channel holds releases that its index does not name,
 * when a file is not what the release says, or when the lock stays taken.
 */
export async function place(placement: Placement): Promise<Placed> {
  const { workspace, channel, step } = placement;
  const release = parseRelease(releaseText(placement.release), {
    what: `The release ${placement.release.product} ${placement.release.version}`,
    remedy: "mend the candidate",
  });
  const { product, version } = release;
  if (!isLowerCaseName(channel))
    throw new EdgeError(`${JSON.stringify(channel)} is no name of a channel; use a-z, 0-9 and -, like dev or stable.`);
  const ownDigest = sha256(releaseText(release));
  const folder = publishedFolder(workspace, channel, product, version);
  const root = channelFolder(workspace, channel);
  mkdirSync(root, { recursive: true });
  return withLock(
    workspacePath(workspace, "channels", `${channel}.lock`),
    placement.lockWaitSeconds ?? 60,
    async () => {
      await step?.("locked");
      removeLeftovers(root);
      const index = readIndex(workspace, channel, product);
      const keep = (held: Release): number => {
        const own = new Set(held.gates.map((gate) => gate.evidence));
        return keepProofs(
          workspace,
          channel,
          product,
          version,
          new Map([...(placement.proofs ?? [])].filter(([digest]) => !own.has(digest))),
        );
      };
      requireListed(workspace, channel, product, version, index);
      const there = readRelease(workspace, channel, product, version);
      if (index && there) {
        if (!samePublishedFiles(there.release, release)) {
          throw new EdgeError(
            `Channel ${channel} already holds ${product} ${version} with other bytes, and a release never changes; give the candidate a new version.`,
            "refused",
          );
        }
        const faults = await verifyRelease(folder, there.digest);
        if (faults.length > 0) {
          throw new EdgeError(
            `${product} ${version} in channel ${channel} is spoiled: ${faults.map((f) => `${f.path} ${f.message}`).join("; ")}; restore it from a backup.`,
            "stored",
          );
        }
        const kept = keep(there.release);
        const beside = kept === 0 ? "" : `; ${kept} later ${kept === 1 ? "proof is" : "proofs are"} kept beside them`;
        const sentence = `Channel ${channel} already holds these bytes of ${product} ${version}${beside}.`;
        return { outcome: "adopted", version, current: index.current, digest: there.digest, folder, sentence };
      }
      if (placement.onlyAdopt !== undefined) throw new EdgeError(placement.onlyAdopt, "refused");
      placement.confirm?.();
      const twin = await unlistedTwin(placement, folder);
      const digest = twin?.digest ?? ownDigest;
      if (twin === undefined) await putFolder({ ...placement, release }, digest);
      keep(twin?.release ?? release);
      await step?.("before the index");
      const next = nextIndex(index, placement, digest);
      writeAtomic(indexFile(workspace, channel, product), `${JSON.stringify(next, null, 2)}\n`);
      await step?.("after the index");
      removeLeftovers(root);
      const behind = next.current === version ? "" : `; the channel goes on offering ${next.current}, which is newer`;
      return {
        outcome: "published",
        version,
        current: next.current,
        digest,
        folder,
        sentence: `Published ${product} ${version} to channel ${channel}${behind}.`,
      };
    },
  );
}
