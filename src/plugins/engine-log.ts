/** What the person sees while a command runs: lines sent to the engine, beside the resource they belong to. */
import { StringDecoder } from "node:string_decoder";
import { credentials } from "@grpc/grpc-js";
import enginePb from "@pulumi/pulumi/proto/engine_pb.js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";

/** A longer line is shown in pieces: the engine's display has no use for more, and its message size has a limit. */
const longestLine = 8 * 1024;
/** As much text as goes into one message when lines come faster than the engine takes them. */
const batchChars = 8 * 1024;
/** Lines that wait for a slow engine; beyond that the oldest are dropped and counted. The captured outputs lose nothing. */
const longestQueue = 10_000;

type Severity = "info" | "warning" | "error";

/** The engine's end of the log. Without an address (a plugin started by hand) it swallows everything. */
export class EngineLog {
  private readonly client;

  constructor(address: string | undefined) {
    this.client =
      address === undefined ? undefined : new engineGrpc.EngineClient(address, credentials.createInsecure());
  }

  /** Sends one message; a failure to log never fails a command. Resolves when the engine has it. */
  send(severity: Severity, message: string, urn: string, ephemeral: boolean): Promise<void> {
    if (!this.client) return Promise.resolve();
    const severities = {
      info: enginePb.LogSeverity.INFO,
      warning: enginePb.LogSeverity.WARNING,
      error: enginePb.LogSeverity.ERROR,
    };
    const request = new enginePb.LogRequest();
    request.setSeverity(severities[severity]);
    // A NUL or a lone surrogate cannot be carried in a protobuf string that others will read.
    request.setMessage(message.toWellFormed().replaceAll("\0", "\\0"));
    request.setUrn(urn);
    request.setEphemeral(ephemeral);
    const deadline = new Date(Date.now() + 5000);
    return new Promise((resolve) => this.client!.log(request, { deadline } as never, () => resolve()));
  }
}

/** The log of one resource. Lines go out one after another; what gathers meanwhile goes together. */
export class ResourceLog {
  private readonly log: EngineLog;
  private readonly urn: string;
  private readonly waiting: string[] = [];
  private sending: Promise<void> | undefined;
  private dropped = 0;

  constructor(log: EngineLog, urn: string) {
    this.log = log;
    this.urn = urn;
  }

  /** Shows a passing line: the engine keeps it only while the resource is at work. */
  readonly status = (line: string): void => {
    for (let at = 0; at === 0 || at < line.length; at += longestLine)
      this.waiting.push(line.slice(at, at + longestLine));
    while (this.waiting.length > longestQueue) {
      this.waiting.shift();
      this.dropped++;
    }
    this.sending ??= this.drain();
  };

  /** Says something that stays. */
  readonly warn = (message: string): void => void this.log.send("warning", message, this.urn, false);
  readonly error = (message: string): void => void this.log.send("error", message, this.urn, false);

  /** Resolves when everything shown so far has reached the engine. */
  async flushed(): Promise<void> {
    while (this.sending) await this.sending;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      let batch = this.dropped > 0 ? `(${this.dropped} lines are not shown)\n` : "";
      this.dropped = 0;
      do batch += `${batch === "" || batch.endsWith("\n") ? "" : "\n"}${this.waiting.shift()}`;
      while (this.waiting.length > 0 && batch.length + this.waiting[0]!.length < batchChars);
      await this.log.send("info", batch, this.urn, true);
    }
    this.sending = undefined;
  }
}

/** Cuts a stream of bytes into lines for a log, whatever their length: a stream without line ends costs memory for one piece only. */
export class LineSplitter {
  private readonly decoder = new StringDecoder("utf8");
  private readonly line: (text: string) => void;
  private rest = "";

  constructor(line: (text: string) => void) {
    this.line = line;
  }

  write(chunk: Buffer): void {
    const lines = (this.rest + this.decoder.write(chunk)).split("\n");
    this.rest = lines.pop()!;
    for (const line of lines) this.line(line.replace(/\r$/, ""));
    while (this.rest.length > longestLine) {
      this.line(this.rest.slice(0, longestLine));
      this.rest = this.rest.slice(longestLine);
    }
  }

  end(): void {
    const last = this.rest + this.decoder.end();
    if (last !== "") this.line(last);
    this.rest = "";
  }
}
