/** What a recording may not hold is taken out, and what it must hold stays. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { redactor } from "../../src/recordings/index.ts";

const digest = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9";
const key = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";
const host = { workspace: "/srv/build/palyra", host: "builder-7" };
const redact = (text: string): string =>
  redactor({ known: `{"equals":"${digest}","run":"ss 127.0.0.1:4222 10.9.8.7"}`, host }).redact(text);

describe("redaction of recordings", () => {
  it("takes secrets, tokens, keys, host paths and addresses that vary, each with a numbered placeholder", () => {
    const cases: [string, string][] = [
      ["palyra_admin_01J9Z3NDEKTSV4RRFFQ69G5FAV_01J9Z3NDEKTSV4RRFFQ69G5FAX in use", "[token 1] in use"],
      [`PALYRA_BROWSERD_STATE_ENCRYPTION_KEY=${key}`, "PALYRA_BROWSERD_STATE_ENCRYPTION_KEY=[secret 1]"],
      [`key ${key} again ${key}`, "key [token 1] again [token 1]"],
      [`one ${key} two ${"f0e1d2c3".repeat(8)}`, "one [token 1] two [token 2]"],
      ['{"auth_token": "abc", "password":"hunter2"}', '{"auth_token": "[secret 1]", "password":"[secret 2]"}'],
      ["Authorization: Bearer xyz", "Authorization: Bearer [secret 1]"],
      ["https://me:tok@example.org/x", "https://[credentials 1]@example.org/x"],
      ["-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\nrest", "[key 1]\nrest"],
      ["-----BEGIN PRIVATE KEY-----\ncut off", "[key 1]"],
      ["in /srv/build/palyra/web on builder-7", "in [workspace 1]/web on [host 1]"],
      ["/home/anna/.config", "/home/[user 1]/.config"],
      ["from 192.0.2.7 to 192.0.2.8 and 192.0.2.7", "from [address 1] to [address 2] and [address 1]"],
      ["fe80::5054:ff:fe12:3456 52:54:00:12:34:56", "[address 1] [mac 1]"],
      ["127.0.0.1:43817 and 127.0.0.1:4222", "127.0.0.1:[port 1] and 127.0.0.1:4222"],
      ["id 123e4567-e89b-12d3-a456-426614174000", "id [uuid 1]"],
      [`/run/${"a1b2c3d4e5f6".repeat(2)}/socket`, "/run/[token 1]/socket"],
    ];
    for (const [text, wanted] of cases) assert.equal(redact(text), wanted);
  });

  it("leaves what the suites know, what is fixed, and what no secret looks like", () => {
    const same = [
      digest,
      "10.9.8.7",
      "127.0.0.1",
      "0.0.0.0",
      "version 2.11.4",
      "tcp 127.0.0.1:4222",
      "/opt/nats/current/nats-server",
      "palyra-browserd.service",
      "token: none",
      "secrets: 3",
      "2026-11-28T14:00:00Z",
      "/usr/lib/x86_64-linux-gnu/libc.so.6",
      "300.1.1.1",
    ];
    for (const text of same) assert.equal(redact(text), text);
  });

  it("finds a secret wherever it stands, and a second look changes nothing", () => {
    // As random as keys are: what shrinks to zeros is no secret.
    const secret = fc.nat().map((seed) => createHash("sha256").update(String(seed)).digest());
    const around = fc.constantFrom("", " ", "\n", '"', "=", ": ", "(", "token=", '{"a":"');
    fc.assert(
      fc.property(
        secret,
        around,
        around,
        fc.constantFrom("hex", "base64", "base64url"),
        (bytes, before, after, form) => {
          const text = bytes.toString(form);
          const kept = redact(`${before}${text}${after}`);
          assert.ok(!kept.includes(text.slice(0, 24)), kept);
          assert.equal(redact(kept), kept);
        },
      ),
    );
  });
});
