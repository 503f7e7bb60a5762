/** A clean machine for tests of what is executed on one: files put there, commands run there, and its end. */
import { createRequire } from "node:module";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type ssh2 from "ssh2";
import { createMachine, deleteMachine, ensureImage, type Machine } from "../../src/machines/index.ts";

const { Client } = createRequire(import.meta.url)("ssh2") as typeof ssh2;

export interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

async function connect(machine: Machine, readyTimeout = 60_000): Promise<ssh2.Client> {
  const client = new Client();
  await new Promise<void>((resolve, reject) => {
    const expected = machine.hostKey.split(" ")[1];
    client.on("ready", resolve).on("error", reject);
    client.connect({
      host: machine.host,
      port: machine.port,
      username: machine.user,
      privateKey: machine.privateKey,
      readyTimeout,
      hostVerifier: (key: Buffer) => key.toString("base64") === expected,
    });
  });
  client.on("error", () => undefined);
  return client;
}

export class Guest {
  readonly #machine: Machine;
  #client: ssh2.Client;
  readonly #workspace: string;

  constructor(machine: Machine, client: ssh2.Client, workspace: string) {
    this.#machine = machine;
    this.#client = client;
    this.#workspace = workspace;
  }

  /** A fresh machine; `cell` names the test in whatever lists machines. */
  static async start(cell: string, subject: string): Promise<Guest> {
    const workspace = mkdtempSync(join(tmpdir(), "greenlight-guest-"));
    const report = () => undefined;
    const image = await ensureImage("linux-x64/debian-12", { report });
    const machine = await createMachine({
      image,
      owner: { workspace, stack: "test", urn: cell },
      incarnation: 1,
      cell,
      subject,
      lifeSeconds: 900,
      report,
    });
    return new Guest(machine, await connect(machine), workspace);
  }

  /** Connects again, to a machine that was cut off or started anew. */
  async again(seconds = 180): Promise<void> {
    this.#client.destroy();
    for (const until = Date.now() + seconds * 1000; ;) {
      try {
        this.#client = await connect(this.#machine, 10_000);
        return;
      } catch (e) {
        if (Date.now() > until) throw e;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  /** Runs a shell text as root. */
  sh(text: string, input: string | Buffer = ""): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#client.exec(text, (error, channel) => {
        if (error) return reject(error);
        const answer: Answer = { code: -1, stdout: "", stderr: "" };
        channel.on("data", (data: Buffer) => (answer.stdout += String(data)));
        channel.stderr.on("data", (data: Buffer) => (answer.stderr += String(data)));
        channel.on("exit", (code: number | null) => (answer.code = code ?? -1));
        const lost = (): void => reject(new Error("the connection to the machine ended"));
        this.#client.once("close", lost);
        channel.on("close", () => {
          this.#client.off("close", lost);
          resolve(answer);
        });
        channel.end(input);
      });
    });
  }

  async put(path: string, content: string | Buffer): Promise<void> {
    const { code, stderr } = await this.sh(`cat >'${path}'`, content);
    if (code !== 0) throw new Error(`${path} could not be put on the machine: ${stderr}`);
  }

  async end(): Promise<void> {
    this.#client.destroy();
    await deleteMachine(this.#workspace, this.#machine.id);
    rmSync(this.#workspace, { recursive: true, force: true });
  }
}
