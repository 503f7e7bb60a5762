/** A cache of its own for tests with real machines: images and parents are the user's, machines and slots are only the test's. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureImage } from "../../src/machines/index.ts";
import type { MachineImage, MachineRequest } from "../../src/machines/index.ts";
import { cachePath } from "../../src/storage/folders.ts";

export interface OwnCache {
  image: MachineImage;
  /** `$XDG_CACHE_HOME` of the test */
  folder: string;
  workspace: string;
  /** a request for a machine that lives two minutes */
  request(cell: string, over?: Partial<MachineRequest>): MachineRequest;
  /** everything that machines of this cache could leave behind */
  inventory(): Inventory;
  /** everything that machines of this cache left behind, after the kernel had time to close the sockets of those that ended */
  left(): Promise<Inventory>;
  close(): void;
}

export interface Inventory {
  processes: string[];
  sockets: string[];
  files: string[];
}

export async function ownCache(): Promise<OwnCache> {
  const image = await ensureImage("linux-x64/debian-12", { report: () => undefined });
  const folder = mkdtempSync(join(tmpdir(), "gl-"));
  const workspace = join(folder, "workspace");
  mkdirSync(join(folder, "greenlight"));
  mkdirSync(workspace);
  for (const name of ["images", "parents", "accelerators"])
    symlinkSync(cachePath(name), join(folder, "greenlight", name));
  const before = process.env["XDG_CACHE_HOME"];
  process.env["XDG_CACHE_HOME"] = folder;
  const inventory = () => ({
    processes: processes(folder),
    sockets: sockets(folder),
    files: files(join(folder, "greenlight")),
  });
  return {
    image,
    folder,
    workspace,
    request: (cell, over = {}) => ({
      image,
      owner: { workspace, stack: "test", urn: `urn:${cell}` },
      incarnation: 1,
      cell,
      subject: "0".repeat(64),
      lifeSeconds: 120,
      report: () => undefined,
      ...over,
    }),
    inventory,
    left: async () => {
      const end = Date.now() + 5000;
      // A process that ended has no command line any more before its sockets are closed.
      while (inventory().sockets.length > 0 && Date.now() < end)
        await new Promise((resolve) => setTimeout(resolve, 20));
      return inventory();
    },
    close: () => {
      if (before === undefined) delete process.env["XDG_CACHE_HOME"];
      else process.env["XDG_CACHE_HOME"] = before;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function processes(folder: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        Number(pid) !== process.pid &&
        readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${folder}/`)
      );
    } catch {
      return false;
    }
  });
}

function sockets(folder: string): string[] {
  return readFileSync("/proc/net/unix", "utf8")
    .split("\n")
    .filter((line) => line.includes(`${folder}/`));
}

/** Files below a folder, links not followed, empty folders left out. */
function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : entry.isSymbolicLink() ? [] : [path];
  });
}

/** Waits until a condition holds. */
export async function until(what: string, seconds: number, holds: () => boolean): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
