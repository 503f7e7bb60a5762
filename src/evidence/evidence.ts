/**
 * Evidence: what one cell's machine proved of one archive, in one attempt. It is self-contained: it holds the suites as they
 * were run, what every check did, and everything that says under which circumstances, so that it can be judged again.
 */
import { z } from "zod";
import { EdgeError, parseValue } from "../edges/edges.ts";
import { Sha256Schema } from "../edges/names.ts";
import { settledSchema, type Settled } from "../edges/settled.ts";
import { PlatformSchema } from "../products/index.ts";
import {
  CheckRecordSchema,
  judgeSuite,
  ObservationSchema,
  observedRecord,
  parseEvidence,
  phaseRun,
  planPhases,
  RunRecordSchema,
  SuiteResultSchema,
  SuiteSchema,
  suiteDigest,
  type CheckRecord,
  type Observation,
  type RunRecord,
  type Suite,
} from "../suites/index.ts";

/** The archive that was proven. */
export const ProvenSchema = z.strictObject({
  product: z.string().min(1),
  kind: z.string().min(1),
  version: z.string().min(1),
  platform: PlatformSchema,
  /** source revision of the candidate */
  revision: z.string().nullable(),
  base: z.string().min(1),
  sha256: Sha256Schema,
});

/** The machine that it was proven on. */
export const MachineFactsSchema = z.strictObject({
  id: z.string().min(1),
  imageDigest: z.string().min(1),
  /** of the image's package list */
  packagesDigest: z.string().min(1),
  kernel: z.string(),
  /** `kvm`, or `tcg`, where no process has random addresses */
  accelerator: z.string(),
  qemu: z.string(),
  bootId: z.string(),
  startedAt: z.string(),
});

export type MachineFacts = z.output<typeof MachineFactsSchema>;

export const EvidenceSchema = z.strictObject({
  /** 1 held excerpts of outputs and checks that were compared on the machine */
  schema: z.literal(2, "evidence of this form is not read any more"),
  stack: z.string().min(1),
  cell: z.string().min(1),
  /** `<platform>/<image>` */
  target: z.string().min(1),
  /** counts deliberate re-proofs, from 1 */
  attempt: z.number().int().min(1),
  subject: ProvenSchema,
  /** SHA-256 of further archives that were on the machine */
  companions: z.array(Sha256Schema),
  /** null when there was no machine */
  machine: MachineFactsSchema.nullable(),
  /** Greenlight's own version */
  tool: z.string().min(1),
  /** when the evidence was made, ISO 8601: its age counts from here */
  time: z.iso.datetime(),
  phases: z.array(RunRecordSchema),
  /** what the host saw of the machine, as records of the checks that ask for it; evidence from before there were such has none */
  observed: z.array(CheckRecordSchema).default([]),
  suites: z.array(z.strictObject({ definition: SuiteSchema, result: SuiteResultSchema })),
  /** sentences about the machine or the way to it: what it was not asked any more says nothing about the archive */
  errors: z.array(z.string()),
  /** sentences about output that was there and could not be used as evidence: that counts against the archive */
  faults: z.array(z.string()),
});
export type Evidence = z.output<typeof EvidenceSchema>;

/** What the phases of a proof printed, in order; `failed` says why there are no more of them. */
export type PhaseOutputs = { value: string[]; failed?: string } | { failed: string };

/** What the host saw of a machine; what is not in it was not looked at. */
export const ObservationsSchema = z.partialRecord(ObservationSchema, settledSchema(z.string()));
export type Observations = z.output<typeof ObservationsSchema>;

/** What is known when a cell's commands are done. */
export interface Proof {
  stack: string;
  cell: string;
  target: string;
  attempt: number;
  subject: Evidence["subject"];
  companions: string[];
  /** all suites of the machine, in order */
  suites: Suite[];
  machine: Settled<NonNullable<Evidence["machine"]>>;
  /** what each phase's runner printed; the runs are named by the machine's id */
  proof: PhaseOutputs;
  observed: Observations;
  tool: string;
  now: Date;
}

/**
 * Evidence of a proof, whatever became of it: a machine or a connection that failed becomes an error, output that is no
 * evidence becomes a fault, and everything else is judged.
 * @throws EdgeError only when the proof itself is malformed.
 */
export function makeEvidence(proof: Proof): Evidence {
  const errors: string[] = [];
  const faults: string[] = [];
  const machine = "value" in proof.machine ? proof.machine.value : null;
  if ("failed" in proof.machine) errors.push(proof.machine.failed);
  else if (proof.proof.failed !== undefined) errors.push(proof.proof.failed);
  // What phases printed before the machine was lost stays: a check that failed has failed.
  const outputs = machine && "value" in proof.proof ? proof.proof.value : [];
  const phases = planPhases(proof.suites);
  const records = outputs.map((stdout, i): RunRecord | undefined => {
    try {
      if (i >= phases.length)
        throw new EdgeError(
          `The machine ran ${outputs.length} phases and its suites have ${phases.length}; prove the cell again with \`greenlight rerun\`.`,
        );
      return parseEvidence(stdout, { run: machine!.id, phase: i + 1 });
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      faults.push(e.message);
      return undefined;
    }
  });
  faults.push(...strangers(phases, records));
  // What the host saw of a machine that was lost may be cut off with it.
  const observed = machine ? observedRecords(proof, errors.length > 0 ? errors : faults) : [];
  const suites = phases.flatMap((phase, i) =>
    phase.map((definition) => ({
      definition,
      result: judgeSuite(
        definition,
        records[i],
        observed,
        records.slice(0, i).filter((each) => each !== undefined),
      ),
    })),
  );
  const { stack, cell, target, attempt, subject, companions, tool } = proof;
  return parseValue(
    EvidenceSchema,
    {
      schema: 2,
      stack,
      cell,
      target,
      attempt,
      subject,
      companions,
      machine,
      tool,
      time: proof.now.toISOString(),
      phases: records.filter((r) => r !== undefined),
      observed,
      suites,
      errors,
      faults,
    },
    { what: `The evidence of cell ${cell}`, remedy: "correct what the gate was given" },
  );
}

/** Records of the checks that ask for what the host saw. What it could not make sense of is told. */
function observedRecords({ suites, observed }: Proof, told: string[]): CheckRecord[] {
  for (const each of Object.values(observed)) if ("failed" in each) told.push(each.failed);
  return suites.flatMap((suite) =>
    suite.checks.flatMap((check) => {
      const seen = check.on === "host" ? observed[check.run as Observation] : undefined;
      return seen && "value" in seen ? [observedRecord(suite.name, check.name, seen.value)] : [];
    }),
  );
}

/** Records of suites that their phase does not have: nothing that a machine printed is passed over. */
function strangers(phases: Suite[][], records: (RunRecord | undefined)[]): string[] {
  return records.flatMap((record, i) => {
    const known = new Set(phases[i]?.map((suite) => suite.name));
    const others = new Set(record?.checks.map((check) => check.suite).filter((name) => !known.has(name)));
    return [...others].map(
      (name) =>
        `Phase ${i + 1} holds records of suite ${name}, which it does not have; prove the cell again with \`greenlight rerun\`.`,
    );
  });
}

/**
 * The result of a suite, judged again from the records in the evidence: what evidence says about itself is not taken on trust.
 * Undefined when it holds no suite of that name. `recorded` says whether the suite's phase came to its end.
 */
export function rejudge(evidence: Evidence, suite: string): Rejudged | undefined {
  const definitions = evidence.suites.map((each) => each.definition);
  const definition = definitions.find((each) => each.name === suite);
  if (!definition) return undefined;
  const phase = planPhases(definitions).findIndex((each) => each.includes(definition));
  const recordOf = (nth: number) =>
    evidence.machine && evidence.phases.find((record) => record.run === phaseRun(evidence.machine!.id, nth + 1));
  const run = recordOf(phase) ?? undefined;
  const before = Array.from({ length: phase }, (_, nth) => recordOf(nth) ?? []).flat();
  return {
    digest: suiteDigest(definition),
    result: judgeSuite(definition, run, evidence.observed, before),
    recorded: run !== undefined,
  };
}

/** A suite of stored evidence, judged again. */
export interface Rejudged {
  digest: string;
  result: z.output<typeof SuiteResultSchema>;
  recorded: boolean;
}
