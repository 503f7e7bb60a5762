/** Whether what an installation keeps is kept, judged from what kept.sh brought: as often as wanted, from stored evidence as well. */
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { EdgeError } from "../edges/edges.ts";
import type { Kept } from "../products/index.ts";
import { rowsOf, rowText, valuesOf, type Row } from "./database.ts";
import { judge, type Miss } from "../checks/judging.ts";
import { authorityOf, presentedCertificates } from "./presented.ts";

const KeptSchema = z.discriminatedUnion("how", [
  z.strictObject({ how: z.literal("bytes"), path: z.string().min(1) }),
  z.strictObject({ how: z.literal("sealed"), path: z.string().min(1) }),
  z.strictObject({
    how: z.literal("records"),
    path: z.string().min(1),
    service: z.string().min(1),
    named: z.string().optional(),
  }),
  z.strictObject({
    how: z.literal("presented"),
    address: z.string().regex(/^[0-9A-Za-z.:-]+$/, "not an address"),
    port: z.number().int().min(1).max(65535),
    always: z.literal(true).optional(),
  }),
]) satisfies z.ZodType<Kept>;

const KeptExpectationSchema = z.strictObject({
  /** noted for the first time; still there; written after an upgrade; gone by a rollback; there when the release is removed */
  asked: z.enum(["noted", "still", "later", "gone", "removed"]),
  /** records may have been brought to another release's form */
  migrated: z.literal(true).optional(),
  /** with the paths of the machine */
  what: z.array(KeptSchema).min(1),
});

/** What an installation keeps, looked at on the machine. */
export type KeptExpectation = z.output<typeof KeptExpectationSchema>;

/** Files of the looks, by look and name. */
type Looks = Map<string, Buffer>;

const mostBytes = 512 * 1024 * 1024;

/** Reads what `bring` packed. @throws EdgeError when it is something else. */
function unpacked(brought: Buffer): Looks {
  const looks: Looks = new Map();
  let data: Buffer;
  try {
    data = gunzipSync(brought, { maxOutputLength: mostBytes });
  } catch {
    throw new EdgeError("no looks at what is kept, for it is not packed as they are");
  }
  for (let at = 0; at < data.length;) {
    const end = data.indexOf("\n", at);
    const [, look, name, size] =
      /^([a-z]+) ([0-9]+\.[a-z]+) ([0-9]+)$/.exec(data.toString("latin1", at, Math.max(at, end))) ?? [];
    const from = end + 1;
    if (look === undefined || from + Number(size) > data.length)
      throw new EdgeError("looks at what is kept that are cut off or damaged");
    looks.set(`${look} ${name}`, data.subarray(from, from + Number(size)));
    at = from + Number(size);
  }
  return looks;
}

/** What is seen of one thing that is kept; each function says what is wrong, or nothing. */
class Seen {
  readonly #looks: Looks;
  readonly #number: number;
  readonly #pattern: RegExp | undefined;
  constructor(looks: Looks, number: number, pattern: RegExp | undefined) {
    this.#looks = looks;
    this.#number = number;
    this.#pattern = pattern;
  }

  text(look: string, name: string): string {
    return (this.#looks.get(`${look} ${this.#number}.${name}`) ?? Buffer.alloc(0)).toString("utf8").trim();
  }

  bytes(look: string, name: string): Buffer {
    return this.#looks.get(`${look} ${this.#number}.${name}`) ?? Buffer.alloc(0);
  }

  authority(look: string): string {
    return authorityOf(presentedCertificates(this.bytes(look, "presented")));
  }

  rows(look: string): Row[] {
    return rowsOf(this.bytes(look, "database"), this.bytes(look, "log"));
  }

  /** Names of records in a row. */
  names(row: Row): string[] {
    return this.#pattern ? valuesOf(row).flatMap((value) => value.match(this.#pattern!) ?? []) : [];
  }

  /** The records among rows: those that hold a name, or all, where none does. */
  records(rows: Row[]): Row[] {
    const named = rows.filter((row) => this.names(row).length > 0);
    return named.length > 0 ? named : rows;
  }

  /** Records that were there before a restart and after it, alike. */
  lasting(): Row[] {
    const before = new Set(this.rows("before").map(rowText));
    return this.records(this.rows("noted").filter((row) => before.has(rowText(row))));
  }
}

function lostLines(before: string, now: string): string[] {
  const there = new Set(now.split("\n"));
  return before.split("\n").filter((line) => line !== "" && !there.has(line));
}

function recordsNoted(seen: Seen): string | undefined {
  const after = seen.rows("noted");
  const there = new Set(after.flatMap((row) => seen.names(row)));
  const lost = new Set(
    seen
      .rows("before")
      .flatMap((row) => seen.names(row))
      .filter((name) => !there.has(name)),
  );
  if (lost.size > 0) return `lost ${lost.size} records by a restart`;
  return seen.lasting().length === 0 ? "holds nothing that could be looked for" : undefined;
}

/** Whether one row has all values of another. */
function hasValues(row: readonly string[], wanted: readonly string[]): boolean {
  const left = [...row];
  return wanted.every((value) => {
    const at = left.indexOf(value);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

function recordsStill(seen: Seen, migrated: boolean): string | undefined {
  const wanted = seen.lasting();
  if (wanted.length === 0) return "was never noted with anything that could be looked for";
  const now = seen.rows("now");
  const names = new Set(now.flatMap((row) => seen.names(row)));
  const lost = wanted.filter((row) => seen.names(row).some((name) => !names.has(name)));
  if (lost.length > 0) return `has lost ${lost.length} of ${wanted.length} records`;
  const exact = new Set(now.map(rowText));
  const values = migrated ? now.map(valuesOf) : [];
  const changed = wanted.filter(
    (row) => !exact.has(rowText(row)) && !(migrated && values.some((each) => hasValues(each, valuesOf(row)))),
  );
  return changed.length > 0
    ? `has ${changed.length} of ${wanted.length} records that are not what they were`
    : undefined;
}

/** What a restart has added after an upgrade: names of records, or where they have none, rows. */
function added(seen: Seen): { of: (row: Row) => string[]; new: Set<string> } {
  const rows = seen.rows("later");
  const of = rows.some((row) => seen.names(row).length > 0)
    ? (row: Row) => seen.names(row)
    : (row: Row) => [rowText(row)];
  const before = new Set(seen.rows("earlier").flatMap(of));
  return { of, new: new Set(rows.flatMap(of).filter((each) => !before.has(each))) };
}

function recordsGone(seen: Seen): string | undefined {
  const { of, new: later } = added(seen);
  if (later.size === 0) return "was never seen to be written to after the upgrade";
  const left = new Set(
    seen
      .rows("now")
      .flatMap(of)
      .filter((each) => later.has(each)),
  );
  return left.size > 0 ? `still has ${left.size} records that were written after the upgrade` : undefined;
}

/** Same bytes, same files of the same owner and mode, same authority: from one look to another. */
function same(what: Exclude<Kept, { how: "records" }>, seen: Seen, from: string, to: string): string | undefined {
  if (what.how === "bytes") {
    if (seen.text(from, "bytes") === "") return "is not there to be noted";
    if (seen.text(to, "bytes") === "") return "is gone";
    return seen.text(from, "bytes") === seen.text(to, "bytes") ? undefined : "is not what it was";
  }
  if (what.how === "sealed") {
    if (seen.text(from, "sealed") === "") return "has no files to be noted";
    const lost = lostLines(seen.text(from, "sealed"), seen.text(to, "sealed"));
    return lost.length > 0
      ? `has lost ${lost.length} files, or their owner or mode: ${lost.slice(0, 3).join(", ")}`
      : undefined;
  }
  const [was, is] = [seen.authority(from), seen.authority(to)];
  if (was === "") return what.always ? "presents no certificate" : undefined;
  return was === is
    ? undefined
    : `presents ${is === "" ? "nothing" : `a certificate of ${is}`} instead of one of ${was}`;
}

function wrongWith(what: Kept, seen: Seen, { asked, migrated }: KeptExpectation): string | undefined {
  if (what.how === "records") {
    switch (asked) {
      case "noted":
        return recordsNoted(seen);
      case "still":
      case "removed":
        return recordsStill(seen, migrated === true);
      case "later":
        return added(seen).new.size === 0 ? "was not written to by a restart after the upgrade" : undefined;
      case "gone":
        return recordsGone(seen);
    }
  }
  if (asked === "noted") return same(what, seen, "before", "noted");
  // Without a service nothing presents itself, and what it kept is root's.
  const looked = asked === "still" || (asked === "removed" && what.how === "bytes");
  return looked ? same(what, seen, "noted", "now") : undefined;
}

const expected: Record<KeptExpectation["asked"], string> = {
  noted: "what is kept to be there, and to outlive a restart",
  still: "what is kept to be as it was noted",
  later: "a restart after the upgrade to be recorded",
  removed: "what is kept to be as it was noted, with nothing installed",
  gone: "nothing of what was written after the upgrade",
};

/** What is not kept, of what a check brought whole. */
export function keptMisses(expectation: KeptExpectation, brought: Buffer): Miss[] {
  const miss = (observed: string): Miss[] => [{ expected: expected[expectation.asked], observed }];
  let looks: Looks;
  try {
    looks = unpacked(brought);
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return miss(e.message);
  }
  const wrong = expectation.what.flatMap((what, number) => {
    const name = "path" in what ? what.path : `${what.address}:${what.port}`;
    try {
      const pattern = what.how === "records" && what.named !== undefined ? new RegExp(what.named, "g") : undefined;
      const said = wrongWith(what, new Seen(looks, number, pattern), expectation);
      return said === undefined ? [] : [`${name} ${said}`];
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      return [`${name}: ${e.message}`];
    }
  });
  return wrong.length > 0 ? miss(wrong.join("; ")) : [];
}

/** Judges what `bring` packed of an installation, on standard output. */
export const keptJudge = judge(KeptExpectationSchema, (given, { own }) => keptMisses(given, own.bytes));
