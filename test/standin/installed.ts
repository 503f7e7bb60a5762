/** An installed stand-in for tests: its binaries and files in a folder of their own, with an environment of its own. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { createSocket } from "node:dgram";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executableName } from "../../src/products/index.ts";
import { standinCandidate } from "./candidate.ts";
import { hostPlatform } from "./go.ts";

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Ports {
  web: number;
  /** the one above it is free as well, on TCP and on UDP */
  grpc: number;
}

export class Installed {
  readonly root: string;
  readonly folder: string;
  readonly env: Record<string, string>;
  private readonly started: ChildProcess[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.root = join(folder, "release");
    this.env = {
      HOME: folder,
      PATH: "/usr/bin:/bin",
      PALYRA_STATE_ROOT: join(folder, "state"),
      PALYRA_CONFIG: join(folder, "config", "palyra.toml"),
      TMPDIR: folder,
    };
  }

  /** Builds the version for this machine where that is needed, and puts it into a new temporary folder. */
  static async of(version = "0.1.0"): Promise<Installed> {
    const { folder } = await standinCandidate({ version, platforms: [hostPlatform()] });
    const installed = new Installed(mkdtempSync(join(tmpdir(), "greenlight-standin-")));
    for (const part of [hostPlatform(), "shared"]) cpSync(join(folder, part), installed.root, { recursive: true });
    return installed;
  }

  get config(): string {
    return this.env["PALYRA_CONFIG"]!;
  }

  file(binary: string): string {
    return join(this.root, executableName(binary, hostPlatform()));
  }

  /** Runs a binary to its end (ten seconds at most). */
  run(binary: string, args: string[], more: { env?: Record<string, string>; input?: string; cwd?: string } = {}): Ran {
    const { status, stdout, stderr } = spawnSync(this.file(binary), args, {
      cwd: more.cwd ?? this.folder,
      env: { ...this.env, ...more.env },
      input: more.input ?? "",
      encoding: "utf8",
      timeout: 10_000,
      killSignal: "SIGKILL",
    });
    return { code: status, stdout, stderr };
  }

  palyra(...args: string[]): Ran {
    return this.run("palyra", args);
  }

  /** The JSON that a command printed, whatever its exit code. */
  json(...args: string[]): any {
    return JSON.parse(this.palyra(...args).stdout);
  }

  /** `setup --mode remote`, with ports that are free now. */
  async configured(): Promise<Ports> {
    this.palyra("setup", "--mode", "remote", "--force");
    const ports = await freePorts();
    for (const [key, value] of Object.entries({
      "daemon.port": ports.web,
      "gateway.grpc_port": ports.grpc,
      "gateway.quic_port": ports.grpc + 1,
    })) {
      this.palyra("config", "set", "--key", key, "--value", String(value));
    }
    return ports;
  }

  /** Starts a binary in `cwd`; `output` grows with what it prints. */
  start(
    binary: string,
    args: string[] = [],
    more: { env?: Record<string, string>; cwd?: string } = {},
  ): { child: ChildProcess; output: () => string; ended: Promise<number | NodeJS.Signals | null> } {
    const child = spawn(this.file(binary), args, {
      cwd: more.cwd ?? this.folder,
      env: { ...this.env, ...more.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.started.push(child);
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (part: string) => (text += part));
    const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null);
    return { child, output: () => text, ended };
  }

  /** Ends what still runs, and removes the folder. */
  async remove(): Promise<void> {
    for (const child of this.started) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "close");
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Whether nobody listens on the port of 127.0.0.1. */
export function tcpFree(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const { port: got } = server.address() as { port: number };
      server.close(() => resolve(got));
    });
  });
}

export function udpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4").once("error", () => resolve(false));
    socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(true)));
  });
}

export async function freePorts(): Promise<Ports> {
  // Below the range that the kernel gives away by itself: those are taken by whoever connects next.
  const some = (): number => 20_000 + Math.floor(Math.random() * 12_000);
  for (;;) {
    const web = await tcpFree(some());
    const grpc = await tcpFree(some());
    if (
      web &&
      grpc &&
      grpc < 65_535 &&
      web !== grpc &&
      web !== grpc + 1 &&
      (await tcpFree(grpc + 1)) &&
      (await udpFree(grpc + 1))
    )
      return { web, grpc };
  }
}

/** The answer of an URL, asked again until there is one; throws after `seconds`. */
export async function answer(url: string, seconds = 10): Promise<{ status: number; text: string }> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    try {
      const response = await fetch(url);
      return { status: response.status, text: await response.text() };
    } catch (e) {
      if (Date.now() > until) throw e;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
