/**
 * Palyra as an installer leaves it, but on this host: a packed release unpacked into its folder, `current`, a shim, metadata,
 * a configuration of its own, and on request its services. The product's own checks are run against it as on a machine.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packArchive } from "../../src/archive/index.ts";
import { productNamed, type Places, type Subject } from "../../src/products/index.ts";
import type { Step } from "../../src/checks/check.ts";
import { judgeSuite, type Check, type CheckResult, type RunRecord } from "../../src/suites/index.ts";
import { standinCandidate } from "../standin/candidate.ts";
import { hostPlatform } from "../standin/go.ts";
import { answer, freePorts, tcpFree } from "../standin/installed.ts";
import { recordOf, runHere, said, textOf } from "../suites/on-host.ts";

export const product = productNamed("palyra");

export class LaidOut {
  readonly folder = mkdtempSync(join(tmpdir(), "greenlight-palyra-"));
  readonly at: Places;
  readonly subject: Subject;
  /** what a machine has and this host has not, or has as its own: text of a check → text here */
  private here: [string, string][] = [];
  private port = 0;
  private readonly running: ChildProcess[] = [];
  private archives = "";
  private record: RunRecord | undefined;
  /** what ran earlier with the same notes, which is the same machine */
  private earlier: RunRecord[] = [];
  private notes: string | undefined;
  /** faults that whatever is started from now on is seeded with */
  faults: string[] = [];

  /** the archive that was installed */
  private readonly archive: string;

  private constructor(subject: Subject, archive: string) {
    this.subject = subject;
    this.archive = archive;
    const below = (name: string): string => join(this.folder, name);
    this.at = { root: below("root"), state: below("state"), config: below("config"), commands: below("commands") };
    const release = join(this.at.root, "versions", `${subject.version}-${subject.sha256.slice(0, 8)}`);
    for (const folder of [release, this.at.state, this.at.config, this.at.commands, this.units, this.home])
      mkdirSync(folder, { recursive: true });
    execFileSync("unzip", ["-q", archive, "-d", release]);
    symlinkSync(release, join(this.at.root, "current"));
    const metadata = {
      schema_version: 2,
      artifact_kind: subject.kind,
      archive_path: archive,
      install_root: this.at.root,
      config_path: this.config,
      state_root: this.at.state,
    };
    for (const folder of [this.at.root, release])
      writeFileSync(join(folder, "install-metadata.json"), JSON.stringify(metadata));
    copyFileSync(join(release, "release-manifest.json"), join(this.at.root, "release-manifest.json"));
    writeFileSync(
      this.shim,
      `#!/bin/sh\nset -eu\nexport PALYRA_STATE_ROOT='${this.at.state}'\nexport PALYRA_CONFIG='${this.config}'\nexec '${this.at.root}/current/palyra' "$@"\n`,
    );
    chmodSync(this.shim, 0o755);
    // What systemd says of a service here: its process, and no environment that would be the unit's.
    const systemctl = join(this.at.commands, "systemctl");
    writeFileSync(
      systemctl,
      `#!/bin/sh\ncase $* in *MainPID*) cat ${this.pidFile} ;; *LoadState*) echo loaded ;; esac\n`,
    );
    chmodSync(systemctl, 0o755);
    this.palyra("setup", "--mode", subject.kind === "desktop" ? "local" : "remote", "--tls-scaffold", "none");
    chmodSync(this.config, 0o600);
  }

  static async of(kind: "desktop" | "headless", version = "0.1.0"): Promise<LaidOut> {
    const platform = hostPlatform();
    const { folder: candidateFolder, candidate } = await standinCandidate({ version, platforms: [platform] });
    const outputFolder = mkdtempSync(join(tmpdir(), "greenlight-palyra-archive-"));
    const { file, sha256, base, binaryVersions } = await packArchive({
      candidateFolder,
      candidate,
      product,
      kind,
      platform,
      outputFolder,
    });
    const laid = new LaidOut({ product: "palyra", kind, version, binaryVersions, platform, sha256, base }, file);
    laid.archives = outputFolder;
    return laid;
  }

  get config(): string {
    return join(this.at.config, "palyra.toml");
  }

  /** What stands for the machine's folder of units, and for root's home. */
  get units(): string {
    return join(this.folder, "units");
  }

  get home(): string {
    return join(this.folder, "home");
  }

  get shim(): string {
    return join(this.at.commands, "palyra");
  }

  private get env(): Record<string, string> {
    return {
      PATH: "/usr/bin:/bin",
      HOME: this.folder,
      PALYRA_STANDIN_FAULTS: this.faults.join(","),
      PALYRA_JOURNAL_DB_PATH: join(this.at.state, "data", "journal.sqlite3"),
      PALYRA_STATE_ROOT: this.at.state,
      PALYRA_CONFIG: this.config,
    };
  }

  palyra(...args: string[]): string {
    return this.palyraReads("", ...args);
  }

  /** The same with a text on standard input. */
  palyraReads(input: string, ...args: string[]): string {
    return execFileSync(this.shim, args, { env: this.env, encoding: "utf8", input });
  }

  /** The daemon's process, which a check may have replaced by another: that one's number stands in this file. */
  private get pidFile(): string {
    return join(this.folder, "palyrad.pid");
  }

  private async start(root: string, binary: string, args: string[], port: number): Promise<number> {
    const child = spawn(join(root, "current", binary), args, { env: this.env, cwd: this.at.state, stdio: "ignore" });
    this.running.push(child);
    await answer(`http://127.0.0.1:${port}/healthz`);
    return child.pid!;
  }

  /** Both services, on ports that are free; what a check asks at the usual ones is asked there. */
  async serve(): Promise<void> {
    await this.stop();
    const { web, grpc } = await freePorts();
    const browser = (await tcpFree(0))!;
    this.port = web;
    const settings = { "daemon.port": web, "gateway.grpc_port": grpc, "gateway.quic_port": grpc + 1 };
    // Written here: the command may be seeded with a fault.
    const text = Object.entries(settings).reduce(
      (all, [key, value]) =>
        all.replace(new RegExp(`^${key.split(".")[1]} = \\d+$`, "m"), `${key.split(".")[1]} = ${value}`),
      readFileSync(this.config, "utf8"),
    );
    writeFileSync(this.config, text);
    // What systemctl does on a machine. The new process is not a child of this one.
    const environment = Object.entries(this.env)
      .map(([name, value]) => `${name}='${value}'`)
      .join(" ");
    const restart = [
      `(read -r pid <${this.pidFile}; kill $pid; while kill -0 $pid; do sleep 0.02; done`,
      `cd ${this.at.state}; env -i ${environment} setsid ${this.at.root}/current/palyrad & echo $! >${this.pidFile}) >/dev/null 2>&1 </dev/null`,
    ].join("\n");
    this.here = [
      ["http://127.0.0.1:7142", `http://127.0.0.1:${web}`],
      ["http://127.0.0.1:7143", `http://127.0.0.1:${browser}`],
      ['systemctl restart "$1"', restart],
      ["127.0.0.1 7444 ", `127.0.0.1 ${grpc + 1} `],
    ];
    await this.startDaemon(this.at.root);
    await this.start(
      this.at.root,
      "palyra-browserd",
      ["--port", String(browser), "--grpc-port", String(await tcpFree(0))],
      browser,
    );
  }

  private async startDaemon(root: string): Promise<void> {
    writeFileSync(this.pidFile, `${await this.start(root, "palyrad", [], this.port)}\n`);
  }

  private async stopDaemon(): Promise<void> {
    if (!existsSync(this.pidFile)) return;
    const pid = Number(readFileSync(this.pidFile, "utf8"));
    rmSync(this.pidFile);
    const alive = (): boolean =>
      spawnSync("kill", ["-0", String(pid)]).status === 0 &&
      !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    if (alive()) process.kill(pid, "SIGTERM");
    while (alive()) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** A new daemon in the place of the one that runs, with faults of its own; of another release where one is given. */
  async restart(faults: string | string[] = [], root = this.at.root): Promise<void> {
    await this.stopDaemon();
    this.faults = [faults].flat();
    await this.startDaemon(root);
    this.faults = [];
  }

  async stop(): Promise<void> {
    await this.stopDaemon();
    for (const child of this.running.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGTERM");
      await once(child, "close");
    }
  }

  /** Runs the checks here, in the order given, and judges them. `notes` is the folder that outlives a run. */
  async judge(checks: Check[], notes?: string): Promise<CheckResult[]> {
    const here = (text: string): string =>
      text === "/root"
        ? this.home
        : [...this.here, ["/etc/systemd/system", this.units] as const].reduce(
            (all, [machine, place]) => all.replaceAll(machine, place),
            text,
          );
    const stepHere = ({ run, ...step }: Step): Step => ({
      ...step,
      run: Array.isArray(run) ? run.map(here) : { ...run, args: run.args.map(here) },
    });
    const env = { PATH: `${this.at.commands}:${process.env["PATH"]}`, PALYRA_STANDIN_FAULTS: this.faults.join(",") };
    const suite = {
      name: "smoke",
      checks: checks.map(({ login, user, needs, steps, ...check }) => ({
        ...check,
        ...(needs?.startsWith("smoke/") ? { needs } : {}),
        run: Array.isArray(check.run) ? check.run.map(here) : here(textOf(check)),
        ...(steps && { steps: steps.map(stepHere) }),
        env: { ...env, ...check.env },
      })),
    };
    const { record } = await runHere([suite], {
      run: `test-${Date.now()}`,
      ...(notes ? { host: { folder: notes } } : {}),
    });
    if (notes !== this.notes) this.earlier = [];
    this.notes = notes;
    const { checks: results } = judgeSuite(suite, record, [], this.earlier);
    this.record = record;
    this.earlier.push(record);
    return results;
  }

  /** The product's smoke of this release. */
  get smoke(): Check[] {
    return product.checks.smoke(this.subject, this.at, this.archive);
  }

  /** All that a check printed in the last run. */
  said(check: string): string {
    return said(recordOf(this.record!, check));
  }

  async remove(): Promise<void> {
    await this.stop();
    for (const folder of [this.folder, this.archives]) rmSync(folder, { recursive: true, force: true });
  }
}
