/** The first command on a machine: over SSH with its host key pinned, it shows the nonce of its birth and its kernel. */
import { createRequire } from "node:module";
import type ssh2 from "ssh2";
import { birthFolder } from "../places/index.ts";

const { Client } = createRequire(import.meta.url)("ssh2") as typeof ssh2;

/** A machine to talk to, and the seconds that the talk may take. */
export interface Address {
  port: number;
  privateKey: string;
  /** `ssh-ed25519 AAAA…` */
  hostKey: string;
  seconds: number;
  signal?: AbortSignal;
}

/** What a command did. `code` is null when a signal ended it. */
export interface Answer {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Reads two files with the shell's own words: no other process has to be started in the machine. */
const command = `read -r nonce < ${birthFolder}/boot-id; read -r kernel < /proc/sys/kernel/osrelease; echo "$nonce $kernel"`;

/**
 * Connects as root, runs the first command and closes.
 * @throws Error when the machine cannot be reached in time or shows another host key.
 */
export async function verifyMachine(address: Address): Promise<{ nonce: string; kernel: string }> {
  const [nonce = "", kernel = ""] = (await runOnMachine(address, command)).stdout.trim().split(" ");
  return { nonce, kernel };
}

/** Runs one command on a machine. @throws Error as above; the command's own failure is an answer. */
export async function runOnMachine(address: Address, text: string): Promise<Answer> {
  const expected = Buffer.from(address.hostKey.split(" ")[1] ?? "", "base64");
  const client = new Client();
  const { signal } = address;
  return new Promise((resolve, reject) => {
    const milliseconds = Math.max(1, address.seconds * 1000);
    const timer = setTimeout(() => finish(() => reject(new Error("no answer in time"))), milliseconds);
    const abort = () => finish(() => reject(signal?.reason as Error));
    const finish = (outcome: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      outcome();
      client.destroy();
    };
    signal?.addEventListener("abort", abort, { once: true });
    client
      .on("error", (e) => finish(() => reject(e)))
      .on("close", () => finish(() => reject(new Error("the connection was closed"))))
      .on("ready", () => {
        client.exec(text, (error, channel) => {
          if (error) return finish(() => reject(error));
          let stdout = "";
          let stderr = "";
          let code: number | null = null;
          channel.setEncoding("utf8").on("data", (data: string) => (stdout += data));
          channel.stderr.setEncoding("utf8").on("data", (data: string) => (stderr += data));
          channel.on("exit", (c: number | null) => (code = c));
          channel.on("close", () => finish(() => resolve({ code, stdout, stderr })));
        });
      })
      .connect({
        host: "127.0.0.1",
        port: address.port,
        username: "root",
        privateKey: address.privateKey,
        hostVerifier: (key: Buffer) => key.equals(expected),
        readyTimeout: milliseconds,
        algorithms: {
          serverHostKey: ["ssh-ed25519"],
          kex: ["curve25519-sha256"],
          cipher: ["aes128-gcm@openssh.com"],
          compress: ["none"],
        },
      });
  });
}
