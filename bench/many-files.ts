/**
 * Many small files: sealing and checking them beside `sha256sum`, validating their archive beside `unzip -t`. Turn by turn, so
 * that a busy machine is busy for both. Run alone with `node bench/many-files.ts [rounds]`, or by `npm run bench`.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import { packArchive } from "../src/archive/index.ts";
import { checkCandidate, createCandidate, readCandidate } from "../src/candidate/index.ts";
import { productNamed } from "../src/products/index.ts";
import { validate } from "../src/validator/index.ts";
import { goodCandidate } from "../test/good-candidate.ts";
import { rowOf, type Row } from "./row.ts";
import { memoryOf } from "./validate.ts";

const FILES = 50_000;

/** The NATS sample with so many scripts of a page, of some hundred bytes to some thousand. */
async function manyFiles(folder: string): Promise<void> {
  const sample = await goodCandidate();
  mkdirSync(join(folder, "linux-x64"), { recursive: true });
  for (const name of ["nats", "nats-server"])
    copyFileSync(join(sample, "linux-x64", name), join(folder, "linux-x64", name));
  writeFileSync(join(folder, "LICENSE.txt"), "Do what you like.\n");
  for (let n = 0; n < FILES; n++) {
    const below = join(folder, "web", String(Math.floor(n / 500)));
    if (n % 500 === 0) mkdirSync(below, { recursive: true });
    writeFileSync(join(below, `${n}.js`), `// file ${n}\n${`export const x = ${n};\n`.repeat(20 + (n % 60))}`);
  }
}

/** Measures; `rounds` of each, after one that does not count. */
export async function benchManyFiles(rounds = 3): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  const candidate = join(folder, "candidate");
  const product = productNamed("nats");
  const shell = (command: string): unknown => execaSync("sh", ["-c", command], { cwd: candidate, stdio: "ignore" });
  try {
    await manyFiles(candidate);
    const create = () =>
      createCandidate({ folder: candidate, product, version: "2.11.4", repository: "https://example.org/nats" });
    await create();
    const { file } = await packArchive({
      candidateFolder: candidate,
      candidate: readCandidate(candidate),
      product,
      kind: "server",
      platform: "linux-x64",
      outputFolder: join(folder, "out"),
    });
    const hashing = "sha256sum of all files";
    const unzip = "unzip -t";
    const tasks: [name: string, peer: string | undefined, run: () => unknown][] = [
      [`peer: ${hashing}`, undefined, () => shell("find . -type f -print0 | xargs -0 sha256sum >/dev/null")],
      ["many files: create", hashing, create],
      ["many files: check", hashing, () => checkCandidate(candidate, product, ["linux-x64"])],
      [`peer: ${unzip}`, undefined, () => execaSync("unzip", ["-tqq", file])],
      ["many files: validate", unzip, () => validate(file)],
    ];
    const times = new Map<string, number[]>(tasks.map(([name]) => [name, []]));
    for (let round = 0; round <= rounds; round++) {
      for (const [name, , run] of tasks) {
        const began = performance.now();
        await run();
        if (round > 0) times.get(name)!.push((performance.now() - began) / 1000);
      }
    }
    const rows = tasks.map(([name, peer]): Row => {
      const row = rowOf(name, "s", times.get(name)!);
      return peer === undefined
        ? row
        : {
            ...row,
            peer: {
              name: peer,
              ratio: Number((row.median / rowOf(peer, "s", times.get(`peer: ${peer}`)!).median).toFixed(2)),
            },
          };
    });
    return [...rows, rowOf("many files: validate, greatest memory of the whole process", "MB", [memoryOf(file)])];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  for (const { name, unit, n, p50, peer } of await benchManyFiles(Number(process.argv[2] ?? 3))) {
    console.log(
      `${name.padEnd(60)} ${String(p50).padStart(8)} ${unit.padEnd(5)} n ${n}${peer ? `  ${peer.ratio} × ${peer.name}` : ""}`,
    );
  }
}
