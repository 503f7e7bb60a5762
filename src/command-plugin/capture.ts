/** The output of a command while it runs: captured whole, shown as asked, and put into words when the command fails. */
import { LineSplitter } from "../plugins/engine-log.ts";
import type { Logging } from "./inputs.ts";

export interface Outputs {
  stdout: string;
  stderr: string;
}

/**
 * How much a failure may carry of each, in bytes as they are sent: a gRPC status travels in an HTTP/2 header, percent-encoded,
 * and Node sends no more than 64 KiB of headers.
 */
const commandBytes = 9_000;
const outputBytes = 36_000;

export class Capture {
  private readonly stdoutChunks: Buffer[] = [];
  private readonly stderrChunks: Buffer[] = [];
  private readonly both: Buffer[] = [];
  private readonly shown: { stdout?: LineSplitter; stderr?: LineSplitter } = {};

  constructor(logging: Logging | undefined, status: (line: string) => void) {
    const mode = logging ?? "stdoutAndStderr";
    if (mode === "stdout" || mode === "stdoutAndStderr") this.shown.stdout = new LineSplitter(status);
    if (mode === "stderr" || mode === "stdoutAndStderr") this.shown.stderr = new LineSplitter(status);
  }

  stdout(chunk: Buffer): void {
    this.stdoutChunks.push(chunk);
    this.both.push(chunk);
    this.shown.stdout?.write(chunk);
  }

  stderr(chunk: Buffer): void {
    this.stderrChunks.push(chunk);
    this.both.push(chunk);
    this.shown.stderr?.write(chunk);
  }

  /** Shows what stands without a line end. */
  end(): void {
    this.shown.stdout?.end();
    this.shown.stderr?.end();
  }

  /** Both outputs, less one line end at their ends, as the real plugin gives them. */
  outputs(): Outputs {
    const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString("utf8").replace(/\n$/, "");
    return { stdout: text(this.stdoutChunks), stderr: text(this.stderrChunks) };
  }

  /**
   * The failure of a command: what ended it, the command, and its outputs as they came, in the real plugin's words.
   * A command that was given as a secret is not repeated, and what would be too long is cut in its middle.
   */
  failure(cause: string, command: string, commandIsSecret: boolean): Error {
    const shown = commandIsSecret ? "[secret]" : shortened(JSON.stringify(command), commandBytes);
    return new Error(
      `${cause}: running ${shown}:\n${shortened(Buffer.concat(this.both).toString("utf8"), outputBytes)}`,
    );
  }
}

/** What `encodeURI`, which the gRPC library uses, leaves as it is. */
const unencoded = /[A-Za-z0-9\-_.!~*'();/?:@&=+$,#]/;

/** What a UTF-16 unit takes when it is percent-encoded as UTF-8; half of a pair takes half of the pair's four bytes. */
function encodedBytes(unit: number): number {
  if (unit < 0x80) return unencoded.test(String.fromCharCode(unit)) ? 1 : 3;
  if (unit < 0x800 || (unit >= 0xd800 && unit < 0xe000)) return 6;
  return 9;
}

/** How many units, counted from the start or from the end, fit into so many bytes. */
function fitting(text: string, bytes: number, fromEnd: boolean): number {
  let count = 0;
  for (let used = 0; count < text.length; count++) {
    used += encodedBytes(text.charCodeAt(fromEnd ? text.length - 1 - count : count));
    if (used > bytes) break;
  }
  return count;
}

/** The text when it takes no more than that when percent-encoded; otherwise its beginning and more of its end, and how much is left out between. */
export function shortened(text: string, bytes: number): string {
  if (fitting(text, bytes, false) === text.length) return text;
  const head = fitting(text, bytes / 4, false);
  const tail = fitting(text, (bytes * 3) / 4, true);
  return `${text.slice(0, head).toWellFormed()}\n[... ${text.length - head - tail} characters left out ...]\n${text.slice(text.length - tail).toWellFormed()}`;
}
