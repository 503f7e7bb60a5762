/**
 * Negative controls: faults that are seeded on purpose, each with the check that must go red for it. A check that was never
 * seen red proves little; so the workspace remembers when each control was last seen red, and by which evidence.
 */
import { readdirSync, rmSync } from "node:fs";
import { z } from "zod";
import { EdgeError, parseFile, parseValue } from "../edges/edges.ts";
import { writeAtomic } from "../storage/atomic-write.ts";
import { canonicalJson, sha256 } from "../storage/digest.ts";
import { workspacePath } from "../storage/folders.ts";
import natsControls from "./nats.json" with { type: "json" };
import palyraControls from "./palyra.json" with { type: "json" };

const NameSchema = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "a control is named with a-z, 0-9 and -");

const ControlSchema = z.strictObject({
  id: NameSchema,
  /** what is seeded, as a clause */
  seeded: z.string().min(1),
  /** the product's kind that it is seeded in */
  kind: z.string().min(1),
  /** the suites that are run, and no others: the last is the one that must catch it */
  suites: z.array(NameSchema).min(1),
  /** the check that must be red for it, `<suite>/<check>` */
  check: z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, "a check is named <suite>/<check>"),
  /** what its observation must match, as a regular expression */
  observed: z.string().min(1),
});
export type Control = z.output<typeof ControlSchema>;

const catalogues: Record<string, unknown> = { nats: natsControls, palyra: palyraControls };

/** The controls of a product, in their order; empty for a product that has none yet. @throws EdgeError when the catalogue is malformed. */
export function controlsOf(product: string): Control[] {
  const list = parseValue(z.array(ControlSchema), Object.hasOwn(catalogues, product) ? catalogues[product] : [], { what: `src/controls/${product}.json`, remedy: "mend the file" });
  const twice = list.find(({ id }, i) => list.findIndex((each) => each.id === id) !== i);
  if (twice) throw new EdgeError(`src/controls/${product}.json names the control ${twice.id} twice; give each a name of its own.`);
  return list;
}

const SeenSchema = z.strictObject({
  schema: z.literal(1),
  product: NameSchema,
  control: NameSchema,
  /** ISO 8601 */
  seenRed: z.iso.datetime(),
  check: z.string(),
  /** SHA-256 of the control's definition as it was then */
  definition: z.string().optional(),
  /** SHA-256 of the archive in which it was seeded; null when nothing could be packed of it */
  subject: z.string().nullable(),
});
export type Seen = z.output<typeof SeenSchema>;

function seenFile(workspace: string, product: string, control: string): string {
  return workspacePath(workspace, "controls", product, `${control}.json`);
}

function definitionOf(control: Control): string {
  return sha256(canonicalJson(control));
}

/** Forgets when a control was seen red: whoever tries it again must see it again. */
export function forgetRed(workspace: string, product: string, id: string): void {
  rmSync(seenFile(workspace, product, id), { force: true });
}

/** Notes that a control was seen red for its own check. @throws EdgeError when the product has no such control, or its check is another one. */
export function sawRed(workspace: string, product: string, id: string, seen: { check: string; subject: string | null; now: Date }): void {
  const control = controlsOf(product).find((each) => each.id === id);
  if (!control) throw new EdgeError(`Product ${product} has no control ${id}; name it in src/controls/${product}.json.`);
  if (control.check !== seen.check) throw new EdgeError(`Control ${id} was red in ${seen.check}, and its check is ${control.check}; mend the check or the control.`);
  const { check, subject, now } = seen;
  writeAtomic(seenFile(workspace, product, id), `${JSON.stringify({ schema: 1, product, control: id, seenRed: now.toISOString(), check, definition: definitionOf(control), subject } satisfies Seen, null, 2)}\n`);
}

/** A control and when this workspace last saw it red; null when it never did, or when what it is has changed since. */
export interface ControlState extends Control {
  seenRed: string | null;
}

/** Every control of a product with when it was last seen red. @throws EdgeError when a note cannot be read. */
export function controlStates(workspace: string, product: string): ControlState[] {
  let names: string[] = [];
  try {
    names = readdirSync(workspacePath(workspace, "controls", product));
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== "ENOENT") throw e;
  }
  return controlsOf(product).map((control) => {
    if (!names.includes(`${control.id}.json`)) return { ...control, seenRed: null };
    const seen = parseFile(SeenSchema, seenFile(workspace, product, control.id), "delete it and run `npm run test:full`");
    return { ...control, seenRed: seen.definition === definitionOf(control) ? seen.seenRed : null };
  });
}

/** What a green run says of them, as lines: how many there are, and when each was last seen red. */
export function controlLines(states: readonly ControlState[]): string[] {
  if (states.length === 0) return ["Controls: none is defined for this product, so that no check of it was ever seen red."];
  const days = new Map<string, string[]>();
  for (const { id, seenRed } of states) {
    const day = seenRed === null ? "never seen red here" : `seen red on ${seenRed.slice(0, 10)}`;
    days.set(day, [...(days.get(day) ?? []), id]);
  }
  const seen = states.filter(({ seenRed }) => seenRed !== null).length;
  return [`Controls: ${states.length} seeded faults, ${seen} of them seen red.`, ...[...days].sort().map(([day, ids]) => `  ${day}: ${ids.join(", ")}`)];
}
