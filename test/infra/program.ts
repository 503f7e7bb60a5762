/** Runs the Pulumi program under mocks, and lists what it registers. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { writeCandidate } from "../../src/candidate/index.ts";
import { suitesOfProfile } from "../../src/plan/index.ts";
import type { Platform } from "../../src/products/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { program } from "../candidate/tiny-candidate.ts";

export interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

export interface Run {
  resources: Registered[];
  outputs: Record<string, unknown>;
}

export interface Options {
  stack: string;
  config: Record<string, string>;
  /** a resource by that name fails to be made */
  failing?: (type: string, name: string) => boolean;
  /** outputs of the stack that a StackReference asks for */
  otherStack?: Record<string, unknown>;
  /** folder whose channels are read */
  workspace?: string;
}

/** A candidate of small files: the program reads it, the plugin behind the mocks would not. */
export async function makeCandidate(
  platforms: Platform[] = ["linux-x64", "macos-arm64"],
): Promise<{ folder: string; dispose(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "program-"));
  const files = Object.fromEntries(
    platforms.map((platform) => {
      mkdirSync(join(folder, platform));
      const binaries = Object.fromEntries(
        ["nats-server", "nats"].map((name) => {
          writeFileSync(join(folder, platform, name), program(platform, 1000 + name.length), { mode: 0o755 });
          return [name, `${platform}/${name}`];
        }),
      );
      return [platform, { binaries }];
    }),
  );
  writeFileSync(join(folder, "LICENSE"), "licence");
  await writeCandidate(folder, {
    product: "nats",
    version: "2.11.4",
    licence: "LICENSE",
    source: { repository: "https://example.invalid/nats", revision: null },
    platforms: files,
  });
  return { folder, dispose: () => rmSync(folder, { recursive: true }) };
}

/** What the plugin would answer for each type: enough for what depends on it. */
function outputsOf(type: string, name: string, inputs: Record<string, any>): Record<string, unknown> {
  if (type === "greenlight:index:ReleaseArchive") {
    const base = `${inputs["product"]}-${inputs["kind"]}-2.11.4-${inputs["platform"]}`;
    const digest = sha256(base);
    const recipe = inputs["platform"].startsWith("linux-")
      ? { path: `archives/${base}.recipe-single-vm.zip`, sha256: sha256("recipe"), size: 2 }
      : null;
    const packed = {
      base,
      version: "2.11.4",
      binaryVersions: { nats: "0.1.6", "nats-server": "2.11.4" },
      revision: null,
      sha256: digest,
      size: 1,
      path: `archives/${base}.zip`,
      sidecars: [],
      recipe,
    };
    return { ...inputs, packed };
  }
  if (type === "greenlight:index:MachineImage") return { ...inputs, digest: "image-digest" };
  if (type === "greenlight:index:VirtualMachine") {
    const facts = {
      imageDigest: "image-digest",
      packagesDigest: "packages",
      kernel: "6.1",
      accelerator: "tcg",
      qemu: "7.2",
      bootId: "boot",
      startedAt: "2026-01-01T00:00:00Z",
    };
    return {
      ...inputs,
      ...facts,
      machineId: "0123456789",
      host: "127.0.0.1",
      port: 2222,
      user: "root",
      privateKey: "key",
      hostKey: "ssh-ed25519 AAAA",
    };
  }
  if (type === "command:remote:Command") return { ...inputs, stdout: `proof of ${name}`, stderr: "" };
  if (type === "greenlight:index:Gate") {
    const gate = inputs["proof"]?.cell ?? name;
    return {
      ...inputs,
      result: {
        gate,
        verdict: "green",
        subject: inputs["proof"]?.subject.sha256 ?? "release-digest",
        evidence: sha256(gate),
      },
    };
  }
  if (type === "greenlight:index:Publication")
    return {
      ...inputs,
      released: {
        product: "nats",
        version: "2.11.4",
        channel: name,
        digest: "release-digest",
        files: {},
        folder: "channels",
      },
    };
  return inputs;
}

/** Runs infra/index.ts once, in a workspace whose channels are empty unless it is given. */
export async function runProgram({
  stack,
  config,
  failing = () => false,
  otherStack = {},
  workspace,
}: Options): Promise<Run> {
  const before = process.env["GREENLIGHT_WORKSPACE"];
  process.env["GREENLIGHT_WORKSPACE"] = workspace ?? join(tmpdir(), "greenlight-no-such-workspace");
  try {
    return await run({ stack, config, failing, otherStack });
  } finally {
    if (before === undefined) delete process.env["GREENLIGHT_WORKSPACE"];
    else process.env["GREENLIGHT_WORKSPACE"] = before;
  }
}

async function run({ stack, config, failing, otherStack }: Required<Omit<Options, "workspace">>): Promise<Run> {
  const resources: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      call: (args) => args.inputs,
      newResource: ({ type, name, inputs, custom }) => {
        if (type === "pulumi:pulumi:StackReference")
          return { id: name, state: { name: inputs["name"], outputs: otherStack, secretOutputNames: [] } };
        if (custom || type.startsWith("greenlight:")) resources.push({ type, name, inputs });
        if (failing(type, name)) throw new Error(`${name} failed`);
        return { id: `${name}-id`, state: outputsOf(type, name, inputs) };
      },
    },
    "greenlight",
    stack,
    false,
  );
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries(config).map(([key, value]) => [`greenlight:${key}`, value])),
  );
  const { default: program } = await import("../../infra/index.ts");
  const promised = (await program()) as Record<string, pulumi.Output<unknown>>;
  const outputs = await Promise.all(
    Object.entries(promised).map(async ([key, value]) => [
      key,
      await (pulumi.output(value) as unknown as { promise(): Promise<unknown> }).promise(),
    ]),
  );
  return {
    resources: resources.sort((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1)),
    outputs: Object.fromEntries(outputs),
  };
}

/** Settings as Pulumi.yaml gives them by default. */
export const defaults = {
  product: "nats",
  promoteFrom: "",
  promoteVersion: "",
  fleet: "local",
  kinds: "[]",
  targets: '["linux-x64/debian-12"]',
  profile: "fast",
  suites: JSON.stringify(suitesOfProfile("fast")),
  previous: "",
  soakSeconds: "70",
  machineLifeMinutes: "20",
  keepRedMachines: "false",
  evidenceMaxAgeHours: "168",
  attempts: "{}",
};
