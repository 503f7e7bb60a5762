/** A workspace with two archives, their sidecars and evidence, ready to be published. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { publishRelease, type FileToPublish, type GateToPublish, type PublishArgs } from "../../src/channel/index.ts";
import { sha256 } from "../../src/storage/digest.ts";

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
    const file = (name: string, role: FileToPublish["role"], text: string): FileToPublish => ({ name, role, ...this.put(`${version}${salt}/${name}`, text) });
    return ["linux-x64", "linux-arm64"].flatMap((platform) => {
      const base = `tool-server-${version}-${platform}`;
      return [
        file(`${base}.zip`, "archive", `archive ${base} ${salt} ${"x".repeat(5000)}`),
        file(`${base}.zip.sha256`, "sidecar", `sum ${base} ${salt}`),
        file(`${base}.recipe-single-vm.zip`, "recipe", `recipe ${base} ${salt}`),
      ];
    });
  }

  gate(name: string, subject: string, suites: string[], run = "1"): GateToPublish {
    const { file, sha256 } = this.put(`evidence-${name}-${run}.json`, JSON.stringify({ name, subject, run }));
    return { name, verdict: "green", subject, evidence: sha256, suites, provedAt: "2026-03-01T11:00:00Z", evidenceFile: file };
  }

  /** What would be published, all green; `run` tells one proof of the same bytes from another. */
  release(version = "1.0.0", options: { salt?: string; run?: string; channel?: string } = {}): PublishArgs & { files: FileToPublish[]; gates: GateToPublish[] } {
    const files = this.files(version, options.salt);
    const gates = files.filter((f) => f.role === "archive").flatMap((archive, i) => [
      this.gate(`cell-${i}-lifecycle`, archive.sha256, ["install", "smoke"], `${version}${options.salt ?? ""}${options.run ?? ""}`),
      this.gate(`cell-${i}-recipe`, archive.sha256, ["recipe"], `${version}${options.salt ?? ""}${options.run ?? ""}`),
    ]);
    return {
      workspace: this.workspace,
      channel: options.channel ?? "dev",
      product: "tool",
      version,
      source: { repository: "https://example.org/tool", revision: "abc" },
      files,
      gates,
      requiredSuites: ["install", "smoke", "recipe"],
      notApplicable: [],
      withheld: [{ base: `tool-server-${version}-windows-x64`, reason: "no target of the release set proves windows-x64" }],
      maxAgeHours: 24,
      now,
    };
  }
}

/** Publishes a release of the sample product for others to follow, as small texts: its server for linux-x64, with a recipe or without. */
export async function publishBefore(fixture: Fixture, { version, recipe = true, ...where }: { version: string; recipe?: boolean; workspace?: string; channel?: string }): Promise<FileToPublish[]> {
  const base = `nats-server-${version}-linux-x64`;
  const manifest = { version, binaries: [{ logical_name: "nats-server" }, { logical_name: "nats", version: "0.1.5" }] };
  const file = (name: string, role: FileToPublish["role"], text: string): FileToPublish => ({ name, role, ...fixture.put(name, text) });
  const files = [file(`${base}.zip`, "archive", "older"), file(`${base}.release-manifest.json`, "sidecar", JSON.stringify(manifest))];
  if (recipe) files.push(file(`${base}.recipe-single-vm.zip`, "recipe", "older recipe"));
  const gates = [fixture.gate("cell", files[0]!.sha256, ["install"])];
  await publishRelease({ ...fixture.release(version), ...where, product: "nats", files, gates, requiredSuites: ["install"], withheld: [] });
  return files;
}
