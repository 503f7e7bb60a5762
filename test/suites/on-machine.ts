/** Proves an archive on a real clean machine, without the engine: what a cell does, through the API alone. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Client } from "ssh2";
import { packArchive, packEntries } from "../../src/archive/index.ts";
import { binaryVersion, readCandidate } from "../../src/candidate/index.ts";
import { makeEvidence, type Evidence } from "../../src/evidence/index.ts";
import { judgeGate, type Judgement } from "../../src/gates/index.ts";
import { createMachine, deleteMachine, ensureImage, observePackets, type Machine } from "../../src/machines/index.ts";
import {
  cellSuites,
  companionsOf,
  phaseCount,
  phaseScript,
  type Brought,
  type CellFacts,
  type Group,
  type SuiteName,
} from "../../src/plan/index.ts";
import { productNamed, type Subject } from "../../src/products/index.ts";
import { packagedRecipe, recipeName, recipeNeeds, renderRecipe } from "../../src/recipes/index.ts";
import { uploadFolder, type Suite } from "../../src/suites/index.ts";
import { repack } from "../repacked.ts";
import type { File } from "../validator/release.ts";

const target = "linux-x64/debian-12";

function connect(machine: Machine, seconds = 300): Promise<Client> {
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
export async function remotely(
  machine: Machine,
  command: string,
  input: string | Buffer = "",
): Promise<{ code: number | null; stdout: string; stderr: string }> {
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
        channel
          .on("exit", (value: number | null) => (code = value))
          .on("close", () => resolve({ code, stdout, stderr }));
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

export interface ProofOptions {
  /** `nats` when not given, and of it the kind `server` */
  product?: string;
  kind?: string;
  soakSeconds?: number | undefined;
  /** candidate of the release before, for a machine that proves an upgrade, or a recipe's */
  previous?: string | undefined;
  /** changes what is in the packed archive, which then is the one that is proven */
  repack?: ((files: Map<string, File>) => void) | undefined;
  /** the same with the archive of the release before */
  repackPrevious?: ((files: Map<string, File>) => void) | undefined;
  /** changes the bytes of the archive on their way to the machine */
  spoil?: ((archive: Buffer) => Buffer | Promise<Buffer>) | undefined;
  change?: (suites: Suite[]) => Suite[];
  /** changes what the machine is told, and not what is expected of it */
  told?: ((suites: Suite[]) => Suite[]) | undefined;
  look?: (machine: Machine) => Promise<void>;
}

/** An archive with its recipe, packed into a folder. */
async function packed(
  workspace: string,
  candidateFolder: string,
  productName: string,
  kind: string,
  spoil?: ProofOptions["repack"],
): Promise<{ subject: Subject; file: string; recipe: Brought | null }> {
  const product = productNamed(productName);
  const candidate = readCandidate(candidateFolder);
  const archive = await packArchive({
    candidateFolder,
    candidate,
    product,
    kind,
    platform: "linux-x64",
    outputFolder: join(workspace, "archives"),
  });
  const digest = spoil ? await repack(archive.file, spoil) : archive.sha256;
  const binaryVersions = Object.fromEntries(
    product.kinds[kind]!.binaries.map((key) => [key, binaryVersion(candidate, "linux-x64", key)]),
  );
  const subject: Subject = {
    product: product.name,
    kind,
    version: candidate.version,
    binaryVersions,
    platform: "linux-x64",
    sha256: digest,
    base: archive.base,
  };
  if (product.kinds[kind]!.services.length === 0) return { subject, file: archive.file, recipe: null };
  const path = join(workspace, recipeName(archive.base));
  const files = renderRecipe(product, kind, subject, {
    packaged: await packagedRecipe(candidateFolder, candidate, product, "linux-x64"),
    needs: await recipeNeeds(candidateFolder, candidate, product, kind, "linux-x64"),
  });
  const { sha256 } = await packEntries(
    files.map(({ path, mode, text }) => ({ path, mode, data: Buffer.from(text) })),
    path,
  );
  return { subject, file: archive.file, recipe: { path, sha256 } };
}

/** Packs an archive of the candidate and proves it by the suites of one group on a fresh machine. */
export async function proveOnMachine(
  candidateFolder: string,
  suites: SuiteName[],
  options: ProofOptions = {},
): Promise<MachineProof> {
  const workspace = mkdtempSync(join(tmpdir(), "greenlight-proof-"));
  const report = (): void => undefined;
  const product = productNamed(options.product ?? "nats");
  const kind = options.kind ?? "server";
  const { subject, file, recipe } = await packed(workspace, candidateFolder, product.name, kind, options.repack);
  const older =
    options.previous === undefined
      ? null
      : await packed(workspace, options.previous, product.name, kind, options.repackPrevious);
  const group = (["recipe", "upgrade", "chaos"] satisfies Group[]).find((each) => suites.includes(each)) ?? "lifecycle";
  const cell = { group, kind, suites } as const;
  const previous = older && {
    version: older.subject.version,
    path: older.file,
    sha256: older.subject.sha256,
    binaryVersions: older.subject.binaryVersions,
    recipe: older.recipe,
  };
  const facts: CellFacts = { cell, product, subject, soakSeconds: options.soakSeconds ?? 0, recipe, previous };
  const brought = companionsOf(facts);
  const planned = (options.change ?? ((list) => list))(cellSuites(facts));
  const told = (options.told ?? ((list) => list))(planned);
  const image = await ensureImage(target, { report });
  const machine = await createMachine({
    image,
    owner: { workspace, stack: "test", urn: "urn:test" },
    incarnation: 1,
    cell: "cell",
    subject: subject.sha256,
    lifeSeconds: 900,
    report,
  });
  const started = performance.now();
  try {
    const archive = readFileSync(file);
    const bytes = options.spoil ? await options.spoil(archive) : archive;
    await remotely(machine, `mkdir -p ${uploadFolder} && cat >${uploadFolder}/${subject.base}.zip`, bytes);
    for (const { path } of brought)
      await remotely(machine, `cat >${uploadFolder}/${basename(path)}`, readFileSync(path));
    const outputs: string[] = [];
    for (let phase = 0; phase < phaseCount(cell); phase++) {
      const ran = await remotely(machine, "timeout -k 10 700 sh -s", phaseScript(told, machine.id, phase, 600));
      if (ran.code !== 0) throw new Error(`phase ${phase + 1} ended with ${ran.code}: ${ran.stderr}`);
      outputs.push(ran.stdout);
    }
    const seconds = (performance.now() - started) / 1000;
    await options.look?.(machine);
    const { id, imageDigest, packagesDigest, kernel, accelerator, qemu, bootId, startedAt } = machine;
    const companions = brought.map((each) => each.sha256);
    const { binaryVersions: _, ...proven } = subject;
    const evidence = makeEvidence({
      stack: "test",
      cell: "cell",
      target,
      attempt: 1,
      companions,
      suites: planned,
      tool: "0.1.0",
      now: new Date(),
      subject: { ...proven, platform: "linux-x64", revision: null },
      machine: { value: { id, imageDigest, packagesDigest, kernel, accelerator, qemu, bootId, startedAt } },
      proof: { value: outputs },
      observed: { packets: { value: (await observePackets(machine.id)) ?? "" } },
    });
    const policy = { schema: 1, suites: planned.map(({ name }) => name), maxAgeHours: 24 };
    const judgement = judgeGate({
      gate: "cell",
      target,
      subject,
      companions,
      suites: planned,
      policy,
      evidence,
      now: new Date(),
    });
    return { evidence, judgement, seconds };
  } finally {
    await deleteMachine(workspace, machine.id);
    rmSync(workspace, { recursive: true, force: true });
  }
}
