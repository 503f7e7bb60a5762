/**
 * Two things that SSH can do and the library does not offer, by way of inner parts of ssh2 1.17, on which the contract
 * suite keeps an eye.
 *
 * Starting a command with environment variables that the server has agreed to: the library sends them without asking for an
 * answer, and a refused one would go unnoticed (OpenSSH takes only what AcceptEnv lists). Here each asks, and the command
 * is held back until all answers are in.
 *
 * Sending a signal to a command whose input has ended: the library drops it, though only data may not follow an end of input.
 */
import type { Client, ClientChannel } from "ssh2";

interface Inner {
  _protocol: {
    env(channel: number, name: string, value: string, wantReply: boolean): void;
    exec(channel: number, command: string, wantReply: boolean): void;
    signal(channel: number, name: string): void;
  };
  _chanMgr: { _channels: Record<number, { outgoing: { id: number }; _callbacks: ((failed: unknown) => void)[] }> };
}

/** Starts the command; answers its channel, and the names of the variables that were refused when all of `required` were taken. */
export function exec(
  client: Client,
  command: string,
  required: Record<string, string>,
  optional: Record<string, string>,
): Promise<{ channel: ClientChannel; refused: string[] }> {
  const variables = { ...optional, ...required };
  return new Promise((resolve, reject) => {
    const refused: string[] = [];
    const fail = (error: Error): void => {
      const name = refused.find((n) => n in required);
      reject(name === undefined ? error : new RefusedVariable(name));
    };
    if (Object.keys(variables).length === 0) {
      client.exec(command, (error, channel) => (error ? fail(error) : resolve({ channel, refused })));
      return;
    }
    const inner = client as unknown as Inner;
    const protocol = inner._protocol;
    const { env: sendEnv, exec: sendExec } = protocol;
    let unanswered = 0;
    let start: (() => void) | undefined;
    const answered = (): void => {
      if (unanswered > 0 || !start) return;
      if (refused.some((n) => n in required)) fail(new Error());
      else start();
    };
    protocol.env = (id, name, value) => {
      const channel = Object.values(inner._chanMgr._channels).find((c) => c?.outgoing?.id === id);
      if (!channel)
        return fail(new Error(`environment variable ${name} cannot be set: the library's channel was not found`));
      unanswered++;
      channel._callbacks.push((failed) => {
        if (failed) refused.push(name);
        unanswered--;
        answered();
      });
      sendEnv.call(protocol, id, name, value, true);
    };
    protocol.exec = (id, text, wantReply) => {
      // One connection runs one command: the library's own methods go back when it is started.
      Object.assign(protocol, { env: sendEnv, exec: sendExec });
      start = () => sendExec.call(protocol, id, text, wantReply);
      answered();
    };
    client.exec(command, { env: variables }, (error, channel) => (error ? fail(error) : resolve({ channel, refused })));
  });
}

/** Sends a signal (`TERM`, `KILL`) to the command of the channel (RFC 4254, 6.9); nothing tells whether the server obeys. */
export function signal(client: Client, channel: ClientChannel, name: string): void {
  const { outgoing } = channel as unknown as { outgoing: { id: number; state: string } };
  if (outgoing.state === "open" || outgoing.state === "eof")
    (client as unknown as Inner)._protocol.signal(outgoing.id, name);
}

/** The server refused an environment variable that the program asks for. */
export class RefusedVariable extends Error {
  override name = "RefusedVariable";
  constructor(variable: string) {
    super(`could not set environment variable ${JSON.stringify(variable)}: ssh: setenv failed`);
    this.variable = variable;
  }
  readonly variable: string;
}

/** What to do about a refused variable. */
export function refusalAdvice(name: string): string {
  return `Unable to set '${name}'. The SSH server takes only the variables that AcceptEnv in its sshd_config lists. Where a Bourne shell runs the command, prefix it instead: 'VAR=value command'.`;
}
