/** How long to wait between tries to reach a server. */
import { setTimeout as sleep } from "node:timers/promises";

const firstMs = 100;
const factor = 1.5;
const longestMs = 5000;

/** Milliseconds to wait after try number `tried` (0 is the first): 100, 150, 225 … and at most 5000, as the real plugin waits. */
export function backoffMs(tried: number): number {
  return Math.min(longestMs, firstMs * factor ** Math.min(tried, 64));
}

/** Whether that many failed tries are more than allowed; -1 allows any number. A limit of 10 means an eleventh try and no twelfth. */
export function triesExhausted(failed: number, limit: number): boolean {
  return limit > -1 && failed > limit;
}

/** A fault that another try would meet again: a host key that is another's, a private key that cannot be read. */
export class LastingFault extends Error {
  override name = "LastingFault";
}

export interface RetryOptions {
  /** what is tried, for progress: "Dial" */
  what: string;
  /** failures allowed before the last one is thrown, -1 for any number */
  limit: number;
  signal: AbortSignal;
  status: (line: string) => void;
}

/**
 * Tries until it works. @throws the fault at once when it is a {@link LastingFault}, otherwise after the limit, as
 * "after N failed attempts: …"; the signal's reason when that is aborted.
 */
export async function retried<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let tried = 0; ; tried++) {
    options.signal.throwIfAborted();
    try {
      return await attempt();
    } catch (e) {
      options.signal.throwIfAborted();
      if (e instanceof LastingFault) throw e;
      if (triesExhausted(tried + 1, options.limit))
        throw new Error(`after ${tried} failed attempts: ${(e as Error).message}`);
    }
    options.status(`${options.what} ${tried + 1}/${options.limit === -1 ? "inf" : options.limit} failed: retrying`);
    await sleep(backoffMs(tried), undefined, { signal: options.signal }).catch(() => options.signal.throwIfAborted());
  }
}
