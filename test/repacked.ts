/** Archives that packing would refuse: a good one taken apart, spoiled, and put together again with every digest in it sealed anew. */
import { existsSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { buffer } from "node:stream/consumers";
import * as yauzl from "yauzl";
import { packEntries } from "../src/archive/index.ts";
import type { Manifest } from "../src/validator/index.ts";
import { sha256 } from "../src/storage/digest.ts";
import { checksumsOf, type File } from "./validator/release.ts";

/** What is in an archive, by path. */
export async function contentsOf(file: string): Promise<Map<string, File>> {
  const zip = await yauzl.openPromise(file, { autoClose: false });
  const files = new Map<string, File>();
  for await (const entry of zip.eachEntry())
    files.set(entry.fileName, {
      mode: (entry.externalFileAttributes >>> 16) & 0o777,
      data: await buffer(await zip.openReadStreamPromise(entry)),
    });
  zip.close();
  return files;
}

/** Replaces the archive by one whose files `spoil` has changed; manifest, checksums and the files beside it say what is in it now. Answers its SHA-256. */
export async function repack(file: string, spoil: (files: Map<string, File>) => void): Promise<string> {
  const files = await contentsOf(file);
  spoil(files);
  const manifest = JSON.parse(files.get("release-manifest.json")!.data.toString()) as Manifest;
  for (const binary of manifest.binaries) {
    const { data } = files.get(binary.file_name)!;
    Object.assign(binary, { sha256: sha256(data), size_bytes: data.length });
  }
  const text = (content: string): File => ({ mode: 0o644, data: Buffer.from(content) });
  files.set("release-manifest.json", text(`${JSON.stringify(manifest, undefined, 2)}\n`));
  files.set("checksums.txt", text(checksumsOf(files)));
  const date = new Date(manifest.generated_at_utc.replace(/(\.\d{3})\d*Z$/, "$1Z"));
  const { sha256: digest } = await packEntries(
    [...files].map(([path, { mode, data }]) => ({ path, mode, data })),
    file,
    date,
  );
  const beside: [string, string | Buffer][] = [
    [`${file}.sha256`, `${digest}  ${basename(file)}`],
    ...["release-manifest.json", "checksums.txt"].map((name): [string, Buffer] => [
      file.replace(/zip$/, name),
      files.get(name)!.data,
    ]),
  ];
  for (const [path, content] of beside) if (existsSync(path)) writeFileSync(path, content);
  return digest;
}
