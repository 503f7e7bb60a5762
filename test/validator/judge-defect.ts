/** From a seeded defect to what the validator says of it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { deflateAsWritten } from "../../src/archive/index.ts";
import { validate, validateBytes, type ValidateOptions, type Validation } from "../../src/validator/index.ts";
import type { Defect } from "./corpus.ts";
import { build, goodRelease, testProducts, type File } from "./release.ts";

/** Writes files as an unpacker would. */
export function unpack(files: ReadonlyMap<string, File>, folder: string): void {
  for (const [path, { data, mode }] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), data, { mode });
  }
}

export async function judgeDefect(defect: Defect, options: ValidateOptions = {}): Promise<Validation> {
  const { product, platform, expected, upstream, canonical } = defect;
  const all: ValidateOptions = {
    products: testProducts,
    ...(expected && { expected }),
    ...(upstream && { upstream }),
    ...(canonical && { deflate: deflateAsWritten }),
    ...options,
  };
  const built = build(goodRelease(product, platform), defect);
  const fileName = defect.fileName ?? `${built.base}.zip`;
  if (!defect.folder && !defect.beside && !defect.besideFolders) return validateBytes(fileName, built.bytes, all);
  const top = mkdtempSync(join(tmpdir(), "greenlight-test-"));
  try {
    if (defect.folder) {
      const folder = join(top, built.base);
      unpack(built.files, folder);
      defect.folder(folder);
      return await validate(folder, all);
    }
    writeFileSync(join(top, fileName), built.bytes);
    for (const [name, text] of Object.entries(defect.beside?.(built) ?? {})) writeFileSync(join(top, name), text);
    for (const name of defect.besideFolders?.(built) ?? []) mkdirSync(join(top, name));
    return await validate(join(top, fileName), all);
  } finally {
    // Its paths may be longer than one call can name.
    if (process.platform === "win32") rmSync(top, { recursive: true, force: true });
    else execFileSync("rm", ["-rf", top]);
  }
}
