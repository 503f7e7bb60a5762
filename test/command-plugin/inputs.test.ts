import assert from "node:assert/strict";
import fc from "fast-check";
import { checkInputs, CopyToRemoteSchema, RemoteCommandSchema } from "../../src/command-plugin/inputs.ts";
import { partsOf } from "../../src/command-plugin/server.ts";
import {
  hasSecret,
  hasUnknown,
  isSecret,
  open,
  received,
  secret,
  sendable,
  unknownText,
} from "../../src/command-plugin/wire.ts";
import { asset, asSecret } from "./cases/case.ts";

describe("command plugin: inputs", () => {
  it("never repeat what a connection holds when it is wrong", () => {
    const { failures } = checkInputs(RemoteCommandSchema, {
      connection: asSecret({
        host: 1,
        password: ["hunter2"],
        privateKey: { a: "hunter2" },
        proxy: { host: "", password: 17_000_017 },
      }),
    });
    assert.ok(failures.length >= 4);
    assert.doesNotMatch(JSON.stringify(failures), /hunter2|17000017/);
    assert.ok(
      failures.every(
        (f) => f.property.startsWith("connection.") && f.reason.endsWith("correct it where the program sets it."),
      ),
    );
  });
  it("lose what the type does not take and nulls, and keep the rest", () => {
    const { inputs, failures } = checkInputs(RemoteCommandSchema, {
      connection: { host: "h" },
      create: asSecret("x"),
      stdin: null,
      nonsense: 1,
    });
    assert.deepEqual([Object.keys(inputs).sort(), failures], [["connection", "create"], []]);
    assert.ok(isSecret(inputs["create"]));
  });
  it("keep defaults that are given, and nested secrets inside the one secret", () => {
    const { inputs } = checkInputs(RemoteCommandSchema, {
      connection: { host: "h", port: asSecret(2222), dialErrorLimit: -1, perDialTimeout: 0 },
    });
    assert.deepEqual(open(inputs["connection"]), {
      host: "h",
      port: 2222,
      user: "root",
      dialErrorLimit: -1,
      perDialTimeout: 0,
    });
  });
  it("admit an unknown connection, and any unknown within one", () => {
    for (const connection of [
      unknownText,
      asSecret(unknownText),
      { host: unknownText, privateKey: unknownText, proxy: unknownText },
    ]) {
      assert.deepEqual(checkInputs(RemoteCommandSchema, { connection }).failures, []);
      assert.ok(hasUnknown(checkInputs(RemoteCommandSchema, { connection }).inputs));
    }
    assert.deepEqual(
      checkInputs(CopyToRemoteSchema, { connection: { host: "h" }, source: unknownText, remotePath: unknownText })
        .failures,
      [],
    );
  });
  it("name a source that is missing", () => {
    assert.deepEqual(
      checkInputs(CopyToRemoteSchema, { connection: { host: "h" }, remotePath: "/x" }).failures.map((f) => f.property),
      ["source"],
    );
    assert.deepEqual(
      checkInputs(CopyToRemoteSchema, {
        connection: { host: "h" },
        source: asset({ text: "", hash: "1" }),
        remotePath: "/x",
      }).failures,
      [],
    );
  });
});

describe("command plugin: the wire", () => {
  it("carries any JSON there and back", () => {
    const values = fc.dictionary(fc.string(), fc.jsonValue()).map((v) => JSON.stringify(v));
    // The protobuf library loses properties of that name; no input has it.
    fc.assert(
      fc.property(
        values.filter((text) => !text.includes("__proto__")),
        (text) => {
          assert.deepEqual(received(sendable(JSON.parse(text))), JSON.parse(text));
        },
      ),
    );
  });
  it("lays secrets open at any depth and marks them once", () => {
    const nested = { a: [secret({ b: secret("c") })] };
    assert.deepEqual(open(nested), { a: [{ b: "c" }] });
    assert.deepEqual([hasSecret(nested), hasSecret(open(nested))], [true, false]);
    assert.deepEqual(secret(secret("x")), secret("x"));
  });
  it("reads the type and the name from a URN, of a child as well, and names with colons", () => {
    assert.deepEqual(partsOf("urn:pulumi:dev::p::app:x:Cell$command:remote:Command::a::b"), {
      token: "command:remote:Command",
      name: "a::b",
    });
  });
});
