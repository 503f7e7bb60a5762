/** A pinned host key: one line in the format of authorized_keys (sshd(8), AUTHORIZED_KEYS FILE FORMAT), and what it demands of the server. */
import { EdgeError } from "../edges/edges.ts";

export interface HostKey {
  /** key type, the first field of the blob as well: `ssh-ed25519` */
  type: string;
  /** the key as it is on the wire (RFC 4253, 6.6) */
  blob: Buffer;
  /** the server is asked for a key by these algorithms and no others */
  algorithms: string[];
}

/**
 * Signature algorithms by key type. An RSA key is one key with three algorithms; SHA-1's `ssh-rsa` is left out, since
 * OpenSSH has refused it since 8.8 (the real plugin asks for that one alone, and so cannot pin an RSA key there).
 */
const algorithmsOf: Record<string, string[]> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/** The type that stands inside a key blob: a length of 4 bytes, big-endian, then that many bytes of ASCII. */
export function blobType(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  return length > 0 && length <= 64 && 4 + length < blob.length ? blob.toString("latin1", 4, 4 + length) : undefined;
}

/** Fields of a line, split at blanks outside double quotes: options may hold quoted blanks. */
function fields(line: string): string[] {
  return line.match(/(?:"(?:\\"|[^"])*"|[^\s"])+/g) ?? [];
}

/**
 * The key of the first line that is neither empty nor a comment: `[options] type base64 [comment]`.
 * @throws EdgeError when there is none, or its type is not supported, or the base64 is not a key of that type.
 */
export function parseHostKey(text: string): HostKey {
  const remedy = "give the server's public key as one line, as in /etc/ssh/ssh_host_ed25519_key.pub";
  const line = text
    .split(/\r?\n/)
    .map((l) => l.trim())
    .find((l) => l !== "" && !l.startsWith("#"));
  if (line === undefined) throw new EdgeError(`connection.hostKey holds no key; ${remedy}.`);
  const words = fields(line);
  const at = words.findIndex((word, i) => i < 2 && word in algorithmsOf);
  const type = words[at];
  const base64 = words[at + 1];
  if (type === undefined || base64 === undefined) {
    throw new EdgeError(
      `connection.hostKey does not start with one of ${Object.keys(algorithmsOf).join(", ")} and a key; ${remedy}.`,
    );
  }
  const blob = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? Buffer.from(base64, "base64") : Buffer.alloc(0);
  if (blobType(blob) !== type)
    throw new EdgeError(`connection.hostKey says ${type}, but what follows is not such a key; ${remedy}.`);
  return { type, blob, algorithms: algorithmsOf[type]! };
}
