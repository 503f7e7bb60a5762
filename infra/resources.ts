/** The resources of the `greenlight` plugin as the program sees them; src/provider says what each does. */
import * as pulumi from "@pulumi/pulumi";
import type { Suite } from "../src/suites/index.ts";
import type { Platform, Target } from "../src/products/index.ts";
import { unlessLeftOut } from "./settled.ts";

type Inputs<T> = { [K in keyof T]: pulumi.Input<T[K]> };

/** Names outputs that only the plugin knows, so that they exist on the resource. */
function withOutputs(inputs: object, ...names: string[]): pulumi.Inputs {
  return { ...Object.fromEntries(names.map((name) => [name, undefined])), ...inputs };
}

/** Has what is made of these outputs fail, instead of being made of nothing, when the engine was told to leave the resource out. */
function guard(resource: pulumi.CustomResource, ...names: string[]): void {
  const outputs = resource as unknown as Record<string, pulumi.Output<unknown>>;
  for (const name of names) outputs[name] = unlessLeftOut(outputs[name]!);
}

export interface PackedFacts {
  base: string;
  version: string;
  binaryVersions: Record<string, string>;
  revision: string | null;
  sha256: string;
  size: number;
  path: string;
  sidecars: { path: string; sha256: string }[];
  recipe: { path: string; sha256: string; size: number } | null;
}

/** A packed archive with its sidecars and recipe; digests are exact in a preview. */
export class ReleaseArchive extends pulumi.CustomResource {
  declare readonly packed: pulumi.Output<PackedFacts>;
  constructor(
    name: string,
    args: Inputs<{ product: string; kind: string; platform: Platform; candidate: string }>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super("greenlight:index:ReleaseArchive", name, withOutputs(args, "packed"), opts);
    guard(this, "packed");
  }
}

/** A system image and its fork parent in the user's cache. */
export class MachineImage extends pulumi.CustomResource {
  declare readonly digest: pulumi.Output<string>;
  constructor(name: string, args: Inputs<{ target: Target }>, opts?: pulumi.CustomResourceOptions) {
    super(
      "greenlight:index:MachineImage",
      name,
      withOutputs(args, "recipeDigest", "digest", "packagesDigest", "kernel", "accelerator", "qemu"),
      opts,
    );
    guard(this, "digest");
  }
}

export interface MachineArgs {
  cell: string;
  target: Target;
  image: string;
  subject: string;
  companions: string[];
  /** digest of everything that the machine will be told to do */
  work: string;
  /** how much that is; where machines wait for one another, the one with the most begins first */
  load: number;
  lifeMinutes: number;
  attempt: number;
}

/** Facts of a machine that evidence names. */
export interface MachineFacts {
  id: string;
  imageDigest: string;
  packagesDigest: string;
  kernel: string;
  accelerator: string;
  qemu: string;
  bootId: string;
  startedAt: string;
}

/** A clean machine, reached by SSH. Another fleet is another component that offers the same outputs. */
export class VirtualMachine extends pulumi.CustomResource {
  declare readonly machineId: pulumi.Output<string>;
  declare readonly host: pulumi.Output<string>;
  declare readonly port: pulumi.Output<number>;
  declare readonly user: pulumi.Output<string>;
  declare readonly privateKey: pulumi.Output<string>;
  declare readonly hostKey: pulumi.Output<string>;
  declare readonly bootId: pulumi.Output<string>;
  declare readonly kernel: pulumi.Output<string>;
  declare readonly accelerator: pulumi.Output<string>;
  declare readonly qemu: pulumi.Output<string>;
  declare readonly imageDigest: pulumi.Output<string>;
  declare readonly packagesDigest: pulumi.Output<string>;
  declare readonly startedAt: pulumi.Output<string>;
  constructor(name: string, args: Inputs<MachineArgs>, opts?: pulumi.CustomResourceOptions) {
    const outputs = [
      "incarnation",
      "machineId",
      "host",
      "port",
      "user",
      "privateKey",
      "hostKey",
      "bootId",
      "kernel",
      "accelerator",
      "qemu",
      "imageDigest",
      "packagesDigest",
      "startedAt",
      "seconds",
    ];
    super("greenlight:index:VirtualMachine", name, withOutputs(args, ...outputs), {
      ...opts,
      additionalSecretOutputs: ["privateKey"],
    });
    guard(this, ...outputs);
  }

  /** What evidence says of the machine. */
  get facts(): pulumi.Output<MachineFacts> {
    const { machineId: id, imageDigest, packagesDigest, kernel, accelerator, qemu, bootId, startedAt } = this;
    return pulumi.output({ id, imageDigest, packagesDigest, kernel, accelerator, qemu, bootId, startedAt });
  }
}

/** What came of something that may have failed: its value, or why there is none. */
export type Settled<T> = { value: T } | { failed: string };

export interface SubjectFacts {
  product: string;
  kind: string;
  version: string;
  platform: Platform;
  revision: string | null;
  base: string;
  sha256: string;
}

export interface CellGateArgs {
  cell: string;
  target: Target;
  attempt: number;
  subject: SubjectFacts;
  companions: string[];
  suites: Suite[];
  machine: Settled<MachineFacts>;
  /** what the machine's commands printed, one text a phase, and why there are no more */
  proof: { value: string[]; failed?: string };
  maxAgeHours: number;
  keepRed: boolean;
}

export interface Promotion {
  fromChannel: string;
  toChannel: string;
  product: string;
  /** what the other stack exports as released, or nothing */
  released: ReleasedFacts | null;
  /** verdicts of that stack's gates for its current candidate */
  verdicts: Record<string, string>;
  candidateVersion: string | null;
  /** empty: the version that was released last */
  version: string;
  /** kinds that it must hold; empty for whatever it holds */
  kinds: string[];
  requiredSuites: string[];
  maxAgeHours: number;
}

/** A release as a stack exports it. */
export interface ReleasedFacts {
  product: string;
  version: string;
  channel: string;
  /** SHA-256 of release.json */
  digest: string;
  /** published file → SHA-256 */
  files: Record<string, string>;
}

/** What a green gate says. */
export interface GateFacts {
  gate: string;
  verdict: string;
  /** SHA-256 of what was judged */
  subject: string;
  evidence: string;
}

/** Judges evidence; green, or the update fails here and what depends on it waits. */
export class Gate extends pulumi.CustomResource {
  declare readonly result: pulumi.Output<GateFacts>;
  constructor(
    name: string,
    args: { proof: pulumi.Input<CellGateArgs> } | { promotion: pulumi.Input<Promotion> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super("greenlight:index:Gate", name, withOutputs(args, "result", "reasons"), opts);
  }
}

export interface ReleaseFile {
  path: string;
  sha256?: string;
}

/** What a gate's machine must have been given and told for its evidence to count. */
export interface AskedGate {
  target: Target;
  companions: string[];
  /** each by the digest of its definition */
  suites: { name: string; digest: string }[];
}

export interface PublicationArgs {
  channel: string;
  product: string;
  version: string;
  revision: string | null;
  archives: {
    base: string;
    kind: string;
    platform: Platform;
    sha256: string;
    path: string;
    sidecars: { path: string; sha256: string }[];
    recipe: { path: string; sha256: string } | null;
  }[];
  gates: (AskedGate & { name: string; subject: string; result: Settled<GateFacts> })[];
  requiredSuites: string[];
  withheld: { base: string; reason: string }[];
  previous: string;
  maxAgeHours: number;
}

/** A release in a channel. Destroying it takes nothing back. */
export class Publication extends pulumi.CustomResource {
  declare readonly released: pulumi.Output<ReleasedFacts>;
  constructor(
    name: string,
    args:
      | { release: pulumi.Input<PublicationArgs> }
      | { promotion: pulumi.Input<{ channel: string; promotion: Promotion; gate: Settled<GateFacts> }> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super("greenlight:index:Publication", name, withOutputs(args, "released"), { ...opts, retainOnDelete: true });
  }
}
