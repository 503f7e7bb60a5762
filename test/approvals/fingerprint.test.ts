/** Fingerprints: the same failure seen again has the same one, and another failure has another. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { fingerprintOf } from "../../src/approvals/index.ts";
import { quoted } from "../../src/suites/expectations.ts";
import { failed } from "./people.ts";

const seen = (observed: string): string => fingerprintOf({ ...failed, observed });

const word = fc.constantFrom(
  ...[
    "refused",
    "the port",
    "exit code",
    "decade",
    "defaced",
    "in node",
    "«ü»",
    "(nil)",
    "ok:",
    "/var/lib/nats",
    "std::string",
  ],
);
const digits = (most: number) => fc.nat(most).map(String);
const hexOf = (length: number) =>
  fc
    .string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length })
    // A short one of letters alone is a word.
    .filter((id) => length >= 16 || /\d/.test(id));
const time = fc
  .date({ min: new Date("1990-01-01"), max: new Date("2090-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());
const letters = fc.string({ unit: fc.constantFrom(..."abcXYZ019"), minLength: 6, maxLength: 6 });

/** What differs each time, by kind: two of a kind are the same failure. */
const kinds = {
  number: fc.oneof(
    digits(1e9),
    fc.tuple(digits(999), digits(999)).map((two) => two.join(".")),
    digits(99).map((some) => `-${some}`),
    digits(9999999).map((some) => some.replace(/\B(?=(\d{3})+$)/g, ",")),
  ),
  time: fc.oneof(
    time,
    time.map((iso) => iso.replace(/\.\d+Z/, "+02:00")),
    time.map((iso) => iso.slice(11, 19)),
    time.map((iso) => iso.slice(0, 10)),
    time.map((iso) => iso.replace("T", " ").slice(0, 19)),
    time.map((iso) => new Date(iso).toUTCString()),
    time.map((iso) => `Mar  3 ${iso.slice(11, 19)}`),
  ),
  address: fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.tuple(fc.ipV4(), digits(65535)).map((two) => two.join(":")),
    fc.tuple(fc.ipV6(), digits(65535)).map(([ip, port]) => `[${ip}]:${port}`),
    hexOf(12).map((hex) => hex.match(/../g)!.join(":")),
  ),
  id: fc.oneof(
    hexOf(7),
    hexOf(12),
    hexOf(40),
    hexOf(64),
    fc.uuid(),
    hexOf(12).map((hex) => `0x${hex}`),
  ),
  path: fc.oneof(
    letters.map((some) => `/tmp/tmp.${some}/out.log`),
    letters.map((some) => `/var/tmp/greenlight-${some}/out.log`),
  ),
} satisfies Record<string, fc.Arbitrary<string>>;

/** A failure seen twice: the same words, with what differs each time between them. */
const twice = fc
  .array(
    fc.oneof(
      word.map((same) => [same, same]),
      ...Object.values(kinds).map((kind) => fc.tuple(kind, kind)),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => [0, 1].map((which) => parts.map((part) => part[which]!).join("; ")));

describe("the fingerprint of a failure", () => {
  it("does not change with numbers, times, addresses, ids and temporary paths", () => {
    fc.assert(
      fc.property(twice, ([first, second]) => {
        assert.equal(seen(first!), seen(second!));
        assert.equal(seen(JSON.stringify(`got\n${first}`)), seen(JSON.stringify(`got\n${second}`)));
        assert.equal(fingerprintOf({ ...failed, expected: first! }), fingerprintOf({ ...failed, expected: second! }));
      }),
      { numRuns: 1000 },
    );
  });

  it("changes with the words, and with a thing of another kind", () => {
    fc.assert(
      fc.property(twice, fc.constantFrom("but", "refused", "<time>"), ([first, second], more) => {
        assert.notEqual(seen(first!), seen(`${second} ${more}`));
        assert.notEqual(seen(first!), seen(`${more} ${second}`));
      }),
    );
    const [number, at, address, path] = ["17", "2026-03-01T12:00:00Z", "10.0.2.15:80", "/tmp/x1/out"].map(seen);
    assert.equal(new Set([number, at, address, path, seen("seventeen")]).size, 5);
  });

  it("is the same in these pairs, and another in those", () => {
    for (const [a, b] of [
      ["took 31 ms", "took 2,012.5 ms"],
      ["nats-server[812]: exit 1", "nats-server[90112]: exit 137"],
      ["Sat Nov 28 22:02:48 UTC 2026 down", "Sun Nov 29 02:12:08 UTC 2026 down"],
      ["Mar 12 10:00:00 vm nats: no", "Apr  1 11:30:00 vm nats: no"],
      ["dial tcp [fe80::1%eth0]:4222: refused", "dial tcp 127.0.0.1:4222: refused"],
      ["object 3f2a9bc is gone", "object 1234567 is gone"],
      ["at 0x7ffe12ab34cd", "at 0xdead"],
      ['open "/tmp/tmp.Ab12/a.log"', 'open "/tmp/tmp.zzzz/a.log"'],
      ["C:\\Users\\a\\AppData\\Local\\Temp\\x1\\a.log", "C:\\Users\\b\\AppData\\Local\\Temp\\y2\\a.log"],
      ["  17  bytes", "1024 bytes"],
    ] as const)
      assert.equal(seen(a), seen(b), `${a} | ${b}`);
    for (const [a, b] of [
      ["the port is taken", "the port is closed"],
      ["/etc/nats/a.conf", "/etc/nats/b.conf"],
      ["/tmp/x1/a.log", "/tmp/x1/b.log"],
      ["defaced", "decades"],
      ["1 of 2", "1 of"],
      ["nats: no", "natscli: no"],
    ] as const)
      assert.notEqual(seen(a), seen(b), `${a} | ${b}`);
  });

  it("bears a long output whose middle was left out elsewhere", () => {
    const output = (port: number): string =>
      quoted(`cannot listen on port ${port}: it is taken. ${"All is told once more here. ".repeat(30)} Giving up.`);
    assert.ok(output(1).includes(" … "));
    assert.equal(seen(output(1)), seen(output(65535)));
    assert.notEqual(seen(output(1)), seen(output(1).replace("taken", "closed")));
  });

  it("does not take the order of fields, or how many checks there are, for the failure", () => {
    const { name, ...others } = failed;
    assert.equal(fingerprintOf({ ...others, name }), fingerprintOf({ ...failed, open: { checks: 1, of: 12 } }));
  });
});
