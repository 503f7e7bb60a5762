/** Rules about what is nobody's to release: secrets, by name and by what files hold, and what tools and systems leave behind. */
import { isLicence, unwantedName, type Unwanted } from "../../candidate/index.ts";
import type { Content, Entry } from "../content.ts";
import { archives, everything, ofEach, type Found, type Rule } from "../rule.ts";
import { unreadable } from "./payload.ts";

const leave = "leave it out of the candidate and pack again";

/** Files that whoever sealed the candidate let in by name. */
function judged({ entries, manifest }: Content): readonly Entry[] {
  const allowed = new Set(manifest?.value?.packaging_boundaries.allowed);
  return allowed.size === 0 ? entries : entries.filter(({ path }) => !allowed.has(path));
}

/** Both rules ask for the same names, one after the other. */
const asked = new WeakMap<Content, Map<string, Unwanted>>();

/** The names that are nobody's to release, and why. */
function unwantedNames(content: Content): Map<string, Unwanted> {
  let names = asked.get(content);
  if (!names) {
    names = new Map();
    for (const { path } of content.entries) {
      const found = unwanted(path);
      if (found) names.set(path, found);
    }
    asked.set(content, names);
  }
  return names;
}

/** Names as far as they can be judged: a folder's own entry is judged by what lies in it, and a backslash may divide too. */
function unwanted(path: string): Unwanted | undefined {
  const plain = path.replaceAll("\\", "/");
  return unwantedName(plain.endsWith("/") ? `${plain}x` : plain);
}

function secrets(content: Content): Found[] {
  const names = unwantedNames(content);
  return ofEach(judged(content), ({ path, content: read }) => {
    const name = names.get(path);
    if (name?.kind === "secret") return name.why;
    return read?.secret === undefined ? undefined : `holds ${read.secret}`;
  });
}

function litter(content: Content): Found[] {
  const names = unwantedNames(content);
  return ofEach(judged(content), ({ path }) => {
    const name = names.get(path);
    return name?.kind === "litter" ? name.why : undefined;
  });
}

function licence(content: Content): Found[] {
  // What the product promises by name has a finding of its own.
  if (unreadable(content) || content.product?.payload?.required.includes("LICENSE.txt")) return [];
  return content.entries.some(({ path, type, size }) => type === "file" && size > 0 && isLicence(path))
    ? []
    : [{ entry: "", found: "has no licence at its top (LICENSE.txt, LICENSE-MIT, COPYING and the like)" }];
}

export const unwantedRules: Rule[] = [
  {
    id: "secrets",
    title:
      "No file is a key, a login or a token, by its name or by what it holds, but those that packaging_boundaries.allowed names",
    protects: "from publishing what opens somebody's systems",
    remedy: `${leave}, or seal it with \`--allow\` when everybody may see it`,
    of: everything,
    find: secrets,
  },
  {
    id: "litter",
    title:
      "No file is version control's, an editor's or an operating system's own (.git, .DS_Store, __MACOSX and the like)",
    protects: "from publishing what nobody looked at",
    remedy: leave,
    of: archives,
    find: litter,
  },
  {
    id: "licence",
    title: "A licence that is not empty lies at the top",
    protects: "users, who may do nothing with what comes without terms",
    remedy: "put a licence into the candidate and pack again",
    of: everything,
    find: licence,
  },
];
