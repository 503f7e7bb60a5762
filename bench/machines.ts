/**
 * From the request for a machine to its first verified command, with an identity of its own: by fork and by cold boot;
 * and a further connection with one command, which is what each later step of a proof costs at least.
 * Machines are made one at a time. Run alone with `node bench/machines.ts [forks] [cold boots]`, or by `npm run bench`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMachine, deleteMachine, ensureImage, runOnMachine } from "../src/machines/index.ts";
import type { Machine } from "../src/machines/index.ts";
import { rowOf, type Row } from "./row.ts";

/** Measures `forks` forks and `colds` cold boots, after one fork that does not count. The wait for a slot is not counted. */
export async function benchMachines(forks = 20, colds = 3): Promise<Row[]> {
  const quiet = (): void => undefined;
  const image = await ensureImage("linux-x64/debian-12", { report: quiet });
  const workspace = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  const make = (boot: "fork" | "cold"): Promise<Machine> =>
    createMachine({
      image,
      boot,
      incarnation: 1,
      cell: "bench",
      subject: "0".repeat(64),
      lifeSeconds: 300,
      report: quiet,
      owner: { workspace, stack: "bench", urn: "urn:bench" },
    });
  const times: Record<"running" | "identified" | "verified" | "connection" | "cold", number[]> = {
    running: [],
    identified: [],
    verified: [],
    connection: [],
    cold: [],
  };
  try {
    for (let i = -1; i < forks; i++) {
      const machine = await make("fork");
      const asked = performance.now();
      await runOnMachine({ ...machine, seconds: 30 }, "true");
      const connection = (performance.now() - asked) / 1000;
      await deleteMachine(workspace, machine.id);
      if (i < 0) continue;
      times.running.push(machine.times.running);
      times.identified.push(machine.times.identified);
      times.verified.push(machine.seconds);
      times.connection.push(connection);
    }
    for (let i = 0; i < colds; i++) {
      const machine = await make("cold");
      times.cold.push(machine.seconds);
      await deleteMachine(workspace, machine.id);
    }
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
  const how = image.accelerator === "kvm" ? "KVM" : "software emulation";
  return [
    rowOf(`fork to running (${how})`, "s", times.running),
    rowOf(`fork to own identity (${how})`, "s", times.identified),
    rowOf(`fork to first verified command (${how})`, "s", times.verified),
    rowOf(`a further connection with one command (${how})`, "s", times.connection),
    ...(colds > 0 ? [rowOf(`cold boot to first verified command (${how})`, "s", times.cold)] : []),
  ];
}

if (import.meta.main) {
  const [forks = 20, colds = 3] = process.argv.slice(2).map(Number);
  console.table(await benchMachines(forks, colds));
}
