/**
 * What an installation must keep, by the product's declaration: noted when data is planted, looked at again after each reboot,
 * power cut, upgrade and rollback. The machine only copies; whether two looks are equal is judged on the host (kept-judge.ts).
 */
import { readFileSync } from "node:fs";
import { placed, type Kept, type Kind, type Places, type Service } from "../products/index.ts";
import { greeting } from "./presented.ts";
import { quote } from "../checks/quote.ts";
import type { Check } from "../checks/check.ts";
import type { KeptExpectation } from "./kept-judge.ts";

const functions = readFileSync(new URL("./kept.sh", import.meta.url), "utf8").replace(/^\s*#.*\n/gm, "");

interface Installed {
  kind: Kind;
  at: Places;
}

/** What is declared, with the paths of this machine. */
export function keptBy({ kind, at }: Installed): Kept[] {
  return (kind.kept ?? []).map((what) => ("path" in what ? { ...what, path: placed(what.path, at) } : what));
}

/** Sh lines that look at everything, into a folder. */
function looking(what: readonly Kept[], folder: string): string[] {
  const each = what.map((one, n) => {
    switch (one.how) {
      case "bytes":
      case "sealed":
      case "records":
        return `look_${one.how} ${n} ${quote(one.path)}`;
      case "presented":
        return `look_presented ${n} ${one.address} ${one.port} ${greeting.toString("base64")}`;
    }
  });
  return [`look ${folder}`, ...each];
}

/** The services that write what is declared: those with records start again, so that what outlives that is known. */
function restarts({ kind }: Installed, what: readonly Kept[]): string[] {
  const named = new Set(what.flatMap((one) => (one.how === "records" ? [one.service] : [])));
  const services: Service[] = kind.services.filter(({ name }) => named.has(name));
  return services.map(
    ({ name, health }) =>
      `systemctl restart ${quote(`${name}.service`)} && http_wait ${quote(health.url)} 60 >healthz || exit`,
  );
}

/** What each check is called. */
const names: Record<KeptExpectation["asked"], string> = {
  noted: "data-noted",
  still: "data",
  later: "data-later",
  gone: "data-gone",
  removed: "data-left",
};

/** What is judged at each point: without any of it, there is nothing to ask. */
const judged: Record<KeptExpectation["asked"], Kept["how"][]> = {
  noted: ["bytes", "sealed", "records", "presented"],
  still: ["bytes", "sealed", "records", "presented"],
  later: ["records"],
  gone: ["records"],
  removed: ["bytes", "records"],
};

function check(
  life: Installed,
  asked: KeptExpectation["asked"],
  lines: (what: readonly Kept[]) => string[],
  migrated = false,
): Check[] {
  const what = keptBy(life);
  if (!what.some(({ how }) => judged[asked].includes(how))) return [];
  return [
    {
      name: names[asked],
      within: 120,
      run: [functions, ...lines(what)].join("\n"),
      expect: { judge: { name: "kept", given: { asked, what, ...(migrated && { migrated }) } } },
    },
  ];
}

/** Notes what there is, over a restart of the services that write records. */
export function keptNoted(life: Installed): Check[] {
  return check(life, "noted", (what) => [
    ...looking(what, "before"),
    ...restarts(life, what),
    ...looking(what, "noted"),
    "bring before noted",
  ]);
}

/** All of that is there. `migrated`: another release than the one it was noted under may have brought records to a form of its own. */
export function keptStill(life: Installed, migrated: boolean): Check[] {
  return check(life, "still", (what) => [...looking(what, "now"), "bring before noted now"], migrated);
}

/** Bytes and records are there when the installation is gone and its state is not; whose files are and their modes: state-kept.ts. */
export function keptRemoved(life: Installed, migrated: boolean): Check[] {
  return check(life, "removed", (what) => [...looking(what, "now"), "bring before noted now"], migrated);
}

/** Notes what is written after an upgrade, by a restart. */
export function keptLater(life: Installed): Check[] {
  return check(life, "later", (what) => [
    ...looking(what, "earlier"),
    ...restarts(life, what),
    ...looking(what, "later"),
    "bring earlier later",
  ]);
}

/** None of that is there, once the release before and its data are back. */
export function keptGone(life: Installed): Check[] {
  return check(life, "gone", (what) => [...looking(what, "now"), "bring earlier later now"]);
}
