/** Publication of what was packed and proven in this workspace. */
import { statSync } from "node:fs";
import { EdgeError, parseValue } from "../edges/edges.ts";
import { allSuites, type SuiteRequirement } from "../policy/index.ts";
import { sha256File } from "../storage/digest.ts";
import { place, type Placed } from "./place.ts";
import { beforeArchive, type Predecessor } from "./previous.ts";
import { faultsOfProof } from "./proof.ts";
import type { Proven } from "./proven.ts";
import { gateRecord, ReleaseSchema, type Release, type ReleaseFile } from "./release.ts";

/** A file to publish. */
export interface FileToPublish {
  /** its name in the release */
  name: string;
  role: Exclude<ReleaseFile["role"], "evidence">;
  /** absolute path to copy it from */
  file: string;
  /** the digest that it was made, proven or stored with */
  sha256: string;
}

/** A gate's verdict and the evidence that it judged. */
export interface GateToPublish extends Proven {
  /** absolute path of the stored evidence; its bytes have the digest `evidence` */
  evidenceFile: string;
}

export interface PublishArgs {
  workspace: string;
  channel: string;
  product: string;
  version: string;
  /** where the candidate was built from */
  source: Release["source"];
  files: readonly FileToPublish[];
  gates: readonly GateToPublish[];
  /** what policy asks of the archives */
  requires: readonly SuiteRequirement[];
  withheld: Release["withheld"];
  notApplicable: NonNullable<Release["notApplicable"]>;
  /** the release before in the channel, which upgrades must have started from */
  before?: Predecessor | undefined;
  /** files that no machine has used, and why */
  notExecuted: NonNullable<Release["notExecuted"]>;
  /** older evidence blocks, but for a release that the channel holds already: then it is kept beside it */
  maxAgeHours: number;
  now?: Date;
  /** as in place.ts */
  confirm?: () => void;
  step?: (name: string) => void | Promise<void>;
  lockWaitSeconds?: number;
}

/** Size of a file that must have this digest now. */
async function sizeOf(file: string, sha256: string, name: string): Promise<number> {
  const fault = await sha256File(file).then(
    (found) => (found === sha256 ? undefined : `has SHA-256 ${found}, not ${sha256}`),
    (e: NodeJS.ErrnoException) => `cannot be read (${e.code})`,
  );
  if (fault !== undefined)
    throw new EdgeError(
      `${name} ${fault} (${file}); nothing was published, make it again with the next \`up\`.`,
      "stored",
    );
  return statSync(file).size;
}

/**
 * Publishes a release in a channel, or finds that those very bytes are there.
 * @throws EdgeError naming every gate that is not green, complete and fresh, every file that is not what was proven, and a version that is taken by other bytes.
 */
export async function publishRelease(args: PublishArgs): Promise<Placed> {
  const { workspace, channel, product, version, notApplicable, now = new Date() } = args;
  const evidence = new Map(args.gates.map((gate) => [gate.evidence, gate.evidenceFile]));
  const sources = new Map<string, string>();
  const files: ReleaseFile[] = [];
  const add = async (path: string, role: ReleaseFile["role"], file: string, sha256: string) => {
    sources.set(path, file);
    files.push({ path, role, sha256, size: await sizeOf(file, sha256, path) });
  };
  for (const file of args.files) await add(file.name, file.role, file.file, file.sha256);
  for (const [digest, file] of evidence) await add(`evidence/${digest}.json`, "evidence", file, digest);
  const origin = { what: `The release ${product} ${version}`, remedy: "mend the candidate or its names" };
  parseValue(ReleaseSchema.pick({ files: true }), { files }, origin);
  const faults = faultsOfProof({
    ...args,
    files,
    notApplicable,
    before: beforeArchive(product, version, args.before),
    now,
  });
  const refusal = (list: typeof faults): string =>
    `${product} ${version} is not published to ${channel}: ${list.map(({ text }) => text).join("; ")}.`;
  // A release that is there already was proven: for it, old evidence and fewer suites than then are no reason.
  if (faults.some(({ about }) => about !== "stale" && about !== "unused"))
    throw new EdgeError(refusal(faults), "refused");
  const release = parseValue(
    ReleaseSchema,
    {
      schema: 1,
      product,
      version,
      source: args.source,
      requiredSuites: allSuites(args.requires),
      // Said only where it says more.
      ...(args.requires.some(({ suites: _, ...more }) => Object.keys(more).length > 0) && { requires: args.requires }),
      files,
      gates: args.gates.map(gateRecord),
      withheld: args.withheld,
      notApplicable,
      notExecuted: args.notExecuted,
    },
    origin,
  );
  const onlyAdopt = faults.length > 0 ? refusal(faults) : undefined;
  return place({
    workspace,
    channel,
    release,
    sources,
    proofs: evidence,
    onlyAdopt,
    confirm: args.confirm,
    now,
    step: args.step,
    lockWaitSeconds: args.lockWaitSeconds,
  });
}
