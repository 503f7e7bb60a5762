/** The stand-in's archives for Linux, packed for tests of the installer. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packArchive } from "../../src/archive/index.ts";
import { renderInstaller } from "../../src/installer/index.ts";
import { productNamed, type Subject } from "../../src/products/index.ts";
import { standinCandidate } from "../standin/candidate.ts";
import { hostPlatform } from "../standin/go.ts";

export interface PackedStandin {
  subject: Subject;
  bytes: Buffer;
  installer: string;
}

/** One archive of the stand-in, with the faults that are asked for built in, and its installer. */
export async function packedStandin(kind: string, version: string, faults: string[] = []): Promise<PackedStandin> {
  const outputFolder = mkdtempSync(join(tmpdir(), "greenlight-standin-archive-"));
  try {
    const platform = hostPlatform();
    const product = productNamed("palyra");
    const { folder: candidateFolder, candidate } = await standinCandidate({ version, platforms: [platform], faults });
    const { base, sha256, binaryVersions, file } = await packArchive({
      candidateFolder,
      candidate,
      product,
      kind,
      platform,
      outputFolder,
    });
    const subject: Subject = { product: product.name, kind, version, binaryVersions, platform, sha256, base };
    return { subject, bytes: readFileSync(file), installer: renderInstaller(product, kind, subject) };
  } finally {
    rmSync(outputFolder, { recursive: true, force: true });
  }
}
