/** The sample candidate's archive, packed for tests; undefined when the sample was not built. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packArchive } from "../../src/archive/index.ts";
import { readCandidate } from "../../src/candidate/index.ts";
import { nats } from "../../src/products/nats.ts";
import type { Subject } from "../../src/products/index.ts";

const candidateFolder =
  process.env["GREENLIGHT_TEST_CANDIDATE"] ?? join(import.meta.dirname, "../../candidates/nats/2.11.4");

export interface PackedSample {
  subject: Subject;
  bytes: Buffer;
}

export async function packedSample(): Promise<PackedSample | undefined> {
  if (!existsSync(join(candidateFolder, "candidate.json"))) return undefined;
  const outputFolder = mkdtempSync(join(tmpdir(), "greenlight-sample-"));
  try {
    const candidate = readCandidate(candidateFolder);
    const packed = await packArchive({
      candidateFolder,
      candidate,
      product: nats,
      kind: "server",
      platform: "linux-x64",
      outputFolder,
    });
    const { base, sha256, binaryVersions } = packed;
    return {
      subject: {
        product: "nats",
        kind: "server",
        version: candidate.version,
        binaryVersions,
        platform: "linux-x64",
        sha256,
        base,
      },
      bytes: readFileSync(packed.file),
    };
  } finally {
    rmSync(outputFolder, { recursive: true, force: true });
  }
}
