/** Deflating in blocks: one stream that every reader inflates, the same bytes whatever the pieces and the threads. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, inflateRawSync } from "node:zlib";
import { packEntries } from "../../src/archive/index.ts";
import { OWN_DIALECT, zlibDialect } from "../../src/archive/dialect.ts";
import { deflatedBlocks, runAhead } from "../../src/archive/deflate.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { noise, temporaryFolder } from "../candidate/tiny-candidate.ts";

const block = 1 << 20;

async function deflated(pieces: Buffer[]): Promise<{ bytes: Buffer; crc: number; size: number; blocks: number }> {
  const parts: Buffer[] = [];
  let last: { crc: number; size: number } | undefined;
  for await (const b of runAhead(deflatedBlocks(pieces))) {
    assert.equal(last, undefined, "nothing follows the last block");
    parts.push(await b.deflated);
    last = b.last;
  }
  return { bytes: Buffer.concat(parts), ...last!, blocks: parts.length };
}

describe("deflating in blocks", () => {
  const temporary = temporaryFolder();

  for (const size of [0, 1, 100, block - 1, block, block + 1, 2 * block, 2 * block + 70_000]) {
    it(`gives ${size} bytes back, cut where it may be`, async () => {
      const data = noise(size, size);
      const whole = await deflated([data]);
      assert.ok(inflateRawSync(whole.bytes, { maxOutputLength: size + 1 }).equals(data));
      assert.deepEqual(
        [whole.crc, whole.size, whole.blocks],
        [crc32(data), size, Math.max(1, Math.ceil(size / block))],
      );
      const odd: Buffer[] = [];
      for (let at = 0; at < size; at += 333_333) odd.push(data.subarray(at, at + 333_333));
      assert.ok((await deflated(odd)).bytes.equals(whole.bytes), "the pieces that contents come in do not matter");
    });
  }

  it("refers back across blocks: what repeats costs nothing again", async () => {
    const random = noise(5, 30_000);
    const data = Buffer.concat(Array.from({ length: 80 }, () => random));
    const { bytes } = await deflated([data]);
    const alone = (await deflated([data.subarray(0, block)])).bytes.length;
    assert.ok(bytes.length < alone * 3, `${bytes.length} bytes in all, ${alone} for the first block`);
  });

  it("gives the same archive with one thread as with many", async () => {
    const entries = [3, 1, 2].map((n) => ({ path: `f${n}`, mode: 0o644, data: noise(n, n * 900_000) }));
    const here = await packEntries(entries, join(temporary.path, "here.zip"));
    const script = `
      import { packEntries } from ${JSON.stringify(join(import.meta.dirname, "../../src/archive/index.ts"))};
      import { noise } from ${JSON.stringify(join(import.meta.dirname, "../candidate/tiny-candidate.ts"))};
      const entries = [1, 2, 3].map((n) => ({ path: "f" + n, mode: 0o644, data: noise(n, n * 900_000) }));
      await packEntries(entries, ${JSON.stringify(join(temporary.path, "there.zip"))});`;
    execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...process.env, UV_THREADPOOL_SIZE: "1" },
      stdio: "pipe",
    });
    assert.equal(sha256(readFileSync(join(temporary.path, "there.zip"))), here.sha256);
  }).timeout(20_000);

  it("knows the bytes that Node's own zlib writes from those of others", function () {
    if (process.arch !== "x64" || process.config.variables.node_shared_zlib) this.skip();
    assert.equal(zlibDialect(), OWN_DIALECT);
  });

  it("stops reading when nobody asks any more, and hands errors on in their turn", async () => {
    let read = 0;
    const endless = async function* (): AsyncGenerator<Buffer> {
      for (;;) yield Buffer.alloc(block, ++read);
    };
    for await (const b of runAhead(deflatedBlocks(endless()))) {
      await b.deflated;
      break;
    }
    assert.ok(read < 40, `${read} MiB were read for one`);
    const failing = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.alloc(3 * block);
      throw new Error("the disk is gone");
    };
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const b of runAhead(deflatedBlocks(failing()))) seen.push((await b.deflated).length);
    }, /the disk is gone/);
    assert.equal(seen.length, 1, "a block is given out when it is known whether it is the last");
  });
});
