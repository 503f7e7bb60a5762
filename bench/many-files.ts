/**
 * Many small files: sealing and checking them beside `sha256sum`, validating their archive beside `unzip -t`; whole commands, as
 * users run them. Turn by turn, so that a busy machine is busy for both. Run alone with `node bench/many-files.ts [rounds]`, or
 * by `npm run bench`.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packArchive } from "../src/archive/index.ts";
import { createCandidate, readCandidate } from "../src/candidate/index.ts";
import { productNamed } from "../src/products/index.ts";
import { goodCandidate } from "../test/good-candidate.ts";
import { rowOf, type Row } from "./row.ts";
import { measured, type Measured } from "./whole-command.ts";

const greenlight = join(import.meta.dirname, "..", "bin", "greenlight");
const about = { version: "2.11.4", repository: "https://example.org/nats" };
/** How many are sealed and checked, and how many an archive has: the last is as many as one may have. */
const [SEALED, ...PACKED] = [20_000, 50_000, 64_900] as const;

/** The NATS sample with so many scripts of a page, of some hundred bytes to some thousand. */
async function manyFiles(folder: string, count: number): Promise<void> {
  const sample = await goodCandidate();
  mkdirSync(join(folder, "linux-x64"), { recursive: true });
  for (const name of ["nats", "nats-server"])
    copyFileSync(join(sample, "linux-x64", name), join(folder, "linux-x64", name));
  writeFileSync(join(folder, "LICENSE.txt"), "Do what you like.\n");
  for (let n = 0; n < count; n++) {
    const below = join(folder, "web", String(Math.floor(n / 500)));
    if (n % 500 === 0) mkdirSync(below, { recursive: true });
    writeFileSync(join(below, `${n}.js`), `// file ${n}\n${`export const x = ${n};\n`.repeat(20 + (n % 60))}`);
  }
}

async function manyPacked(folder: string, count: number): Promise<string> {
  const candidateFolder = join(folder, `candidate-${count}`);
  const product = productNamed("nats");
  await manyFiles(candidateFolder, count);
  await createCandidate({ folder: candidateFolder, product, ...about });
  const { file } = await packArchive({
    candidateFolder,
    candidate: readCandidate(candidateFolder),
    product,
    kind: "server",
    platform: "linux-x64",
    outputFolder: join(folder, `out-${count}`),
  });
  rmSync(candidateFolder, { recursive: true });
  return file;
}

interface Task {
  name: string;
  /** whose time it is a multiple of */
  peer?: string;
  command: string;
  args: string[];
}

async function tasksIn(folder: string, sealed: string): Promise<Task[]> {
  const hashing = `sha256sum of ${SEALED}`;
  const options = ["--product", "nats", "--version", about.version, "--repository", about.repository];
  const tasks: Task[] = [
    { name: `peer: ${hashing}`, command: "sh", args: ["-c", "find . -type f -print0 | xargs -0 sha256sum"] },
    { name: `create ${SEALED}`, peer: hashing, command: greenlight, args: ["candidate", "create", ".", ...options] },
    { name: `check ${SEALED}`, peer: hashing, command: greenlight, args: ["candidate", "check", "."] },
  ];
  await manyFiles(sealed, SEALED);
  for (const count of PACKED) {
    const file = await manyPacked(folder, count);
    const unzip = `unzip -t of ${count}`;
    tasks.push(
      { name: `peer: ${unzip}`, command: "unzip", args: ["-tqq", file] },
      { name: `validate ${count}`, peer: unzip, command: greenlight, args: ["validate", file] },
    );
  }
  return tasks;
}

/** Measures; `rounds` of each, after one that does not count and looks at memory. */
export async function benchManyFiles(rounds = 3): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  const sealed = join(folder, "sealed");
  try {
    const tasks = await tasksIn(folder, sealed);
    const found = new Map<string, Measured[]>(tasks.map(({ name }) => [name, []]));
    const memory = new Map<string, number>();
    for (let round = 0; round <= rounds; round++) {
      for (const { name, command, args } of tasks) {
        const one = await measured(command, args, { cwd: sealed, memory: round === 0 });
        if (round === 0) memory.set(name, one.memory);
        else found.get(name)!.push(one);
      }
    }
    const row = ({ name, peer }: Task, title: string, of: (one: Measured) => number): Row => {
      const own = rowOf(`${title}: ${name}`, "s", found.get(name)!.map(of));
      if (peer === undefined) return own;
      const ratio = own.median / rowOf(peer, "s", found.get(`peer: ${peer}`)!.map(of)).median;
      return { ...own, peer: { name: peer, ratio: Number(ratio.toFixed(2)) } };
    };
    return [
      ...tasks.map((task) => row(task, "many files", ({ wall }) => wall)),
      // Processor time depends less on what else the machine does.
      ...tasks.map((task) => row(task, "many files, processor time", ({ processor }) => processor)),
      ...tasks
        .filter(({ peer }) => peer !== undefined)
        .map(({ name }) => rowOf(`many files, greatest memory: ${name}`, "MB", [memory.get(name)!])),
    ];
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
