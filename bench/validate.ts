/**
 * Validating the NATS sample's archive beside what nobody can do without: reading and hashing it. Turn by turn, so that a busy
 * machine is busy for both. Run alone with `node bench/validate.ts [rounds]`, or by `npm run bench`.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import * as yauzl from "yauzl";
import { packArchive } from "../src/archive/index.ts";
import { readCandidate } from "../src/candidate/index.ts";
import { productNamed } from "../src/products/index.ts";
import { validate } from "../src/validator/index.ts";
import { goodCandidate } from "../test/good-candidate.ts";
import { rowOf, type Row } from "./row.ts";

/** Every entry read by yauzl and hashed, one after another: no rule, no CRC, no second look at a header. */
async function readAndHash(file: string): Promise<void> {
  const zip = await yauzl.openPromise(file);
  for await (const entry of zip.eachEntry()) {
    const hash = createHash("sha256");
    for await (const bytes of await zip.openReadStreamPromise(entry)) hash.update(bytes as Buffer);
    hash.digest("hex");
  }
}

function has(command: string, ...args: string[]): boolean {
  try {
    execaSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** The greatest memory that a process of its own takes to validate, in MB (what resourceUsage() says includes its parent's). */
function memoryOf(file: string): number {
  const script = `const { validate } = await import(${JSON.stringify(join(import.meta.dirname, "../src/validator/index.ts"))}); await validate(${JSON.stringify(file)}); const { readFileSync } = await import("node:fs"); console.log(/VmHWM:\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1] * 1024 / 1e6)`;
  return Number(execaSync(process.execPath, ["--input-type=module", "-e", script]).stdout);
}

/** Measures; `rounds` of each, after one that does not count. */
export async function benchValidate(rounds = 7): Promise<Row[]> {
  const candidateFolder = await goodCandidate();
  const candidate = readCandidate(candidateFolder);
  const out = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  try {
    const { file, entries } = await packArchive({
      candidateFolder,
      candidate,
      product: productNamed("nats"),
      kind: "server",
      platform: "linux-x64",
      outputFolder: out,
    });
    const tasks: [string, () => unknown][] = [
      ["validate: all rules", () => validate(file)],
      ["peer: read and hash its entries (yauzl)", () => readAndHash(file)],
      ...(has("unzip", "-v")
        ? [["peer: unzip -t, CRC-32 alone", () => execaSync("unzip", ["-tqq", file])] as [string, () => unknown]]
        : []),
      ...(has("python3", "-c", "import zipfile")
        ? [
            [
              "peer: Python's testzip, CRC-32 alone",
              () =>
                execaSync("python3", [
                  "-c",
                  "import sys, zipfile; assert zipfile.ZipFile(sys.argv[1]).testzip() is None",
                  file,
                ]),
            ] as [string, () => unknown],
          ]
        : []),
    ];
    const times = new Map<string, number[]>(tasks.map(([name]) => [name, []]));
    const processor = new Map<string, number[]>(tasks.map(([name]) => [name, []]));
    for (let round = 0; round <= rounds; round++) {
      for (const [name, task] of tasks) {
        const [began, used] = [performance.now(), process.cpuUsage()];
        await task();
        const { user, system } = process.cpuUsage(used);
        if (round === 0) continue;
        times.get(name)!.push((performance.now() - began) / 1000);
        processor.get(name)!.push((user + system) / 1e6);
      }
    }
    const rows = tasks.map(([name]) => rowOf(name, "s", times.get(name)!));
    const [own, peer] = [rows[0]!, rows[1]!];
    // Processor time does not depend on what else the machine does.
    const [ownTime, peerTime] = [own, peer].map(({ name }) =>
      rowOf(`${name}: processor time`, "s", processor.get(name)!),
    ) as [Row, Row];
    own.peer = { name: peer.name.replace("peer: ", ""), ratio: Number((own.median / peer.median).toFixed(2)) };
    ownTime.peer = {
      name: peer.name.replace("peer: ", ""),
      ratio: Number((ownTime.median / peerTime.median).toFixed(2)),
    };
    const bytes = entries.reduce((sum, entry) => sum + entry.size, 0);
    return [
      ...rows,
      ownTime,
      peerTime,
      rowOf(
        `validate: throughput of ${(bytes / 1e6).toFixed(1)} MB`,
        "MB/s",
        times.get(own.name)!.map((s) => bytes / 1e6 / s),
      ),
      rowOf("validate: greatest memory of the whole process", "MB", [memoryOf(file)]),
    ];
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  for (const { name, unit, n, p50, p95, peer } of await benchValidate(Number(process.argv[2] ?? 7))) {
    console.log(
      `${name.padEnd(60)} ${String(p50).padStart(8)} ${unit.padEnd(5)} p95 ${String(p95).padStart(8)}  n ${n}${peer ? `  ${peer.ratio} × ${peer.name}` : ""}`,
    );
  }
}
