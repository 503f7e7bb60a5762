/**
 * Which bytes this host's zlib writes. Every zlib inflates what any other deflated, and yet builds differ in how they search
 * (Node brings Chromium's; a system's Node may use the system's), so that equal contents would become other archives there.
 */
import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";

/** What Node's own builds write: 20.20 and 24.21 on x64, observed. */
export const OWN_DIALECT = "bcfdad580358d66e";

let known: string | undefined;

/** The dialect of this process: a digest of what becomes of a text that offers matches near and far, good and better. */
export function zlibDialect(): string {
  if (known === undefined) {
    const sample = Buffer.alloc(1 << 17);
    let state = 1;
    for (let n = 0; n < sample.length; n++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      // Runs copied from before, with a change now and then, between bytes of few kinds.
      sample[n] = n > 4096 && state >>> 29 > 2 ? sample[n - 1 - (((n >>> 6) * 37) % 4000)]! : state >>> 27;
    }
    known = createHash("sha256")
      .update(deflateRawSync(sample, { level: 6, memLevel: 8 }))
      .digest("hex")
      .slice(0, 16);
  }
  return known;
}
