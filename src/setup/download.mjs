/** Downloads that give up soon: where a site cannot be reached, there is another way that only wants to be begun. */
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Until the first byte of the answer, in milliseconds. */
const ANSWER = 6_000;
/** Between two pieces of the body, in milliseconds. */
const STALL = 15_000;

/**
 * Gets a file.
 * @param {string} url
 * @param {string} file
 * @param {(text: string) => void} report
 * @throws an Error when the site does not answer in time, answers anything but 200, or falls silent
 */
export async function download(url, file, report) {
  const abort = new AbortController();
  const silent = () => abort.abort(new Error(`no answer from ${new URL(url).host}`));
  let timer = setTimeout(silent, ANSWER);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (response.status !== 200 || !response.body) throw new Error(`${new URL(url).host} answered ${response.status}`);
    const total = Number(response.headers.get("content-length") ?? 0);
    let sofar = 0;
    const watch = new Transform({
      transform(chunk, _encoding, next) {
        clearTimeout(timer);
        timer = setTimeout(silent, STALL);
        sofar += chunk.length;
        report(`downloading, ${Math.round(sofar / 1e6)}${total ? ` of ${Math.round(total / 1e6)}` : ""} MB`);
        next(null, chunk);
      },
    });
    mkdirSync(dirname(file), { recursive: true });
    await pipeline(Readable.fromWeb(/** @type {any} */ (response.body)), watch, createWriteStream(file));
  } finally {
    clearTimeout(timer);
  }
}
