/**
 * `greenlight record`: keeps what a cell's machine said, redacted, as a fixture that can be judged without a machine.
 */
import { resolve } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { cellsOf, loadEvidence, readCell } from "../evidence/index.ts";
import { recordingOf, writeRecording } from "../recordings/index.ts";
import { exitCodes } from "../edges/exit-codes.ts";

/** What `record` is asked. */
export interface RecordOptions {
  stack: string;
  cell: string;
  /** the folder to write */
  to: string;
}

/** Writes the recording of a cell's latest evidence. @returns the exit code */
export function record(workspace: string, options: RecordOptions, write: (line: string) => void): number {
  const { stack, cell } = options;
  const pointer = cellsOf(workspace, stack).includes(cell) ? readCell(workspace, stack, cell) : undefined;
  if (!pointer) {
    const known = cellsOf(workspace, stack);
    throw new EdgeError(
      `Stack ${stack} has no evidence of a cell ${cell}; ` +
        `${known.length > 0 ? `it has ${known.join(", ")}` : "run `npm start -- up` first"}.`,
    );
  }
  const recording = recordingOf(workspace, loadEvidence(workspace, pointer.latest));
  const to = resolve(options.to);
  writeRecording(to, recording);
  const checks = Object.values(recording.said).flat();
  write(`Recorded ${checks.length} checks of ${Object.keys(recording.said).length} suites of ${cell} in ${to}.`);
  const redacted = Object.entries(recording.facts.redacted).sort();
  write(
    `Redacted: ${redacted.map(([what, times]) => `${what} ${times}`).join(", ") || "nothing"}. ` +
      "Read the files before you share them: docs/record.md says what is redacted.",
  );
  const unjudged = Object.entries(recording.said).flatMap(([suite, list]) =>
    list.filter((each) => each.unjudged).map(({ check }) => `${suite}/${check}`),
  );
  if (unjudged.length > 0)
    write(`Not judged any more, because redaction took away what counts: ${unjudged.join(", ")}.`);
  return exitCodes.green;
}
