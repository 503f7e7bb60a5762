/**
 * The installation's folder holds what was packed and what the installer keeps of its own, and nothing else: what a program writes
 * there is lost with the next release.
 */
import { quote } from "../checks/quote.ts";
import type { Lifecycle } from "./standard.ts";
import { releaseFolder } from "./standard-install.ts";
import type { Check } from "../checks/check.ts";

/** What the installer keeps beside the releases. */
const own = [
  "backups",
  "current",
  "install-metadata.json",
  "install-record",
  "previous",
  "release-manifest.json",
  "versions",
];

/** Names every file that is in the folder without having been packed. */
export function asPackedCheck({ subject, at }: Pick<Lifecycle, "subject" | "at">, needs: string): Check {
  const folder = releaseFolder(at, subject);
  return {
    name: "as-packed",
    needs,
    run: [
      `{ sed -n 's/^[0-9a-f]\\{64\\}  //p' ${quote(`${folder}/checksums.txt`)}; printf '%s\\n' checksums.txt install-metadata.json; } | LC_ALL=C sort >packed`,
      '[ "$(wc -l <packed)" -gt 3 ] || { echo "next to nothing was packed"; exit 1; }',
      `find ${quote(folder)} -mindepth 1 ! -type d -printf '%P\\n' | LC_ALL=C sort >there`,
      `{ LC_ALL=C comm -13 packed there | sed 's,^,${folder}/,'; find ${quote(at.root)} -mindepth 1 -maxdepth 1 -printf '%f\\n' | grep -vxE '${own.join("|").replaceAll(".", "\\.")}' | sed 's,^,${at.root}/,'; find ${quote(`${at.root}/versions`)} -mindepth 1 -maxdepth 1 ! -path ${quote(folder)}; } >found`,
      "[ -s found ] && head -n 20 found || echo nothing",
    ].join("\n"),
    expect: { stdout: { equals: "nothing" } },
  };
}
