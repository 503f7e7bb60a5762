/** What the programs of a release need of the machine's own libraries: read from the programs, told to operators, looked for by deploy. */
import { compareLibraryVersions, surveyBinaries } from "../binaries/index.ts";
import type { Candidate } from "../candidate/index.ts";
import { shellWord } from "../installer/index.ts";
import type { Platform, Product } from "../products/index.ts";

export interface Needs {
  /** sonames, in order; none for programs that bring all of theirs */
  libraries: readonly string[];
  /** oldest version of glibc that has what they ask for; null when they ask for nothing of it */
  glibc: string | null;
}

/** Of all programs of the kind; those that cannot be read are what checking the candidate is about. */
export async function recipeNeeds(
  folder: string,
  candidate: Candidate,
  product: Product,
  kind: string,
  platform: Platform,
): Promise<Needs> {
  const { binaries } = await surveyBinaries(folder, candidate, product, product.kinds[kind]!.binaries, platform);
  const versions = binaries.flatMap(({ needs }) => (needs.glibc ? [needs.glibc.version] : []));
  return {
    libraries: [...new Set(binaries.flatMap(({ needs }) => needs.libraries))].sort(),
    glibc: versions.sort(compareLibraryVersions).at(-1) ?? null,
  };
}

/** How the loader's cache marks libraries for the platform's processor: there may be others of the same name. */
const marks: Readonly<Record<string, string>> = { "linux-x64": "libc6,x86-64", "linux-arm64": "libc6,AArch64" };

/** sh lines that end with exit code 3 where something is missing. Where the loader cannot be asked, nothing is. */
export function lookForNeeds({ libraries, glibc }: Needs, platform: string, base: string): string[] {
  const mark = marks[platform];
  const ldconfig = (option: string): string => `PATH=$PATH:/usr/sbin:/sbin ldconfig ${option} 2>/dev/null`;
  const nothing = "nothing was changed (README.md lists all that the machine needs).";
  const version = [
    `glibc=$(${ldconfig("--version")} | sed -n '1s/.* //p')`,
    "case $glibc in",
    "  [0-9]*)",
    `    [ "$(printf '%s\\n' ${shellWord(glibc ?? "")} "$glibc" | sort -V | head -n 1)" = ${shellWord(glibc ?? "")} ] || {`,
    `      echo "\${0##*/}: this machine has glibc $glibc, and the programs of "${shellWord(base)}" need ${glibc} or newer, which a newer system has; ${nothing}" >&2`,
    "      exit 3",
    "    }",
    "    ;;",
    "esac",
  ];
  const each = [
    `known=$(${ldconfig("-p")}) || known=`,
    "tab=$(printf '\\t')",
    "missing=",
    `for library in ${libraries.map(shellWord).join(" ")}; do`,
    `  case $known in *"$tab$library (${mark}"*) ;; *) missing="$missing $library" ;; esac`,
    "done",
    '[ -z "$known" ] || [ -z "$missing" ] || {',
    `  echo "\${0##*/}: this machine lacks$missing, which the programs of "${shellWord(base)}" need; install that with the system's own packages; ${nothing}" >&2`,
    "  exit 3",
    "}",
  ];
  return [...(glibc === null ? [] : version), ...(libraries.length === 0 || mark === undefined ? [] : each)];
}
