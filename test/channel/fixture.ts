/** A workspace with two archives, their sidecars and evidence, ready to be published. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  provenBy,
  publishRelease,
  type FileToPublish,
  type GateToPublish,
  type PublishArgs,
} from "../../src/channel/index.ts";
import { evidenceFile, makeEvidence, storeEvidence } from "../../src/evidence/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { printed, record, runRecord } from "../suites/samples.ts";

export const now = new Date("2026-03-01T12:00:00Z");

export class Fixture {
  readonly workspace = mkdtempSync(join(tmpdir(), "greenlight-channel-"));

  remove(): void {
    rmSync(this.workspace, { recursive: true, force: true });
  }

  put(path: string, text: string): { file: string; sha256: string } {
    const file = join(this.workspace, "work", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return { file, sha256: sha256(text) };
  }

  files(version: string, salt = ""): FileToPublish[] {
    const file = (name: string, role: FileToPublish["role"], text: string): FileToPublish => ({
      name,
      role,
      ...this.put(`${version}${salt}/${name}`, text),
    });
    return ["linux-x64", "linux-arm64"].flatMap((platform) => {
      const base = `tool-server-${version}-${platform}`;
      return [
        file(`${base}.zip`, "archive", `archive ${base} ${salt} ${"x".repeat(5000)}`),
        file(`${base}.zip.sha256`, "sidecar", `sum ${base} ${salt}`),
        file(`${base}.recipe-single-vm.zip`, "recipe", `recipe ${base} ${salt}`),
      ];
    });
  }

  /** A green gate with its evidence: every suite has one check, which passed. `run` tells one proof of the same bytes from another. */
  gate(
    cell: string,
    archive: FileToPublish,
    suites: string[],
    more: { run?: string; companions?: string[]; time?: Date; target?: string; stack?: string; exit?: number } = {},
  ): GateToPublish {
    const {
      run = "1",
      companions = [],
      time = new Date("2026-03-01T11:00:00Z"),
      target = "linux-x64/debian-12",
      stack = "dev",
      exit = 0,
    } = more;
    const [, product, version, platform] = /^([a-z]+)-server-(.+)-(linux-(?:x64|arm64))\.zip$/.exec(archive.name) ?? [
      "",
      "tool",
      "0.0.0",
      "linux-x64",
    ];
    const id = `m${sha256(run).slice(0, 8)}`;
    const evidence = makeEvidence({
      stack,
      cell,
      target,
      attempt: 1,
      subject: {
        product: product,
        kind: "server",
        version: version,
        platform: platform as "linux-x64",
        revision: null,
        base: archive.name.slice(0, -".zip".length),
        sha256: archive.sha256,
      },
      companions,
      suites: suites.map((name) => ({ name, checks: [{ name: "ok", run: "true", expect: {} }] })),
      machine: {
        value: {
          id,
          imageDigest: "i",
          packagesDigest: "p",
          kernel: "6.1",
          accelerator: "tcg",
          qemu: "7.2",
          bootId: "b",
          startedAt: time.toISOString(),
        },
      },
      proof: {
        value: [
          printed(
            runRecord(
              suites.map((suite) => record("ok", { suite, exit })),
              `${id}-phase-1`,
            ),
          ),
        ],
      },
      observed: {},
      tool: "0.1.0",
      now: time,
    });
    const digest = storeEvidence(this.workspace, evidence);
    return { ...provenBy(evidence, digest), evidenceFile: evidenceFile(this.workspace, digest) };
  }

  /** Gates of a release's archives: one machine for install and smoke, one for the recipe, and, over a release before, one for the upgrade. */
  gates(
    files: readonly FileToPublish[],
    { run = "", time, before }: { run?: string; time?: Date; before?: readonly FileToPublish[] } = {},
  ): GateToPublish[] {
    const digestOf = (list: readonly FileToPublish[], platform: string, end: string): string =>
      list.find(({ name }) => name.endsWith(`-${platform}.${end}`))!.sha256;
    return files
      .filter((f) => f.role === "archive")
      .flatMap((archive, i) => {
        const platform = ["linux-x64", "linux-arm64"][i]!;
        const recipes = [files, ...(before ? [before] : [])].map((list) =>
          digestOf(list, platform, "recipe-single-vm.zip"),
        );
        const earlier = before ? [digestOf(before, platform, "zip")] : [];
        const more = { run, ...(time && { time }) };
        return [
          this.gate(`cell-${i}-lifecycle`, archive, ["install", "smoke"], more),
          this.gate(`cell-${i}-recipe`, archive, before ? ["recipe", "recipe-upgrade"] : ["recipe"], {
            ...more,
            companions: [...recipes, ...earlier],
          }),
          ...(before
            ? [this.gate(`cell-${i}-upgrade`, archive, ["upgrade", "rollback"], { ...more, companions: earlier })]
            : []),
        ];
      });
  }

  /** What would be published, all green; `run` tells one proof of the same bytes from another. */
  release(
    version = "1.0.0",
    options: { salt?: string; run?: string; time?: Date; channel?: string; before?: readonly FileToPublish[] } = {},
  ): PublishArgs & { files: FileToPublish[]; gates: GateToPublish[] } {
    const files = this.files(version, options.salt);
    return {
      workspace: this.workspace,
      channel: options.channel ?? "dev",
      product: "tool",
      version,
      source: { repository: "https://example.org/tool", revision: "abc" },
      files,
      gates: this.gates(files, options),
      requires: [{ suites: ["install", "smoke", "recipe"] }],
      notApplicable: [],
      before: options.before && predecessorOf(options.before),
      notExecuted: files
        .filter((f) => f.role === "sidecar")
        .map(({ name }) => ({ path: name, reason: "nothing runs it" })),
      withheld: [
        { base: `tool-server-${version}-windows-x64`, reason: "no target of the release set proves windows-x64" },
      ],
      maxAgeHours: 24,
      now,
    };
  }
}

/** The release before, as a channel would name it. */
function predecessorOf(files: readonly FileToPublish[]): PublishArgs["before"] {
  const archives = files
    .filter((f) => f.role === "archive")
    .map(({ name, sha256: digest }, i) => {
      const recipe = files.find((f) => f.name === name.replace(/zip$/, "recipe-single-vm.zip"))!;
      return {
        base: name.slice(0, -".zip".length),
        kind: "server",
        platform: (["linux-x64", "linux-arm64"] as const)[i]!,
        path: name,
        sha256: digest,
        recipe: { path: recipe.name, sha256: recipe.sha256 },
      };
    });
  return { version: "before", archives };
}

/** Publishes a release of the sample product for others to follow, as small texts: its server for linux-x64, with a recipe or without. */
export async function publishBefore(
  fixture: Fixture,
  { version, recipe = true, ...where }: { version: string; recipe?: boolean; workspace?: string; channel?: string },
): Promise<FileToPublish[]> {
  const base = `nats-server-${version}-linux-x64`;
  const manifest = { version, binaries: [{ logical_name: "nats-server" }, { logical_name: "nats", version: "0.1.5" }] };
  const file = (name: string, role: FileToPublish["role"], text: string): FileToPublish => ({
    name,
    role,
    ...fixture.put(name, text),
  });
  const files = [
    file(`${base}.zip`, "archive", "older"),
    file(`${base}.release-manifest.json`, "sidecar", JSON.stringify(manifest)),
  ];
  if (recipe) files.push(file(`${base}.recipe-single-vm.zip`, "recipe", "older recipe"));
  const gates = [
    fixture.gate("cell", files[0]!, ["install", ...(recipe ? ["recipe"] : [])], {
      companions: files.slice(2).map(({ sha256 }) => sha256),
    }),
  ];
  const notExecuted = [{ path: files[1]!.name, reason: "nothing runs it" }];
  await publishRelease({
    ...fixture.release(version),
    ...where,
    product: "nats",
    files,
    gates,
    requires: [{ suites: ["install"] }],
    withheld: [],
    notApplicable: [],
    notExecuted,
  });
  return files;
}
