/** What a run may leave on the host: processes, machine folders, slots, temporary files. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cachePath } from "../../src/storage/folders.ts";

function processes(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        const text = words.join(" ");
        const ours = /qemu-system-|pulumi-resource-|pulumi-language-|src\/(provider|command-plugin)\/main\.ts/.test(text) || words[0]?.endsWith("/pulumi") || words[0] === "pulumi";
        return ours ? [`process ${pid} ${text.slice(0, 120)}`] : [];
      } catch {
        return []; // ended while we looked
      }
    });
}

function listing(folder: string, wanted = (_: string) => true): string[] {
  return existsSync(folder) ? readdirSync(folder).filter(wanted).map((name) => join(folder, name)) : [];
}

export function inventory(): Set<string> {
  const run = process.env["XDG_RUNTIME_DIR"];
  return new Set([
    ...processes(),
    ...listing(cachePath("machines")),
    ...listing(cachePath("slots"), (name) => !name.endsWith(".lock")),
    ...listing(tmpdir(), (name) => /^greenlight-(probe-|[0-9a-f]{10}$)|qemu|^pulumi/.test(name)),
    ...(run ? listing(run, (name) => /greenlight/.test(name)) : []),
  ]);
}

/** What is there now and was not before. */
export function residue(before: Set<string>): string[] {
  return [...inventory()].filter((line) => !before.has(line));
}
