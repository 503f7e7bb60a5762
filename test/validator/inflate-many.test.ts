/** Inflating many entries at once gives nothing but what inflating each by itself gives, whatever somebody made of them. */
import assert from "node:assert/strict";
import { crc32, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { inflateMany, type Member } from "../../src/validator/inflate-many.ts";
import { inflateSmall } from "../../src/validator/inflate-small.ts";

const member = (text: string | Buffer): Member => {
  const bytes = Buffer.from(text);
  return { packed: deflateRawSync(bytes), crc: crc32(bytes), size: bytes.length };
};
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
const trailer = ({ crc, size }: Pick<Member, "crc" | "size">): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(crc, 0);
  bytes.writeUInt32LE(size, 4);
  return bytes;
};

/** What reading it alone gives; undefined when it is not whole and as it states. */
function alone({ packed, crc, size }: Member): string | undefined {
  try {
    const { bytes, used } = inflateSmall(Buffer.from(packed), size);
    return used === packed.length && bytes.length === size && crc32(bytes) === crc ? bytes.toString("hex") : undefined;
  } catch {
    return undefined;
  }
}

/** Everything that was answered is what reading it alone gives. */
async function sameAsAlone(members: Member[]): Promise<number> {
  const found = await inflateMany(members);
  for (const [index, bytes] of found.entries()) if (bytes) assert.equal(bytes.toString("hex"), alone(members[index]!));
  return found.filter((bytes) => bytes !== undefined).length;
}

describe("inflating many entries at once", () => {
  it("gives the contents of each", async () => {
    const texts = Array.from({ length: 300 }, (_, n) => `entry ${n} `.repeat(1 + (n % 40)));
    const found = await inflateMany(texts.map(member));
    const answered = found.flatMap((bytes, index) => (bytes ? [[bytes.toString(), texts[index]]] : []));
    assert.ok(answered.length > 280, `${answered.length}`);
    for (const [text, wanted] of answered) assert.equal(text, wanted);
    assert.deepEqual(await inflateMany([]), []);
  });

  it("answers for none that is not whole and as it states, cut, changed or lengthened", async () => {
    const good = fc.string({ minLength: 1, maxLength: 60 }).map((text) => member(text.repeat(3)));
    const change = fc.record({
      which: fc.nat(),
      at: fc.nat(),
      to: fc.nat(255),
      what: fc.constantFrom("byte", "cut", "longer", "size", "crc", "none"),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(good, { minLength: 1, maxLength: 6 }),
        change,
        async (members, { which, at, to, what }) => {
          const one = members[which % members.length]!;
          const packed = Buffer.from(one.packed);
          if (what === "byte") packed[at % packed.length] = to;
          if (what === "size") one.size = to;
          if (what === "crc") one.crc = (one.crc ^ to) >>> 0;
          one.packed =
            what === "cut"
              ? packed.subarray(0, at % packed.length)
              : what === "longer"
                ? Buffer.concat([packed, Buffer.from([to])])
                : packed;
          await sameAsAlone(members);
        },
      ),
      { numRuns: 1500 },
    );
  }).timeout(60_000);

  it("takes no data for several members, and no several members for one", async () => {
    const [a, b] = [member("the first of them"), member("the second of them")];
    const nothing = { packed: deflateRawSync(Buffer.alloc(0)), crc: 0, size: 0 };
    // Data that end at once, and then have a whole member of their own that is as stated.
    const hidden: Member = { ...a, packed: Buffer.concat([nothing.packed, trailer(nothing), header, a.packed]) };
    assert.equal(await sameAsAlone([hidden]), 0);
    assert.equal(await sameAsAlone([hidden, b]), 1);
    // The last one ends early, as it states, and has bytes behind that.
    for (const after of [[0], [0, 1, 2], [9, 9]])
      assert.equal(
        await sameAsAlone([a, { ...b, packed: Buffer.concat([b.packed, trailer(b), Buffer.from(after)]) }]),
        0,
      );
    // A stored block that is longer than its data takes the next member for its contents: up to its end, or to that of the last.
    const stored = (rest: Buffer): Buffer =>
      Buffer.from([1, rest.length & 255, rest.length >> 8, ~rest.length & 255, (~rest.length >> 8) & 255]);
    const between = (size: number, crc: number): Buffer => Buffer.concat([trailer({ size, crc }), header]);
    for (const size of [0, 1]) {
      const swallowed = Buffer.concat([between(size, 0), Buffer.from("whatever")]);
      const first: Member = { packed: stored(swallowed), crc: 0, size };
      const second: Member = { packed: Buffer.from("whatever"), crc: crc32(swallowed), size: swallowed.length };
      assert.equal(await sameAsAlone([first, second]), 0);
      assert.equal(await sameAsAlone([first, second, a]), 0);
    }
  });

  it("leaves out what is empty, and what has the beginning of a member within", async () => {
    const noise = Buffer.from([1, 2, 3, 0x1f, 0x8b, 4, 5]);
    const stored: Member = {
      packed: Buffer.concat([Buffer.from([1, 7, 0, 0xf8, 0xff]), noise]),
      crc: crc32(noise),
      size: 7,
    };
    const found = await inflateMany([member(""), member("x"), stored, member("y")]);
    assert.deepEqual(
      found.map((bytes) => bytes?.toString()),
      [undefined, "x", undefined, "y"],
    );
  });
});
