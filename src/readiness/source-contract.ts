/** What a checkout's files hold of what the readiness checklist asks for: each read as what it is, so that a comment does not count. */
import { extname } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { policyDigests, type EvidenceItem, type ProductPolicy, type SourceContract } from "../matrix/index.ts";
import { sha256 } from "../storage/digest.ts";
import { holds } from "./holds.ts";
import { powershellStatements } from "./powershell-text.ts";
import { rustCode } from "./rust-text.ts";
import { shellCommands } from "./shell-text.ts";

type Item = Extract<EvidenceItem, { kind: "source_contract" }>;
type Kept = SourceContract["items"][number];
type ReadAs = NonNullable<Kept["read_as"]>;

/** A file of a commit, or why it cannot be looked at. `changed`: the checkout has another one than the commit. */
export type SourceFile = { bytes: Uint8Array } | { fault: "absent" | "changed" | "unreadable" };

const kinds: Record<string, ReadAs> = {
  ".sh": "shell",
  ".bash": "shell",
  ".ps1": "powershell",
  ".psm1": "powershell",
  ".yml": "yaml",
  ".yaml": "yaml",
  ".rs": "rust",
};

type Has = (wanted: string) => boolean;

/** Answers whether a text holds what is wanted. @throws EdgeError when it is not what it should be */
const readers: Record<ReadAs, (text: string, file: string) => Has | Promise<Has>> = {
  shell: (text) => {
    const commands = shellCommands(text).map((words) => words.join(" "));
    // What is wanted is read as the script is, quotes and all.
    return (wanted) => {
      const asked = shellCommands(wanted).map((words) => words.join(" "));
      return asked.length > 0 && asked.every((each) => commands.some((command) => holds(command, each)));
    };
  },
  powershell: (text) => {
    const statements = powershellStatements(text);
    return (wanted) => statements.some((each) => holds(each, wanted));
  },
  // Loaded here, since who judges what was found needs no parser.
  yaml: async (text, file) => (await import("./yaml-text.ts")).yamlHolds(text, file),
  rust: (text) => {
    const [code, withStrings] = [rustCode(text, false), rustCode(text, true)];
    // In a string it is only mentioned, unless what is wanted is a string.
    return (wanted) => holds(wanted.includes('"') ? withStrings : code, wanted);
  },
};

const faultWords: Record<Extract<SourceFile, { fault: string }>["fault"], [Kept["status"], string]> = {
  absent: ["invalid_reference", "is no file of the commit"],
  changed: [
    "pending_other_profile",
    "is changed in the checkout, and so not that of the commit; commit it, or undo the change",
  ],
  unreadable: ["pending_other_profile", "cannot be read in the checkout; make it readable"],
};

/** The text of a file. @throws EdgeError when it is none */
function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new EdgeError(`${path} is no text in UTF-8.`);
  }
}

async function lookAt({ id, path, must_contain }: Item, file: SourceFile): Promise<Kept> {
  const as = kinds[extname(path).toLowerCase()] ?? null;
  const nothing = must_contain.map((text) => ({ text, found: false }));
  const refused = (status: Kept["status"], details: string): Kept => ({
    ...{ id, path, read_as: null, sha256: null, status, details, must_contain: nothing },
  });
  if ("fault" in file) {
    const [status, words] = faultWords[file.fault];
    return refused(status, `${path} ${words}.`);
  }
  if (as === null) {
    const known = Object.keys(kinds).join(", ");
    return refused("invalid_reference", `${path} is of a kind that nobody can read here; name a file with ${known}.`);
  }
  let has: Has;
  try {
    has = await readers[as](textOf(file.bytes, path), path);
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return refused("failed", e.message);
  }
  const found = must_contain.map((text) => ({ text, found: has(text) }));
  const lacking = found.filter((each) => !each.found).map(({ text }) => text);
  const details =
    lacking.length === 0
      ? `${path} has ${must_contain.join(", ")}.`
      : `${path} does not have ${lacking.join(", ")}, or only where it does nothing.`;
  const status = lacking.length === 0 ? "declared_contract" : "failed";
  return { id, path, read_as: as, sha256: sha256(file.bytes), status, details, must_contain: found };
}

export interface SourcesTask {
  policy: ProductPolicy;
  product: string;
  commit: string;
  /** a file of the commit, by its path in the checkout */
  file(path: string): Promise<SourceFile>;
  now: Date;
}

/** Looks at every file that the checklist names. @throws EdgeError when it names none */
export async function lookAtSources({ policy, product, commit, file, now }: SourcesTask): Promise<SourceContract> {
  const items = (policy.checklist?.value.evidence ?? []).filter((item) => item.kind === "source_contract");
  if (items.length === 0)
    throw new EdgeError(
      `Nothing asks what the sources of ${product} hold: it has no readiness checklist with such items.`,
    );
  const kept: Kept[] = [];
  for (const item of items) kept.push(await lookAt(item, await file(item.path)));
  return {
    ...{ schema_version: 1, release_scope: policy.matrix.value.release_scope, product, commit },
    ...{ checked_at_unix_ms: now.getTime(), policy: policyDigests(policy), items: kept },
  };
}
