/**
 * A lock between processes of one host that the kernel holds: a name on which one process listens. Binding it is one step, a
 * second binding is refused, and the kernel drops it with the process, however that ends. No file stands for it, so there is
 * none to be removed, to be left behind or to be taken from the dead; a child does not inherit it. Plain JavaScript without
 * dependencies, because setup runs before there are any, on every Node from 18.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { connect, createServer } from "node:net";
import { basename, dirname, join } from "node:path";

/** Where a lock is to be tried, or who listens there. @typedef {{ path: string } | { host: string, port: number }} Address */

/** The port of all locks of setup on Linux; each has an address of its own in 127.0.0.0/8. Nothing is registered for it. */
const setupPort = 27919;

/**
 * The address that stands for a lock file's path. The path itself is never made; its folder is.
 * On Linux it is a name in the abstract namespace of Unix sockets, for programs that run on a Node that knows those (20.8);
 * setup, which may run on an older one, has an address of the loopback network instead. Both are told apart by `use`, not by
 * the Node that runs, so that two Nodes never mean two locks.
 * @param {string} file
 * @param {"program" | "setup"} use
 * @param {string} [platform]
 * @returns {Address}
 */
export function lockAddress(file, use, platform = process.platform) {
  mkdirSync(dirname(file), { recursive: true });
  // By whatever way a process got to the folder, it is the same lock.
  const digest = createHash("sha256")
    .update(join(realpathSync(dirname(file)), basename(file)))
    .digest();
  const name = `greenlight-lock-${digest.toString("hex")}`;
  if (platform === "win32") return { path: `\\\\.\\pipe\\${name}` };
  if (platform !== "linux") return { host: "127.0.0.1", port: 10_000 + (digest.readUInt32BE(0) % 20_000) };
  if (use === "program") return { path: `\0${name}` };
  return { host: `127.${1 + ((digest[0] ?? 0) % 254)}.${digest[1]}.${1 + ((digest[2] ?? 0) % 254)}`, port: setupPort };
}

/**
 * Takes the lock. Whoever asks at its address is told this process and what it does.
 * @param {Address} address
 * @param {string} doing what the lock is held for, a few words
 * @returns {Promise<(() => void) | undefined>} the release, or undefined when somebody has it, this process perhaps
 * @throws the system's error when the address cannot be used at all
 */
export function takeLock(address, doing) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end(`${greeting}${JSON.stringify({ pid: process.pid, doing })}\n`);
    });
    server.once("error", (e) => {
      if (/** @type {NodeJS.ErrnoException} */ (e).code === "EADDRINUSE") resolve(undefined);
      else reject(e);
    });
    server.listen({ ...address, exclusive: true }, () => {
      server.on("error", () => undefined);
      // The lock is held as long as it is held, and keeps no process alive.
      server.unref();
      let held = true;
      resolve(() => {
        if (held) server.close();
        held = false;
      });
    });
  });
}

const greeting = "greenlight-lock/1 ";

/** @typedef {{ pid: number | undefined, doing: string | undefined }} Owner */

/**
 * Who has the lock, as it says itself; a process that is too busy to answer is looked up, where the system tells.
 * @param {Address} address
 * @param {number} [milliseconds] that it may take to answer
 * @returns {Promise<Owner | undefined>} undefined when nobody has it; without a number when it could not be told
 */
export function lockOwner(address, milliseconds = 1000) {
  return new Promise((resolve) => {
    let said = "";
    const socket = connect(address);
    /** @param {Owner | undefined} owner */
    const done = (owner) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(owner);
    };
    const silent = () => done({ pid: listenerAt(address), doing: undefined });
    const timer = setTimeout(silent, milliseconds);
    socket.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      said += text;
      if (said.length > 10_000) silent();
    });
    socket.on("error", (e) =>
      /** @type {NodeJS.ErrnoException} */ (e).code === "ECONNREFUSED" ? done(undefined) : silent(),
    );
    socket.on("end", () => {
      try {
        const { pid, doing } = JSON.parse(said.startsWith(greeting) ? said.slice(greeting.length) : "");
        if (!Number.isInteger(pid)) return silent();
        done({ pid, doing: typeof doing === "string" ? doing : undefined });
      } catch {
        silent();
      }
    });
  });
}

/**
 * The process that listens at a name of the abstract namespace, from /proc.
 * @param {Address} address
 * @returns {number | undefined}
 */
function listenerAt(address) {
  if (!("path" in address) || !address.path.startsWith("\0")) return undefined;
  try {
    const lines = readFileSync("/proc/net/unix", "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/));
    // Flags 00010000 are those of a socket that listens; connections to it have the same name.
    const inode = lines.find((fields) => fields[7] === `@${address.path.slice(1)}` && fields[3] === "00010000")?.[6];
    return inode === undefined
      ? undefined
      : readdirSync("/proc")
          .filter((name) => /^\d+$/.test(name))
          .map(Number)
          .find((pid) => holds(pid, inode));
  } catch {
    return undefined;
  }
}

/**
 * @param {number} pid
 * @param {string} inode
 */
function holds(pid, inode) {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`);
  } catch {
    return false;
  }
}

/**
 * The owner in words, for a sentence.
 * @param {Owner | undefined} owner
 */
export function ownerWords(owner) {
  const who = owner?.pid === undefined ? "a process that does not say which" : `process ${owner.pid}`;
  return owner?.doing ? `${who} (${owner.doing})` : who;
}
