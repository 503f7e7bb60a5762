/** README.txt of an archive: what it is and how to use it, for somebody who has only this file. */
import { binaryVersion, type Candidate } from "../candidate/index.ts";
import { executableName, type Platform, type Product } from "../products/index.ts";

const systems: Record<string, string> = { linux: "Linux", windows: "Windows", macos: "macOS" };

function verification(base: string, platform: Platform): string[] {
  if (platform.startsWith("windows-")) {
    return [
      `  PowerShell:  (Get-FileHash ${base}.zip -Algorithm SHA256).Hash`,
      `  and compare with the digest in ${base}.zip.sha256 (letter case does not matter).`,
    ];
  }
  return [`  ${platform.startsWith("macos-") ? "shasum -a 256" : "sha256sum"} -c ${base}.zip.sha256`];
}

function installation(base: string, platform: Platform, names: readonly string[]): string[] {
  if (platform.startsWith("windows-")) {
    return [
      `  PowerShell:  Expand-Archive ${base}.zip -DestinationPath "$env:LOCALAPPDATA\\${base}"`,
      "  and add that folder to your PATH.",
    ];
  }
  const lines = [`  unzip ${base}.zip -d ${base}`, `  ./${base}/${names[0]} --help`];
  if (platform.startsWith("macos-"))
    lines.push(`  These binaries are not notarized; after a download: xattr -dr com.apple.quarantine ${base}`);
  return lines;
}

const roles = { cli: "command", daemon: "service", desktop: "application" } as const;

/** What the system must bring besides, where the kind expects it. */
function needs(libraries: readonly string[] | undefined, platform: Platform): string[] {
  if (!libraries?.length || !platform.startsWith("linux-")) return [];
  const lines = [""];
  for (const library of libraries) {
    if (lines.at(-1)!.length + library.length > 100) lines.push("");
    lines.push(`${lines.pop()!}  ${library}`);
  }
  return ["Programs here may need these libraries of your system", "", ...lines, ""];
}

/** The archive's own installer, where it has one. */
function installer(base: string, has: boolean): string[] {
  if (!has) return [];
  return [
    "To install it",
    "",
    `  unzip -p ${base}.zip install.sh >install.sh`,
    `  sh install.sh install --archive ${base}.zip --sha256 $(cut -c 1-64 ${base}.zip.sha256)`,
    "",
    "  The same command updates an earlier version, whose state it copies first. To go back, to look and to remove:",
    "  sh install.sh rollback | status | uninstall; sh install.sh --help says more.",
    "",
  ];
}

/** Taking another version, and taking it away again. */
function upkeep(version: string, names: readonly string[], daemons: boolean): string[] {
  const stop = daemons ? "Stop the service" : "Close it";
  return [
    "To update to this version",
    "",
    `  ${stop}, and copy its state and configuration to a place of their own: an older version may not`,
    `  be able to read what ${version} has opened. Unpack this archive into a folder of its own, start it from`,
    "  there, and keep the earlier folder until you are content.",
    "",
    "To remove it",
    "",
    `  ${stop}, and delete the folder with ${names[0]}. State and configuration stay until you delete them.`,
    "",
  ];
}

/** The text, LF, wrapped by hand; `own` says whether the archive holds its installer. */
export function renderReadme(
  candidate: Candidate,
  product: Product,
  kind: string,
  platform: Platform,
  base: string,
  own = false,
): string {
  const [os = "", arch = ""] = platform.split("-");
  const keys = product.kinds[kind]!.binaries;
  const names = keys.map((key) => executableName(key, platform));
  const width = Math.max(...names.map((name) => name.length)) + 2;
  return [
    `${product.title} ${candidate.version}`,
    "",
    `Version: ${candidate.version}`,
    `Platform: ${platform} (${systems[os] ?? os} on ${arch})`,
    `Kind: ${kind}`,
    `Source: ${candidate.source.repository}${candidate.source.revision ? ` at ${candidate.source.revision}` : ""}`,
    `Licence: ${product.licence}${candidate.licence ? ", see LICENSE.txt" : ""}`,
    "",
    "In this archive",
    "",
    ...keys.map(
      (key, n) =>
        `  ${names[n]!.padEnd(width)}${roles[product.binaries[key]?.role ?? "cli"]}, version ${binaryVersion(candidate, platform, key)}`,
    ),
    `  ${"release-manifest.json and checksums.txt: what belongs here, with digests"}`,
    "",
    ...needs(product.kinds[kind]!.hostLibraries, platform),
    "Before you unpack it",
    "",
    ...verification(base, platform),
    "",
    ...installer(base, own),
    "To unpack and try it",
    "",
    ...installation(base, platform, names),
    "",
    ...(own
      ? []
      : upkeep(
          candidate.version,
          names,
          keys.some((key) => product.binaries[key]?.role === "daemon"),
        )),
    "To check an unpacked copy",
    "",
    platform.startsWith("windows-")
      ? "  Compare Get-FileHash of each file with its line in checksums.txt."
      : `  cd ${base} && ${platform.startsWith("macos-") ? "shasum -a 256" : "sha256sum"} -c checksums.txt`,
    "",
  ].join("\n");
}
