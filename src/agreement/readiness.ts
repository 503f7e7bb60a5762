/** The readiness checklist and the promotion gates against those of the product, and against each other. */
import type { Located, Path } from "../edges/located.ts";
import type { Checklist, EvidenceItem, ProductChecklist, PromotionGates, Vocabulary } from "../matrix/index.ts";
import type { Comparison } from "./comparison.ts";
import { placeIn, type Source } from "./places.ts";
import { namesAt, type Roll, type Stated } from "./rolls.ts";

export interface ReadinessSides {
  words: Located<Vocabulary>;
  checklists: readonly Located<Checklist | ProductChecklist>[];
  gates: readonly Located<PromotionGates>[];
}

const roll = (source: Source, part: Roll["part"], list: Path, names: readonly string[], right = false): Roll => ({
  source,
  part,
  list,
  names: namesAt(list, names),
  right,
});

/** Names of everything that checklists and gates are made of. */
export function readinessNames(c: Comparison, { words, checklists, gates }: ReadinessSides): void {
  c.names("item of evidence", [
    ...checklists.map((l) => c.entries("item of evidence", l, "all", ["evidence"], l.value.evidence)),
    ...checklists.flatMap((l) =>
      l.value.rollout_controls.map(({ may_open_with = [] }, i) =>
        roll(l, "uses", ["rollout_controls", i, "may_open_with"], may_open_with),
      ),
    ),
  ]);
  c.names(
    "rollout control",
    checklists.map((l) => c.entries("rollout control", l, "all", ["rollout_controls"], l.value.rollout_controls)),
  );
  c.names(
    "migration track",
    checklists.map((l) => c.entries("migration track", l, "all", ["migration_tracks"], l.value.migration_tracks)),
  );
  c.names(
    "known limitation",
    checklists.map((l) => c.entries("known limitation", l, "all", ["known_limitations"], l.value.known_limitations)),
  );
  c.names(
    "promotion gate",
    gates.map((g) => c.entries("promotion gate", g, "all", ["gates"], g.value.gates)),
  );
  c.names("deployment profile", [
    roll(words, "all", ["deployment_profiles"], words.value.deployment_profiles, true),
    ...gates.flatMap((g) =>
      g.value.gates.map(({ profiles }, i) => roll(g, "uses", ["gates", i, "profiles"], profiles)),
    ),
    ...checklists.flatMap((l) =>
      l.value.known_limitations.map(({ effect }, i) =>
        roll(l, "uses", ["known_limitations", i, "effect", "forbids_promotion_of"], effect?.forbids_promotion_of ?? []),
      ),
    ),
  ]);
}

type Lists = "rollout_controls" | "known_limitations" | "evidence";

/** What the product and the releaser must say alike of an entry; prose, and what the releaser asks for beyond it, is not compared. */
const alike: Record<Lists, { kind: string; fields: string[] }> = {
  rollout_controls: { kind: "rollout control", fields: ["kind"] },
  known_limitations: { kind: "known limitation", fields: ["state"] },
  evidence: {
    kind: "item of evidence",
    fields: ["kind", "profile", "path"] satisfies (keyof EvidenceItem | "profile" | "path")[],
  },
};

/** What the entries of checklists and gates say. */
export function readinessContents(c: Comparison, { checklists, gates }: ReadinessSides): void {
  for (const [list, { kind, fields }] of Object.entries(alike) as [Lists, { kind: string; fields: string[] }][])
    for (const { id } of checklists[0]?.value[list] ?? [])
      for (const field of fields)
        c.values(
          field,
          [kind, id],
          checklists.map((l): Stated | undefined => {
            const i = l.value[list].findIndex((each) => each.id === id);
            const value = (l.value[list][i] as Record<string, unknown> | undefined)?.[field];
            return i < 0 ? undefined : { place: placeIn(l, [list, i, field]), value: String(value) };
          }),
        );
  for (const { id } of gates[0]?.value.gates ?? []) {
    const of = gates.flatMap((g) => {
      const i = g.value.gates.findIndex((each) => each.id === id);
      return i < 0 ? [] : [{ g, gate: g.value.gates[i]!, path: ["gates", i] }];
    });
    c.belongings(
      "deployment profile",
      ["promotion gate", id],
      "deployment profile",
      of.map(({ g, gate, path }) => roll(g, "all", [...path, "profiles"], gate.profiles)),
    );
    for (const field of ["required", "default_status"] as const)
      c.values(
        field,
        ["promotion gate", id],
        of.map(({ g, gate, path }) => ({ place: placeIn(g, [...path, field]), value: String(gate[field]) })),
      );
  }
}
