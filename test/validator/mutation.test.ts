/**
 * Mutated archives: bytes changed, put in, taken out, moved, and header fields set to values that readers trip over. None makes
 * the validator throw or hang, and none whose contents differ is accepted, as an independent reader sees them.
 * GREENLIGHT_MUTATIONS=1000000 tries as many; GREENLIGHT_SEED repeats a run.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { buffer } from "node:stream/consumers";
import * as yauzl from "yauzl";
import { validateBytes } from "../../src/validator/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { build, goodRelease, plain, strict, testProducts, type Built } from "./release.ts";

const runs = Number(process.env["GREENLIGHT_MUTATIONS"] ?? 20_000);
const seed = process.env["GREENLIGHT_SEED"] === undefined ? undefined : Number(process.env["GREENLIGHT_SEED"]);

/** A change of bytes; places are parts of the whole, so that one fits every archive. */
type Mutation =
  | { kind: "flip"; at: number; bits: number }
  | { kind: "field"; header: number; field: number; value: number }
  | { kind: "insert"; at: number; bytes: Uint8Array }
  | { kind: "delete"; at: number; length: number }
  | { kind: "duplicate"; at: number; length: number }
  | { kind: "move"; at: number; length: number; to: number }
  | { kind: "cut"; at: number }
  | { kind: "splice"; at: number; from: number; length: number };

const place = fc.nat(0xffffff);
const length = fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 4096 }));
const value = fc.constantFrom(
  0,
  1,
  2,
  6,
  8,
  9,
  12,
  20,
  0x21,
  0x7fff,
  0x8000,
  0xfffe,
  0xffff,
  0x7fffffff,
  0x80000000,
  0xfffffffe,
  0xffffffff,
);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("flip" as const), at: place, bits: fc.integer({ min: 1, max: 255 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("field" as const), header: place, field: fc.nat(20), value }) },
  fc.record({ kind: fc.constant("insert" as const), at: place, bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
  fc.record({ kind: fc.constant("delete" as const), at: place, length }),
  fc.record({ kind: fc.constant("duplicate" as const), at: place, length }),
  fc.record({ kind: fc.constant("move" as const), at: place, length, to: place }),
  fc.record({ kind: fc.constant("cut" as const), at: place }),
  fc.record({ kind: fc.constant("splice" as const), at: place, from: place, length }),
);

/** Offsets of a header's fields and their sizes in bytes, by its signature (APPNOTE 4.3). */
const fields: Record<string, [offset: number, size: 2 | 4][]> = {
  "PK\x03\x04": [
    [4, 2],
    [6, 2],
    [8, 2],
    [10, 2],
    [12, 2],
    [14, 4],
    [18, 4],
    [22, 4],
    [26, 2],
    [28, 2],
  ],
  "PK\x07\x08": [
    [4, 4],
    [8, 4],
    [12, 4],
  ],
  "PK\x01\x02": [
    [4, 2],
    [6, 2],
    [8, 2],
    [10, 2],
    [12, 2],
    [14, 2],
    [16, 4],
    [20, 4],
    [24, 4],
    [28, 2],
    [30, 2],
    [32, 2],
    [34, 2],
    [36, 2],
    [38, 4],
    [42, 4],
  ],
  "PK\x05\x06": [
    [4, 2],
    [6, 2],
    [8, 2],
    [10, 2],
    [12, 4],
    [16, 4],
    [20, 2],
  ],
};

function headers(bytes: Buffer): { at: number; signature: string }[] {
  const found: { at: number; signature: string }[] = [];
  for (let at = bytes.indexOf("PK"); at >= 0; at = bytes.indexOf("PK", at + 1)) {
    const signature = bytes.toString("latin1", at, at + 4);
    if (fields[signature] && at + 46 <= bytes.length + 24) found.push({ at, signature });
  }
  return found;
}

function mutate(bytes: Buffer, m: Mutation, other: Buffer): Buffer {
  const size = bytes.length;
  if (size === 0) return bytes;
  switch (m.kind) {
    case "flip": {
      const copy = Buffer.from(bytes);
      copy[m.at % size]! ^= m.bits;
      return copy;
    }
    case "field": {
      const all = headers(bytes);
      if (all.length === 0) return bytes;
      const { at, signature } = all[m.header % all.length]!;
      const list = fields[signature]!;
      const [offset, width] = list[m.field % list.length]!;
      if (at + offset + width > size) return bytes;
      const copy = Buffer.from(bytes);
      if (width === 2) copy.writeUInt16LE(m.value & 0xffff, at + offset);
      else copy.writeUInt32LE(m.value, at + offset);
      return copy;
    }
    case "insert":
      return Buffer.concat([bytes.subarray(0, m.at % (size + 1)), m.bytes, bytes.subarray(m.at % (size + 1))]);
    case "cut":
      return bytes.subarray(0, m.at % size);
    case "splice": {
      const from = m.from % other.length;
      return Buffer.concat([
        bytes.subarray(0, m.at % size),
        other.subarray(from, from + m.length),
        bytes.subarray((m.at % size) + m.length),
      ]);
    }
    case "duplicate": {
      const at = m.at % size;
      return Buffer.concat([bytes.subarray(0, Math.min(size, at + m.length)), bytes.subarray(at)]);
    }
    case "delete":
      return Buffer.concat([bytes.subarray(0, m.at % size), bytes.subarray((m.at % size) + m.length)]);
    case "move": {
      const at = m.at % size;
      const without = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + m.length)]);
      const to = m.to % (without.length + 1);
      return Buffer.concat([without.subarray(0, to), bytes.subarray(at, at + m.length), without.subarray(to)]);
    }
  }
}

/** Names, modes and contents, as yauzl reads them. */
async function contents(bytes: Buffer): Promise<string> {
  const zip = await yauzl.fromBufferPromise(bytes);
  const list: string[] = [];
  for await (const entry of zip.eachEntry()) {
    list.push(
      `${entry.fileName} ${(entry.externalFileAttributes >>> 16).toString(8)} ${sha256(await buffer(await zip.openReadStreamPromise(entry)))}`,
    );
  }
  return list.join("\n");
}

describe("mutated archives", () => {
  const goods = [plain, strict].map((product) => build(goodRelease(product)));
  let read: string[] = [];
  before(async () => {
    read = await Promise.all(goods.map(({ bytes }) => contents(bytes)));
  });

  it(`are never accepted with other contents, and never make validation throw or hang (${runs.toLocaleString("en")} of them)`, async function () {
    this.timeout(60_000 + runs * 30);
    let accepted = 0;
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 0, 0, 1),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        async (which, mutations) => {
          const { base, bytes } = goods[which] as Built;
          const other = goods[1 - which]!.bytes;
          const spoiled = mutations.reduce((b, m) => mutate(b, m, other), bytes);
          const began = performance.now();
          const { findings } = await validateBytes(`${base}.zip`, spoiled, { products: testProducts });
          assert.ok(performance.now() - began < 5000, "took longer than 5 s");
          if (!spoiled.equals(bytes)) changed++;
          if (findings.length > 0) return;
          if (!spoiled.equals(bytes)) accepted++;
          assert.equal(await contents(spoiled), read[which]);
        },
      ),
      { numRuns: runs, ...(seed !== undefined && { seed }) },
    );
    assert.ok(changed > runs * 0.9, "nearly every mutation changes bytes");
    // Some bits say nothing: those that fill the last byte of compressed data.
    assert.ok(accepted < runs * 0.01, `${accepted} of ${changed} were accepted`);
  });

  it("are never accepted with a bit of a header changed, each of them in turn", async function () {
    this.timeout(120_000);
    const { base, bytes } = goods[0]!;
    const sizes: Record<string, number> = { "PK\x03\x04": 30, "PK\x01\x02": 46, "PK\x05\x06": 22 };
    const all = headers(bytes).filter(({ signature }) => sizes[signature]);
    assert.equal(
      all.length,
      2 * (await contents(bytes)).split("\n").length + 1,
      "two headers for each entry, and the end",
    );
    for (const { at, signature } of all) {
      for (let bit = 0; bit < sizes[signature]! * 8; bit++) {
        const spoiled = Buffer.from(bytes);
        spoiled[at + (bit >> 3)]! ^= 1 << (bit & 7);
        const { findings } = await validateBytes(`${base}.zip`, spoiled, { products: testProducts });
        assert.ok(findings.length > 0, `bit ${bit} of the header at ${at} says nothing`);
      }
    }
  });
});
