/** Downloads that are what they should be, or none; and that give up soon: there is another way that only wants to be begun. */
import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { PINS } from "./pins.mjs";

/** Until the first byte of the answer, in milliseconds. */
const ANSWER = 6_000;
/** Between two pieces of the body, in milliseconds. */
const STALL = 15_000;

/**
 * What went wrong with a request, in words: `fetch` has "fetch failed" for everything, with the reason behind it.
 * @param {unknown} thrown
 * @param {string} host
 */
function reason(thrown, host) {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (cause);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `the name ${host} cannot be resolved`;
  return message.includes(host) ? message : `${host}: ${message}`;
}

/**
 * Gets a file whose SHA-256 is pinned.
 * @param {string} url
 * @param {string} file
 * @param {(text: string) => void} report
 * @param {Readonly<Record<string, string>>} [pins] SHA-256 by the last part of the address
 * @throws an Error, with why as a clause, when there is no pin, when the site does not answer in time, answers anything but
 *   200 or falls silent, and when what came is not what was pinned; no file is left then
 */
export async function download(url, file, report, pins = PINS) {
  const { host, pathname } = new URL(url);
  const name = basename(pathname);
  const pinned = pins[name];
  if (!pinned) throw new Error(`the SHA-256 of ${name} is not pinned in src/setup/pins.mjs`);
  const abort = new AbortController();
  const silent = () => abort.abort(new Error(`no answer from ${host}`));
  let timer = setTimeout(silent, ANSWER);
  const hash = createHash("sha256");
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (response.status !== 200 || !response.body) throw new Error(`${host} answered ${response.status}`);
    const total = Number(response.headers.get("content-length") ?? 0);
    let sofar = 0;
    const watch = new Transform({
      transform(chunk, _encoding, next) {
        clearTimeout(timer);
        timer = setTimeout(silent, STALL);
        sofar += chunk.length;
        hash.update(chunk);
        report(`downloading, ${Math.round(sofar / 1e6)}${total ? ` of ${Math.round(total / 1e6)}` : ""} MB`);
        next(null, chunk);
      },
    });
    mkdirSync(dirname(file), { recursive: true });
    await pipeline(Readable.fromWeb(/** @type {any} */ (response.body)), watch, createWriteStream(file));
    const digest = hash.digest("hex");
    if (digest !== pinned) throw new Error(`${name} from ${host} has SHA-256 ${digest}, and ${pinned} is pinned`);
  } catch (e) {
    rmSync(file, { force: true });
    throw new Error(reason(e, host));
  } finally {
    clearTimeout(timer);
  }
}
