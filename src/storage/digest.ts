/** SHA-256, lower-case hex: how archives, evidence, policies and suites are known. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import canonicalize from "canonicalize";

/** SHA-256 of bytes or UTF-8 text, 64 lower-case hex digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

const PIECE = 256 << 10;

/**
 * SHA-256 of a file's bytes, piece by piece. One buffer is hashed while the other is filled: a stream makes a new one for each piece,
 * and of these tens of megabytes lie about until the collector comes. @throws the file system's error when it cannot be read.
 */
export async function sha256File(file: string): Promise<string> {
  const hash = createHash("sha256");
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(Math.min(PIECE, Math.max(size, 1))));
    const next = (): Promise<{ bytesRead: number }> => handle.read(buffers[1]!, 0, buffers[1]!.length, null);
    for (let reading = next(); ;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return hash.digest("hex");
      buffers.reverse();
      reading = next();
      hash.update(buffers[0]!.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** A value whose texts are whole: half a surrogate pair, as where a text was cut, becomes U+FFFD, which UTF-8 makes of it in any case. */
function wellFormed(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (value === null || typeof value !== "object" || "toJSON" in value) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key.toWellFormed(), wellFormed(each)]));
}

/** Canonical JSON (RFC 8785): equal values give equal bytes, so that their digest is their identity. @throws for what JSON cannot state. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(wellFormed(value));
  if (text === undefined) throw new TypeError("undefined has no JSON");
  return text;
}
