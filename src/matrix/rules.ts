/** What must hold within a regression matrix, and between it and the product's words. Each rule finds everything that breaks it. */
import { faultAt, type Fault, type Located, type Path } from "../edges/located.ts";
import { profileNames, type Matrix } from "./schema.ts";
import type { Vocabulary } from "./vocabulary.ts";

interface Rule {
  name: string;
  /** what must hold, as a sentence's end: "a matrix is usable when …" */
  holds: string;
  find(matrix: Located<Matrix>, words: Located<Vocabulary>): Fault[];
}

interface Named {
  id: string;
}

/** Every entry whose id an earlier one of the same list has. */
function twice(at: Located<unknown>, field: string, list: readonly Named[]): Fault[] {
  return list.flatMap(({ id }, i) =>
    list.findIndex((each) => each.id === id) === i
      ? []
      : [faultAt(at, [field, i, "id"], `is ${id}, which an earlier entry is called; give each a name of its own`)],
  );
}

/** A name that is used somewhere. */
interface Use {
  path: Path;
  name: string;
}

function uses(path: Path, names: readonly string[]): Use[] {
  return names.map((name, i) => ({ path: [...path, i], name }));
}

function unknown(at: Located<unknown>, what: string, used: readonly Use[], known: readonly string[]): Fault[] {
  return used
    .filter(({ name }) => !known.includes(name))
    .map(({ path, name }) =>
      faultAt(at, path, `names the ${what} ${name}, which there is not; use one of ${known.join(", ")}, or add it`),
    );
}

const ids = (list: readonly Named[]): string[] => list.map(({ id }) => id);

/** Both ways: what the list has and the product does not, and what the product has and the list does not. */
function sameSet(
  at: Located<unknown>,
  what: string,
  { list, used, known, file }: { list: Path; used: readonly Use[]; known: readonly string[]; file: string },
): Fault[] {
  const names = used.map(({ name }) => name);
  return [
    ...used
      .filter(({ name }) => !known.includes(name))
      .map(({ path, name }) =>
        faultAt(at, path, `is the ${what} ${name}, which the product does not have; take it out, or add it to ${file}`),
      ),
    ...known
      .filter((name) => !names.includes(name))
      .map((name) => faultAt(at, list, `lacks the ${what} ${name}; add it, or take it out of ${file}`)),
  ];
}

const idUses = (field: string, list: readonly Named[]): Use[] =>
  list.map(({ id }, i) => ({ path: [field, i, "id"], name: id }));

/** Every rule, in the order in which faults are reported. */
export const matrixRules: readonly Rule[] = [
  {
    name: "unique-ids",
    holds: "no two entries of a list have the same id",
    find: (m) =>
      (
        [
          "required_subsystems",
          "runtime_acceptance_fixtures",
          "runtime_acceptance_scenarios",
          "setup_steps",
          "scenarios",
        ] as const
      ).flatMap((field) => twice(m, field, m.value[field])),
  },
  {
    name: "known-subsystems",
    holds: "profiles and scenarios name subsystems that there are",
    find: (m) =>
      unknown(
        m,
        "subsystem",
        [
          ...profileNames.flatMap((p) =>
            uses(["profiles", p, "required_subsystems"], m.value.profiles[p].required_subsystems),
          ),
          ...m.value.scenarios.flatMap(({ subsystems }, i) => uses(["scenarios", i, "subsystems"], subsystems)),
        ],
        ids(m.value.required_subsystems),
      ),
  },
  {
    name: "known-acceptance-scenarios",
    holds: "scenarios name acceptance scenarios that there are",
    find: (m) =>
      unknown(
        m,
        "acceptance scenario",
        m.value.scenarios.flatMap(({ acceptance_scenarios = [] }, i) =>
          uses(["scenarios", i, "acceptance_scenarios"], acceptance_scenarios),
        ),
        ids(m.value.runtime_acceptance_scenarios),
      ),
  },
  {
    name: "known-fixtures",
    holds: "acceptance scenarios use fixtures that there are",
    find: (m) =>
      unknown(
        m,
        "fixture",
        m.value.runtime_acceptance_scenarios.flatMap(({ fixture_keys }, i) =>
          uses(["runtime_acceptance_scenarios", i, "fixture_keys"], fixture_keys),
        ),
        ids(m.value.runtime_acceptance_fixtures),
      ),
  },
  {
    name: "command-where-it-proves",
    holds: "a scenario has a command and a time limit exactly where a command proves it",
    find: (m) =>
      m.value.scenarios.flatMap(({ id, command, time_limit_seconds, proof }, i) =>
        Object.entries({ command, time_limit_seconds }).flatMap(([field, value]) =>
          (value !== undefined) === (proof.command !== undefined)
            ? []
            : value === undefined
              ? [
                  faultAt(
                    m,
                    ["scenarios", i],
                    `scenario ${id} is proven by a command and has no ${field}; add it, or take proof.command out`,
                  ),
                ]
              : [
                  faultAt(
                    m,
                    ["scenarios", i, field],
                    `scenario ${id} has a ${field}, and no command proves it; add proof.command, or take it out`,
                  ),
                ],
        ),
      ),
  },
  {
    name: "published-fixtures",
    holds: "its fixtures are those that the product publishes",
    find: (m, words) =>
      sameSet(m, "fixture", {
        list: ["runtime_acceptance_fixtures"],
        used: idUses("runtime_acceptance_fixtures", m.value.runtime_acceptance_fixtures),
        known: words.value.fixtures,
        file: words.file,
      }),
  },
  {
    name: "same-acceptance-scenarios",
    holds: "its acceptance scenarios are those of the product, all of them",
    find: (m, words) =>
      sameSet(m, "acceptance scenario", {
        list: ["runtime_acceptance_scenarios"],
        used: idUses("runtime_acceptance_scenarios", m.value.runtime_acceptance_scenarios),
        known: ids(words.value.acceptance_scenarios),
        file: words.file,
      }),
  },
  {
    name: "same-capability-and-fixtures",
    holds: "an acceptance scenario has the capability and the fixtures that the product gives it",
    find: (m, words) =>
      m.value.runtime_acceptance_scenarios.flatMap(({ id, capability, fixture_keys }, i) => {
        const theirs = words.value.acceptance_scenarios.find((each) => each.id === id);
        if (!theirs) return [];
        const at = ["runtime_acceptance_scenarios", i] as const;
        return [
          ...(theirs.capability === capability
            ? []
            : [
                faultAt(
                  m,
                  [...at, "capability"],
                  `acceptance scenario ${id} has the capability ${capability}, and the product says ${theirs.capability}; mend it here or in ${words.file}`,
                ),
              ]),
          ...sameSet(m, "fixture", {
            list: [...at, "fixture_keys"],
            used: uses([...at, "fixture_keys"], fixture_keys),
            known: theirs.fixture_keys,
            file: words.file,
          }),
        ];
      }),
  },
  {
    name: "subsystems-covered",
    holds: "every subsystem that a profile requires has a scenario in that profile",
    find: (m) =>
      profileNames.flatMap((profile) =>
        uses(["profiles", profile, "required_subsystems"], m.value.profiles[profile].required_subsystems)
          .filter(
            ({ name }) => !m.value.scenarios.some((s) => s.profiles.includes(profile) && s.subsystems.includes(name)),
          )
          .map(({ path, name }) =>
            faultAt(
              m,
              path,
              `no scenario of the profile ${profile} is about the subsystem ${name}; add one, or put one into the profile`,
            ),
          ),
      ),
  },
  {
    name: "acceptance-covered",
    holds: "every acceptance scenario has a scenario in each profile that it is required for",
    find: (m) =>
      m.value.runtime_acceptance_scenarios.flatMap(({ id, required_profiles }, i) =>
        uses(["runtime_acceptance_scenarios", i, "required_profiles"], required_profiles)
          .filter(
            ({ name }) =>
              !m.value.scenarios.some(
                (s) => s.profiles.some((p) => p === name) && s.acceptance_scenarios?.includes(id),
              ),
          )
          .map(({ path, name }) =>
            faultAt(
              m,
              path,
              `no scenario of the profile ${name} proves the acceptance scenario ${id}; add one, or put one into the profile`,
            ),
          ),
      ),
  },
  {
    name: "enough-chaos",
    holds: "a profile has as many scenarios of chaos as it asks for",
    find: (m) =>
      profileNames.flatMap((profile) => {
        const least = m.value.profiles[profile].minimum_chaos_scenarios;
        const there = m.value.scenarios.filter((s) => s.chaos && s.profiles.includes(profile)).length;
        return there >= least
          ? []
          : [
              faultAt(
                m,
                ["profiles", profile, "minimum_chaos_scenarios"],
                `the profile ${profile} asks for ${least} scenarios of chaos and has ${there}; add what is missing`,
              ),
            ];
      }),
  },
];

/** Everything that breaks a rule. */
export function matrixFaults(matrix: Located<Matrix>, words: Located<Vocabulary>): Fault[] {
  return matrixRules.flatMap((rule) => rule.find(matrix, words));
}
