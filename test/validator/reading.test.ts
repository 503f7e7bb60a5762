/** What reading promises: bounded memory and time, sidecars, and folders as installers leave them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, crc32, deflateRawSync } from "node:zlib";
import { sha256 } from "../../src/storage/digest.ts";
import { validate, validateBytes } from "../../src/validator/index.ts";
import { temporaryFolder } from "../candidate/tiny-candidate.ts";
import { unpack } from "./judge-defect.ts";
import { build, goodRelease, plain, testProducts, type Built } from "./release.ts";
import type { MadeEntry } from "./zip-maker.ts";

const MiB = 1 << 20;

/** An entry of so many MiB of zeros, packed just so well that it may pass. */
function zeros(count: number): MadeEntry {
  const block = deflateRawSync(Buffer.alloc(MiB), { finishFlush: constants.Z_SYNC_FLUSH });
  // Empty stored blocks: bytes that unpack to nothing.
  const idle = Buffer.concat(Array.from({ length: 1000 }, () => Buffer.from([0, 0, 0, 0xff, 0xff])));
  const packed = Buffer.concat([...Array.from({ length: count }, () => [block, idle]).flat(), Buffer.from([3, 0])]);
  let crc = 0;
  for (let n = 0; n < count; n++) crc = crc32(Buffer.alloc(MiB), crc);
  return { path: "zeros.bin", mode: 0o644, data: Buffer.alloc(0), packed, both: { size: count * MiB, crc } };
}

describe("reading what is validated", () => {
  const temporary = temporaryFolder();
  const ids = (findings: { rule: string }[]): string[] => findings.map(({ rule }) => rule);
  const withEntry = (entry: MadeEntry): Built =>
    build(goodRelease(plain), { zip: (zip) => void zip.entries.push(entry) });

  // A new program's own peak: what resourceUsage() says includes its parent's.
  (process.platform === "linux" ? it : it.skip)("takes less memory than an entry has bytes", () => {
    const { base, bytes } = withEntry(zeros(400));
    const file = join(temporary.path, `${base}.zip`);
    writeFileSync(file, bytes);
    const script = `const { validate } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/validator/index.ts"))});
      const { findings } = await validate(${JSON.stringify(file)}); const { readFileSync } = await import("node:fs");
      console.log(JSON.stringify([findings.map((f) => f.rule), Number(/VmHWM:\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024]))`;
    const [found, memory] = JSON.parse(
      execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }),
    ) as [string[], number];
    assert.deepEqual(found, ["checksums-complete"]);
    assert.ok(memory < 300, `${memory} MiB for an entry of 400`);
  }).timeout(60_000);

  it("stops at the first byte more than an entry states", async () => {
    const entry = zeros(2000);
    const { base, bytes } = withEntry({ ...entry, both: { ...entry.both, size: 4 * MiB } });
    const began = performance.now();
    assert.deepEqual(ids((await validateBytes(`${base}.zip`, bytes, { products: testProducts })).findings), [
      "declared-size",
      "checksums-complete",
    ]);
    assert.ok(performance.now() - began < 3000, "it read on");
  }).timeout(60_000);

  it("reads nothing of what it refuses: 4 GiB as stated, or 200 times the size", async () => {
    const began = performance.now();
    for (const size of [0xfffffffe, 2 ** 31]) {
      const { findings } = await validateBytes("x.zip", withEntry({ ...zeros(1), both: { size } }).bytes, {
        products: testProducts,
      });
      assert.ok(ids(findings).includes(size > 2 ** 31 ? "limit-total" : "limit-ratio"));
    }
    assert.ok(performance.now() - began < 1000);
  });

  it("takes a script for a program where the product has no payload rules", async () => {
    const { base, bytes } = build(goodRelease(plain), {
      release: ({ files }) => void files.set("nats", { mode: 0o755, data: Buffer.from("#!/bin/sh\n") }),
    });
    assert.deepEqual((await validateBytes(`${base}.zip`, bytes, { products: testProducts })).findings, []);
  });

  it("takes the files beside an archive for what they are", async () => {
    const { base, bytes, files } = build(goodRelease(plain));
    const folder = join(temporary.path, "beside");
    mkdirSync(folder);
    const file = join(folder, `${base}.zip`);
    writeFileSync(file, bytes);
    for (const end of ["\n", ""]) {
      writeFileSync(`${file}.sha256`, `${sha256(bytes)}  ${base}.zip${end}`);
      writeFileSync(join(folder, `${base}.release-manifest.json`), files.get("release-manifest.json")!.data);
      writeFileSync(join(folder, `${base}.checksums.txt`), files.get("checksums.txt")!.data);
      assert.deepEqual((await validate(file, { products: testProducts })).findings, []);
    }
  });

  it("allows an installed folder what installers add, and no more", async () => {
    const { files } = build(goodRelease());
    const folder = join(temporary.path, "installed");
    unpack(files, folder);
    assert.equal((await validate(folder, { products: testProducts })).kind, "folder");
    mkdirSync(join(folder, "service"));
    writeFileSync(join(folder, "service/palyrad.service"), "[Service]\nExecStart=/opt/palyra/palyrad\n");
    writeFileSync(
      join(folder, "install-metadata.json"),
      JSON.stringify({
        schema_version: 2,
        artifact_kind: "headless",
        archive_path: "/srv/dl/x.zip",
        install_root: "/opt/palyra",
      }),
    );
    const { kind, findings } = await validate(folder, { products: testProducts });
    assert.deepEqual([kind, findings], ["installed", []]);
  });

  it("judges the release in use where our own installer keeps several", async () => {
    const { base, files } = build(goodRelease(plain));
    const root = join(temporary.path, "opt");
    unpack(files, join(root, base));
    writeFileSync(join(root, "install-record"), "greenlight-install-record 1\n");
    symlinkSync(base, join(root, "current"));
    assert.deepEqual((await validate(root, { products: testProducts })).findings, []);
    writeFileSync(join(root, base, "README.txt"), "Mine.\n");
    assert.deepEqual(ids((await validate(root, { products: testProducts })).findings), ["checksums-digests"]);
  });
});
