/** Copies a file, a text or a folder to a server by SFTP, with the directory rules of the real plugin. */
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { posix } from "node:path";
import type { SFTPWrapper, Stats } from "ssh2";
import type { CopyToRemoteInputs } from "./inputs.ts";
import type { ResourceLog } from "../plugins/engine-log.ts";
import { dial, type Link } from "./ssh-dial.ts";
import { isAsset } from "./wire.ts";

/** SFTP status of a path that is not there (draft-ietf-secsh-filexfer-02, 7). */
const noSuchFile = 2;

/** The server's file operations as promises that also end when the connection is lost or the call is aborted. */
class Remote {
  private readonly sftp: SFTPWrapper;
  private readonly ended: Promise<never>;

  constructor(sftp: SFTPWrapper, ended: Promise<never>) {
    this.sftp = sftp;
    this.ended = ended;
  }

  private call<T>(
    what: string,
    start: (done: (error: Error | null | undefined, value?: T) => void) => void,
  ): Promise<T> {
    const done = new Promise<T>((resolve, reject) => {
      start((error, value) =>
        error
          ? reject(Object.assign(new Error(`${what}: ${error.message}`), { code: (error as { code?: number }).code }))
          : resolve(value as T),
      );
    });
    return Promise.race([done, this.ended]);
  }

  /** undefined when there is nothing by that name */
  async stat(path: string): Promise<Stats | undefined> {
    try {
      return await this.call<Stats>(`failed to stat remote path ${path}`, (done) => this.sftp.stat(path, done));
    } catch (e) {
      if ((e as { code?: number }).code === noSuchFile) return undefined;
      throw e;
    }
  }

  /** Makes the folder and those above it where they are missing. */
  async makeFolder(path: string): Promise<void> {
    const there = await this.stat(path);
    if (there?.isDirectory()) return;
    if (there) throw new Error(`remote path ${path} exists but is not a directory`);
    const above = posix.dirname(path);
    if (above !== path && above !== ".") await this.makeFolder(above);
    try {
      await this.call<void>(`failed to create remote directory ${path}`, (done) => this.sftp.mkdir(path, done));
    } catch (e) {
      // Another copy to the same machine may have made it in between.
      if (!(await this.stat(path))?.isDirectory()) throw e;
    }
  }

  putFile(local: string, remote: string, progress: (bytes: number) => void): Promise<void> {
    return this.call(`failed to copy file ${local} to remote path ${remote}`, (done) =>
      this.sftp.fastPut(local, remote, { step: (total) => progress(total) }, done),
    );
  }

  putText(text: string, remote: string): Promise<void> {
    return this.call(`failed to write text content to remote path ${remote}`, (done) =>
      this.sftp.writeFile(remote, text, done as never),
    );
  }
}

async function copyFolder(
  remote: Remote,
  folder: string,
  to: string,
  progress: (bytes: number) => void,
): Promise<void> {
  await remote.makeFolder(to);
  for (const name of readdirSync(folder).sort()) {
    const from = join(folder, name);
    const target = posix.join(to, name);
    // A link to a file is copied as the file; a link to a folder is not followed, since it may lead anywhere, and said so.
    if (statSync(from).isDirectory()) {
      if (isLink(folder, name))
        throw new Error(`failed to copy file ${from} to remote path ${target}: it is a link to a folder`);
      await copyFolder(remote, from, target, progress);
    } else await remote.putFile(from, target, progress);
  }
}

function isLink(folder: string, name: string): boolean {
  return readdirSync(folder, { withFileTypes: true }).some((entry) => entry.name === name && entry.isSymbolicLink());
}

/**
 * source | destination is a folder | is not there | is a file
 * dir    | dest/dir                | dest/dir     | error
 * dir/   | dest/*                  | dest/*       | error
 * file   | dest/file               | dest         | dest, overwritten
 * text   | error                   | dest         | dest, overwritten
 */
async function place(remote: Remote, inputs: CopyToRemoteInputs, progress: (bytes: number) => void): Promise<void> {
  const { source, remotePath } = inputs;
  const there = await remote.stat(remotePath);
  if (isAsset(source) && source.text !== undefined) {
    if (there?.isDirectory())
      throw new Error(
        `remote path ${remotePath} is a directory; when using a text asset, remotePath must be a file path`,
      );
    await remote.makeFolder(posix.dirname(remotePath));
    await remote.putText(source.text, remotePath);
    return;
  }
  const path = source.path!;
  const local = statSync(path, { throwIfNoEntry: false });
  if (!local) throw new Error(`open ${path}: no such file or directory`);
  if (local.isDirectory()) {
    if (there && !there.isDirectory()) throw new Error(`remote path ${remotePath} exists but is not a directory`);
    await copyFolder(remote, path, path.endsWith("/") ? remotePath : posix.join(remotePath, basename(path)), progress);
    return;
  }
  const target = there?.isDirectory() ? posix.join(remotePath, basename(path)) : remotePath;
  if (target === remotePath) await remote.makeFolder(posix.dirname(target));
  await remote.putFile(path, target, progress);
}

function openSftp(link: Link): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) =>
    link.client.sftp((error, sftp) =>
      error ? reject(new Error(`${link.where} offers no SFTP: ${error.message}`)) : resolve(sftp),
    ),
  );
}

/** Copies the source of the inputs. @throws with a sentence when it cannot; a file that was being written then is unfinished. */
export async function copyToRemote(
  inputs: CopyToRemoteInputs,
  options: { signal: AbortSignal; log: ResourceLog },
): Promise<void> {
  const { signal, log } = options;
  const link = await dial(inputs.connection, { signal, status: log.status });
  try {
    const aborted = new Promise<never>((_resolve, reject) => {
      const abort = (): void => reject(signal.reason as Error);
      signal.addEventListener("abort", abort, { once: true });
      if (signal.aborted) abort();
    });
    aborted.catch(() => {});
    const ended = Promise.race([aborted, link.lost]);
    ended.catch(() => {});
    const remote = new Remote(await Promise.race([openSftp(link), ended]), ended);
    let told = Date.now();
    await place(remote, inputs, (bytes) => {
      if (Date.now() - told < 2_000) return;
      told = Date.now();
      log.status(`${(bytes / 1e6).toFixed(1)} MB of a file copied`);
    });
  } finally {
    link.close();
    await log.flushed();
  }
}
