/** One cell: an archive on a clean machine. Upload → one command a phase → gate. */
import * as pulumi from "@pulumi/pulumi";
import { remote, types } from "@pulumi/command";
import type { PreviousRelease } from "../../src/channel/index.ts";
import type { AskedGate, ProofArgs } from "../../src/contract/index.ts";
import { platformOf, productNamed } from "../../src/products/index.ts";
import {
  cellSuites,
  companionsOf,
  phaseCount,
  phaseScript,
  workDigest,
  workLoad,
  type Cell,
  type CellFacts,
} from "../../src/plan/index.ts";
import { suiteDigest, uploadFolder } from "../../src/suites/index.ts";
import { Gate, type ReleaseArchive, type VirtualMachine } from "../resources.ts";
import type { Settings } from "../settings.ts";
import { settled, settledSteps } from "../settled.ts";
import type { Fleet } from "./fleet.ts";

export interface TestCellArgs {
  cell: Cell;
  archive: ReleaseArchive;
  /** the release before in the stack's channel, where there is one */
  previous: PreviousRelease | undefined;
  fleet: Fleet;
  settings: Pick<
    Settings,
    "product" | "soakSeconds" | "machineLifeMinutes" | "keepRedMachines" | "evidenceMaxAgeHours" | "attempts"
  >;
}

export class TestCell extends pulumi.ComponentResource {
  declare readonly gate: Gate;
  declare readonly subject: pulumi.Output<string>;
  declare readonly asked: pulumi.Output<Pick<AskedGate, "target" | "companions" | "suites">>;

  constructor(args: TestCellArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cell, archive, fleet, settings } = args;
    super("greenlight:release:TestCell", cell.name, {}, opts);
    const product = productNamed(settings.product);
    const attempt = settings.attempts[cell.name] ?? 1;

    const limitSeconds = settings.machineLifeMinutes * 60 - 60;

    const facts = archive.packed.apply((p) => ({
      product: product.name,
      kind: cell.kind,
      platform: platformOf(cell.target),
      version: p.version,
      binaryVersions: p.binaryVersions,
      revision: p.revision,
      base: p.base,
      sha256: p.sha256,
    }));
    const before = args.previous?.archives.find(
      (each) => each.kind === cell.kind && each.platform === platformOf(cell.target),
    );
    const previous = before ? { ...before, version: args.previous!.version } : null;
    const cellFacts = pulumi
      .all([facts, archive.packed])
      .apply(([f, p]): CellFacts => ({
        cell,
        product,
        subject: f,
        soakSeconds: settings.soakSeconds,
        recipe: p.recipe,
        previous,
      }));
    const brought = cellFacts.apply((f) => companionsOf(f));
    const companions = brought.apply((list) => list.map((each) => each.sha256));
    const suites = cellFacts.apply(cellSuites);
    const work = suites.apply((all) => workDigest(all, limitSeconds));
    const load = suites.apply((all) => workLoad(all));

    const subject = archive.packed.apply((p) => p.sha256);
    const machine = fleet.machine(
      { name: cell.name, target: cell.target, attempt },
      { subject, companions, work, load },
      { parent: this, dependsOn: [archive] },
    );
    const triggers = [machine.machineId, subject, companions.apply((list) => list.join())];
    const common = {
      parent: this,
      deletedWith: machine,
      customTimeouts: { create: `${settings.machineLifeMinutes}m` },
    };
    const connection = connectionTo(machine);

    const upload = (name: string, path: pulumi.Output<string>) =>
      new remote.CopyToRemote(
        `${cell.name}-${name}`,
        {
          connection,
          triggers,
          source: path.apply((p) => new pulumi.asset.FileAsset(p)),
          remotePath: path.apply((p) => `${uploadFolder}/${p.split("/").at(-1)}`),
        },
        common,
      );
    const uploads = [
      upload(
        "upload",
        archive.packed.apply((p) => p.path),
      ),
    ];
    const names = companionNames(cell, previous);
    uploads.push(
      ...names.map((name, i) =>
        upload(
          `upload-${name}`,
          brought.apply((list) => list[i]!.path),
        ),
      ),
    );

    const phases = phaseCount(cell);
    const commands: remote.Command[] = [];
    for (let phase = 0; phase < phases; phase++) {
      const script = pulumi
        .all([suites, machine.machineId])
        .apply(([all, run]) => phaseScript(all, run, phase, limitSeconds));
      commands.push(
        new remote.Command(
          phases === 1 ? `${cell.name}-prove` : `${cell.name}-prove-${phase + 1}`,
          {
            connection,
            triggers,
            // The time limit holds on the machine; the script comes by stdin, so that a failure does not print it.
            create: `timeout -k 10 ${limitSeconds + 30} sh -s`,
            stdin: script,
            logging: "none",
            addPreviousOutputInEnv: false,
          },
          { ...common, dependsOn: commands.length > 0 ? commands : uploads },
        ),
      );
    }

    // Each phase by itself: what was printed before a machine was lost is judged all the same.
    const printed = settledSteps(
      commands.map((c) => c.stdout),
      (place) => {
        const when = phases === 1 ? "" : ` (phase ${place + 1} of ${phases})`;
        return `The machine, or the connection to it, was lost while it was at work${when}.`;
      },
    );

    this.subject = subject;
    this.asked = pulumi
      .all([companions, suites])
      .apply(([companions, all]) => ({
        target: cell.target,
        companions,
        suites: all.map((suite) => ({ name: suite.name, digest: suiteDigest(suite) })),
      }));
    this.gate = new Gate(
      cell.name,
      {
        proof: pulumi
          .all([facts, companions, suites, settled(machine.facts, "No machine could be had."), printed])
          .apply(([subject, companions, suites, machine, proof]): ProofArgs => {
            const { product, kind, version, platform, revision, base, sha256 } = subject;
            return {
              cell: cell.name,
              target: cell.target,
              attempt,
              subject: { product, kind, version, platform, revision, base, sha256 },
              companions,
              suites,
              machine,
              proof,
              maxAgeHours: settings.evidenceMaxAgeHours,
              keepRed: settings.keepRedMachines,
            };
          }),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

/** What the uploads of a cell's companions are called, in their order: a graph is drawn before the files are packed. */
function companionNames({ group }: Cell, previous: CellFacts["previous"]): string[] {
  if (group === "upgrade") return ["previous"];
  if (group !== "recipe") return [];
  return previous?.recipe ? ["recipe", "previous", "previous-recipe"] : ["recipe"];
}

/**
 * The settings that make a remote command dependable: the host key checked, no agent, and patience while a machine boots. A try has
 * the 15 s that are the plugin's default: with fewer, a handshake that a busy machine answers slowly is begun again and again.
 */
function connectionTo(machine: VirtualMachine): types.input.remote.ConnectionArgs {
  const { host, port, user, privateKey, hostKey } = machine;
  return { host, port, user, privateKey, hostKey, dialErrorLimit: 60 };
}
