/** QEMU's machine protocol (QMP): JSON lines over a Unix socket; one command at a time, events ignored. */
import { createConnection } from "node:net";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { parseJson } from "../../edges/edges.ts";

/** A line from QEMU: the greeting, an answer, an error or an event (docs/interop/qmp-spec.txt of QEMU 7.2). */
const MessageSchema = z.union([
  z.object({ QMP: z.object({ version: z.unknown() }) }),
  z.object({ return: z.unknown(), id: z.number().optional() }),
  z.object({ error: z.object({ class: z.string(), desc: z.string() }), id: z.number().optional() }),
  z.object({ event: z.string(), data: z.unknown().optional() }),
]);
export type QmpMessage = z.output<typeof MessageSchema>;

/** Cuts whole lines off a buffer and parses them. @throws EdgeError on a line that is no QMP message. */
export function takeMessages(buffer: string): { messages: QmpMessage[]; rest: string } {
  const lines = buffer.split("\n");
  const rest = lines.pop() ?? "";
  const origin = { what: "A line from QEMU's control socket", remedy: "use a QEMU between 7.2 and 9" };
  return {
    messages: lines.filter((line) => line.trim() !== "").map((line) => parseJson(MessageSchema, line, origin)),
    rest,
  };
}

/** Connects to a Unix socket that somebody is about to open. @throws when nobody listens within the time, or `given up` says so. */
export async function connectSoon(path: string, seconds: number, alive: () => boolean): Promise<Socket> {
  const until = performance.now() + seconds * 1000;
  for (;;) {
    try {
      return await new Promise<Socket>((resolve, reject) => {
        const socket = createConnection(path);
        // Whoever has the socket later hears of an error by its close.
        socket.once("connect", () => resolve(socket)).on("error", reject);
      });
    } catch (e) {
      if (!alive()) throw new Error("QEMU ended before it could be spoken to");
      if (performance.now() > until)
        throw new Error(`QEMU's socket did not answer within ${seconds} s (${(e as NodeJS.ErrnoException).code})`);
      await sleep(5);
    }
  }
}

/** An open control connection. Close it when done: QEMU serves one at a time. */
export class Qmp {
  readonly #socket: Socket;
  #buffer = "";
  /** why nothing can be asked any more: known as soon as it is so, also when nothing is being asked */
  #ended: Error | undefined;
  #waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => this.#receive(text));
    const end = () => this.#end(new Error("QEMU closed its control socket"));
    socket.on("error", end).on("end", end).on("close", end);
  }

  /** Connects and negotiates; waits up to ten seconds for QEMU to open the socket. */
  static async open(path: string, alive: () => boolean): Promise<Qmp> {
    const qmp = new Qmp(await connectSoon(path, 10, alive));
    await qmp.execute("qmp_capabilities");
    return qmp;
  }

  /**
   * Runs one command.
   * @throws Error with QEMU's own words when it refuses; at once when QEMU has ended; when no answer comes in 30 s. After the
   * last two nothing can be asked any more: a late answer would be taken for that of the next command.
   */
  async execute(command: string, args?: Record<string, unknown>): Promise<unknown> {
    if (this.#ended) throw this.#ended;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<unknown>((resolve, reject) => {
        this.#waiting = { resolve, reject };
        timer = setTimeout(() => this.#end(new Error(`QEMU did not answer ${command} within 30 s`)), 30_000);
        this.#socket.write(JSON.stringify(args ? { execute: command, arguments: args } : { execute: command }) + "\n");
      });
    } finally {
      clearTimeout(timer);
      this.#waiting = undefined;
    }
  }

  /** Waits until a migration in or out is complete. @throws Error when it fails or takes longer than `seconds`. */
  async migrated(seconds: number): Promise<void> {
    const until = performance.now() + seconds * 1000;
    for (;;) {
      const { status } = z.object({ status: z.string().optional() }).parse(await this.execute("query-migrate"));
      if (status === "completed") return;
      if (status === "failed" || status === "cancelled")
        throw new Error(`the machine's state could not be moved (${status})`);
      if (performance.now() > until) throw new Error(`the machine's state was not moved within ${seconds} s`);
      await sleep(4);
    }
  }

  close(): void {
    this.#end(new Error("the control connection was closed"));
    this.#socket.removeAllListeners("close").destroy();
  }

  #receive(text: string): void {
    try {
      const { messages, rest } = takeMessages(this.#buffer + text);
      this.#buffer = rest;
      for (const message of messages) {
        if ("return" in message) this.#waiting?.resolve(message.return);
        else if ("error" in message) this.#fail(new Error(`QEMU refused: ${message.error.desc}`));
      }
    } catch (e) {
      this.#end(e as Error);
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#fail(this.#ended);
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
  }
}

/** The host port that is forwarded to the guest's port 22, from the text of `info usernet`. */
export function forwardedPort(usernet: string): number {
  const line = usernet.split("\n").find((text) => text.includes("HOST_FORWARD") && / 22\s/.test(`${text} `));
  const fields = line?.trim().split(/\s+/) ?? [];
  const port = Number(fields[3]);
  if (!Number.isInteger(port) || port < 1) throw new Error("QEMU forwards no port to the machine");
  return port;
}
