/** Rules about what is in an archive besides programs: what must be there, what must not, and that checksums.txt covers it all. */
import { fitsAny, installersOwn } from "../../candidate/index.ts";
import { entriesByPath, statedDigests } from "../by-path.ts";
import { CHECKSUMS, INSTALLED, type Content, type Entry } from "../content.ts";
import { payloadRules } from "../payload-rules.ts";
import { everything, ofEach, type Found, type Rule } from "../rule.ts";

const seal = "pack it again with `greenlight`; if it was downloaded, get it again from its publisher";

/** Whether an installer wrote it: the metadata, and units of what the kind has; anything else below `service/` is nobody's. */
function installers({ kind, upstream, product, manifest }: Content): (path: string) => boolean {
  if (kind !== "installed" || upstream) return () => false;
  const { services = [], binaries = [] } = product?.kinds[manifest?.value?.artifact_kind ?? ""] ?? {};
  const units = new Set([...services.map(({ name }) => name), ...binaries].map((name) => `service/${name}.service`));
  return (path) => path === INSTALLED || units.has(path);
}

/** Files that are payload: an installer's own are not, once it has installed. */
function payload(content: Content): Entry[] {
  const own = installers(content);
  return content.entries.filter(({ path, type }) => type === "file" && !own(path));
}

/** What an archive brings under names that are an installer's: in a folder, checksums.txt tells who wrote it. */
function broughtForInstallers({ kind, entries, checksums }: Content): Found[] {
  const brought = new Set<string>();
  // An exact list names the very entries.
  for (const { path } of kind === "archive" || checksums?.exact ? entries : [])
    if (installersOwn(path)) brought.add(path);
  for (const { path } of checksums?.lines ?? []) if (installersOwn(path)) brought.add(path);
  return [...brought].map((entry) => ({ entry, found: "has a name under which installers write" }));
}

function required(content: Content): Found[] {
  const exe = content.manifest?.value?.platform.startsWith("windows-") ? ".exe" : "";
  const there = entriesByPath(content);
  return payloadRules(content)
    .required.map((path) => path.replaceAll("{exe}", exe))
    .filter((path) => !there.has(path))
    .map((entry) => ({ entry, found: "is missing" }));
}

function forbiddenNames(content: Content): Found[] {
  const forbidden = fitsAny(payloadRules(content).forbiddenNames);
  return ofEach(payload(content), ({ path }) => {
    const pattern = forbidden(path.slice(path.lastIndexOf("/") + 1));
    return pattern === undefined ? undefined : `has a name that never belongs in a release (${pattern})`;
  });
}

function forbiddenFragments(content: Content): Found[] {
  const fragments = payloadRules(content).forbiddenFragments.map((fragment) => ({
    fragment,
    start: `${content.upstream ? "" : "/"}${fragment.toLowerCase()}`,
  }));
  return ofEach(payload(content), ({ path }) => {
    // The first validator took any part of a name for a folder: `mydist/` for `dist/`.
    const text = content.upstream ? path.toLowerCase() : `/${path.toLowerCase()}`;
    const found = fragments.find(({ start }) => text.includes(start));
    return found === undefined ? undefined : `lies in a folder that never belongs in a release (${found.fragment})`;
  });
}

function wrongDigests(content: Content): Found[] {
  if (!content.checksums || content.checksums.exact) return [];
  const stated = statedDigests(content);
  const all: Found[] = [];
  for (const { path, content: read } of content.entries) {
    const wanted = stated.get(path);
    if (wanted === undefined || !read || read.sha256 === wanted || path === CHECKSUMS) continue;
    all.push({ entry: path, found: `has SHA-256 ${read.sha256}, and checksums.txt says ${wanted}` });
  }
  return all;
}

function withoutLine(content: Content): Found[] {
  if (!content.checksums || content.checksums.exact) return [];
  const stated = statedDigests(content);
  return payload(content)
    .filter(({ path }) => path !== CHECKSUMS && !stated.has(path))
    .map(({ path }) => ({ entry: path, found: "has no line in checksums.txt" }));
}

function withoutFile(content: Content): Found[] {
  if (!content.checksums || content.checksums.exact) return [];
  const there = entriesByPath(content);
  return content.checksums.lines
    .filter(({ path }) => !there.has(path))
    .map(({ path, number }) => ({ entry: CHECKSUMS, found: `lists ${path} in line ${number}, which is not there` }));
}

const about = (entry: string, list: readonly string[]): Found[] => list.map((found) => ({ entry, found }));

/** Whether the reader saw the file: then its own problem explains why there is no text of it. */
export function isThere(content: Content, path: string): boolean {
  return entriesByPath(content).has(path);
}

/** Nothing is said of what an archive lacks when not even its directory could be read. */
export function unreadable({ entries, kind, problems }: Content): boolean {
  return kind === "archive" && entries.length === 0 && problems.length > 0;
}

export const payloadChecks: Rule[] = [
  {
    id: "required-files",
    title: "Every file that the product promises is there",
    protects: "operators who look for what the documentation names",
    remedy: "add it to the candidate and pack again",
    of: everything,
    upstream: 5,
    find: (content) => (unreadable(content) ? [] : required(content)),
  },
  {
    id: "forbidden-names",
    title: "No file has a name that state, logs or support bundles have",
    protects: "somebody's data from being published",
    remedy: "leave it out of the candidate and pack again",
    of: everything,
    upstream: 8,
    find: forbiddenNames,
  },
  {
    id: "forbidden-folders",
    title: "No file lies in a folder of profiles, downloads or build results",
    protects: "somebody's data from being published",
    remedy: "leave it out of the candidate and pack again",
    of: everything,
    upstream: 9,
    find: forbiddenFragments,
  },
  {
    id: "installers-names",
    title: "No archive brings install-metadata.json or a unit in service/, which installers write",
    protects: "from files that are taken for an installer's, and from checksums that fail once it has written its own",
    remedy: "give it another name in the candidate and pack again",
    of: everything,
    find: broughtForInstallers,
  },
  {
    id: "checksums-present",
    title: "checksums.txt is there",
    protects: "operators who check what they unpacked",
    remedy: seal,
    of: everything,
    upstream: 3,
    find: (content) =>
      unreadable(content) || isThere(content, CHECKSUMS) ? [] : [{ entry: CHECKSUMS, found: "is missing" }],
  },
  {
    id: "checksums-format",
    title: "Each line of checksums.txt is a SHA-256 of 64 lower-case hex digits, two spaces and a path",
    protects: "operators who check with `sha256sum -c`",
    remedy: seal,
    of: everything,
    upstream: 10,
    find: ({ checksums }) =>
      about(
        CHECKSUMS,
        (checksums?.malformed ?? []).map((line) => `has a line ${line} that is not a SHA-256, two spaces and a path`),
      ),
  },
  {
    id: "checksums-canonical",
    title: "checksums.txt is sorted by path, names each file once and not itself, and has LF alone",
    protects: "operators who check with `sha256sum -c` on another system",
    remedy: seal,
    of: everything,
    find: ({ checksums }) => about(CHECKSUMS, checksums?.unusual ?? []),
  },
  {
    id: "checksums-files",
    title: "Every file that checksums.txt lists is there",
    protects: "from files that were taken out",
    remedy: seal,
    of: everything,
    upstream: 10,
    find: withoutFile,
  },
  {
    id: "checksums-digests",
    title: "Every file has the SHA-256 that checksums.txt says",
    protects: "from files that were changed",
    remedy: seal,
    of: everything,
    upstream: 10,
    find: wrongDigests,
  },
  {
    id: "checksums-complete",
    title:
      "Every file but checksums.txt has a line in it; in an installed folder, also but for install-metadata.json and the units of its kind in service/",
    protects: "from files that were put in",
    remedy: seal,
    of: everything,
    upstream: 11,
    find: withoutLine,
  },
];
