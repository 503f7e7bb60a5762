/**
 * What an installation must keep, by the product's declaration: noted when data is planted, looked at again after each reboot,
 * power cut, upgrade and rollback. The machine only copies; whether two looks are equal is judged on the host (kept-judge.ts),
 * from what the check that noted it has brought.
 */
import { guest } from "../checks/guest.ts";
import type { Check } from "../checks/check.ts";
import { placed, type Kept, type Kind, type Places } from "../products/index.ts";
import type { KeptExpectation } from "./kept-judge.ts";

interface Installed {
  kind: Kind;
  at: Places;
}

/** What is declared, with the paths of this machine. */
export function keptBy({ kind, at }: Installed): Kept[] {
  return (kind.kept ?? []).map((what) => ("path" in what ? { ...what, path: placed(what.path, at) } : what));
}

/** Words of kept.sh that look at what will be judged, into a folder. A thing has its number whoever looks. */
function look(what: readonly Kept[], judged: readonly Kept["how"][], folder: string): (string | number)[] {
  const each = what.flatMap((one, number) => {
    if (!judged.includes(one.how)) return [];
    return one.how === "presented" ? [one.how, one.address, one.port, number] : [one.how, one.path, number];
  });
  return ["look", folder, ...each];
}

/** Words that start the services with records again, so that what outlives that is known. */
function restarts({ kind }: Installed, what: readonly Kept[]): string[] {
  const named = new Set(what.flatMap((one) => (one.how === "records" ? [one.service] : [])));
  return kind.services
    .filter(({ name }) => named.has(name))
    .flatMap(({ name, health }) => ["restart", `${name}.service`, health.url]);
}

/** What each check is called, the folders that it brings, and what is judged then: without any of it, there is nothing to ask. */
const points: Record<KeptExpectation["asked"], { name: string; looks: string[]; judged: Kept["how"][] }> = {
  noted: { name: "data-noted", looks: ["before", "noted"], judged: ["bytes", "sealed", "records", "presented"] },
  still: { name: "data", looks: ["now"], judged: ["bytes", "sealed", "records", "presented"] },
  later: { name: "data-later", looks: ["earlier", "later"], judged: ["records"] },
  gone: { name: "data-gone", looks: ["now"], judged: ["records"] },
  removed: { name: "data-left", looks: ["now"], judged: ["bytes", "records"] },
};

function check(life: Installed, given: Omit<KeptExpectation, "what">): Check[] {
  const what = keptBy(life);
  const { name, looks, judged } = points[given.asked];
  if (!what.some(({ how }) => judged.includes(how))) return [];
  const [first, second] = looks.map((folder) => look(what, judged, folder));
  return [
    {
      name,
      within: 120,
      run: guest(import.meta.url, "kept", ...first!, ...(second ? [...restarts(life, what), ...second] : [])),
      files: looks,
      expect: { judge: { name: "kept", given: { ...given, what } } },
    },
  ];
}

/** The check that notes what there is, on the machine that is used as it was installed. */
const noted = "smoke/data-noted";

/** Notes what there is, over a restart of the services that write records. */
export function keptNoted(life: Installed): Check[] {
  return check(life, { asked: "noted" });
}

/**
 * All of that is there. `migrated`: another release than the one it was noted under may have brought records to a form of its own;
 * `since`: the check that noted it.
 */
export function keptStill(life: Installed, migrated: boolean, since = noted): Check[] {
  return check(life, { asked: "still", since, ...(migrated && { migrated }) });
}

/** Bytes and records are there when the installation is gone and its state is not; whose files are and their modes: state-kept.ts. */
export function keptRemoved(life: Installed, migrated: boolean, since = noted): Check[] {
  return check(life, { asked: "removed", since, ...(migrated && { migrated }) });
}

/** Notes what is written after an upgrade, by a restart. */
export function keptLater(life: Installed): Check[] {
  return check(life, { asked: "later" });
}

/** None of that is there, once the release before and its data are back; `since` is the check that noted it. */
export function keptGone(life: Installed, since: string): Check[] {
  return check(life, { asked: "gone", since });
}
