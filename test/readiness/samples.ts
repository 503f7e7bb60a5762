/** Evidence, reports and looks at sources as literal values: everything is proven, unless a test spoils it. */
import { makeEvidence, type Evidence } from "../../src/evidence/index.ts";
import {
  makeReport,
  policyDigests,
  readPolicy,
  type ProductPolicy,
  type ProfileName,
  type Report,
  type ScenarioResult,
  type SourceContract,
} from "../../src/matrix/index.ts";
import { notRun, type ReportFacts } from "../../src/matrix/report.ts";
import type { Suite } from "../../src/suites/index.ts";
import { proof } from "../evidence/samples.ts";
import { newBoot, printed, record, runRecord } from "../suites/samples.ts";

export const commit = "c".repeat(40);
export const now = new Date("2026-05-06T08:00:00Z");
export const nats = readPolicy("nats");
export const palyra = readPolicy("palyra");
export const server = { name: "nats-server-1.2.3-linux-x64.zip", sha256: "a".repeat(64) };
export const headless = { name: "palyra-headless-0.1.0-linux-x64.zip", sha256: "b".repeat(64) };

/** Suites by their names and the names of their checks; those after a reboot have a phase of their own. */
export type Asked = Record<string, string[]>;

export interface EvidenceFacts {
  product?: "nats" | "palyra";
  kind?: string;
  suites?: Asked;
  /** checks that end with exit code 1 */
  failing?: string[];
  /** checks that have no record */
  absent?: string[];
  target?: string;
  cell?: string;
  revision?: string | null;
  sha256?: string;
  time?: string;
  /** the machine was lost before anything was run */
  lost?: string;
}

export const natsSuites: Asked = {
  smoke: ["publish-subscribe", "jetstream-write", "jetstream-restart-read"],
  "power-cut": ["jetstream-read"],
};

/** Evidence of one cell. */
export function evidenceOf(facts: EvidenceFacts = {}): Evidence {
  const { product = "nats", suites: asked = natsSuites, failing = [], absent = [], lost } = facts;
  const { target = "linux-x64/debian-12", cell = `${product}-${target}`, time = "2026-05-06T07:00:00.000Z" } = facts;
  const archive = product === "nats" ? server : headless;
  const suites = Object.entries(asked).map(([name, checks]): Suite => ({
    name,
    ...(name === "power-cut" && { afterReboot: "hard" as const }),
    checks: checks.map((check) => ({ name: check, run: "true", expect: {} })),
  }));
  const phases = [suites.filter((s) => !s.afterReboot), ...suites.filter((s) => s.afterReboot).map((s) => [s])];
  const outputs = phases.map((phase, i) =>
    printed(
      runRecord(
        phase.flatMap(({ name, checks, afterReboot }) => [
          ...(afterReboot ? [newBoot("hard", name)] : []),
          ...checks
            .filter((check) => !absent.includes(`${name}/${check.name}`))
            .map((check) =>
              record(check.name, { suite: name, exit: failing.includes(`${name}/${check.name}`) ? 1 : 0 }),
            ),
        ]),
        `mach1-phase-${i + 1}`,
      ),
    ),
  );
  const { subject } = proof();
  return makeEvidence(
    proof({
      ...{ cell, target, suites, now: new Date(time) },
      subject: {
        ...{ ...subject, product, kind: facts.kind ?? (product === "nats" ? "server" : "headless") },
        ...{ base: archive.name.slice(0, -".zip".length), sha256: facts.sha256 ?? archive.sha256 },
        revision: facts.revision === undefined ? commit : facts.revision,
      },
      proof: lost === undefined ? { value: outputs } : { value: [], failed: lost },
    }),
  );
}

/** A report in which every scenario passed that its way may prove, but for those that a test spoils by their ids. */
export function reportOf(
  policy: ProductPolicy,
  profile: ProfileName,
  spoiled: Record<string, "failed" | "skipped"> = {},
  more: Partial<ReportFacts> = {},
): Report {
  const scenarios = policy.matrix.value.scenarios
    .filter(({ profiles }) => profiles.includes(profile))
    .map((each): ScenarioResult => {
      const status = spoiled[each.id] ?? (each.proof.command ? "passed" : "skipped");
      const tests = { executed: 0, passed: 0, failed: 0, skipped: 0 };
      if (status !== "skipped") Object.assign(tests, { executed: 1, [status]: 1 });
      return { ...notRun(each, status === "failed" ? "It ended with exit code 1." : ""), status, tests };
    });
  return makeReport({
    ...{ policy, product: policy === nats ? "nats" : "palyra", profile, origin: "run", commit, changed: false },
    ...{ setup: [], scenarios, started: new Date("2026-05-06T07:08:09Z"), completed: new Date("2026-05-06T07:09:09Z") },
    ...more,
  });
}

/** What a look at Palyra's sources found: everything. */
export function sourcesOf(more: Partial<SourceContract> = {}): SourceContract {
  return {
    ...{ schema_version: 1, release_scope: palyra.matrix.value.release_scope, product: "palyra", commit },
    ...{ checked_at_unix_ms: Date.parse("2026-05-06T07:30:00Z"), policy: policyDigests(palyra) },
    items: palyra.checklist!.value.evidence.flatMap((item) =>
      item.kind === "source_contract"
        ? [
            {
              ...{ id: item.id, path: item.path, read_as: "shell" as const, sha256: "d".repeat(64) },
              ...{ status: "declared_contract" as const, details: "All of it was found." },
              must_contain: item.must_contain.map((text) => ({ text, found: true })),
            },
          ]
        : [],
    ),
    ...more,
  };
}
