/** Whether what an installation keeps is kept, judged from the looks that kept.sh took: as often as wanted, from stored evidence as well. */
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { judge, unless } from "../checks/judging.ts";
import type { Outputs } from "../checks/outputs.ts";
import { EdgeError } from "../edges/edges.ts";
import type { Kept } from "../products/index.ts";
import { rowsOf, type Row } from "./database.ts";
import { recordsAdded, recordsGone, recordsNoted, recordsStill } from "./kept-records.ts";
import { authorityOf, certificatesIn } from "./presented.ts";

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
  /** the check that noted what is asked for, where that is another */
  since: z.string().optional(),
  /** records may have been brought to another release's form */
  migrated: z.literal(true).optional(),
  /** with the paths of the machine */
  what: z.array(KeptSchema).min(1),
});

/** What an installation keeps, looked at on the machine. */
export type KeptExpectation = z.output<typeof KeptExpectationSchema>;

const mostBytes = 512 * 1024 * 1024;

/** One thing that is kept, as it was found in one look. */
class Look {
  readonly #outputs: Outputs;
  readonly #path: string;
  constructor(outputs: Outputs, folder: string, number: number) {
    this.#outputs = outputs;
    this.#path = `${folder}/${number}`;
  }

  /** The file of its look; a look without it was not taken. */
  text(name: Exclude<Kept["how"], "records">): string {
    return this.#outputs.file(`${this.#path}.${name}`).trim();
  }

  get authority(): string {
    return authorityOf(certificatesIn(this.text("presented")));
  }

  get rows(): Row[] {
    return rowsOf(this.#unpacked("database"), this.#unpacked("log"));
  }

  #unpacked(part: string): Buffer {
    const packed = this.#outputs.fileBytes(`${this.#path}.${part}.gz`);
    try {
      return gunzipSync(packed, { maxOutputLength: mostBytes });
    } catch {
      throw new EdgeError(`its copy ${this.#path}.${part}.gz is damaged`);
    }
  }
}

type Looks = (name: "before" | "noted" | "now" | "earlier" | "later") => Look;

/** Same bytes, same files of the same owner and mode, same authority: from one look to another. What is wrong, or nothing. */
function wrongSince(what: Exclude<Kept, { how: "records" }>, from: Look, to: Look): string | undefined {
  if (what.how === "presented") {
    const [was, is] = [from.authority, to.authority];
    if (was === "") return what.always ? "presents no certificate" : undefined;
    const instead = is === "" ? "nothing" : `a certificate of ${is}`;
    return was === is ? undefined : `presents ${instead} instead of one of ${was}`;
  }
  const [was, is] = [from.text(what.how), to.text(what.how)];
  if (what.how === "bytes") {
    if (was === "") return "is not there to be noted";
    if (is === "") return "is gone";
    return was === is ? undefined : "is not what it was";
  }
  if (was === "") return "has no files to be noted";
  const there = new Set(is.split("\n"));
  const lost = was.split("\n").filter((line) => !there.has(line));
  if (lost.length === 0) return undefined;
  return `has lost ${lost.length} files, or their owner or mode: ${lost.slice(0, 3).join(", ")}`;
}

function wrongWith(what: Kept, look: Looks, { asked, migrated }: KeptExpectation): string | undefined {
  if (what.how !== "records") {
    if (asked === "noted") return wrongSince(what, look("before"), look("noted"));
    // Without a service nothing presents itself, and what it kept is root's.
    const looked = asked === "still" || (asked === "removed" && what.how === "bytes");
    return looked ? wrongSince(what, look("noted"), look("now")) : undefined;
  }
  const rows = (name: Parameters<Looks>[0]): Row[] => look(name).rows;
  switch (asked) {
    case "noted":
      return recordsNoted(what.named, rows("before"), rows("noted"));
    case "still":
    case "removed":
      return recordsStill(what.named, rows("before"), rows("noted"), rows("now"), migrated === true);
    case "later":
      return recordsAdded(what.named, rows("earlier"), rows("later"));
    case "gone":
      return recordsGone(what.named, rows("earlier"), rows("later"), rows("now"));
  }
}

const expected: Record<KeptExpectation["asked"], string> = {
  noted: "what is kept to be there, and to outlive a restart",
  still: "what is kept to be as it was noted",
  later: "a restart after the upgrade to be recorded",
  removed: "what is kept to be as it was noted, with nothing installed",
  gone: "nothing of what was written after the upgrade",
};

/** Judges the looks of a check, and those that were taken earlier. */
export const keptJudge = judge(KeptExpectationSchema, (given, { own, of }) => {
  const earlier = given.since === undefined ? own : of(given.since);
  const wrong = given.what.flatMap((what, number) => {
    const name = "path" in what ? what.path : `${what.address}:${what.port}`;
    try {
      const found = wrongWith(what, (look) => new Look(look === "now" ? own : earlier, look, number), given);
      return found === undefined ? [] : [`${name} ${found}`];
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      return [`${name}: ${e.message}`];
    }
  });
  return unless(wrong.length === 0, expected[given.asked], wrong.join("; "));
});
