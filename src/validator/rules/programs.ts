/** Rules about the programs in an archive: all that the kind has, no other, as the manifest says, and for its platform. */
import { strangersOf } from "../../candidate/index.ts";
import {
  binaryFaults,
  expectedLibraries,
  expectedPrograms,
  neededBy,
  scriptFaults,
  type HeaderFacts,
} from "../../binaries/index.ts";
import { executableName, targetsOf } from "../../products/index.ts";
import { entriesByPath } from "../by-path.ts";
import { MANIFEST, type Content, type Entry } from "../content.ts";
import { everything, type Found, type Rule } from "../rule.ts";
import { programs } from "./names.ts";

const anew = "pack it again with `greenlight`";

/** File names of the kind's programs on the manifest's platform, in order; undefined where manifest or kind is not known. */
function kindPrograms({ manifest, product, upstream }: Content): { key: string; file: string }[] | undefined {
  if (!manifest?.value || !product) return undefined;
  const { artifact_kind: kind, platform } = manifest.value;
  const known = Object.hasOwn(product.kinds, kind)
    ? kind
    : upstream
      ? product.upstreamValidator?.otherKinds
      : undefined;
  return known === undefined
    ? undefined
    : product.kinds[known]!.binaries.map((key) => ({ key, file: executableName(key, platform) }));
}

function missing(content: Content): Found[] {
  const there = entriesByPath(content);
  return (kindPrograms(content) ?? [])
    .filter(({ file }) => !there.has(file))
    .map(({ key, file }): Found => {
      const kind = content.manifest!.value!.artifact_kind;
      const bare = withoutExe(content, key, file);
      if (bare !== undefined)
        return {
          entry: bare,
          found: `is a program of Windows whose name does not end in .exe, without which Windows does not start it: ${kind} has it as ${file}`,
        };
      return { entry: file, found: `is missing, and ${kind} has it` };
    });
}

/** The path of a program that lies there under its name, but for the .exe that Windows asks for. */
function withoutExe({ entries }: Content, key: string, file: string): string | undefined {
  if (!file.endsWith(".exe")) return undefined;
  return entries.find(
    ({ path, content: read }) => path.toLowerCase() === key.toLowerCase() && read?.binary?.os === "windows",
  )?.path;
}

function listing(content: Content): Found[] {
  const wanted = kindPrograms(content);
  if (!wanted) return [];
  const say = (list: readonly { key: string; file: string }[]): string =>
    list.map(({ key, file }) => (key === file ? key : `${key} (${file})`)).join(", ") || "none";
  const listed = content.manifest!.value!.binaries.map(({ logical_name: key, file_name: file }) => ({ key, file }));
  return JSON.stringify(listed) === JSON.stringify(wanted)
    ? []
    : [
        {
          entry: MANIFEST,
          found: `lists the binaries ${say(listed)}, and ${content.manifest!.value!.artifact_kind} has ${say(wanted)}, in this order`,
        },
      ];
}

function digests(content: Content): Found[] {
  const byPath = entriesByPath(content);
  return (content.manifest?.value?.binaries ?? []).flatMap(({ file_name: path, sha256, size_bytes: size }): Found[] => {
    const entry = byPath.get(path);
    if (!entry?.content || (entry.content.sha256 === sha256 && entry.size === size)) return [];
    return [
      {
        entry: path,
        found: `has SHA-256 ${entry.content.sha256} and ${entry.size} bytes, and the manifest says ${sha256} and ${size}`,
      },
    ];
  });
}

const described = ({ format, os, architectures }: HeaderFacts): string =>
  `a program for ${os} on ${architectures.join(" and ")} (${format})`;

/** Paths of the libraries that a program loads from the archive: they come with it. */
function librariesOf(path: string, { entries }: Content): string[] {
  const facts = entries.find((entry) => entry.path === path)?.facts;
  const byPath = new Map(entries.flatMap((entry) => (entry.facts ? [[entry.path, entry.facts] as const] : [])));
  return facts ? neededBy(path, facts, (at) => byPath.get(at)).own : [];
}

/** Products that have rules for their payload list every program; others may bring further ones as assets. */
function unlisted(content: Content): Found[] {
  if (!content.product?.payload || !content.manifest?.value) return [];
  const wanted = kindPrograms(content) ?? [];
  const there = entriesByPath(content);
  const known = programs(content);
  for (const { key, file } of wanted) {
    for (const path of librariesOf(file, content)) known.add(path);
    // What only lacks its .exe is said of the program that is missing.
    const bare = there.has(file) ? undefined : withoutExe(content, key, file);
    if (bare !== undefined) known.add(bare);
  }
  return content.entries
    .filter(({ path, content: read }) => read?.binary && !known.has(path))
    .map(({ path, content: read }) => ({
      entry: path,
      found: `is ${described(read!.binary!)} that the manifest does not list`,
    }));
}

function platformFault({ path, content: read }: Entry, { manifest, product }: Content): Found[] {
  const platform = manifest!.value!.platform;
  const [os = "", arch = ""] = platform.split("-");
  const binary = read!.binary;
  if (!binary && read!.script && !product?.payload && os !== "windows") return [];
  if (!binary)
    return [
      {
        entry: path,
        found: `is ${read!.script ? "a script, and " : ""}no program that Linux, macOS or Windows can run (neither ELF, Mach-O nor PE)`,
      },
    ];
  return binary.os === os && binary.architectures.includes(arch)
    ? []
    : [{ entry: path, found: `is ${described(binary)}, and the archive is for ${platform}` }];
}

function otherPlatform(content: Content): Found[] {
  const listed = programs(content);
  return content.entries
    .filter(({ path, content: read }) => read && listed.has(path))
    .flatMap((entry) => platformFault(entry, content));
}

/** What keeps the listed programs from starting, as `candidate check` says it of them; those for another platform are said already. */
function cannotStart(content: Content): Found[] {
  const { manifest, product, entries } = content;
  if (!manifest?.value) return [];
  const { platform, binaries } = manifest.value;
  const byPath = new Map(entries.flatMap(({ path, facts }) => (facts ? [[path, facts] as const] : [])));
  return binaries.flatMap(({ logical_name: name, file_name: path }): Found[] => {
    const entry = entries.find((e) => e.path === path);
    const facts = byPath.get(path);
    if (!entry?.content || !facts || platformFault(entry, content).length > 0) return [];
    const expected = product ? expectedLibraries(product, name) : [];
    return binaryFaults(facts, {
      platform,
      targets: targetsOf(platform),
      expected,
      path,
      inside: (at) => byPath.get(at),
    }).map((found) => ({ entry: path, found }));
  });
}

/** Every script, whether or not it is listed: an archive has each as executable. */
function scriptsThatCannotStart({ manifest, product, entries }: Content): Found[] {
  const platform = manifest?.value?.platform;
  if (!platform) return [];
  const programs = product ? expectedPrograms(product) : [];
  return entries.flatMap(({ path, content: read }) =>
    read?.script
      ? scriptFaults(read.script, platform, targetsOf(platform), programs).map((found) => ({ entry: path, found }))
      : [],
  );
}

/** An installed folder's `service/` is the installer's own, and names the same programs by where they were installed. */
function unitsOfStrangers(content: Content): Found[] {
  if (!content.product?.payload || !content.manifest?.value) return [];
  // Units are for Linux, and have names without .exe in every archive.
  const own = new Set([...programs(content)].map((file) => file.replace(/\.exe$/, "")));
  return [...content.units].flatMap(([path, unit]) =>
    strangersOf(unit, own).map((file) => ({
      entry: path,
      found: `starts ${file}, which is no program of the archive`,
    })),
  );
}

export const programRules: Rule[] = [
  {
    id: "required-binaries",
    title: "Every program of the kind is there, by its name on the platform",
    protects: "from releases that lack a program",
    remedy: "bring the binary in the candidate and pack again",
    of: everything,
    upstream: 7,
    find: missing,
  },
  {
    id: "manifest-binaries",
    title: "The manifest lists exactly the kind's programs, in the product's order",
    protects: "installers that go by this list",
    remedy: anew,
    of: everything,
    find: listing,
  },
  {
    id: "binary-digests",
    title: "Programs have the digest and size that the manifest says",
    protects: "from programs that were changed",
    remedy: anew,
    of: everything,
    find: digests,
  },
  {
    id: "unit-programs",
    title: "Every systemd unit starts a program that the archive has (products with payload rules)",
    protects: "operators from units that fail wherever they are enabled",
    remedy: "leave the unit out of the candidate, or bring its program",
    of: everything,
    find: unitsOfStrangers,
  },
  {
    id: "unlisted-binaries",
    title: "There are no programs but those that the manifest lists (products with payload rules)",
    protects: "from programs that nobody looked at",
    remedy: "leave it out, or add it to the product's kinds",
    of: everything,
    find: unlisted,
  },
  {
    id: "binary-starts",
    title:
      "Programs are whole, programs, and find their loader, libraries and glibc on the platform's targets, or libraries in the archive by their own search path; for macOS on arm64 they are signed",
    protects: "from programs that do not start",
    remedy: "build it for the platform and its targets",
    of: everything,
    find: cannotStart,
  },
  {
    id: "script-starts",
    title:
      "The first line of every script names a program that is there: absolute, on the platform's targets, and without a carriage return (but for Windows, which reads no first lines)",
    protects: "from scripts that do not start",
    remedy: "mend its first line in the candidate and pack again",
    of: everything,
    find: scriptsThatCannotStart,
  },
  {
    id: "binary-platform",
    title:
      "Programs are for the archive's system and processor, as their ELF, Mach-O or PE header says; products without payload rules may have scripts, but for Windows",
    protects: "from programs that do not start",
    remedy: "bring the binary for that platform",
    of: everything,
    find: otherPlatform,
  },
];
