/**
 * Packing and validating the NATS sample, each beside a peer that handles the same bytes in the same run (GoReleaser packs the
 * same files): turn by turn, so that a busy machine is busy for both. Run alone with `node bench/archive.ts [rounds]`, or by `npm run bench`.
 */
import { createHash } from "node:crypto";
import { createReadStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { execaSync } from "execa";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { packArchive, validateArchive, type PackedArchive } from "../src/archive/index.ts";
import { checkCandidate, readCandidate } from "../src/candidate/index.ts";
import { productNamed } from "../src/products/index.ts";
import { sha256File } from "../src/storage/digest.ts";
import { goreleaser, goreleaserProject } from "./goreleaser.ts";
import { rowOf, type Row } from "./row.ts";
import { goodCandidate } from "../test/good-candidate.ts";

async function readAndHash(files: readonly string[]): Promise<void> {
  for (const file of files) await sha256File(file);
}

/** What any packer must do: read, hash and deflate at level 6, one file after another on one core, and keep the result. */
async function deflateOneByOne(files: readonly string[]): Promise<number> {
  let size = 0;
  for (const file of files) {
    const bytes = await buffer(createReadStream(file, { highWaterMark: 1 << 20 }));
    createHash("sha256").update(bytes).digest();
    size += deflateRawSync(bytes, { level: 6 }).length;
  }
  return size;
}

/** What any validator must do: inflate and hash, one file after another on one core. */
function inflateOneByOne(deflated: readonly Buffer[]): void {
  for (const bytes of deflated) createHash("sha256").update(inflateRawSync(bytes)).digest();
}

const peer = "peer: GoReleaser 2.12.0";

function hasUnzip(): boolean {
  try {
    execaSync("unzip", ["-v"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Measures; `rounds` of each, after one that does not count. */
export async function benchArchive(rounds = 5): Promise<Row[]> {
  const folder = await goodCandidate();
  const product = productNamed("nats");
  const candidate = readCandidate(folder);
  const sealed = candidate.platforms["linux-x64"]!;
  const contents = [...Object.values(sealed.binaries), ...Object.values(sealed.assets ?? {})].map(({ file }) =>
    join(folder, file),
  );
  const deflated = contents.map((file) => deflateRawSync(readFileSync(file)));
  const out = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  const expect = { product: "nats", kind: "server", version: candidate.version, platform: "linux-x64" } as const;
  const pack = (outputFolder: string): Promise<PackedArchive> =>
    packArchive({ candidateFolder: folder, candidate, product, kind: "server", platform: "linux-x64", outputFolder });
  const kept = await pack(join(out, "kept"));
  // The installer is in our archive, and so the peer is given it too.
  const installer = { "install.sh": kept.sidecars.installer! };
  const load = {
    programs: Object.fromEntries(Object.entries(sealed.binaries).map(([key, { file }]) => [key, join(folder, file)])),
    files: {
      ...installer,
      ...Object.fromEntries(
        [...Object.entries(sealed.assets ?? {}), ["LICENSE.txt", candidate.licence!] as const].map(
          ([path, { file }]) => [path, join(folder, file)],
        ),
      ),
    },
  };
  try {
    const program = await goreleaser(console.log);
    const peerPacks = program && goreleaserProject(program, join(out, "goreleaser"), load);
    let peerSize = 0;
    const tasks: [string, () => unknown][] = [
      ["pack, read back, validate", () => pack(join(out, "fresh"))],
      ...(peerPacks ? [[peer, async () => (peerSize = await peerPacks())] as [string, () => unknown]] : []),
      ["peer: read, hash, deflate level 6 on one core", () => deflateOneByOne(contents)],
      ["pack what is packed", () => pack(join(out, "kept"))],
      ["check the candidate", () => checkCandidate(folder, product, ["linux-x64"])],
      ["validate", () => validateArchive(kept.file, { expect })],
      ["peer: inflate and hash on one core", () => inflateOneByOne(deflated)],
      ["peer: read and hash the contents", () => readAndHash(contents)],
      ...(hasUnzip()
        ? [["peer: unzip -t", () => execaSync("unzip", ["-tqq", kept.file])] as [string, () => unknown]]
        : []),
    ];
    const times = new Map<string, number[]>(tasks.map(([name]) => [name, []]));
    for (let round = 0; round <= rounds; round++) {
      for (const [name, task] of tasks) {
        rmSync(join(out, "fresh"), { recursive: true, force: true });
        const started = performance.now();
        await task();
        if (round > 0) times.get(name)!.push((performance.now() - started) / 1000);
      }
    }
    const rows = tasks.map(([name]) => rowOf(name, "s", times.get(name)!));
    const compare = (mine: string, theirs: string): void => {
      const [a, b] = [mine, theirs].map((name) => rows.find((r) => r.name === name));
      if (a && b) a.peer = { name: theirs, ratio: Number((a.median / b.median).toFixed(2)) };
    };
    compare("pack, read back, validate", peerPacks ? peer : "peer: read, hash, deflate level 6 on one core");
    compare("validate", "peer: inflate and hash on one core");
    compare("check the candidate", "peer: read and hash the contents");
    const bytes = kept.entries.reduce((sum, entry) => sum + entry.size, 0);
    const speed = (name: string): Row =>
      rowOf(
        `${name}: throughput of ${(bytes / 1e6).toFixed(1)} MB`,
        "MB/s",
        times.get(name)!.map((s) => bytes / 1e6 / s),
      );
    const size = rowOf("archive size", "MB", [kept.size / 1e6]);
    if (peerSize > 0)
      size.peer = {
        name: `${peer}, ${(peerSize / 1e6).toFixed(3)} MB`,
        ratio: Number((kept.size / peerSize).toFixed(4)),
      };
    return [...rows, speed("pack, read back, validate"), speed("validate"), size];
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const rows = await benchArchive(Number(process.argv[2] ?? 5));
  for (const { name, unit, n, p50, p95, peer } of rows) {
    console.log(
      `${name.padEnd(60)} ${String(p50).padStart(8)} ${unit.padEnd(5)} p95 ${String(p95).padStart(8)}  n ${n}${peer ? `  ${peer.ratio} × ${peer.name}` : ""}`,
    );
  }
}
