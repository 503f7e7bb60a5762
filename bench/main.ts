/**
 * `npm run bench [machines|archive|up …]`: measures, prints a table, and writes the same as JSON with the machine's description
 * to .greenlight/bench.json. Nothing is asserted; the goals stand beside what was measured.
 */
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { writeAtomic } from "../src/storage/atomic-write.ts";
import { benchArchive } from "./archive.ts";
import { benchManyFiles } from "./many-files.ts";
import { benchMachines } from "./machines.ts";
import { benchUp } from "./up.ts";
import { benchValidate } from "./validate.ts";
import type { Row } from "./row.ts";

const benches: Record<string, () => Promise<Row[]>> = {
  machines: () => benchMachines(),
  archive: () => benchArchive(),
  validate: () => benchValidate(),
  many: () => benchManyFiles(),
  up: () => benchUp(),
};

/** Goals of the design, by the beginning of a row's name. */
const goals: [begins: string, goal: string][] = [
  ["fork to first verified command", "p95 ≤ 2.0"],
  ["pack, read back, validate:", ""],
  ["pack, read back, validate", "≤ 0.35 ×"],
  ["archive size", "< 1 ×"],
  ["many files: create", "≤ 3 ×"],
  ["many files: check", "≤ 3 ×"],
  ["many files, greatest memory: validate", "≤ 150"],
  ["many files: validate", "≤ 1.5 ×"],
  ["up: install", "≤ 60"],
  ["up: all suites", "≤ 240"],
  ["up: nothing changed", "≤ 2.5"],
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}.`);
  process.exit(2);
}
const machine = {
  processor: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? process.platform,
  node: process.versions.node,
};
console.log(
  `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}\n`,
);
const rows: Row[] = [];
console.log(
  `${"".padEnd(58)} ${"unit".padStart(5)} ${"n".padStart(4)} ${"p50".padStart(9)} ${"p95".padStart(9)}  goal`,
);
for (const name of asked.length > 0 ? asked : Object.keys(benches)) {
  for (const row of await benches[name]!()) {
    rows.push(row);
    const goal = goals.find(([begins]) => row.name.startsWith(begins))?.[1] ?? "";
    console.log(
      `${row.name.padEnd(58)} ${row.unit.padStart(5)} ${String(row.n).padStart(4)} ${row.p50.toFixed(3).padStart(9)} ${row.p95.toFixed(3).padStart(9)}  ${row.peer ? `${row.peer.ratio.toFixed(row.unit === "MB" ? 4 : 2)} × ${row.peer.name}${goal ? ` (goal ${goal})` : ""}` : goal}`,
    );
  }
}
const file = join(import.meta.dirname, "..", ".greenlight", "bench.json");
writeAtomic(file, `${JSON.stringify({ schema: 1, machine, rows }, null, 2)}\n`);
console.log(`\n${file}`);
