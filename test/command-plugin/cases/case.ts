/** One case of the contract between the engine and a command plugin, and what it is given. */
import type { PluginClient } from "../plugin-client.ts";
import type { Sshd } from "../sshd.ts";
import { signatureKey, signatures, type Properties } from "../../../src/command-plugin/wire.ts";

export interface World {
  plugin: PluginClient;
  sshd: Sshd;
  /** a folder of this case's own, removed after it */
  folder: string;
  /** a connection to the server, host key checked; with what is given put over it */
  connection(over?: Properties): Properties;
}

export interface Case {
  name: string;
  /** what the real plugin 1.2.1 is known to do here instead; the case is then not run against it */
  real?: string;
  /** takes tens of seconds of waiting: runs beside the others, with a plugin of its own */
  slow?: true;
  run(world: World): Promise<void>;
}

export const remoteCommand = "command:remote:Command";
export const copyToRemote = "command:remote:CopyToRemote";

/** What a call fails with. @throws when it does not fail. */
export async function failureOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (e) {
    return (e as { details?: string }).details ?? (e as Error).message;
  }
  throw new Error("the call succeeded, and should have failed");
}

/** How long a call takes, in milliseconds, whether it fails or not. */
export async function took(call: Promise<unknown>): Promise<number> {
  const before = Date.now();
  await call.catch(() => {});
  return Date.now() - before;
}

export const asset = (
  content: { path: string; hash: string } | { text: string; hash: string } | { uri: string; hash: string },
): Properties => ({ [signatureKey]: signatures.asset, ...content });
export const archive = (
  content: { path: string; hash: string } | { assets: Properties; hash: string },
): Properties => ({ [signatureKey]: signatures.archive, ...content });
export const asSecret = (value: unknown): Properties => ({ [signatureKey]: signatures.secret, value });
