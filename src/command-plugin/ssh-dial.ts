/** An SSH connection to a server, directly or through another one: verified, retried, bounded, and closed when it is done with. */
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import ssh2 from "ssh2";
import type { AuthenticationType, Client, ConnectConfig } from "ssh2";
import { LastingFault, retried } from "./backoff.ts";
import { parseHostKey } from "./host-key.ts";
import type { Connection, Endpoint } from "./inputs.ts";

/** A silent peer is asked for a sign of life every 9 s; two unanswered, and the connection is given up 27 s after the last word. */
const keepalive = { keepaliveInterval: 9_000, keepaliveCountMax: 2 };
/** A handshake ends by then even where `perDialTimeout: 0` takes every limit from the dial. */
const longestHandshakeMs = 120_000;

export interface Link {
  client: Client;
  /** `host:port`, for sentences */
  where: string;
  /** rejects, with a sentence, when the connection ends before {@link close} is called; never resolves */
  lost: Promise<never>;
  close(): void;
}

export interface DialOptions {
  signal: AbortSignal;
  status: (line: string) => void;
}

/** The words that Go's net and ssh packages have for the usual faults, which users of the real plugin know and search for. */
function inKnownWords(error: Error & { code?: string; level?: string }, where: string, methods: string[]): Error {
  const codes: Record<string, string> = {
    ECONNREFUSED: "connection refused",
    ECONNRESET: "connection reset by peer",
    EHOSTUNREACH: "no route to host",
    ENETUNREACH: "network is unreachable",
    ETIMEDOUT: "i/o timeout",
    ENOTFOUND: "lookup: no such host",
  };
  if (error.code && codes[error.code]) return new Error(`dial tcp ${where}: connect: ${codes[error.code]}`);
  if (error.level === "client-authentication") {
    return new Error(
      `ssh: handshake failed: ssh: unable to authenticate at ${where}, attempted methods [none ${methods.join(" ")}], no supported methods remain`,
    );
  }
  return new Error(`ssh: handshake failed at ${where}: ${error.message}`);
}

type Credentials = Omit<ConnectConfig, "authHandler"> & { authHandler: AuthenticationType[] };

/** How to be let in, and as whom: the private key before the password, an agent's keys last. @throws LastingFault for a key that cannot be read. */
function credentialsOf(endpoint: Endpoint): Credentials {
  const config: ConnectConfig = { username: endpoint.user };
  const methods: AuthenticationType[] = ["none"];
  if (endpoint.privateKey !== undefined) {
    const parsed = ssh2.utils.parseKey(endpoint.privateKey, endpoint.privateKeyPassword);
    if (parsed instanceof Error) throw new LastingFault(`ssh: connection.privateKey cannot be used: ${parsed.message}`);
    config.privateKey = endpoint.privateKey;
    if (endpoint.privateKeyPassword !== undefined) config.passphrase = endpoint.privateKeyPassword;
    methods.push("publickey");
  }
  if (endpoint.password !== undefined) {
    config.password = endpoint.password;
    config.tryKeyboard = true;
    methods.push("password", "keyboard-interactive");
  }
  return { ...config, authHandler: methods };
}

function reachable(socketPath: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once("connect", () => (socket.destroy(), resolve(undefined)));
    socket.once("error", resolve);
  });
}

/** Adds the agent: a named one must answer; that of SSH_AUTH_SOCK is left out when it is stale and there is another way in. */
async function withAgent(config: Credentials, endpoint: Endpoint): Promise<Credentials> {
  const socketPath = endpoint.agentSocketPath ?? process.env["SSH_AUTH_SOCK"];
  if (!socketPath) return config;
  const fault = await reachable(socketPath);
  if (fault) {
    if (endpoint.agentSocketPath === undefined && config.authHandler.length > 1) return config;
    throw new LastingFault(`dial unix ${socketPath}: the SSH agent does not answer (${fault.message})`);
  }
  return { ...config, agent: socketPath, authHandler: [...config.authHandler, "agent"] };
}

/** One try: the connection and the handshake within `perDialTimeout`, since that is what its documentation says. */
async function attempt(endpoint: Endpoint, signal: AbortSignal, through?: () => Promise<Duplex>): Promise<Client> {
  const where = `${endpoint.host}:${endpoint.port}`;
  const pinned = endpoint.hostKey === undefined ? undefined : parseHostKey(endpoint.hostKey);
  const config = await withAgent(credentialsOf(endpoint), endpoint);
  const socket: Duplex = through ? await through() : connect({ host: endpoint.host, port: endpoint.port });
  if (!through) (socket as Socket).setNoDelay(true);
  const client = new ssh2.Client();
  return await new Promise<Client>((resolve, reject) => {
    let stranger = false;
    let connected = through !== undefined;
    const limitMs = endpoint.perDialTimeout > 0 ? endpoint.perDialTimeout * 1000 : longestHandshakeMs;
    const giveUp = (error: Error): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      client.destroy();
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => {
      giveUp(
        new Error(
          connected
            ? `ssh: handshake failed: ${where} took the connection and did not answer within ${limitMs / 1000} s`
            : `dial tcp ${where}: i/o timeout after ${limitMs / 1000} s`,
        ),
      );
    }, limitMs);
    const aborted = (): void => giveUp(signal.reason as Error);
    signal.addEventListener("abort", aborted, { once: true });
    socket.once("connect", () => (connected = true));
    client.once("ready", () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      resolve(client);
    });
    // Errors may follow the first; an emitter without a listener for them would end the plugin.
    client.on("error", (error: Error & { level?: string }) => {
      if (stranger || (pinned && /host key/i.test(error.message))) {
        giveUp(
          new LastingFault(
            `ssh: handshake failed: ssh: host key mismatch: ${where} does not have the ${pinned!.type} key that connection.hostKey names`,
          ),
        );
      } else giveUp(inKnownWords(error, where, config.authHandler.slice(1)));
    });
    client.once("close", () => giveUp(new Error(`ssh: handshake failed: ${where} closed the connection`)));
    client.on("keyboard-interactive", (_name, _instructions, _language, prompts, finish) =>
      finish(prompts.map(() => endpoint.password ?? "")),
    );
    try {
      client.connect({
        ...config,
        ...keepalive,
        sock: socket,
        readyTimeout: 0,
        hostVerifier: (key: Buffer) => {
          stranger = pinned !== undefined && !pinned.blob.equals(key);
          return !stranger;
        },
        ...(pinned ? { algorithms: { serverHostKey: pinned.algorithms as never } } : {}),
      });
    } catch (e) {
      giveUp(new LastingFault(`ssh: ${(e as Error).message}`));
    }
  });
}

function linkOf(client: Client, where: string, alsoClose: Link | undefined): Link {
  let closing = false;
  let cause = "";
  const lost = new Promise<never>((_resolve, reject) => {
    client.on("error", (error) => (cause ||= error.message));
    client.once("close", () => {
      if (!closing) reject(new Error(`the connection to ${where} was lost${cause ? ` (${cause})` : ""}`));
    });
  });
  // Who waits for something races with this; when nobody waits, a loss is nobody's error.
  lost.catch(() => {});
  return {
    client,
    where,
    lost,
    close() {
      closing = true;
      client.end();
      // `end` waits for the peer to take its leave; a dead one never does.
      setTimeout(() => client.destroy(), 2_000).unref();
      alsoClose?.close();
    },
  };
}

/** Connects. @throws when the tries are used up, at once for what trying again cannot mend, and the signal's reason when that is aborted. */
export async function dial(connection: Connection, options: DialOptions): Promise<Link> {
  const retry = (what: string, limit: number) => ({ what, limit, ...options });
  const { proxy } = connection;
  if (!proxy) {
    const client = await retried(() => attempt(connection, options.signal), retry("Dial", connection.dialErrorLimit));
    return linkOf(client, `${connection.host}:${connection.port}`, undefined);
  }
  const inProxyWords = (e: unknown): never => {
    if (options.signal.aborted) throw e;
    throw new Error(`proxy: ${(e as Error).message}`);
  };
  const jumpClient = await retried(
    () => attempt(proxy, options.signal),
    retry("Dial proxy", proxy.dialErrorLimit),
  ).catch(inProxyWords);
  const jump = linkOf(jumpClient, `${proxy.host}:${proxy.port}`, undefined);
  const through = () =>
    new Promise<Duplex>((resolve, reject) => {
      jump.client.forwardOut("127.0.0.1", 0, connection.host, connection.port, (error, stream) =>
        error ? reject(error) : resolve(stream),
      );
    });
  try {
    const client = await retried(
      () => attempt(connection, options.signal, through),
      retry("Dial from proxy", connection.dialErrorLimit),
    ).catch(inProxyWords);
    return linkOf(client, `${connection.host}:${connection.port}`, jump);
  } catch (e) {
    jump.close();
    throw e;
  }
}
