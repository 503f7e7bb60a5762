/** What a workspace's runs have left on the host: processes, machines, slots, run folders. Other workspaces' are not its. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { cachePath } from "../../src/storage/folders.ts";

/** Whether a machine is somebody else's: one that nobody has written down counts as left behind. */
function isForeign(id: string, workspace: string): boolean {
  try {
    const record = JSON.parse(readFileSync(cachePath("machines", id, "record.json"), "utf8")) as {
      owner: { workspace: string };
    };
    return record.owner.workspace !== workspace;
  } catch {
    return false;
  }
}

function list(folder: string, pattern: RegExp): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => pattern.test(name)) : [];
}

/** QEMU of a machine of ours or of nobody's, and whatever works in the workspace's folder. */
function processes(workspace: string): string[] {
  return list("/proc", /^\d+$/).flatMap((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      const text = `process ${pid} ${words.join(" ").slice(0, 160)}`;
      if (/qemu-system-[^/]*$/.test(words[0]!)) {
        // Machines of another cache are another user's, as it were.
        if (!text.includes("greenlight") || !words.some((word) => word.includes(cachePath("machines")))) return [];
        const id = words
          .map((word) => /^greenlight-([0-9a-f]{10})$/.exec(word)?.[1])
          .find((found) => found !== undefined);
        return id !== undefined && !isForeign(id, workspace) ? [text] : [];
      }
      return Number(pid) !== process.pid && readlinkSync(`/proc/${pid}/cwd`) === workspace ? [text] : [];
    } catch {
      return []; // ended while we looked
    }
  });
}

function left(workspace: string): string[] {
  // A slot of a machine that is not written down is held by the process that is about to make it.
  const slots = list(cachePath("slots"), /^\d+\.json$/).filter((name) => {
    try {
      const { machine, owner } = JSON.parse(readFileSync(cachePath("slots", name), "utf8")) as {
        machine: string;
        owner: { pid: number };
      };
      if (existsSync(cachePath("machines", machine, "record.json"))) return !isForeign(machine, workspace);
      return readlinkSync(`/proc/${owner.pid}/cwd`) === workspace;
    } catch {
      return false; // freed while we looked, or its owner is dead and it is nobody's
    }
  });
  const machines = list(cachePath("machines"), /^[0-9a-f]{10}$/).filter((id) => !isForeign(id, workspace));
  const runFolders = list(tmpdir(), /^greenlight-[0-9a-f]{10}$/).filter(
    (name) => !isForeign(name.slice("greenlight-".length), workspace),
  );
  return [
    ...processes(workspace),
    ...slots.map((name) => `slot ${name}`),
    ...machines.map((id) => `machine ${id}`),
    ...runFolders.map((name) => join(tmpdir(), name)),
  ];
}

/** Asserts that nothing of the workspace's is left. What others are just beginning belongs to nobody for a moment: hence the patience. */
export async function assertNothingLeft(workspace: string): Promise<void> {
  for (let tries = 0; tries < 50 && left(workspace).length > 0; tries++) await sleep(200);
  assert.deepEqual(left(workspace), []);
}
