/** The regression matrix against the product's words, its code, its own matrix and what the readiness checklist asks of it. */
import type { Located, Path } from "../edges/located.ts";
import {
  profileNames,
  type Checklist,
  type Matrix,
  type ProductChecklist,
  type ProductMatrix,
  type Vocabulary,
} from "../matrix/index.ts";
import type { Comparison } from "./comparison.ts";
import { placeIn, type Source } from "./places.ts";
import { namesAt, type Roll, type Stated } from "./rolls.ts";

/** What takes part: the releaser's files, and the product's where it has some. */
export interface Sides {
  words: Located<Vocabulary>;
  matrices: readonly Located<Matrix | ProductMatrix>[];
  checklists: readonly Located<Checklist | ProductChecklist>[];
  code: Roll | undefined;
}

const all = (source: Source, list: Path, names: readonly string[], right = false): Roll => ({
  source,
  part: "all",
  list,
  names: namesAt(list, names),
  right,
});
const uses = (source: Source, list: Path, names: readonly string[]): Roll => ({
  source,
  part: "uses",
  list,
  names: namesAt(list, names),
});

/** Names of everything that matrices are made of. */
export function matrixNames(c: Comparison, { words, matrices, checklists, code }: Sides): void {
  const w = words.value;
  const each = (of: (m: Located<Matrix | ProductMatrix>) => Roll[]): Roll[] => matrices.flatMap(of);
  const inChecklists = (of: (c: Located<Checklist | ProductChecklist>) => Roll[]): Roll[] => checklists.flatMap(of);
  c.names("capability", [
    code,
    all(words, ["capabilities"], w.capabilities, code === undefined),
    ...each((m) => [
      c.entries("capability", m, "all", ["required_subsystems"], m.value.required_subsystems),
      ...profileNames.map((p) =>
        uses(m, ["profiles", p, "required_subsystems"], m.value.profiles[p].required_subsystems),
      ),
      ...m.value.scenarios.map(({ subsystems }, i) => uses(m, ["scenarios", i, "subsystems"], subsystems)),
      ...m.value.runtime_acceptance_scenarios.map(({ capability }, i): Roll => {
        const path = ["runtime_acceptance_scenarios", i, "capability"];
        return { source: m, part: "uses", list: path, names: new Map([[capability, path]]) };
      }),
    ]),
    ...w.acceptance_scenarios.map(({ capability }, i): Roll => ({
      source: words,
      part: "uses",
      list: [],
      names: new Map([[capability, ["acceptance_scenarios", i, "capability"]]]),
    })),
    ...inChecklists((list) => [
      ...list.value.evidence.map(({ required_subsystems = [] }, i) =>
        uses(list, ["evidence", i, "required_subsystems"], required_subsystems),
      ),
      ...list.value.rollout_controls.map(({ capabilities = [] }, i) =>
        uses(list, ["rollout_controls", i, "capabilities"], capabilities),
      ),
    ]),
  ]);
  c.names("fixture", [
    all(words, ["fixtures"], w.fixtures, true),
    ...w.acceptance_scenarios.map(({ fixture_keys }, i) =>
      uses(words, ["acceptance_scenarios", i, "fixture_keys"], fixture_keys),
    ),
    ...each((m) => [
      c.entries("fixture", m, "all", ["runtime_acceptance_fixtures"], m.value.runtime_acceptance_fixtures),
      ...m.value.runtime_acceptance_scenarios.map(({ fixture_keys }, i) =>
        uses(m, ["runtime_acceptance_scenarios", i, "fixture_keys"], fixture_keys),
      ),
    ]),
  ]);
  c.names("acceptance scenario", [
    c.entries("acceptance scenario", words, "all", ["acceptance_scenarios"], w.acceptance_scenarios, true),
    ...each((m) => [
      c.entries(
        "acceptance scenario",
        m,
        "all",
        ["runtime_acceptance_scenarios"],
        m.value.runtime_acceptance_scenarios,
      ),
      ...m.value.scenarios.map(({ acceptance_scenarios = [] }, i) =>
        uses(m, ["scenarios", i, "acceptance_scenarios"], acceptance_scenarios),
      ),
    ]),
  ]);
  c.names(
    "setup step",
    each((m) => [c.entries("setup step", m, "all", ["setup_steps"], m.value.setup_steps)]),
  );
  c.names("scenario", [
    ...each((m) => [c.entries("scenario", m, "all", ["scenarios"], m.value.scenarios)]),
    ...inChecklists((list) =>
      list.value.evidence.map(({ must_pass_scenarios = [] }, i) =>
        uses(list, ["evidence", i, "must_pass_scenarios"], must_pass_scenarios),
      ),
    ),
  ]);
}

/** What one entry says in each file that has it, by where it stands there. */
function ofEntry<T extends { id: string }, R>(
  files: readonly Located<unknown>[],
  list: string,
  of: (file: never) => readonly T[],
  id: string,
  make: (file: Located<unknown>, entry: T, path: Path) => R,
): R[] {
  return files.flatMap((file) => {
    const entries = of(file.value as never);
    const i = entries.findIndex((each) => each.id === id);
    return i < 0 ? [] : [make(file, entries[i]!, [list, i])];
  });
}

const stated = (source: Source, path: Path, value: unknown, right = false): Stated => ({
  place: placeIn(source, path),
  value: String(value),
  right,
});

/** What the entries of matrices say. */
export function matrixContents(c: Comparison, { words, matrices, checklists }: Sides): void {
  const [ours] = matrices;
  for (const profile of profileNames) {
    const evidence = checklists.flatMap((list) =>
      list.value.evidence.flatMap((item, i) =>
        item.kind === "workflow_report" && item.profile === profile && !c.isOpen("item of evidence", item.id)
          ? [{ list, item, i }]
          : [],
      ),
    );
    c.belongings("subsystem", ["profile", profile], "capability", [
      ...matrices.map((m) =>
        all(m, ["profiles", profile, "required_subsystems"], m.value.profiles[profile].required_subsystems),
      ),
      ...evidence.map(({ list, item, i }) =>
        all(list, ["evidence", i, "required_subsystems"], item.required_subsystems),
      ),
    ]);
    c.belongings("scenario", ["profile", profile], "scenario", [
      ...matrices.map((m): Roll => {
        const of = m.value.scenarios.flatMap(({ id, profiles }, i) =>
          profiles.includes(profile) ? [[id, ["scenarios", i, "profiles", profiles.indexOf(profile)]] as const] : [],
        );
        return { source: m, part: "all", list: ["scenarios"], names: new Map(of) };
      }),
      ...evidence.map(({ list, item, i }) =>
        all(list, ["evidence", i, "must_pass_scenarios"], item.must_pass_scenarios),
      ),
    ]);
    c.values(
      "minimum of chaos",
      ["profile", profile],
      matrices.map((m) =>
        stated(m, ["profiles", profile, "minimum_chaos_scenarios"], m.value.profiles[profile].minimum_chaos_scenarios),
      ),
    );
  }
  for (const { id } of ours!.value.scenarios) {
    const of = <R>(make: (file: Located<unknown>, entry: Matrix["scenarios"][number], path: Path) => R): R[] =>
      ofEntry(matrices, "scenarios", (m: Matrix) => m.scenarios, id, make);
    c.belongings(
      "subsystem",
      ["scenario", id],
      "capability",
      of((file, s, path) => all(file, [...path, "subsystems"], s.subsystems)),
    );
    c.belongings(
      "acceptance scenario",
      ["scenario", id],
      "acceptance scenario",
      of((file, s, path) => all(file, [...path, "acceptance_scenarios"], s.acceptance_scenarios ?? [])),
    );
    c.values(
      "category",
      ["scenario", id],
      of((file, s, path) => stated(file, [...path, "category"], s.category)),
    );
    c.values(
      "chaos",
      ["scenario", id],
      of((file, s, path) => stated(file, [...path, "chaos"], s.chaos)),
    );
  }
  for (const { id } of ours!.value.setup_steps)
    c.belongings(
      "profile",
      ["setup step", id],
      "profile",
      ofEntry(
        matrices,
        "setup_steps",
        (m: Matrix) => m.setup_steps,
        id,
        (file, s, path) => all(file, [...path, "profiles"], s.profiles),
      ),
    );
  for (const [w, { id, capability, fixture_keys }] of words.value.acceptance_scenarios.entries()) {
    const list = "runtime_acceptance_scenarios";
    const of = <R>(
      make: (file: Located<unknown>, entry: Matrix["runtime_acceptance_scenarios"][number], path: Path) => R,
    ): R[] => ofEntry(matrices, list, (m: Matrix) => m[list], id, make);
    const at = ["acceptance_scenarios", w];
    c.belongings(
      "profile",
      ["acceptance scenario", id],
      "profile",
      of((file, s, path) => all(file, [...path, "required_profiles"], s.required_profiles)),
    );
    c.belongings("fixture", ["acceptance scenario", id], "fixture", [
      all(words, [...at, "fixture_keys"], fixture_keys, true),
      ...of((file, s, path) => all(file, [...path, "fixture_keys"], s.fixture_keys)),
    ]);
    c.values(
      "capability",
      ["acceptance scenario", id],
      [
        stated(words, [...at, "capability"], capability, true),
        ...of((file, s, path) => stated(file, [...path, "capability"], s.capability)),
      ],
      "capability",
    );
  }
  c.values(
    "scope",
    ["product's releases", "as a whole"],
    [...matrices, ...checklists].map((file) => stated(file, ["release_scope"], file.value.release_scope)),
  );
}
