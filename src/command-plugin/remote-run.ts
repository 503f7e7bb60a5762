/** Runs one command on a server over SSH: its own connection, which is closed afterwards. */
import type { ClientChannel } from "ssh2";
import { Capture, type Outputs } from "./capture.ts";
import type { Connection, Logging } from "./inputs.ts";
import type { ResourceLog } from "../plugins/engine-log.ts";
import { dial, type Link } from "./ssh-dial.ts";
import { stopCommand } from "./remote-stop.ts";

export interface Run {
  command: string;
  /** the text of the command is not to be repeated in a failure */
  commandIsSecret: boolean;
  stdin: string | undefined;
  logging: Logging | undefined;
  /** aborted by the time limit or by the person, with a sentence as its reason */
  signal: AbortSignal;
  log: ResourceLog;
}

interface Ending {
  code: number | null;
  signal?: string;
  description?: string;
}

/** Signal numbers of Linux, for the status that a shell would give: 128 and the number, as Go's ssh package counts. */
const signalNumbers: Record<string, number> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  ABRT: 6,
  FPE: 8,
  KILL: 9,
  SEGV: 11,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
};

/** What ended a command that did not succeed, in the words of Go's ssh package. */
export function exitSentence(ending: Ending): string {
  if (ending.code !== null) return `Process exited with status ${ending.code}`;
  const name = ending.signal ?? "unknown";
  return `Process exited with status ${128 + (signalNumbers[name] ?? 0)} from signal ${name}${ending.description ? `. Reason was: ${ending.description}` : ""}`;
}

function start({ client, lost }: Link, command: string): Promise<ClientChannel> {
  const channel = new Promise<ClientChannel>((resolve, reject) =>
    client.exec(command, (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  return Promise.race([channel, lost]);
}

/**
 * Runs the command to its end. @throws when it exits with another status than 0, when its connection is lost, when the
 * signal is aborted; each time with what it had printed by then.
 */
export async function runRemote(connection: Connection, run: Run): Promise<Outputs> {
  const capture = new Capture(run.logging, run.log.status);
  const fail = (cause: string): Error => capture.failure(cause, run.command, run.commandIsSecret);
  const link = await dial(connection, { signal: run.signal, status: run.log.status });
  try {
    const abort = Promise.withResolvers<never>();
    abort.promise.catch(() => {});
    const onAbort = (): void => abort.reject(run.signal.reason);
    if (run.signal.aborted) onAbort();
    run.signal.addEventListener("abort", onAbort, { once: true });
    try {
      const channel = await Promise.race([start(link, run.command), abort.promise]).catch(async (e: Error) => {
        // Aborted while the server was being asked: by now it may have started the command.
        if (run.signal.aborted) await stopCommand(link.client, new Promise(() => {}));
        throw e;
      });
      const ended = new Promise<Ending | undefined>((resolve) => {
        let ending: Ending | undefined;
        channel.on("data", (chunk: Buffer) => capture.stdout(chunk));
        channel.stderr.on("data", (chunk: Buffer) => capture.stderr(chunk));
        channel.on(
          "exit",
          (code: number | null, signal?: string, _core?: boolean, description?: string) =>
            (ending = { code, signal: signal?.replace(/^SIG/, ""), description }),
        );
        // A command that ends without reading all its input is not at fault.
        channel.on("error", () => {});
        channel.once("close", () => resolve(ending));
      });
      channel.end(run.stdin ?? "");
      let ending: Ending | undefined;
      try {
        ending = await Promise.race([ended, abort.promise]);
      } catch (reason) {
        await stopCommand(link.client, ended);
        capture.end();
        throw fail((reason as Error).message);
      }
      capture.end();
      // The channel closes with the connection: which of the two it was, the missing status tells.
      if (!ending) {
        const cause = await Promise.race([
          link.lost.catch((e: Error) => e.message),
          new Promise<string>((r) => setTimeout(r, 200, `the connection to ${link.where} was lost`)),
        ]);
        throw fail(`${cause}: the remote command exited without exit status or exit signal`);
      }
      if (ending.code !== 0) throw fail(exitSentence(ending));
      return capture.outputs();
    } finally {
      run.signal.removeEventListener("abort", onAbort);
    }
  } finally {
    link.close();
    await run.log.flushed();
  }
}
