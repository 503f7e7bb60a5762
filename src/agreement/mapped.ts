/** What a product's definition names for its readiness checklist: controls and tracks that there are, proven by checks that there are. */
import type { Located } from "../edges/located.ts";
import type { Checklist } from "../matrix/index.ts";
import type { MachineChecks, Product } from "../products/index.ts";
import type { Comparison } from "./comparison.ts";
import { checkOf } from "./checks.ts";
import type { Source } from "./places.ts";
import type { Roll } from "./rolls.ts";

const definition = ({ name }: Product): Source => ({ file: `the definition of product ${name}`, line: () => 1 });

/** Every check that the definition names. */
export function mappedChecks(product: Product): Roll[] {
  const { controls = {}, tracks = {} } = product.readiness ?? {};
  const all: [string, string, MachineChecks][] = [
    ...Object.entries(controls).map(([id, asked]): [string, string, MachineChecks] => ["controls", id, asked]),
    ...Object.entries(tracks).flatMap(([id, parts]) =>
      Object.values(parts).map((asked): [string, string, MachineChecks] => ["tracks", id, asked]),
    ),
  ];
  return all.map(([list, id, { kind, checks }]) => {
    const path = ["readiness", list, id];
    return {
      ...{ source: definition(product), part: "uses", list: path },
      names: new Map(checks.map((name) => [checkOf(kind, name), path])),
    };
  });
}

/** Finds controls and tracks of the definition that the checklist does not have. What it has and the definition has not is missing there. */
export function mappedNames(
  c: Comparison,
  product: Product,
  checklists: readonly Located<Pick<Checklist, "rollout_controls" | "migration_tracks">>[],
): void {
  const lists = [
    ["rollout control", "controls", "rollout_controls"],
    ["migration track", "tracks", "migration_tracks"],
  ] as const;
  for (const [kind, mapped, list] of lists) {
    const ids = Object.keys(product.readiness?.[mapped] ?? {});
    c.names(kind, [
      ...checklists.map((l) => c.entries(kind, l, "offers", [list], l.value[list])),
      {
        ...{ source: definition(product), part: "uses", list: ["readiness", mapped] },
        names: new Map(ids.map((id) => [id, ["readiness", mapped, id]])),
      },
    ]);
  }
}
