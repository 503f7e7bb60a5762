/** What a check did, as judges read it: texts, where all of them came back. */
import { EdgeError } from "../edges/edges.ts";
import type { CheckRecord, Stream } from "./record.ts";

/** Bytes of a stream when all of it is known. */
export function wholeBytes({ bytes, head, tail }: Stream): Buffer | undefined {
  const known = Buffer.concat([Buffer.from(head, "base64"), Buffer.from(tail, "base64")]);
  return known.length === bytes ? known : undefined;
}

/** The outputs of one check that ran. Each part is asked for by name, and throws an EdgeError when it is missing or was cut. */
export class Outputs {
  readonly #record: CheckRecord;
  constructor(record: CheckRecord) {
    this.#record = record;
  }

  get exit(): number | null {
    return this.#record.exit;
  }

  get stdout(): string {
    return this.#text(this.#record.stdout, "its standard output");
  }

  get stderr(): string {
    return this.#text(this.#record.stderr, "its standard error");
  }

  /** Bytes of its standard output. */
  get bytes(): Buffer {
    return this.#bytes(this.#record.stdout, "its standard output");
  }

  /** Paths of the files that came back, sorted. */
  get files(): string[] {
    return Object.keys(this.#record.files).sort();
  }

  has(path: string): boolean {
    return Object.hasOwn(this.#record.files, path);
  }

  file(path: string): string {
    return this.#text(this.#stream(path), path);
  }

  fileBytes(path: string): Buffer {
    return this.#bytes(this.#stream(path), path);
  }

  /** SHA-256 of a file, known of one that was cut as well. */
  digest(path: string): string {
    return this.#stream(path).sha256;
  }

  /** The JSON that a text holds; `what` names it in the sentence when it is none. */
  json(text: string, what: string): unknown {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new EdgeError(`${what} is not JSON: ${JSON.stringify(text.trim().slice(0, 200))}`);
    }
  }

  /** What one of its steps did. */
  step(id: string): Outputs {
    if (!this.has(`${id}.exit`)) throw new EdgeError(`step ${id} did not run to its end`);
    const part = (name: string): Stream => {
      const found = this.#record.files[`${id}.${name}`];
      if (!found) throw new EdgeError(`the output of step ${id} is missing`);
      return found;
    };
    const exit = Number(this.file(`${id}.exit`));
    return new Outputs({ ...this.#record, exit, stdout: part("out"), stderr: part("err"), files: {} });
  }

  get record(): CheckRecord {
    return this.#record;
  }

  #stream(path: string): Stream {
    if (!this.has(path)) throw new EdgeError(`the file ${path} is missing`);
    return this.#record.files[path]!;
  }

  #text(stream: Stream, what: string): string {
    return this.#bytes(stream, what).toString("utf8");
  }

  #bytes(stream: Stream, what: string): Buffer {
    const bytes = wholeBytes(stream);
    if (!bytes) throw new EdgeError(`${what} has ${stream.bytes} bytes, of which only an excerpt was kept`);
    return bytes;
  }
}
