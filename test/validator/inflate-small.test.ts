/** Inflating by the reset inflater gives what Node's documented call gives: bytes, place of the end, and refusals, in any order. */
import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { inflateDocumented, inflateSmall, type Inflated } from "../../src/validator/inflate-small.ts";

describe("inflating small entries", () => {
  const outcome = (inflate: (packed: Buffer, stated: number) => Inflated, packed: Buffer, stated: number): string => {
    try {
      const { bytes, used } = inflate(packed, stated);
      return bytes.length > stated ? "refused" : `${used} ${bytes.toString("hex")}`;
    } catch {
      return "refused";
    }
  };
  const data = fc.oneof(fc.uint8Array({ maxLength: 3000 }), fc.string({ maxLength: 40 }).map((text) => Buffer.from(text.repeat(50))));

  it("agrees with Node's own call on whole, cut, changed and lengthened data", () => {
    fc.assert(
      fc.property(data, fc.integer({ min: -3, max: 3 }), fc.option(fc.nat()), fc.option(fc.tuple(fc.nat(), fc.nat(255))), fc.uint8Array({ maxLength: 5 }), (contents, more, cut, change, after) => {
        let packed: Buffer = deflateRawSync(Buffer.from(contents));
        if (cut !== null) packed = packed.subarray(0, cut % (packed.length + 1));
        if (change !== null && packed.length > 0) packed[change[0] % packed.length] = change[1];
        packed = Buffer.concat([packed, after]);
        const stated = Math.max(0, contents.length + more);
        assert.equal(outcome(inflateSmall, packed, stated), outcome(inflateDocumented, packed, stated));
      }),
      { numRuns: 3000 },
    );
  }).timeout(30_000);

  it("goes on after data that are none", () => {
    const whole = deflateRawSync(Buffer.from("whole"));
    assert.throws(() => inflateSmall(Buffer.from("none of it"), 10));
    assert.deepEqual([inflateSmall(whole, 5).bytes.toString(), inflateSmall(whole, 5).used], ["whole", whole.length]);
  });
});
