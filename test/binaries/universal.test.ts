/** A universal program of macOS is judged by the part that the platform runs. */
import assert from "node:assert/strict";
import { binaryFaults, bytesOfBuffer, readBinaryFrom } from "../../src/binaries/index.ts";
import type { Platform } from "../../src/products/index.ts";
import { machOProgram, universal } from "./samples.ts";

const intel = 0x01000007;
const faults = async (bytes: Buffer, platform: Platform): Promise<string[]> =>
  binaryFaults(await readBinaryFrom(bytesOfBuffer(bytes)), { platform, targets: [] });
/** Says in the list of parts that the part is for another processor. */
const listedAs = (bytes: Buffer, part: number, processor: number): Buffer => (
  bytes.writeUInt32BE(processor, 8 + part * 20),
  bytes
);

describe("universal programs", () => {
  const cases: [string, Buffer, Partial<Record<Platform, RegExp | undefined>>][] = [
    [
      "whose arm64 part is signed and whose x64 part is not",
      universal(machOProgram({ processor: intel, seal: "none" }), machOProgram()),
      { "macos-arm64": undefined, "macos-x64": undefined },
    ],
    [
      "whose x64 part is signed and whose arm64 part is not",
      universal(machOProgram({ processor: intel, seal: "signed" }), machOProgram({ seal: "none" })),
      { "macos-arm64": /^carries no code signature/, "macos-x64": undefined },
    ],
    [
      "with an unsigned second part for arm64",
      universal(machOProgram(), machOProgram({ seal: "none" })),
      { "macos-arm64": /^carries no code signature/ },
    ],
    [
      "whose arm64 part is a library",
      universal(machOProgram({ processor: intel }), machOProgram({ type: 6 })),
      { "macos-arm64": /^is a library or an object/, "macos-x64": undefined },
    ],
    [
      "whose arm64 part is for iOS",
      universal(machOProgram({ processor: intel }), machOProgram({ platform: 2 })),
      { "macos-arm64": /^is for another system on arm64/, "macos-x64": undefined },
    ],
    [
      "with no part for arm64",
      universal(machOProgram({ processor: intel }), machOProgram({ processor: 7 })),
      { "macos-arm64": /^is for macos on x64 and another processor/, "macos-x64": undefined },
    ],
    [
      "that lists an x64 part as one for arm64",
      listedAs(universal(machOProgram({ processor: intel })), 0, 0x0100000c),
      { "macos-arm64": /^has a part that is listed for arm64 and is for x64/ },
    ],
    [
      "with another universal program as its part",
      listedAs(universal(universal(machOProgram())), 0, 0x0100000c),
      { "macos-arm64": /^has a part that is listed for arm64 and is for another processor/ },
    ],
    [
      "whose part reaches into the next one",
      universal(machOProgram({ segment: 400 }).subarray(0, -100), machOProgram({ processor: intel })),
      { "macos-arm64": /^is cut short/, "macos-x64": undefined },
    ],
  ];
  for (const [name, bytes, expected] of cases) {
    it(`judges one ${name}`, async () => {
      for (const [platform, pattern] of Object.entries(expected)) {
        const found = await faults(bytes, platform as Platform);
        if (pattern) assert.match(found.join("; "), pattern);
        else assert.deepEqual(found, [], platform);
      }
    });
  }
});
