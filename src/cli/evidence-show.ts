/** `greenlight evidence show CELL [SUITE/CHECK]`: what a machine was asked, what was expected, and all that it said. */
import { EdgeError } from "../edges/edges.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import { didYouMean } from "../edges/nearest.ts";
import { shownWord } from "../edges/shell-word.mjs";
import { cellsOf, loadEvidence, readCell, rejudge, type Evidence } from "../evidence/index.ts";
import { type Check, type CheckRecord, type CheckResult } from "../suites/index.ts";
import { plain } from "./findings.ts";

export interface ShowOptions {
  stack: string;
  json?: boolean;
}

/** A check as it was asked and judged, and what the machine recorded of it. */
interface Shown {
  name: string;
  status: CheckResult["status"];
  command: string;
  expect: Check["expect"];
  expected?: string;
  observed?: string;
  record?: CheckRecord;
}

/** The command as a person could type it on the machine. */
function commandText({ run, steps }: Check): string {
  const words = (command: Check["run"]): string => {
    if (typeof command === "string") return command;
    return (Array.isArray(command) ? command : [command.script, ...command.args]).map(shownWord).join(" ");
  };
  const own = words(run);
  return [...(own === "" ? [] : [own]), ...(steps ?? []).map((step) => words(step.run))].join("\n");
}

/** Every check of the evidence, in order, judged again. */
function checksOf(evidence: Evidence): Shown[] {
  const records = [...evidence.phases.flatMap(({ checks }) => checks), ...evidence.observed];
  return evidence.suites.flatMap(({ definition }) => {
    const results = rejudge(evidence, definition.name)?.result.checks ?? [];
    return results.map(({ check: name, status, expected, observed }): Shown => {
      const check = definition.checks.find((each) => each.name === name);
      const record = records.find((each) => each.suite === definition.name && each.check === name);
      return {
        name: `${definition.name}/${name}`,
        status,
        command: check ? commandText(check) : "",
        expect: check?.expect ?? {},
        ...(expected !== undefined && { expected }),
        ...(observed !== undefined && { observed }),
        ...(record && { record }),
      };
    });
  });
}

/** A stream as text, as far as it was kept; what is no text says how much there was. */
function streamText({ head, tail, bytes, sha256 }: CheckRecord["stdout"]): string {
  const parts = [head, tail].filter((part) => part !== "").map((part) => Buffer.from(part, "base64"));
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  try {
    return parts.map((part) => utf8.decode(part)).join("\n…\n");
  } catch {
    return `(${bytes} bytes that are no text, SHA-256 ${sha256})`;
  }
}

const block = (title: string, text: string): string[] =>
  text === ""
    ? []
    : [
        `  ${title}:`,
        ...text
          .trimEnd()
          .split("\n")
          .map((line) => `    ${line}`),
      ];

function lines({ name, status, command, expect, expected, observed, record }: Shown): string[] {
  const mark = status === "passed" ? "✓" : "✗";
  const ran = record?.exit == null ? "not run" : `exit code ${record.exit}, ${(record.ms / 1000).toFixed(2)} s`;
  return [
    `${mark} ${name}: ${status} (${ran})`,
    ...block("command", command),
    ...block("expected", expected ?? JSON.stringify(expect, null, 2)),
    ...(observed === undefined ? [] : block("observed", observed)),
    ...block("standard output", record ? streamText(record.stdout) : ""),
    ...block("standard error", record ? streamText(record.stderr) : ""),
    ...Object.entries(record?.files ?? {}).flatMap(([path, file]) => block(path, streamText(file))),
  ];
}

/** The cell's latest evidence. @throws EdgeError naming the cells that there are */
function latest(workspace: string, stack: string, cell: string): { digest: string; evidence: Evidence } {
  const digest = readCell(workspace, stack, cell)?.latest;
  if (digest !== undefined) return { digest, evidence: loadEvidence(workspace, digest) };
  const known = cellsOf(workspace, stack);
  const there = known.length > 0 ? `it has ${known.join(", ")}` : `run \`npm start -- up --stack ${stack}\` first`;
  throw new EdgeError(`Stack ${stack} has no evidence of a cell ${cell}; ${there}${didYouMean(cell, known) || "."}`);
}

/**
 * Shows one check, or all that did not pass.
 * @param wanted `<suite>/<check>`
 * @returns red when a shown check did not pass
 */
export function showEvidence(
  workspace: string,
  cell: string,
  wanted: string | undefined,
  { stack, json = false }: ShowOptions,
  write: (line: string) => void,
): number {
  const { digest, evidence } = latest(workspace, stack, cell);
  const all = checksOf(evidence);
  const chosen = all.filter(({ name, status }) => (wanted === undefined ? status !== "passed" : name === wanted));
  if (wanted !== undefined && chosen.length === 0)
    throw new EdgeError(
      `Cell ${cell} was not asked ${wanted}${
        didYouMean(
          wanted,
          all.map(({ name }) => name),
        ) || "; name a check as <suite>/<check>."
      }`,
    );
  const about = { cell, stack, evidence: digest, attempt: evidence.attempt, time: evidence.time };
  if (json)
    write(
      JSON.stringify(
        { schema: 1, ...about, errors: evidence.errors, faults: evidence.faults, checks: chosen },
        null,
        2,
      ),
    );
  else {
    const passed = all.filter(({ status }) => status === "passed").length;
    write(
      plain(`Cell ${cell}, attempt ${evidence.attempt}, ${evidence.time}: ${passed} of ${all.length} checks passed.`),
    );
    for (const trouble of [...evidence.errors, ...evidence.faults]) write(plain(`  ${trouble}`));
    for (const line of chosen.flatMap(lines)) write(plain(line));
    if (chosen.length === 0) write("Every check passed; name one as <suite>/<check> to see it.");
  }
  const whole = evidence.errors.length + evidence.faults.length === 0;
  return chosen.every(({ status }) => status === "passed") && (wanted !== undefined || whole)
    ? exitCodes.green
    : exitCodes.red;
}
