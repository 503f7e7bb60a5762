/**
 * Fork parents: an image booted once, stopped, its memory in a file and its device state beside it. A machine is then a
 * copy-on-write child of both, running after a tenth of a second. Known by everything that the saved state depends on;
 * read-only; owned by the user's cache, built under a lock in a temporary folder and renamed in.
 */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { z } from "zod";
import { EdgeError, parseFile } from "../../edges/edges.ts";
import { shellQuoted } from "../../edges/shell-word.mjs";
import { syncFolder, writeAtomic } from "../../storage/atomic-write.ts";
import { canonicalJson, sha256 } from "../../storage/digest.ts";
import { cachePath } from "../../storage/folders.ts";
import { withLock } from "../../storage/lock.ts";
import { isAlive } from "../../storage/process-identity.ts";
import type { Host } from "./accelerator.ts";
import {
  Qmp,
  connectSoon,
  elapsed,
  endProcesses,
  guardedQemu,
  lastWords,
  memoryMiB,
  qemuArguments,
  runTool,
  startBound,
  type QemuPlaces,
  type Report,
} from "../host/index.ts";
import { converse } from "../identity/index.ts";
import type { ImageFiles } from "./image.ts";
import { imageBlueprint } from "./blueprint.ts";

/** `parent.json`: that the folder is complete, and what for. */
const ParentSchema = z.object({
  schema: z.literal(1),
  identity: z.string(),
  image: z.string(),
  qemu: z.string(),
  accelerator: z.string(),
  state: z.string(),
});

/** Seconds that a cold boot may take; about half a minute in software emulation on an idle host. */
export const bootSeconds = 240;

/** The migration address that reads the parent's device state. */
export function stateSource(folder: string): string {
  return `exec:cat < ${shellQuoted(join(folder, "state"))}`;
}

/** What a saved state depends on, as SHA-256. */
export function parentIdentity(image: ImageFiles, host: Host): string {
  const places: QemuPlaces = {
    name: "NAME",
    kernel: "KERNEL",
    initrd: "INITRD",
    kernelArguments: imageBlueprint(image.target).kernelArguments,
    disk: "DISK",
    ram: "RAM",
    role: "child",
    qmpSocket: "QMP",
    identitySocket: "IDENTITY",
    console: "CONSOLE",
    packets: undefined,
  };
  return sha256(
    canonicalJson({ layout: 2, image: image.digest, ...host, arguments: qemuArguments(host.accelerator, places) }),
  );
}

/** The folder of the image's fork parent on this host, or undefined when it is not there. */
export function findParent(image: ImageFiles, host: Host): string | undefined {
  const folder = cachePath("parents", parentIdentity(image, host));
  return existsSync(join(folder, "parent.json")) ? folder : undefined;
}

/**
 * The folder of the image's fork parent, booted when it is not there (half a minute in software emulation).
 * @throws Error when the image does not come up.
 */
export async function ensureParent(
  image: ImageFiles,
  host: Host,
  report: Report,
  signal?: AbortSignal,
): Promise<string> {
  const there = findParent(image, host);
  if (there) {
    parseFile(ParentSchema, join(there, "parent.json"), `delete ${there}, and the next run makes it again`);
    return there;
  }
  const identity = parentIdentity(image, host);
  return withLock(
    cachePath("parents", `${identity}.lock`),
    900,
    async () => {
      const meanwhile = findParent(image, host);
      if (meanwhile) return meanwhile;
      const temporary = cachePath("parents", `.build-${identity.slice(0, 16)}`);
      rmSync(temporary, { recursive: true, force: true });
      mkdirSync(temporary, { recursive: true, mode: 0o700 });
      const { bavail, bsize } = statfsSync(temporary);
      if (bavail * bsize < 3 * memoryMiB * 1024 * 1024) {
        throw new EdgeError(
          `${cachePath("parents")} has ${Math.floor((bavail * bsize) / 2 ** 20)} MiB left and a machine's memory takes up to ${memoryMiB} MiB; make room there.`,
          "host",
        );
      }
      const started = performance.now();
      const ticking = setInterval(() => report(`booting the parent of all machines, ${elapsed(started)}`), 10_000);
      try {
        const state = await bootAndStop(image, host, temporary, signal);
        const record: z.input<typeof ParentSchema> = {
          schema: 1,
          identity,
          image: image.digest,
          qemu: host.qemu,
          accelerator: host.accelerator,
          state,
        };
        writeAtomic(join(temporary, "parent.json"), JSON.stringify(record, null, 2) + "\n");
        renameSync(temporary, cachePath("parents", identity));
        syncFolder(cachePath("parents"));
        await makeTemplate(cachePath("parents", identity));
        report(`parent of all machines booted and stopped, ${elapsed(started)}`);
      } finally {
        clearInterval(ticking);
        rmSync(temporary, { recursive: true, force: true });
      }
      return cachePath("parents", identity);
    },
    "booting the parent of all machines",
  );
}

/** The children's first overlay, made once: it is the same few bytes each time. */
async function makeTemplate(folder: string): Promise<void> {
  const temporary = join(folder, "overlay.qcow2.new");
  await createOverlay(join(folder, "disk.qcow2"), temporary);
  renameSync(temporary, join(folder, "overlay.qcow2"));
}

/**
 * An empty copy-on-write disk over another. All disks lie two folders deep in the cache (images/X, parents/X, machines/X) and
 * name what is behind them from there, so that a cache that was moved or copied still works.
 */
export async function createOverlay(backing: string, file: string): Promise<void> {
  const fromThere = join("..", "..", relative(cachePath(), backing));
  await runTool("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", fromThere, file], {
    from: "qemu-utils",
  });
}

/** Boots, waits until the system says that it is up, stops and saves. Answers the system's state (`running`). */
async function bootAndStop(image: ImageFiles, host: Host, folder: string, signal?: AbortSignal): Promise<string> {
  const disk = join(folder, "disk.qcow2");
  const ram = join(folder, "ram.img");
  await createOverlay(join(image.folder, "disk.qcow2"), disk);
  // Sockets need short paths (107 bytes).
  const run = Buffer.byteLength(folder) > 70 ? tmpdir() : folder;
  const qmpSocket = join(run, `gl-${process.pid}-qmp.sock`);
  const identitySocket = join(run, `gl-${process.pid}-identity.sock`);
  const guard = startBound(
    folder,
    bootSeconds + 60,
    qemuArguments(host.accelerator, {
      name: "greenlight-parent",
      kernel: join(image.folder, "vmlinuz"),
      initrd: join(image.folder, "initrd.img"),
      kernelArguments: imageBlueprint(image.target).kernelArguments,
      disk,
      ram,
      role: "parent",
      qmpSocket,
      identitySocket,
      console: join(folder, "console.log"),
      packets: undefined,
    }),
  );
  const alive = () => isAlive(guard);
  const stop = () => void endProcesses([guard]);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const qmp = await Qmp.open(qmpSocket, alive);
    const socket = await connectSoon(identitySocket, 10, alive);
    const answer = await converse(socket, "settle\n", bootSeconds);
    const [, state = "", cold] = answer.split(" ");
    if (cold) throw new Error("the system came up, but could not be reached by SSH from inside");
    // The children are born without a link, and get theirs when they are somebody.
    await qmp.execute("set_link", { name: "nic0", up: false });
    await qmp.execute("stop");
    await qmp.execute("migrate-set-capabilities", { capabilities: [{ capability: "x-ignore-shared", state: true }] });
    await qmp.execute("migrate", { uri: `exec:cat > ${shellQuoted(join(folder, "state"))}` });
    await qmp.migrated(60);
    socket.destroy();
    await qmp.execute("quit").catch(() => undefined);
    qmp.close();
    for (let i = 0; i < 100 && alive(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const name of ["disk.qcow2", "state"]) chmodSync(join(folder, name), 0o444);
    // QEMU 7.2 opens a memory file for writing even where it only copies; nothing but that needs the permission.
    chmodSync(ram, 0o600);
    return state;
  } catch (e) {
    signal?.throwIfAborted();
    const words = lastWords(folder);
    throw new Error(`${(e as Error).message}${words ? ` (QEMU: ${words})` : ""}`);
  } finally {
    signal?.removeEventListener("abort", stop);
    await endProcesses([guard, guardedQemu(guard)]);
    rmSync(qmpSocket, { force: true });
    rmSync(identitySocket, { force: true });
  }
}
