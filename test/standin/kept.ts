/** Parts of a folder that are made once: made again only when what they are made of has changed, or when they were spoiled. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeAtomic } from "../../src/storage/atomic-write.ts";
import { sha256File } from "../../src/storage/digest.ts";

interface Made {
  inputs: string;
  /** path below the part → SHA-256 */
  files: Record<string, string>;
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}

async function digests(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const path of filesBelow(folder)) found[path] = await sha256File(join(folder, path));
  return found;
}

const recordOf = (root: string, part: string): string => join(root, ".build", `${part}.json`);

/** The files (sorted paths below it) of `<root>/<part>` if it still holds what was made there of these inputs. */
export async function stillKept(root: string, part: string, inputs: string): Promise<string[] | undefined> {
  const record = recordOf(root, part);
  const made = existsSync(record) ? (JSON.parse(readFileSync(record, "utf8")) as Made) : undefined;
  if (made?.inputs !== inputs || JSON.stringify(made.files) !== JSON.stringify(await digests(join(root, part))))
    return undefined;
  return Object.keys(made.files);
}

/**
 * The files of `<root>/<part>`, filled by `fill` unless they are still kept. The record is written last, so that a crash in
 * between only means making them again.
 */
export async function keptPart(
  root: string,
  part: string,
  inputs: string,
  fill: (folder: string) => Promise<void>,
): Promise<string[]> {
  const kept = await stillKept(root, part, inputs);
  if (kept) return kept;
  const folder = join(root, part);
  const stage = join(root, ".build", `${part}.stage`);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  await fill(stage);
  rmSync(recordOf(root, part), { force: true });
  rmSync(folder, { recursive: true, force: true });
  renameSync(stage, folder);
  const files = await digests(folder);
  writeAtomic(recordOf(root, part), JSON.stringify({ inputs, files } satisfies Made));
  return Object.keys(files);
}
