/** What counts in a judgement: of the commit, of the archives, made by this policy, and not too old. */
import type { Evidence } from "../evidence/index.ts";
import { policyDigests, type Brought, type ProductPolicy, type Report } from "../matrix/index.ts";

/** An archive by its name (`<base>.zip`) and its bytes. */
export type Archive = Report["archives"][number];

/** What is judged, and when. */
export interface Subject {
  product: string;
  commit: string;
  /** all archives of the candidate; evidence and reports about others are stale */
  archives: readonly Archive[];
  maxAgeHours: number;
  now: Date;
}

/** Why something does not count, as parts of a sentence. `missing`: it is about something else, and says nothing here. */
export interface Aside {
  status: "stale" | "missing";
  expected: string;
  observed: string;
}

/** Clocks of two machines may differ by this much before something counts as being from the future. */
const clockSlackHours = 5 / 60;

/** What is wrong with the time of something; undefined when nothing is. */
export function ageFault(
  what: string,
  time: Date,
  { maxAgeHours, now }: Pick<Subject, "maxAgeHours" | "now">,
): Aside | undefined {
  const hours = (now.getTime() - time.getTime()) / 3_600_000;
  const observed = `${what} of ${time.toISOString()}`;
  if (hours > maxAgeHours) return { status: "stale", expected: `${what} of the last ${maxAgeHours} hours`, observed };
  if (hours < -clockSlackHours) return { status: "stale", expected: `${what} that is not from the future`, observed };
  return undefined;
}

/** Why evidence of a machine does not count; undefined when it does. */
export function evidenceFault({ subject: of, time, cell }: Evidence, subject: Subject): Aside | undefined {
  if (of.product !== subject.product || of.revision !== subject.commit)
    return {
      status: "missing",
      expected: `evidence for commit ${subject.commit} of ${subject.product}`,
      observed: `evidence of cell ${cell} for ${of.revision === null ? "no known commit" : `commit ${of.revision}`} of ${of.product}`,
    };
  if (!subject.archives.some(({ name, sha256 }) => name === `${of.base}.zip` && sha256 === of.sha256))
    return {
      status: "stale",
      expected: `evidence for the candidate's archives`,
      observed: `evidence of cell ${cell} for other bytes, ${of.base}.zip ${of.sha256}`,
    };
  return ageFault("evidence", new Date(time), subject);
}

/** What differs between the policy that something was made by and the one that there is; undefined when nothing does. */
export function policyFault(
  what: string,
  madeBy: Readonly<Record<string, string>>,
  policy: ProductPolicy,
): Aside | undefined {
  const digests = policyDigests(policy);
  const other = [...Object.keys(digests), ...Object.keys(madeBy)].find((file) => digests[file] !== madeBy[file]);
  if (other === undefined) return undefined;
  const short = (digest: string | undefined): string => digest?.slice(0, 12) ?? "none";
  return {
    status: "stale",
    expected: `${what} by ${other} as it is now (${short(digests[other])})`,
    observed: `${what} by ${other} as it was (${short(madeBy[other])})`,
  };
}

/** Why a stored report does not count; undefined when it does. */
export function reportFault({ file, report }: Brought, subject: Subject, policy: ProductPolicy): Aside | undefined {
  if (report.product !== subject.product || report.commit !== subject.commit)
    return {
      status: "missing",
      expected: `a report on commit ${subject.commit} of ${subject.product}`,
      observed: `${file} on commit ${report.commit} of ${report.product}`,
    };
  if (report.changed)
    return {
      status: "missing",
      expected: `a report on commit ${subject.commit}`,
      observed: `${file} on a checkout with changes that no commit holds`,
    };
  // What machines have proven is judged from their evidence, and never from what somebody wrote down of it.
  if (report.origin === "machine")
    return { status: "missing", expected: "evidence of the machines", observed: `${file}, a report on evidence` };
  const foreign = report.archives.find(
    ({ name, sha256 }) => !subject.archives.some((each) => each.name === name && each.sha256 === sha256),
  );
  if (foreign)
    return {
      status: "stale",
      expected: "a report on the candidate's archives",
      observed: `${file} on other bytes, ${foreign.name} ${foreign.sha256}`,
    };
  return (
    policyFault(`a report`, report.policy, policy) ??
    ageFault("a report", new Date(report.completed_at_unix_ms), subject)
  );
}
