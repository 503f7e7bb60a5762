/**
 * An OpenSSH server for tests: on a free port of 127.0.0.1, with keys and configuration in a temporary folder, run by the
 * user who runs the tests. Needs the package openssh-server; the system's own service is not touched.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const program = "/usr/sbin/sshd";

export interface Sshd {
  host: "127.0.0.1";
  port: number;
  user: string;
  /** OpenSSH PEM text that the server lets in */
  privateKey: string;
  /** the same key encrypted, and its password */
  encryptedKey: string;
  keyPassword: string;
  /** the server's ed25519 key as a line of authorized_keys */
  hostKey: string;
  /** its RSA key, likewise */
  rsaHostKey: string;
  /** a key of no server, in the same format */
  strangerKey: string;
  folder: string;
  pid: number;
  /** connections that are open at the moment: processes of the server for one each */
  sessions(): number;
  stop(): Promise<void>;
}

/** A free port; somebody else may take it before it is used, so whoever uses it tries again. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function keygen(file: string, type: string, password = ""): void {
  const result = spawnSync("ssh-keygen", ["-q", "-t", type, "-N", password, "-C", "test", "-f", file]);
  if (result.status !== 0) throw new Error(`ssh-keygen failed: ${String(result.stderr)}`);
}

/** Whether the package is there. */
export function sshdInstalled(): boolean {
  return existsSync(program);
}

function children(pid: number): number[] {
  const listed = spawnSync("ps", ["-o", "pid=", "--ppid", String(pid)]).stdout.toString();
  return listed
    .split("\n")
    .map(Number)
    .filter((n) => n > 0);
}

/** Starts a server. `options` are further lines of sshd_config. */
export async function startSshd(options: string[] = []): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-sshd-"));
  for (const [name, type, password] of [
    ["host", "ed25519", ""],
    ["hostrsa", "rsa", ""],
    ["user", "ed25519", ""],
    ["locked", "ed25519", "open sesame"],
    ["stranger", "ed25519", ""],
  ] as const) {
    keygen(join(folder, name), type, password);
  }
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  writeFileSync(join(folder, "authorized_keys"), read("user.pub") + read("locked.pub"), { mode: 0o600 });
  // Privilege separation wants this folder when root runs the server.
  if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = await freePort();
    const config = [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${join(folder, "host")}`,
      `HostKey ${join(folder, "hostrsa")}`,
      `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
      `PidFile none`,
      "StrictModes no",
      "UsePAM no",
      "PermitRootLogin prohibit-password",
      "PasswordAuthentication no",
      "MaxStartups 100",
      "MaxSessions 100",
      "Subsystem sftp internal-sftp",
      "UseDNS no",
      ...options,
    ];
    const file = join(folder, "sshd_config");
    writeFileSync(file, `${config.join("\n")}\n`);
    const server: ChildProcess = spawn(program, ["-D", "-e", "-f", file], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    server.stderr!.on("data", (chunk: Buffer) => (said += String(chunk)));
    for (let i = 0; i < 100 && server.exitCode === null && !said.includes("Server listening"); i++) await sleep(20);
    if (server.exitCode !== null || !said.includes("Server listening")) {
      if (/Address already in use/.test(said)) continue;
      server.kill("SIGKILL");
      throw new Error(`sshd does not start: ${said}`);
    }
    return {
      host: "127.0.0.1",
      port,
      user: userInfo().username,
      privateKey: read("user"),
      encryptedKey: read("locked"),
      keyPassword: "open sesame",
      hostKey: read("host.pub").trim(),
      rsaHostKey: read("hostrsa.pub").trim(),
      strangerKey: read("stranger.pub").trim(),
      folder,
      pid: server.pid!,
      sessions: () => children(server.pid!).length,
      stop: async () => {
        const open = children(server.pid!);
        const gone =
          server.exitCode === null ? new Promise((resolve) => server.once("exit", resolve)) : Promise.resolve();
        server.kill("SIGKILL");
        for (const pid of open) {
          try {
            process.kill(pid, "SIGKILL");
          } catch {
            // It has ended by itself.
          }
        }
        await gone;
        rmSync(folder, { recursive: true, force: true });
      },
    };
  }
  throw new Error("sshd found no free port.");
}
