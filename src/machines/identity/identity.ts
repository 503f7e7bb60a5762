/** What makes a machine itself: keys made on the host, a machine-id, a nonce of its birth, entropy; and how it is handed over. */
import { createRequire } from "node:module";
import { randomBytes, randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import type ssh2 from "ssh2";

/** ssh2's key maker is there but not among its ES module exports' types. */
const { utils } = createRequire(import.meta.url)("ssh2") as typeof ssh2;

/** An identity; lives in memory and in the machine, the client's private key also in the machine's folder. */
export interface Identity {
  /** 32 hex digits */
  machineId: string;
  hostname: string;
  /** UUID of this birth */
  nonce: string;
  hostKey: string;
  /** `ssh-ed25519 AAAA…`, without a comment */
  hostKeyPublic: string;
  privateKey: string;
  clientKey: string;
}

/** A new identity, unlike any other. */
export function makeIdentity(id: string): Identity {
  const host = utils.generateKeyPairSync("ed25519");
  const client = utils.generateKeyPairSync("ed25519");
  return {
    machineId: randomBytes(16).toString("hex"),
    hostname: `machine-${id}`,
    nonce: randomUUID(),
    hostKey: host.private.endsWith("\n") ? host.private : `${host.private}\n`,
    hostKeyPublic: host.public.trim(),
    privateKey: client.private.endsWith("\n") ? client.private : `${client.private}\n`,
    clientKey: client.public.trim(),
  };
}

/** The one message that turns a twin into a machine of its own; the clock is read last, as late as possible. */
export function becomeMessage(identity: Identity): string {
  const hex = (name: string, data: string | Buffer) => `${name} ${Buffer.from(data as string).toString("hex")}\n`;
  const { machineId, hostname, nonce, hostKey, hostKeyPublic, clientKey } = identity;
  const lines = Object.entries({ machineId, hostname, nonce, hostKey, hostKeyPublic, clientKey }).map(([name, value]) =>
    hex(name, value),
  );
  const now = Date.now();
  const clock = `${Math.floor(now / 1000)}.${(now % 1000) * 1_000_000}`;
  return lines.join("") + hex("entropy", randomBytes(64)) + hex("clock", clock) + "become\n";
}

/**
 * Conversation with the listener in the machine: sends text, answers the next line.
 * @throws Error when none comes in time; at once when the socket is closed, or was closed while nobody was talking.
 */
export async function converse(socket: Socket, text: string, seconds: number): Promise<string> {
  const gone = () => new Error("the machine ended before it had an identity");
  if (!socket.writable || socket.readableEnded) throw gone();
  return new Promise<string>((resolve, reject) => {
    let buffer = "";
    const finish = (outcome: () => void) => {
      clearTimeout(timer);
      socket.off("data", onData).off("end", onClose).off("close", onClose);
      outcome();
    };
    const onData = (data: Buffer) => {
      buffer += data.toString("utf8");
      const end = buffer.indexOf("\n");
      if (end >= 0) finish(() => resolve(buffer.slice(0, end)));
    };
    const onClose = () => finish(() => reject(gone()));
    const timer = setTimeout(
      () => finish(() => reject(new Error(`the machine did not take its identity within ${seconds} s`))),
      seconds * 1000,
    );
    socket.on("data", onData).on("end", onClose).on("close", onClose);
    socket.write(text);
  });
}
