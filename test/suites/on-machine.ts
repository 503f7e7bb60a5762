/** Proves an archive on a real clean machine, without the engine: what a cell does, through the API alone. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "ssh2";
import { packArchive, packEntries } from "../../src/archive/index.ts";
import { binaryVersion, readCandidate } from "../../src/candidate/index.ts";
import { makeEvidence, type Evidence } from "../../src/evidence/index.ts";
import { judgeGate, type Judgement } from "../../src/gates/index.ts";
import { createMachine, deleteMachine, ensureImage, observePackets, type Machine } from "../../src/machines/index.ts";
import { cellSuites, phaseCount, phaseScript, type CellFacts, type SuiteName } from "../../src/plan/index.ts";
import { productNamed, type Subject } from "../../src/products/index.ts";
import { recipeName, renderRecipe } from "../../src/recipes/index.ts";
import { uploadFolder, type Suite } from "../../src/suites/index.ts";

const target = "linux-x64/debian-12";

function connect(machine: Machine, seconds = 120): Promise<Client> {
  const until = Date.now() + seconds * 1000;
  const attempt = (): Promise<Client> =>
    new Promise<Client>((resolve, reject) => {
      const client = new Client();
      client.on("ready", () => resolve(client)).on("error", reject);
      const { host, port, user: username, privateKey } = machine;
      client.connect({ host, port, username, privateKey, readyTimeout: 10_000 });
    }).catch(async (e: Error) => {
      if (Date.now() > until) throw e;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return attempt();
    });
  return attempt();
}

/** Runs one remote command with a text on its standard input. */
export async function remotely(machine: Machine, command: string, input: string | Buffer = ""): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const client = await connect(machine);
  try {
    return await new Promise((resolve, reject) => {
      client.exec(command, (error, channel) => {
        if (error) return reject(error);
        let stdout = "";
        let stderr = "";
        let code: number | null = null;
        channel.on("data", (data: Buffer) => (stdout += data.toString("utf8")));
        channel.stderr.on("data", (data: Buffer) => (stderr += data.toString("utf8")));
        channel.on("exit", (value: number | null) => (code = value)).on("close", () => resolve({ code, stdout, stderr }));
        channel.end(input);
      });
    });
  } finally {
    client.end();
  }
}

export interface MachineProof {
  evidence: Evidence;
  judgement: Judgement;
  /** seconds from a running machine to the last evidence */
  seconds: number;
}

/** Packs the candidate's server archive (and, for the suite `recipe`, its recipe) and proves it on a fresh machine. `spoil` changes the bytes on their way there. */
export async function proveOnMachine(
  candidateFolder: string,
  suites: SuiteName[],
  options: { soakSeconds?: number; spoil?: (archive: Buffer) => Promise<Buffer>; change?: (suites: Suite[]) => Suite[]; look?: (machine: Machine) => Promise<void> } = {},
): Promise<MachineProof> {
  const workspace = mkdtempSync(join(tmpdir(), "greenlight-proof-"));
  const report = (): void => undefined;
  const product = productNamed("nats");
  const candidate = readCandidate(candidateFolder);
  const packed = await packArchive({ candidateFolder, candidate, product, kind: "server", platform: "linux-x64", outputFolder: join(workspace, "archives") });
  const binaryVersions = Object.fromEntries(product.kinds["server"]!.binaries.map((key) => [key, binaryVersion(candidate, "linux-x64", key)]));
  const subject: Subject = { product: "nats", kind: "server", version: candidate.version, binaryVersions, platform: "linux-x64", sha256: packed.sha256, base: packed.base };
  const group = suites.includes("recipe") ? "recipe" : "lifecycle";
  const cell = { group, kind: "server", suites } as const;
  const recipeFile = join(workspace, recipeName(packed.base));
  const recipe = group === "recipe" ? await packEntries(renderRecipe(product, "server", subject).map(({ path, mode, text }) => ({ path, mode, data: Buffer.from(text) })), recipeFile) : null;
  const facts: CellFacts = { cell, product, subject, soakSeconds: options.soakSeconds ?? 0, recipe: recipe && { path: recipeFile, sha256: recipe.sha256 } };
  const planned = (options.change ?? ((list) => list))(cellSuites(facts));
  const image = await ensureImage(target, { report });
  const machine = await createMachine({ image, owner: { workspace, stack: "test", urn: "urn:test" }, incarnation: 1, cell: "cell", subject: packed.sha256, lifeSeconds: 600, report });
  const started = performance.now();
  try {
    const archive = readFileSync(packed.file);
    const bytes = options.spoil ? await options.spoil(archive) : archive;
    await remotely(machine, `mkdir -p ${uploadFolder} && cat >${uploadFolder}/${packed.base}.zip`, bytes);
    if (recipe) await remotely(machine, `cat >${uploadFolder}/${recipeName(packed.base)}`, readFileSync(recipeFile));
    const outputs: string[] = [];
    for (let phase = 0; phase < phaseCount(cell); phase++) {
      const ran = await remotely(machine, "timeout -k 10 500 sh -s", phaseScript(planned, machine.id, phase, 400));
      if (ran.code !== 0) throw new Error(`phase ${phase + 1} ended with ${ran.code}: ${ran.stderr}`);
      outputs.push(ran.stdout);
    }
    const seconds = (performance.now() - started) / 1000;
    await options.look?.(machine);
    const { id, imageDigest, packagesDigest, kernel, accelerator, qemu, bootId, startedAt } = machine;
    const evidence = makeEvidence({
      stack: "test", cell: "cell", target, attempt: 1, companions: [], suites: planned, tool: "0.1.0", now: new Date(),
      subject: { product: "nats", kind: "server", version: candidate.version, platform: "linux-x64", revision: null, base: packed.base, sha256: packed.sha256 },
      machine: { value: { id, imageDigest, packagesDigest, kernel, accelerator, qemu, bootId, startedAt } },
      proof: { value: outputs },
      observed: { packets: { value: (await observePackets(machine.id)) ?? "" } },
    });
    const policy = { schema: 1, suites: planned.map(({ name }) => name), maxAgeHours: 24 };
    const judgement = judgeGate({ gate: "cell", target, subject: packed, suites: planned, policy, evidence, now: new Date() });
    return { evidence, judgement, seconds };
  } finally {
    await deleteMachine(workspace, machine.id);
    rmSync(workspace, { recursive: true, force: true });
  }
}
