/** Puts reports on one commit together: fast and full, run here and brought in. Reports on different commits are never one. */
import { EdgeError } from "../edges/edges.ts";
import type { ProductPolicy } from "./files.ts";
import { readinessOf, type Readiness } from "./readiness.ts";
import { policyDigests, type Report, type ScenarioResult, type SetupResult } from "./report.ts";
import { profileNames, type ProfileName } from "./schema.ts";

/** A report, and where it was read from. */
export interface Brought {
  file: string;
  report: Report;
}

/** What is known of one profile by all reports on it. */
export interface ProfileResults {
  profile: ProfileName;
  setup_steps: SetupResult[];
  scenarios: ScenarioResult[];
  chaos: { passed: number; minimum: number };
}

/** What is known of a commit by all of its reports. */
export interface Merged {
  schema_version: 1;
  release_scope: string;
  product: string;
  commit: string;
  /** archives that reports are about, each once */
  archives: Report["archives"];
  reports: { file: string; profile: ProfileName; origin: Report["origin"]; completed_at_unix_ms: number }[];
  profiles: ProfileResults[];
  release_checklist: Readiness | null;
}

const list = (values: readonly string[]): string => [...new Set(values)].join(", ");

/** Why reports do not belong together, as a sentence; undefined when they do. */
function discord(brought: readonly Brought[], policy: ProductPolicy): string | undefined {
  const each = (of: (report: Report) => string): string =>
    brought.map(({ file, report }) => `${file} (${of(report)})`).join(", ");
  const differ = (of: (report: Report) => string): boolean => new Set(brought.map(({ report }) => of(report))).size > 1;
  if (brought.length === 0) return "There is no report to merge; name some.";
  if (differ((r) => r.product))
    return `The reports are on different products: ${each((r) => r.product)}; merge those on one.`;
  if (differ((r) => r.commit))
    return `The reports are on different commits: ${each((r) => r.commit)}; merge those on one, and make the others again.`;
  const changed = brought.filter(({ report }) => report.changed).map(({ file }) => file);
  if (changed.length > 0)
    return `${list(changed)} is on a checkout with changes that no commit holds; commit them, then run the scenarios again.`;
  const digests = policyDigests(policy);
  for (const { file, report } of brought)
    for (const path of new Set([...Object.keys(digests), ...Object.keys(report.policy)]))
      if (digests[path] !== report.policy[path])
        return `${file} was made by another ${path} than the one that there is; make the report again.`;
  // Bytes of one name are one archive.
  const archives = brought.flatMap(({ report }) => report.archives);
  const other = archives.find(({ name, sha256 }) => archives.some((a) => a.name === name && a.sha256 !== sha256));
  return other && `The reports are on different bytes of ${other.name}; prove the same archives again.`;
}

const rank = { failed: 2, passed: 1, skipped: 0 } as const;

/** Of several results of one thing the one that counts: a failure is never outvoted, and what was not run says nothing. */
function counting<R extends { id: string; status: keyof typeof rank }>(results: readonly R[]): R[] {
  return [...Map.groupBy(results, ({ id }) => id).values()].map((of) =>
    of.reduce((a, b) => (rank[b.status] > rank[a.status] ? b : a)),
  );
}

function profileResults(profile: ProfileName, reports: readonly Report[]): ProfileResults {
  const scenarios = counting(reports.flatMap((each) => each.scenarios));
  const passed = scenarios.filter(({ chaos, status }) => chaos && status === "passed").length;
  return {
    profile,
    setup_steps: counting(reports.flatMap((each) => each.setup_steps)),
    scenarios,
    chaos: { passed, minimum: reports[0]!.summary.chaos_minimum },
  };
}

/** What the reports say together. @throws EdgeError when they do not belong together, or not to the policy as it is now */
export function mergeReports(policy: ProductPolicy, brought: readonly Brought[]): Merged {
  const why = discord(brought, policy);
  if (why !== undefined) throw new EdgeError(why, "refused");
  const reports = brought.map(({ report }) => report);
  const profiles = profileNames.flatMap((profile) => {
    const of = reports.filter((each) => each.profile === profile);
    return of.length === 0 ? [] : [profileResults(profile, of)];
  });
  const { product, commit, release_scope } = reports[0]!;
  return {
    ...{ schema_version: 1, release_scope, product, commit },
    archives: [...new Map(reports.flatMap(({ archives }) => archives).map((a) => [a.name, a])).values()],
    reports: brought.map(({ file, report: { profile, origin, completed_at_unix_ms } }) => ({
      file,
      profile,
      origin,
      completed_at_unix_ms,
    })),
    profiles,
    release_checklist: policy.checklist ? readinessOf(policy.checklist.value, profiles) : null,
  };
}

/** What reports say together, for people. */
export function mergedText({ product, commit, profiles, release_checklist: readiness }: Merged): string[] {
  return [
    `${product}, commit ${commit}`,
    ...profiles.map(({ profile, scenarios, chaos }) => {
      const of = (status: keyof typeof rank): string[] =>
        scenarios.filter((each) => each.status === status).map(({ id }) => id);
      const named = (word: string, ids: string[]): string => (ids.length === 0 ? "" : `; ${word}: ${ids.join(", ")}`);
      const short = chaos.passed < chaos.minimum ? `; chaos: ${chaos.passed} of at least ${chaos.minimum} passed` : "";
      return `  ${profile}: ${of("passed").length} of ${scenarios.length} scenarios passed${named("failed", of("failed"))}${named("not proven", of("skipped"))}${short}`;
    }),
    ...(readiness
      ? [
          `Readiness: ${readiness.state}`,
          ...readiness.evidence.map(({ id, status, details }) => `  ${status} ${id}: ${details}`),
        ]
      : []),
  ];
}

/** Whether something is known to be wrong, as against not known yet. */
export const isMergedBad = ({ profiles, release_checklist }: Merged): boolean =>
  release_checklist?.state === "needs_attention" ||
  profiles.some(({ setup_steps, scenarios }) =>
    [...setup_steps, ...scenarios].some(({ status }) => status === "failed"),
  );
