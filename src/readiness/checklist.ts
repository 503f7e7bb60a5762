/** What a readiness checklist asks for, each by its name, and whether it is so. */
import type { Requirement } from "../gates/index.ts";
import type { Checklist, ProductPolicy, Readiness } from "../matrix/index.ts";
import type { Aside } from "./counted.ts";
import type { MappedResults, TrackParts } from "./mapped.ts";

const statusOf = {
  runtime_validated: "satisfied",
  declared_contract: "satisfied",
  pending_other_profile: "missing",
  failed: "failed",
  invalid_reference: "failed",
} as const;

/** The items of evidence. @param stale why what was found in the sources does not count */
export function evidenceRequirements(
  readiness: Readiness,
  checklist: Checklist,
  stale: Aside | undefined,
): Requirement[] {
  return readiness.evidence.map(({ id: name, kind, status, details }) => {
    const of = statusOf[status];
    const summary = checklist.evidence.find(({ id }) => id === name)!.summary;
    const isStale = of === "missing" && kind === "source_contract" && stale?.status === "stale";
    return { name, status: isStale ? "stale" : of, expected: summary, observed: details };
  });
}

const notMapped = (what: string): Pick<Requirement, "status" | "observed"> => ({
  status: "missing",
  observed: `no check, since the product's definition names none for the ${what}`,
});

/** A control is proven closed; it may be open where everything that it names has been proven. */
export function controlRequirements(
  { rollout_controls }: Checklist,
  controls: MappedResults["controls"],
  evidence: readonly Requirement[],
): Requirement[] {
  return rollout_controls.map(({ id: name, capabilities, may_open_with }) => {
    const expected = `${capabilities.join(", ")} to be off on the machine`;
    const found = Object.hasOwn(controls, name) ? controls[name]! : undefined;
    if (!found) return { name, expected, ...notMapped("control") };
    if (found.status !== "failed") return { name, ...found };
    const open = may_open_with.filter((id) => !evidence.some((e) => e.name === id && e.status === "satisfied"));
    return open.length === 0
      ? { name, status: "satisfied", expected, observed: `open, as it may be with ${may_open_with.join(", ")}` }
      : { name, status: "failed", expected: `${expected}, or proven ${open.join(", ")}`, observed: found.observed };
  });
}

const rank = ["failed", "stale", "missing", "satisfied"] as const;

/** The migration tracks: applied, verified and rolled back on a machine. */
export function trackRequirements({ migration_tracks }: Checklist, tracks: MappedResults["tracks"]): Requirement[] {
  return migration_tracks.map(({ id: name, surface }) => {
    const found = Object.hasOwn(tracks, name) ? tracks[name]! : undefined;
    if (!found) return { name, expected: `${surface}: there and back on a machine`, ...notMapped("track") };
    const parts = (["apply", "verify", "rollback"] as const).map((part: keyof TrackParts) => ({
      part,
      of: found[part],
    }));
    const worst = rank.flatMap((status) => parts.filter(({ of }) => of.status === status))[0]!;
    const { status, expected, observed } = worst.of;
    if (status === "satisfied")
      return { name, status, expected: surface, observed: "applied, verified and rolled back" };
    return { name, status, expected: `${worst.part}: ${expected}`, observed };
  });
}

/** What is asked to be promoted is no profile that nobody knows, and none that a limitation forbids. */
export function promotionRequirements(
  policy: ProductPolicy,
  checklist: Checklist,
  promotes: readonly string[],
): Requirement[] {
  const known = policy.words.value.deployment_profiles;
  const unknown = promotes.filter((profile) => !known.includes(profile));
  return [
    ...unknown.map((profile): Requirement => ({
      name: `promotes-${profile}`,
      status: "failed",
      expected: `one of the deployment profiles ${known.join(", ")}`,
      observed: profile,
    })),
    ...checklist.known_limitations
      .filter(({ effect }) => effect.forbids_promotion_of.length > 0)
      .map(({ id: name, summary, effect }): Requirement => {
        const forbidden = effect.forbids_promotion_of.filter((profile) => promotes.includes(profile));
        const expected = `no promotion for ${effect.forbids_promotion_of.join(", ")}`;
        return forbidden.length === 0
          ? { name, status: "satisfied", expected }
          : {
              name,
              status: "failed",
              expected,
              observed: `promotion for ${forbidden.join(", ")} is asked for: ${summary}`,
            };
      }),
  ];
}
