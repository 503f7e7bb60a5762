/** A whole candidate of a few bytes, whose programs are a header and noise. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { elfProgram, machOProgram, peProgram } from "../binaries/samples.ts";
import { productNamed, type Platform } from "../../src/products/index.ts";
import { writeCandidate, type Candidate, type CandidateDraft } from "../../src/candidate/index.ts";

export const nats = productNamed("nats");

/** A temporary folder that goes when the test's suite ends: call inside `describe`. */
export function temporaryFolder(): { path: string } {
  const folder = { path: "" };
  before(() => {
    folder.path = mkdtempSync(join(tmpdir(), "greenlight-test-"));
  });
  after(() => rmSync(folder.path, { recursive: true, force: true }));
  return folder;
}

export function put(folder: string, path: string, content: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content, { mode });
}

/** A program for a platform, which begins as such programs do; `length`: bytes in all, filled up with {@link noise}. */
export function program(platform: Platform, length = 0): Buffer {
  const arm = platform.endsWith("-arm64");
  const header = platform.startsWith("windows-")
    ? peProgram({ machine: arm ? 0xaa64 : 0x8664 })
    : platform.startsWith("macos-")
      ? machOProgram({ processor: arm ? 0x0100000c : 0x01000007 })
      : elfProgram({ machine: arm ? 183 : 62 });
  return Buffer.concat([header, noise(length, Math.max(0, length - header.length))]);
}

/** Bytes that neither repeat nor compress to nothing, equal for equal seeds. */
export function noise(seed: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed >>> 0 || 1;
  for (let n = 0; n < length; n++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[n] = n % 3 === 0 ? state >>> 24 : 97 + (n % 13);
  }
  return bytes;
}

/** What the tiny candidate states of itself; `change` alters it before it is sealed. */
export function tinyDraft(platforms: Platform[] = ["linux-x64"]): CandidateDraft {
  return {
    product: "nats",
    version: "2.11.4",
    source: {
      repository: "https://example.org/nats",
      revision: "0123456789abcdef0123456789abcdef01234567",
      date: "2025-05-22T13:21:11Z",
    },
    licence: "LICENSE.txt",
    notes: "NOTES.md",
    platforms: Object.fromEntries(
      platforms.map((platform) => {
        const exe = platform.startsWith("windows-") ? ".exe" : "";
        return [
          platform,
          {
            binaries: {
              "nats-server": `${platform}/nats-server${exe}`,
              nats: { file: `${platform}/nats${exe}`, version: "0.1.6" },
            },
            assets: {
              "docs/guide.txt": "shared/guide.txt",
              "docs/Ünïcode.txt": "shared/unicode.txt",
              "tools/check.sh": "shared/check.sh",
            },
          },
        ];
      }),
    ),
  };
}

/** Writes the files of {@link tinyDraft} into `folder` and seals them. */
export async function tinyCandidate(
  folder: string,
  platforms: Platform[] = ["linux-x64"],
  draft = tinyDraft(platforms),
): Promise<Candidate> {
  for (const platform of platforms) {
    const exe = platform.startsWith("windows-") ? ".exe" : "";
    put(folder, `${platform}/nats-server${exe}`, program(platform, 200_000), 0o755);
    put(folder, `${platform}/nats${exe}`, program(platform, 300_000), 0o755);
  }
  put(folder, "shared/guide.txt", "how to\n".repeat(400));
  put(folder, "shared/unicode.txt", "");
  put(folder, "shared/check.sh", "#!/bin/sh\n", 0o755);
  put(folder, "LICENSE.txt", "Do what you like.\n");
  put(folder, "NOTES.md", "New in 2.11.4: less.\n");
  return writeCandidate(folder, draft);
}
