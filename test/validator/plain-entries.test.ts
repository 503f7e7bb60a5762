/** Small entries that two threads read are what reading each by itself says they are, and only what is plain is read that way. */
import assert from "node:assert/strict";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { beginningOf } from "../../src/binaries/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { mayRun } from "../../src/validator/plain-entries.ts";
import { PlainReader, type Stated } from "../../src/validator/read-plain.ts";
import { temporaryFolder } from "../candidate/tiny-candidate.ts";

const token = `npm_${"aB3".repeat(12)}`;

describe("plain entries of an archive", () => {
  const temporary = temporaryFolder();

  type Placed = { at: number } & Stated;

  /** Entries with these contents one after the other in a file, in groups of ten; `spoil` changes what is stated of them. Of `most`, so many, the thread starts at once. */
  async function read(contents: Buffer[], threads: number, most: number, spoil?: (stated: Placed, n: number) => void) {
    const all: Placed[] = [];
    const packed = contents.map((bytes) => deflateRawSync(bytes));
    let at = 0;
    for (const [n, bytes] of contents.entries()) {
      all.push({ at, compressedSize: packed[n]!.length, crc: crc32(bytes), size: bytes.length });
      at += packed[n]!.length;
    }
    for (const [n, stated] of all.entries()) spoil?.(stated, n);
    const file = join(temporary.path, "data");
    writeFileSync(file, Buffer.concat(packed));
    const fd = openSync(file, "r");
    const reader = new PlainReader(fd, most, threads);
    try {
      for (const [n, stated] of all.entries()) reader.add(stated.at, stated, n % 10 === 0);
      reader.begin();
      return (await reader.read()).map((content) => content?.sha256);
    } finally {
      await reader.close();
      closeSync(fd);
    }
  }
  const texts = Array.from({ length: 400 }, (_, n) => Buffer.from(`text ${n}\n`.repeat(1 + (n % 30))));

  const few = 400;
  const many = 10_000;
  for (const [threads, most, title] of [
    [1, few, "one thread"],
    [2, few, "two threads"],
    [2, many, "two threads, of which one waited for them"],
  ] as const)
    it(`have their digests from ${title}`, async () => {
      assert.deepEqual(await read(texts, threads, most), texts.map(sha256));
    });

  it("keep no thread when they are not read after all", async () => {
    const fd = openSync(import.meta.filename, "r");
    await new PlainReader(fd, many, 2).close();
    closeSync(fd);
  });

  for (const [threads, most] of [
    [1, few],
    [2, many],
  ] as const)
    it(`are none of programs, scripts, secrets, and what is not as it states (threads: ${threads})`, async () => {
      const special: [at: number, text: string][] = [
        [1, "#!/bin/sh\n"],
        [12, "\x7fELF and more of it that nobody looks at"],
        [23, `//registry.npmjs.org/:_authToken=${token}\n`],
        [34, "\xef\xbb\xbf#!/bin/sh\n"],
      ];
      const contents = texts.slice(0, 100);
      for (const [at, text] of special) contents[at] = Buffer.from(text, "latin1");
      const wrong = [45, 56, 67];
      const found = await read(contents, threads, most, (stated, n) => {
        if (n === 45) stated.crc = (stated.crc ^ 1) >>> 0;
        if (n === 56) stated.size++;
        if (n === 67) stated.compressedSize--;
      });
      for (const [n, digest] of found.entries()) {
        const group = (of: number): boolean => Math.floor(n / 10) === Math.floor(of / 10);
        if (special.some(([at]) => at === n) || wrong.some(group)) assert.equal(digest, undefined, `entry ${n}`);
        else assert.equal(digest, sha256(contents[n]!), `entry ${n}`);
      }
    });

  it("are left to others where the file ends before them", async () => {
    const found = await read(texts.slice(0, 20), 2, few, (stated, n) => void (n === 15 && (stated.at = 1e9)));
    assert.deepEqual(found.slice(10), new Array(10).fill(undefined));
    assert.deepEqual(found.slice(0, 10), texts.slice(0, 10).map(sha256));
  });

  it("never begin as a program or a script does", () => {
    const begins = fc.constantFrom(
      ...["#!", "\xef\xbb\xbf#!", "\x7fELF", "MZ", "\xcf\xfa\xed\xfe", "\xce\xfa\xed\xfe", "\xca\xfe\xba\xbe"].map(
        (text) => Buffer.from(text, "latin1"),
      ),
    );
    fc.assert(
      fc.property(fc.option(begins), fc.uint8Array({ maxLength: 120 }), (start, rest) => {
        const head = Buffer.concat([start ?? Buffer.alloc(0), rest]);
        const { binary, script } = beginningOf(head);
        if (binary || script) assert.ok(mayRun(head));
      }),
      { numRuns: 2000 },
    );
  });
});
