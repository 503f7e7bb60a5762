import assert from "node:assert/strict";
import fc from "fast-check";
import { EdgeError } from "../../src/edges/edges.ts";
import { blobType, parseHostKey } from "../../src/command-plugin/host-key.ts";

const types = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];

function blobOf(type: string, rest: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(rest)]);
}

const key = fc
  .record({ type: fc.constantFrom(...types), rest: fc.uint8Array({ minLength: 8, maxLength: 200 }) })
  .map(({ type, rest }) => ({ type, blob: blobOf(type, rest) }));
const blanks = fc.constantFrom(" ", "\t", "  ");

describe("command plugin: host key", () => {
  it("reads any key back, with or without options, comment, blank lines before and line ends after", () => {
    const options = fc.constantFrom("", "cert-authority", 'command="say \\"hi there\\"",no-pty');
    fc.assert(
      fc.property(
        key,
        options,
        blanks,
        fc.constantFrom("", "root@host of mine"),
        fc.constantFrom("", "\n# a comment\n\n"),
        fc.constantFrom("", "\n", "\r\n"),
        (k, option, blank, comment, before, after) => {
          const line = [
            ...(option ? [option] : []),
            k.type,
            k.blob.toString("base64"),
            ...(comment ? [comment] : []),
          ].join(blank);
          const parsed = parseHostKey(before + line + after);
          assert.equal(parsed.type, k.type);
          assert.ok(parsed.blob.equals(k.blob));
        },
      ),
    );
  });
  it("asks the server for that type alone; for RSA with SHA-2", () => {
    const algorithms = (type: string) =>
      parseHostKey(`${type} ${blobOf(type, Buffer.alloc(40)).toString("base64")}`).algorithms;
    assert.deepEqual(algorithms("ssh-ed25519"), ["ssh-ed25519"]);
    assert.deepEqual(algorithms("ssh-rsa"), ["rsa-sha2-512", "rsa-sha2-256"]);
  });
  it("refuses a type that does not fit its key, and every text that is no key, in a sentence", () => {
    const ed = blobOf("ssh-ed25519", Buffer.alloc(40)).toString("base64");
    for (const text of [
      "",
      "# only a comment",
      "ssh-ed25519",
      `ssh-rsa ${ed}`,
      `ssh-dss ${ed}`,
      `ssh-ed25519 not*base64`,
      "-----BEGIN OPENSSH PRIVATE KEY-----",
    ]) {
      assert.throws(
        () => parseHostKey(text),
        (e: Error) =>
          e instanceof EdgeError && /^connection\.hostKey .*; give .*\.$/.test(e.message) && !e.message.includes(ed),
        text,
      );
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.throws(() => parseHostKey(text), EdgeError);
      }),
    );
  });
  it("never reads past the end of a blob", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        blobType(Buffer.from(bytes));
      }),
    );
  });
});
