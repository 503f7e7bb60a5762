/** Each thing that the validator looks at, in an archive where just that is wrong: red, by name and reason. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import * as yauzl from "yauzl";
import { buffer } from "node:stream/consumers";
import { inspectArchive, packArchive, validateArchive } from "../../src/archive/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { nats, temporaryFolder, tinyCandidate } from "../candidate/tiny-candidate.ts";
import { rawZip, type RawEntry } from "./raw-zip.ts";

const expect = { product: "nats", kind: "server", version: "2.11.4", platform: "linux-x64" } as const;
const base = "nats-server-2.11.4-linux-x64";

interface File {
  data: Buffer;
  mode: number;
}
type Files = Map<string, File>;
type Manifest = Record<string, unknown> & { binaries: Record<string, unknown>[] };

/** Writes checksums.txt anew, so that only the fault under test remains. */
function reseal(files: Files): void {
  const lines = [...files].filter(([path]) => path !== "checksums.txt").sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  files.set("checksums.txt", { mode: 0o644, data: Buffer.from(lines.map(([path, { data }]) => `${sha256(data)}  ${path}\n`).join("")) });
}
function inManifest(files: Files, change: (manifest: Manifest) => void): void {
  const manifest = JSON.parse(files.get("release-manifest.json")!.data.toString()) as Manifest;
  change(manifest);
  files.set("release-manifest.json", { mode: 0o644, data: Buffer.from(JSON.stringify(manifest)) });
  reseal(files);
}
function inChecksums(files: Files, change: (text: string) => string): void {
  files.set("checksums.txt", { mode: 0o644, data: Buffer.from(change(files.get("checksums.txt")!.data.toString())) });
}
const entriesOf = (files: Files): RawEntry[] => [...files].map(([name, { data, mode }]) => ({ name, data, mode: 0o100000 | mode }));

describe("validating an archive", () => {
  const temporary = temporaryFolder();
  let good: Files;
  let packed = "";
  before(async () => {
    const folder = join(temporary.path, "candidate");
    const candidate = await tinyCandidate(folder);
    packed = (await packArchive({ candidateFolder: folder, candidate, product: nats, kind: "server", platform: "linux-x64", outputFolder: join(temporary.path, "out") })).file;
    good = new Map();
    const zip = await yauzl.openPromise(packed, { autoClose: false });
    for await (const entry of zip.eachEntry()) {
      good.set(entry.fileName, { mode: (entry.externalFileAttributes >>> 16) & 0o777, data: await buffer(await zip.openReadStreamPromise(entry)) });
    }
    zip.close();
  });
  const store = (bytes: Buffer, name = base): string => {
    const file = join(temporary.path, `${name}.zip`);
    writeFileSync(file, bytes);
    return file;
  };
  const copy = (): Files => new Map([...good].map(([path, file]) => [path, { ...file }]));
  const sayings = async (file: string): Promise<string[]> => (await validateArchive(file, { expect })).map((f) => `${f.path}: ${f.message}`);

  it("finds nothing in a packed archive, nor in the same files zipped by somebody else", async () => {
    assert.deepEqual(await inspectArchive(packed, { expect }).then(({ findings, warnings }) => ({ findings, warnings })), { findings: [], warnings: [] });
    assert.deepEqual(await sayings(store(rawZip(entriesOf(good)))), []);
  });

  const contents: [string, (files: Files) => void, RegExp][] = [
    ["no manifest", (f) => (f.delete("release-manifest.json"), reseal(f)), /^release-manifest.json: is missing$/],
    ["a manifest that is no JSON", (f) => (f.set("release-manifest.json", { mode: 0o644, data: Buffer.from("{") }), reseal(f)), /^release-manifest.json: is not JSON/],
    ["a manifest of another schema", (f) => inManifest(f, (m) => (m["schema_version"] = 2)), /^release-manifest.json: schema_version/],
    ["another kind", (f) => inManifest(f, (m) => (m["artifact_kind"] = "desktop")), /artifact_kind is desktop, and server was expected/],
    ["another version", (f) => inManifest(f, (m) => (m["version"] = "2.11.5")), /version is 2.11.5, and 2.11.4 was expected/],
    ["another platform", (f) => inManifest(f, (m) => (m["platform"] = "linux-arm64")), /platform is linux-arm64, and linux-x64 was expected/],
    ["another product", (f) => inManifest(f, (m) => (m["artifact_name"] = "gnats-server-2.11.4-linux-x64")), /artifact_name is gnats-server-2.11.4-linux-x64, and the file is named nats-server/],
    ["no binaries", (f) => inManifest(f, (m) => (m.binaries = [])), /binaries lists none/],
    ["a binary that is not there", (f) => (f.delete("nats"), reseal(f)), /lists the binary nats, which is not in the archive/],
    ["a binary by another name", (f) => inManifest(f, (m) => (m.binaries[0]!["logical_name"] = "gnatsd")), /binary gnatsd is named nats-server, and on linux-x64 it is gnatsd/],
    ["a binary of another digest", (f) => inManifest(f, (m) => (m.binaries[0]!["sha256"] = "0".repeat(64))), /says SHA-256 0{64} of nats-server/],
    ["a binary of another size", (f) => inManifest(f, (m) => (m.binaries[0]!["size_bytes"] = 1)), /says 1 bytes of nats-server, which has 200000/],
    ["a recipe file that is not there", (f) => inManifest(f, (m) => (m["deployment_recipes"] = [{ profile: "p", relative_path: "deploy.sh", sha256: "0".repeat(64), size_bytes: 1 }])), /lists the recipe file deploy.sh/],
    ["a recipe file of another digest", (f) => inManifest(f, (m) => (m["deployment_recipes"] = [{ profile: "p", relative_path: "docs/guide.txt", sha256: "0".repeat(64), size_bytes: 1 }])), /another digest or size of docs\/guide.txt/],
    ["no checksums", (f) => f.delete("checksums.txt"), /^checksums.txt: is missing$/],
    ["a file without a line", (f) => f.set("extra.txt", { mode: 0o644, data: Buffer.from("!") }), /^extra.txt: has no line in checksums.txt$/],
    ["a line without a file", (f) => (f.delete("docs/guide.txt")), /^checksums.txt: lists docs\/guide.txt, which is not in the archive$/],
    ["a file that was changed", (f) => f.set("LICENSE.txt", { mode: 0o644, data: Buffer.from("Mine.\n") }), /^LICENSE.txt: has SHA-256 .*checksums.txt says/],
    ["checksums that list themselves", (f) => inChecksums(f, (t) => `${t}${"0".repeat(64)}  checksums.txt\n`), /^checksums.txt: lists itself$/],
    ["a line that is none", (f) => inChecksums(f, (t) => `${t}# the end\n`), /line 10 is not a SHA-256, two spaces and a path/],
    ["a line twice", (f) => inChecksums(f, (t) => `${t.split("\n")[0]}\n${t}`), /lists LICENSE.txt a second time/],
    ["lines out of order", (f) => inChecksums(f, (t) => `${t.trim().split("\n").reverse().join("\n")}\n`), /is not in order/],
    ["carriage returns", (f) => inChecksums(f, (t) => t.replaceAll("\n", "\r\n")), /has carriage returns/],
    ["no final line feed", (f) => inChecksums(f, (t) => t.trimEnd()), /does not end with a line feed/],
    ["no README", (f) => (f.delete("README.txt"), reseal(f)), /^README.txt: is missing$/],
    ["a mode for the group to write", (f) => (f.get("nats")!.mode = 0o775), /^nats: has mode 0775, neither 0755 nor 0644$/],
    ["a set-user-id bit", (f) => (f.get("nats")!.mode = 0o4755), /^nats: has mode 04755/],
    ["somebody's database", (f) => (f.set("data/state.SQLite3-wal", { mode: 0o644, data: Buffer.from("x") }), reseal(f)), /never belongs in a release \(\*\.sqlite3-\*\)/],
    ["a folder of downloads", (f) => (f.set("web/Downloads/a.txt", { mode: 0o644, data: Buffer.from("x") }), reseal(f)), /never belongs in a release \(downloads\/\*\)/],
  ];
  for (const [name, spoil, message] of contents) {
    it(`says: ${name}`, async () => {
      const files = copy();
      spoil(files);
      const said = await sayings(store(rawZip(entriesOf(files))));
      assert.ok(said.some((s) => message.test(s)), said.join("\n") || "nothing was said");
    });
  }

  const big = Buffer.alloc(3 << 20);
  const containers: [string, (entries: RawEntry[]) => Buffer, RegExp][] = [
    ["a name that climbs out", (e) => rawZip([...e, { name: "../../etc/cron.d/x", data: "" }]), /has a \.\. segment/],
    ["an absolute name", (e) => rawZip([...e, { name: "/etc/x", data: "" }]), /^\/etc\/x: is absolute/],
    ["a drive", (e) => rawZip([...e, { name: "C:x", data: "" }]), /begins with a drive/],
    ["a backslash", (e) => rawZip([...e, { name: "docs\\x", data: "" }]), /has a backslash/],
    ["a name that is not UTF-8", (e) => rawZip([...e, { name: Buffer.from([0x61, 0xff]), data: "" }]), /name that is not valid UTF-8/],
    ["a name of an unknown alphabet", (e) => rawZip([...e, { name: "ä", data: "", claim: { flags: 0 } }]), /not marked as UTF-8/],
    ["a folder entry", (e) => rawZip([...e, { name: "empty/", data: "", mode: 0o40755 }]), /is an entry for a folder/],
    ["a name twice", (e) => rawZip([...e, { name: "nats", data: "x", mode: 0o100755 }]), /^nats: is in the archive twice/],
    ["names that differ in case only", (e) => rawZip([...e, { name: "NATS", data: "x" }]), /^NATS: collides with nats/],
    ["a file that is also a folder", (e) => rawZip([...e, { name: "nats/x", data: "x" }]), /^nats\/x: collides with nats/],
    ["a symbolic link", (e) => rawZip([...e, { name: "link", data: "/etc/passwd", mode: 0o120777 }]), /^link: is a symbolic link/],
    ["a device", (e) => rawZip([...e, { name: "null", data: "", mode: 0o20666 }]), /^null: is a special file/],
    ["a mode of another system", (e) => rawZip([...e, { name: "x", data: "", claim: { madeBy: 20 } }]), /^x: does not state a Unix mode/],
    ["an encrypted entry", (e) => rawZip([...e, { name: "x", data: "0123456789abc", claim: { flags: 1, size: 1 } }]), /^x: is encrypted/],
    ["an unknown compression", (e) => rawZip([...e, { name: "x", data: "x", claim: { method: 12 } }]), /^x: is compressed by method 12/],
    ["a wrong CRC", (e) => rawZip([...e, { name: "x", data: "x", claim: { crc: 1 } }]), /^x: has CRC-32 [0-9a-f]+, and the archive says 1/],
    ["another name in the local header", (e) => rawZip([...e, { name: "x", data: "x", claim: { localName: "y" } }]), /^x: has another name in its local header/],
    ["more bytes than stated", (e) => rawZip([...e, { name: "x", data: big, deflate: true, claim: { size: 3 } }]), /^x: unpacks to more than the 3 bytes/],
    ["fewer bytes than stated", (e) => rawZip([...e, { name: "x", data: "xyz", deflate: true, claim: { size: 300 } }]), /^x: unpacks to 3 bytes, and states 300/],
    ["fewer stored bytes than stated", (e) => rawZip([...e, { name: "x", data: "xyz", claim: { size: 4 } }]), /^x: unpacks to 3 bytes, and states 4/],
    ["bytes after the compressed data", (e) => rawZip([...e, { name: "x", data: "xyz", deflate: true, tail: "!!" }]), /^x: has 2 bytes after the end of its compressed data/],
    ["compressed data that is none", (e) => rawZip([...e, { name: "x", data: "\u00ff".repeat(9), claim: { method: 8 } }]), /^x: invalid/],
    ["a bomb", (e) => rawZip([...e, { name: "x", data: big, deflate: true }]), /^x: unpacks to more than 200 times/],
    ["more than 4 GiB in all", (e) => rawZip([...e, { name: "x", data: "x", deflate: true, claim: { size: 0xfffffffe } }]), /takes the unpacked size past/],
    ["a manifest too large to be one", (e) => rawZip(e.map((f) => (f.name === "release-manifest.json" ? { ...f, data: Buffer.concat([Buffer.from(f.data as Buffer), Buffer.alloc(5 << 20, " ")]) } : f))), /^release-manifest.json: has \d+ bytes, more than/],
    ["a count that is too low", (e) => rawZip(e, { count: e.length - 2 }), /expected|missing|not in the archive/],
    ["a count that is too high", (e) => rawZip(e, { count: e.length + 2 }), /directory cannot be read/],
    ["no ZIP at all", () => Buffer.from("#!/bin/sh\n".repeat(10)), /is not a whole ZIP file/],
    ["an empty file", () => Buffer.alloc(0), /is not a whole ZIP file/],
    ["a truncated one", (e) => rawZip(e).subarray(0, -40), /is not a whole ZIP file/],
  ];
  for (const [name, build, message] of containers) {
    it(`says: ${name}`, async () => {
      const said = await sayings(store(build(entriesOf(good))));
      assert.ok(said.some((s) => message.test(s)), said.join("\n") || "nothing was said");
    });
  }

  it("says that there is none", async () => {
    assert.match((await sayings(join(temporary.path, "none.zip"))).join(), /does not exist/);
  });

  it("says that the file is named otherwise than it says itself", async () => {
    assert.match((await sayings(store(rawZip(entriesOf(good)), "nats-server-9.9.9-linux-x64"))).join(), /the file is named nats-server-9\.9\.9/);
  });

  it("only warns of a binary that nobody may execute: a machine will say what comes of it", async () => {
    const files = copy();
    files.get("nats")!.mode = 0o644;
    const { findings, warnings } = await inspectArchive(store(rawZip(entriesOf(files))), { expect });
    assert.deepEqual(findings, []);
    assert.deepEqual(warnings, [{ path: "nats", message: "is a binary that nobody may execute (mode 0644)" }]);
  });

  it("says all of it, not only the first", async () => {
    const files = copy();
    inManifest(files, (m) => ((m["version"] = "2.11.5"), (m.binaries[1]!["size_bytes"] = 7)));
    files.set("LICENSE.txt", { mode: 0o666, data: Buffer.from("Mine.\n") });
    files.set("extra.log", { mode: 0o644, data: Buffer.from("x") });
    const said = (await sayings(store(rawZip([...entriesOf(files), { name: "../x", data: "" }, { name: "l", data: "nats", mode: 0o120777 }])))).join("\n");
    for (const message of [/version is 2\.11\.5/, /says 7 bytes of nats/, /LICENSE.txt: has SHA-256/, /LICENSE.txt: has mode 0666/, /extra.log: has no line/, /extra.log: never belongs/, /\.\.\/x: has a/, /l: is a symbolic link/]) {
      assert.match(said, message);
    }
  });

  it("accepts no archive whose content was changed anywhere, and never throws", async () => {
    const bytes = readFileSync(packed);
    const content = (entries: { path: string; sha256: string; mode: number }[]): string => JSON.stringify(entries.map(({ path, sha256: s, mode }) => [path, s, mode]));
    const original = content((await inspectArchive(packed)).entries);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, flip, late) => {
        // Half of the changes hit the last kilobyte, where the directory is.
        const place = late ? bytes.length - 1 - (at % 1100) : at;
        const spoiled = Buffer.from(bytes);
        spoiled[place]! ^= flip;
        const { findings, entries } = await inspectArchive(store(spoiled), { expect });
        if (findings.length === 0) assert.equal(content(entries), original, `byte ${place} ^ ${flip}`);
      }),
      { numRuns: 250 },
    );
  });
});
