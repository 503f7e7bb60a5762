/** The output of a command while it runs: captured whole, shown as asked, and put into words when the command fails. */
import { LineSplitter } from "./engine-log.ts";
import type { Logging } from "./inputs.ts";

export interface Outputs {
  stdout: string;
  stderr: string;
}

/** Text that a failure may carry. A gRPC status travels in an HTTP/2 header, percent-encoded, and those end at 64 KiB. */
const commandChars = 3_000;
const outputChars = 12_000;

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
    const shown = commandIsSecret ? "[secret]" : JSON.stringify(shortened(command, commandChars));
    return new Error(`${cause}: running ${shown}:\n${shortened(Buffer.concat(this.both).toString("utf8"), outputChars)}`);
  }
}

/** The text, or its beginning and more of its end with a note of what is left out between. */
export function shortened(text: string, longest: number): string {
  // What is not ASCII takes up to nine characters when percent-encoded; so it counts as that many.
  const cost = Math.max(1, encodedLength(text) / (text.length * 1.5));
  const room = Math.floor(longest / cost);
  if (text.length <= room) return text;
  const head = Math.floor(room / 4);
  const tail = room - head;
  return `${text.slice(0, head).toWellFormed()}\n[... ${text.length - room} characters left out ...]\n${text.slice(-tail).toWellFormed()}`;
}

function encodedLength(text: string): number {
  let length = 0;
  for (const byte of Buffer.from(text)) length += byte >= 0x20 && byte < 0x7f && byte !== 0x25 ? 1 : 3;
  return length;
}
