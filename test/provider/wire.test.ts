import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { virtualMachineContract } from "../../src/contract/index.ts";
import { checkInputs } from "../../src/provider/resource.ts";
import { hasUnknown, open, sealed, secret, sendable, unknownWithin, unknownText } from "../../src/provider/wire.ts";

describe("wire", () => {
  it("lays secrets open at any depth", () => {
    assert.deepEqual(open({ a: [secret("x")], b: secret("y"), c: 1, d: null }), { a: ["x"], b: "y", c: 1, d: null });
  });

  it("marks the outputs that a contract calls secret, and no others", () => {
    assert.deepEqual(sealed({ privateKey: "x", host: "h" }, virtualMachineContract.secrets), {
      privateKey: secret("x"),
      host: "h",
    });
  });

  it("opens nothing where there is no secret", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => assert.deepEqual(open(value), value)));
  });

  it("finds unknown values", () => {
    assert(hasUnknown({ a: [{ b: unknownText }] }));
    assert(!hasUnknown({ a: ["b", null, 1] }));
    assert(unknownWithin({ a: unknownText }, ["a", "b"]));
    assert(unknownWithin({ a: { b: unknownText } }, ["a", "b"]));
    assert(unknownWithin({ a: { b: unknownText } }, ["a"]));
    assert(!unknownWithin({ a: { b: 1 }, c: unknownText }, ["a", "b"]));
  });

  it("drops what the protocol cannot carry", () => {
    assert.deepEqual(sendable({ a: undefined, b: null, c: [1] }), { b: null, c: [1] });
  });

  it("checks inputs with a sentence a property, and admits what is not known yet", () => {
    const schema = z.object({ image: z.string(), minutes: z.number().int().min(1) });
    assert.deepEqual(checkInputs(schema, { image: unknownText, minutes: unknownText }), []);
    const [failure, ...more] = checkInputs(schema, { image: unknownText, minutes: 0 });
    assert.equal(more.length, 0);
    assert.equal(failure!.property, "minutes");
    assert.match(failure!.reason, /^minutes: .*\(found 0\); /);
    assert.equal(checkInputs(schema, {}).length, 2);
    const either = z.union([z.object({ proof: z.object({ cell: z.string() }) }), z.object({ promotion: z.string() })]);
    assert.deepEqual(checkInputs(either, { proof: unknownText }), []);
    assert.equal(checkInputs(either, { proof: {} }).length, 1);
  });
});
