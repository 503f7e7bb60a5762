/** A `palyra` that is hollow where a test wants it: its answers there have the form that is asked for and nothing behind it; all else is the release's own. */
import { chmodSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LaidOut } from "./laid-out.ts";

/**
 * Runs `during` with a hollow `palyra` in the release's place. `answers` has sh text by a pattern of the whole command line; `real` in
 * it is the release's own, with the command line that it was asked by.
 */
export async function hollowed<T>(
  laid: LaidOut,
  answers: Record<string, string>,
  during: () => Promise<T>,
): Promise<T> {
  const palyra = join(laid.at.root, "current/palyra");
  renameSync(palyra, `${palyra}.real`);
  try {
    const cases = Object.entries(answers).map(([pattern, text]) => `  ${pattern}) ${text}; exit ;;`);
    writeFileSync(
      palyra,
      [
        "#!/bin/sh",
        `real() { '${palyra}.real' "$@"; }`,
        'case "$*" in',
        ...cases,
        "esac",
        `exec '${palyra}.real' "$@"`,
        "",
      ].join("\n"),
    );
    chmodSync(palyra, 0o755);
    return await during();
  } finally {
    renameSync(`${palyra}.real`, palyra);
  }
}
