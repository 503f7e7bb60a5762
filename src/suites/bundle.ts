/**
 * What a runner printed, unpacked: one compressed bundle a phase, between a line that says its size and digest and a line that ends
 * it. A bundle that is not whole is no evidence.
 */
import { gunzipSync } from "node:zlib";
import { parseTar } from "nanotar";
import { EdgeError, shown } from "../edges/edges.ts";
import { sha256 } from "../storage/digest.ts";

const head = /^greenlight-evidence\/2 (\S+) ([0-9]+) ([0-9a-f]{64})$/;
const tail = "greenlight-evidence/2 end";

/** Unpacked: what one phase may hold (16 MiB of output, and a header for each file) with room to spare. */
const mostBytes = 64 * 1024 * 1024;

/** A file of the bundle. */
export type Files = ReadonlyMap<string, Buffer>;

/** A sentence that names the run and what to do. */
export function unusable(run: string, what: string): EdgeError {
  return new EdgeError(
    `The output of run ${run} is not usable as evidence: ${what}; prove the cell again with \`greenlight rerun\`.`,
  );
}

function bytesOf(run: string, stdout: string): Buffer {
  if (stdout === "") throw unusable(run, "it is empty");
  const lines = stdout.replace(/\n$/, "").split("\n");
  const [, of, size, digest] = head.exec(lines[0]!) ?? [];
  if (of === undefined) throw unusable(run, `line 1 is ${shown(lines[0])}, which begins no evidence`);
  if (of !== run) throw unusable(run, `line 1 belongs to run ${shown(of)}`);
  if (lines.at(-1) !== tail) throw unusable(run, "its last line is missing");
  const other = lines.slice(1, -1).findIndex((line) => !/^[A-Za-z0-9+/]+={0,2}$/.test(line));
  if (other >= 0) throw unusable(run, `line ${other + 2} is ${shown(lines[other + 1])}, which is no part of a bundle`);
  const bytes = Buffer.from(lines.slice(1, -1).join(""), "base64");
  if (bytes.length !== Number(size)) throw unusable(run, `it has ${bytes.length} of ${size} bytes`);
  if (sha256(bytes) !== digest) throw unusable(run, "its bytes do not have the digest that it states");
  return bytes;
}

/** The files of a bundle by name. @throws EdgeError when it is anything but one whole bundle of this run. */
export function unpackBundle(run: string, stdout: string): Files {
  const bytes = bytesOf(run, stdout);
  try {
    const tar = gunzipSync(bytes, { maxOutputLength: mostBytes });
    // The library reads an ArrayBuffer from its beginning, and a Buffer may be a part of one.
    const entries = parseTar(Uint8Array.from(tar).buffer);
    return new Map(entries.map(({ name, data = new Uint8Array() }) => [name, Buffer.from(data)]));
  } catch (e) {
    throw unusable(run, `it cannot be unpacked (${(e as Error).message})`);
  }
}
