/**
 * The installation's folder holds what was packed and what the installer keeps of its own, and nothing else: what a program writes
 * there is lost with the next release.
 */
import { posix } from "node:path";
import { z } from "zod";
import { releaseFolder, type Lifecycle } from "./lifecycle.ts";
import type { Check } from "../checks/check.ts";
import { judge, listed, unless } from "../checks/judging.ts";

/** What the installer keeps beside the releases. */
const own = ["backups", "current", "install-metadata.json", "install-record", "previous", "release-manifest.json"];

/** What lies in a release without a checksum. */
const unlisted = ["checksums.txt", "install-metadata.json"];

/** Names every file that is in the folder without having been packed. */
export function asPackedCheck({ subject, at }: Pick<Lifecycle, "subject" | "at">, needs: string): Check {
  const release = releaseFolder(at, subject);
  return {
    name: "as-packed",
    needs,
    run: [],
    steps: [
      { id: "packed", run: ["cat", `${release}/checksums.txt`] },
      { id: "there", run: ["find", at.root, "-mindepth", "1", "-printf", "%y %p\\n"] },
    ],
    expect: { judge: { name: "as-packed", given: { root: at.root, release } } },
  };
}

/** Looks at a listing of `root` (type and path a line) by the checksums of the files packed in `release`, a folder below it. */
export const asPackedJudge = judge(
  z.strictObject({ root: z.string(), release: z.string() }),
  ({ root, release }, outputs) => {
    const sums = outputs.own.step("packed").stdout.matchAll(/^[0-9a-f]{64} {2}(.+)$/gm);
    const packed = new Set([...sums].map(([, path]) => `${release}/${path}`));
    if (packed.size < 2) return unless(false, "a list of what was packed", "next to nothing was packed");
    const known = new Set([
      ...packed,
      ...unlisted.map((name) => `${release}/${name}`),
      ...own.map((name) => `${root}/${name}`),
      posix.dirname(release),
      release,
    ]);
    const lines = outputs.own
      .step("there")
      .stdout.split("\n")
      .filter((line) => line !== "");
    const belongs = (type: string, path: string): boolean =>
      known.has(path) || path.startsWith(`${root}/backups/`) || (type === "d" && path.startsWith(`${release}/`));
    const strays = lines.flatMap((line) => (belongs(line[0]!, line.slice(2)) ? [] : [line.slice(2)]));
    // What lies in a stray folder goes without saying.
    const found = strays.filter((path) => !strays.includes(posix.dirname(path))).sort();
    return unless(found.length === 0, `nothing in ${root} but what was packed`, listed(found));
  },
);
