/**
 * Taking an installation away leaves its state, file by file, until that is asked for too. What there is, is noted while its
 * services are stopped: then nothing lies there that is gone with them.
 */
import { z } from "zod";
import { keptBy } from "./kept.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Check } from "../checks/check.ts";
import { guest } from "../checks/guest.ts";
import { judge, listed, unless } from "../checks/judging.ts";

type Installed = Pick<Lifecycle, "kind" | "at">;

/** Folders of an installation's state. Without a service there is one as well, where the product sets itself up. */
export function stateFolders({ kind, at }: Installed): string[] {
  if (kind.services.length === 0) return kind.setup ? [at.state] : [];
  return [...new Set(kind.services.map(({ stateFolder }) => stateFolder))];
}

const paths = z.array(z.string());
const GivenSchema = z.strictObject({
  folders: paths.min(1),
  bytes: paths,
  sealed: paths,
  records: paths,
  since: z.string().optional(),
});
type Given = z.output<typeof GivenSchema>;

function look(life: Installed, name: string, needs: string, units: string[], since: Pick<Given, "since">): Check {
  const folders = stateFolders(life);
  const given: Given = { folders, bytes: [], sealed: [], records: [], ...since };
  for (const what of keptBy(life)) if (what.how !== "presented") given[what.how].push(what.path);
  const run = guest(import.meta.url, "state", units.join(" "), ...folders);
  return { name, needs, within: 90, run, expect: { judge: { name: "state", given } } };
}

/** Notes every file of the state: stops what runs, looks, and starts it again. */
export function stateNotedCheck(life: Installed, needs: string): Check {
  const units = life.kind.services.map(({ name }) => `${name}.service`);
  return look(life, "state-noted", needs, units, {});
}

/** What was noted earlier in the suite is there. */
export function stateKeptCheck(life: Installed, needs: string): Check {
  return look(life, "state-kept", needs, [], { since: "state-noted" });
}

interface Thing {
  type: string;
  size: number;
  mode: string;
  sha256: string | undefined;
}

/** What lies in the folders, by its path. */
function things(text: string): Map<string, Thing> {
  const sums = new Map([...text.matchAll(/^([0-9a-f]{64}) {2}(.+)$/gm)].map(([, sum, path]) => [path!, sum!]));
  return new Map(
    [...text.matchAll(/^(\w) (\d+) (\d+) (.+)$/gm)].map(([, type = "", size, mode = "", path = ""]) => [
      path,
      { type, size: Number(size), mode, sha256: sums.get(path) },
    ]),
  );
}

/**
 * The folders are there (a service that was never used may have nothing in them); and with `since` every file that was there in that
 * check of the suite, and none is shorter. What is declared as bytes is the same to the byte. What is sealed may have another length,
 * and has the mode that it had; a database may have taken in the files beside it.
 */
export const stateJudge = judge(GivenSchema, ({ folders, bytes, sealed, records, since }, { own, of }) => {
  const now = things(own.stdout);
  const missing = folders.filter((folder) => now.get(folder)?.type !== "d");
  if (since === undefined) return missing.flatMap((folder) => unless(false, "its state", `${folder} is not there`));
  const gone = (path: string): string => `${path} is gone although its removal was not asked for`;
  const beside = records.flatMap((path) => [`${path}-wal`, `${path}-shm`]);
  const isSealed = (path: string): boolean => sealed.some((each) => path === each || path.startsWith(`${each}/`));
  const changed = [...things(of(`${own.record.suite}/${since}`).stdout)].flatMap(([path, was]) => {
    if (was.type !== "f" || beside.includes(path)) return [];
    const is = now.get(path);
    if (is?.type !== "f") return [gone(path)];
    if (bytes.includes(path)) return is.sha256 && is.sha256 === was.sha256 ? [] : [`${path} is not what it was`];
    if (isSealed(path)) return is.mode === was.mode ? [] : [`${path} has another mode than it had`];
    return is.size >= was.size ? [] : [`${path} is shorter than it was`];
  });
  const found = missing.length > 0 ? missing.map(gone) : changed;
  return unless(found.length === 0, "its state to be kept", listed(found));
});
