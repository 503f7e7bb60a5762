/**
 * Machine images: a Debian file system, its kernel and its initial RAM disk in the user's cache, known by their blueprint
 * before they are built and by their bytes afterwards. Built under a lock in a temporary folder and renamed in, so that
 * an image is there as a whole or not at all; the slow half (packages) is kept when the build is killed after it.
 */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { EdgeError, parseFile } from "../../edges/edges.ts";
import { shellQuoted } from "../../edges/shell-word.mjs";
import { TargetSchema, type Target } from "../../products/index.ts";
import { syncFolder, writeAtomic } from "../../storage/atomic-write.ts";
import { sha256, sha256File } from "../../storage/digest.ts";
import { cachePath } from "../../storage/folders.ts";
import { withLock } from "../../storage/lock.ts";
import { aptOptions, aptSources } from "./apt-sources.ts";
import type { GuestText } from "./guest-file.ts";
import { imageBlueprint } from "./blueprint.ts";
import type { ImageBlueprint } from "./blueprint.ts";
import { elapsed, runTool, type Report } from "../host/index.ts";

/** `image.json` of an image's folder. Digests are SHA-256 in lower-case hex. */
export const ImageFilesSchema = z.object({
  schema: z.literal(1),
  target: TargetSchema,
  /** of the blueprint; called so in the images that caches hold */
  recipeDigest: z.string(),
  /** over the digests of disk, kernel and initial RAM disk */
  digest: z.string(),
  /** of the list of installed packages, `name version architecture` a line, sorted */
  packagesDigest: z.string(),
  /** release of the kernel, as `uname -r` says */
  kernel: z.string(),
});
export type ImageFiles = z.output<typeof ImageFilesSchema> & { folder: string };

const remedy = "delete the image's folder, and the next run builds it again";

/** The image of a target when it is in the cache. @throws EdgeError when its record is spoiled. */
export function findImageFiles(target: Target): ImageFiles | undefined {
  const folder = cachePath("images", imageBlueprint(target).digest);
  if (!existsSync(join(folder, "image.json"))) return undefined;
  return { ...parseFile(ImageFilesSchema, join(folder, "image.json"), remedy), folder };
}

/**
 * The image of a target, built when it is not in the cache yet (about a minute and a network).
 * @throws EdgeError when it cannot be built here.
 */
export async function ensureImageFiles(target: Target, report: Report, signal?: AbortSignal): Promise<ImageFiles> {
  const there = findImageFiles(target);
  if (there) return there;
  const blueprint = imageBlueprint(target);
  if (process.getuid?.() !== 0) {
    throw new EdgeError(
      `The image of ${target} can be built only by root (mmdebstrap makes files of all owners); run this once as root.`,
      "host",
    );
  }
  const started = performance.now();
  const waiting = setInterval(() => report(`machine image ${target}: ${elapsed(started)}`), 15_000);
  try {
    return await withLock(
      cachePath("images", `${blueprint.digest}.lock`),
      1800,
      async () => {
        const meanwhile = findImageFiles(target);
        if (meanwhile) return meanwhile;
        // A killed build left it; nobody else builds this image while the lock is held.
        rmSync(buildFolder(blueprint), { recursive: true, force: true });
        await build(blueprint, (line) => report(`machine image ${target}: ${line}, ${elapsed(started)}`), signal);
        return findImageFiles(target)!;
      },
      `making the machine image ${target}`,
    );
  } finally {
    clearInterval(waiting);
  }
}

function buildFolder(blueprint: ImageBlueprint): string {
  return cachePath("images", `.build-${blueprint.digest.slice(0, 16)}`);
}

async function build(blueprint: ImageBlueprint, report: Report, signal: AbortSignal | undefined): Promise<void> {
  const system = cachePath("images", `.system-${blueprint.digest}`);
  const temporary = buildFolder(blueprint);
  mkdirSync(temporary, { recursive: true });
  if (!existsSync(system)) {
    report(`installing Debian ${blueprint.suite}`);
    // mmdebstrap mounts proc and sys and starts helpers. In namespaces of their own all of that goes with a build that is killed;
    // mounts left behind in the folder would keep it from being removed.
    await runTool(
      "unshare",
      [
        ...["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "mmdebstrap"],
        "--mode=root",
        "--variant=minbase",
        `--architectures=${blueprint.architecture}`,
        `--include=${blueprint.packages.join(",")}`,
        ...blueprint.bootFiles.map((file) => `--essential-hook=${writeHook(file)}`),
        "--format=directory",
        ...(await aptOptions()),
        blueprint.suite,
        join(temporary, "system"),
        ...(await aptSources(blueprint.suite)),
      ],
      {
        ...(signal ? { signal } : {}),
        onLine: (line) => {
          if (line.startsWith("I: ") && /download|extract|install/.test(line)) report(line.slice(3));
        },
      },
    );
    renameSync(join(temporary, "system"), system);
  }
  report("making the disk");
  customise(system, blueprint);
  const kernel = readdirSync(join(system, "boot"))
    .find((name) => name.startsWith("vmlinuz-"))
    ?.slice("vmlinuz-".length);
  if (!kernel)
    throw new EdgeError(
      `The image of ${blueprint.target} has no kernel; remove ${system} and run the same command again.`,
    );
  const list = await runTool(
    "dpkg-query",
    [`--admindir=${join(system, "var/lib/dpkg")}`, "-W", "-f", "${Package} ${Version} ${Architecture}\\n"],
    { from: "dpkg" },
  );
  const packages = list.trim().split("\n").sort().join("\n") + "\n";
  writeFileSync(join(temporary, "packages.txt"), packages);
  writeFileSync(join(temporary, "vmlinuz"), readFileSync(join(system, "boot", `vmlinuz-${kernel}`)));
  // Unpacked here, once, and not by each machine at each boot.
  writeFileSync(join(temporary, "initrd.img"), gunzipSync(readFileSync(join(system, "boot", `initrd.img-${kernel}`))));
  const raw = join(temporary, "disk.raw");
  // Tables written now are not written later by the kernel, in the background of a proof.
  const format = ["-q", "-t", "ext4", "-L", "root", "-m", "1", "-E", "lazy_itable_init=0,lazy_journal_init=0"];
  await runTool("mke2fs", [...format, "-d", system, raw, `${blueprint.diskGiB}G`], { from: "e2fsprogs" });
  await runTool("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", raw, join(temporary, "disk.qcow2")], {
    from: "qemu-utils",
  });
  rmSync(raw);
  const digests: string[] = [];
  for (const name of ["disk.qcow2", "vmlinuz", "initrd.img"]) {
    digests.push(`${await sha256File(join(temporary, name))}  ${name}\n`);
    chmodSync(join(temporary, name), 0o444);
  }
  const record: z.input<typeof ImageFilesSchema> = {
    schema: 1,
    target: blueprint.target,
    recipeDigest: blueprint.digest,
    digest: sha256(digests.join("")),
    packagesDigest: sha256(packages),
    kernel,
  };
  writeAtomic(join(temporary, "image.json"), JSON.stringify(record, null, 2) + "\n");
  renameSync(temporary, cachePath("images", blueprint.digest));
  syncFolder(cachePath("images"));
  rmSync(system, { recursive: true, force: true });
  report("ready");
}

/** Shell text that writes a file below `$1`, the system that mmdebstrap makes. */
function writeHook(file: GuestText): string {
  const place = `"$1${file.path}"`;
  return `mkdir -p "$1${dirname(file.path)}" && printf %s ${shellQuoted(file.text)} >${place} && chmod ${file.mode.toString(8)} ${place}`;
}

/** Puts the blueprint's files into the file system; may run again over its own result. */
function customise(system: string, blueprint: ImageBlueprint): void {
  for (const path of blueprint.removals) rmSync(join(system, path), { recursive: true, force: true });
  for (const file of blueprint.files) {
    const place = join(system, file.path);
    if (lstatSync(place, { throwIfNoEntry: false })) rmSync(place, { force: true });
    if (!existsSync(dirname(place))) {
      mkdirSync(dirname(place), { recursive: true });
      chmodSync(dirname(place), 0o755);
    }
    if ("link" in file) symlinkSync(file.link, place);
    else {
      writeFileSync(place, file.text);
      chmodSync(place, file.mode);
    }
  }
}
