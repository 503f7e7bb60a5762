/**
 * Palyra as an installer leaves it, but on this host: a packed release unpacked into its folder, `current`, a shim, metadata,
 * a configuration of its own, and on request its services. The product's own checks are run against it as on a machine.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packArchive } from "../../src/archive/index.ts";
import { productNamed, type Places, type Subject } from "../../src/products/index.ts";
import { judgeSuite, type Check, type CheckResult } from "../../src/suites/index.ts";
import { standinCandidate } from "../standin/candidate.ts";
import { hostPlatform } from "../standin/go.ts";
import { answer, freePorts, tcpFree } from "../standin/installed.ts";
import { runHere } from "../suites/on-host.ts";

export const product = productNamed("palyra");

export class LaidOut {
  readonly folder = mkdtempSync(join(tmpdir(), "greenlight-palyra-"));
  readonly at: Places;
  readonly subject: Subject;
  /** what a machine has and this host has not, or has as its own: text of a check → text here */
  private readonly here: [string, string][] = [];
  private readonly running: ChildProcess[] = [];
  /** faults that whatever is started from now on is seeded with */
  faults: string[] = [];

  private constructor(subject: Subject, archive: string) {
    this.subject = subject;
    const below = (name: string): string => join(this.folder, name);
    this.at = { root: below("root"), state: below("state"), config: below("config"), commands: below("commands") };
    const release = join(this.at.root, "versions", `${subject.version}-${subject.sha256.slice(0, 8)}`);
    for (const folder of [release, this.at.state, this.at.config, this.at.commands]) mkdirSync(folder, { recursive: true });
    execFileSync("unzip", ["-q", archive, "-d", release]);
    symlinkSync(release, join(this.at.root, "current"));
    const metadata = { schema_version: 2, artifact_kind: subject.kind, archive_path: archive, install_root: this.at.root, config_path: this.config, state_root: this.at.state };
    for (const folder of [this.at.root, release]) writeFileSync(join(folder, "install-metadata.json"), JSON.stringify(metadata));
    writeFileSync(this.shim, `#!/bin/sh\nset -eu\nexport PALYRA_STATE_ROOT='${this.at.state}'\nexport PALYRA_CONFIG='${this.config}'\nexec '${this.at.root}/current/palyra' "$@"\n`);
    chmodSync(this.shim, 0o755);
    this.palyra("setup", "--mode", subject.kind === "desktop" ? "local" : "remote", "--tls-scaffold", "none");
    chmodSync(this.config, 0o600);
  }

  static async of(kind: "desktop" | "headless", version = "0.1.0"): Promise<LaidOut> {
    const platform = hostPlatform();
    const { folder: candidateFolder, candidate } = await standinCandidate({ version, platforms: [platform] });
    const outputFolder = mkdtempSync(join(tmpdir(), "greenlight-palyra-archive-"));
    const { file, sha256, base, binaryVersions } = await packArchive({ candidateFolder, candidate, product, kind, platform, outputFolder });
    const laid = new LaidOut({ product: "palyra", kind, version, binaryVersions, platform, sha256, base }, file);
    laid.here.push(["palyra_archive", outputFolder]);
    return laid;
  }

  get config(): string {
    return join(this.at.config, "palyra.toml");
  }

  get shim(): string {
    return join(this.at.commands, "palyra");
  }

  private get env(): Record<string, string> {
    return { PATH: "/usr/bin:/bin", HOME: this.folder, PALYRA_STANDIN_FAULTS: this.faults.join(","), PALYRA_JOURNAL_DB_PATH: join(this.at.state, "data", "journal.sqlite3"), PALYRA_STATE_ROOT: this.at.state, PALYRA_CONFIG: this.config };
  }

  palyra(...args: string[]): string {
    return execFileSync(this.shim, args, { env: this.env, encoding: "utf8" });
  }

  private async start(binary: string, args: string[], port: number): Promise<void> {
    const child = spawn(join(this.at.root, "current", binary), args, { env: this.env, cwd: this.at.state, stdio: "ignore" });
    this.running.push(child);
    await answer(`http://127.0.0.1:${port}/healthz`);
  }

  /** Both services, on ports that are free; what a check asks at the usual ones is asked there. */
  async serve(): Promise<void> {
    await this.stop();
    const { web, grpc } = await freePorts();
    const browser = (await tcpFree(0))!;
    const settings = { "daemon.port": web, "gateway.grpc_port": grpc, "gateway.quic_port": grpc + 1 };
    for (const [key, value] of Object.entries(settings)) this.palyra("config", "set", "--key", key, "--value", String(value));
    const daemon = `${join(this.at.root, "current", "palyrad")}`;
    // As systemctl would: the new process is nobody's child here, and is found again by what is written down.
    const pid = join(this.folder, "palyrad.pid");
    const restart = `(read -r pid <${pid} && kill $pid; while kill -0 $pid; do sleep 0.05; done; cd ${this.at.state} && env -i ${Object.entries(this.env).map(([name, value]) => `${name}='${value}'`).join(" ")} setsid ${daemon} & echo $! >${pid}) >/dev/null 2>&1`;
    this.here.splice(1, this.here.length, ["http://127.0.0.1:7142", `http://127.0.0.1:${web}`], ["http://127.0.0.1:7143", `http://127.0.0.1:${browser}`], ["systemctl restart palyrad.service", restart]);
    await this.start("palyrad", [], web);
    writeFileSync(pid, `${this.running.at(-1)!.pid}\n`);
    await this.start("palyra-browserd", ["--port", String(browser), "--grpc-port", String(await tcpFree(0))], browser);
  }

  async stop(): Promise<void> {
    for (const child of this.running.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGTERM");
      await once(child, "close");
    }
  }

  /** Runs the checks here, in the order given, and judges them. `notes` is the folder that outlives a run. */
  async judge(checks: Check[], notes?: string): Promise<CheckResult[]> {
    const run = (text: string): string => {
      const changed = this.here.slice(1).reduce((all, [machine, here]) => all.replaceAll(machine, here), text);
      return `PATH=${this.at.commands}:$PATH PALYRA_STANDIN_FAULTS=${this.faults.join(",")}; export PATH PALYRA_STANDIN_FAULTS\n${changed}`;
    };
    const suite = { name: "smoke", checks: checks.map(({ login, user, needs, ...check }) => ({ ...check, ...(needs?.startsWith("smoke/") ? { needs } : {}), run: run(check.run) })) };
    const { record } = await runHere([suite], { run: `test-${Date.now()}`, ...(notes ? { host: { folder: notes } } : {}) });
    return judgeSuite(suite, record).checks;
  }

  async remove(): Promise<void> {
    await this.stop();
    for (const folder of [this.folder, this.here[0]![1]]) rmSync(folder, { recursive: true, force: true });
  }
}
