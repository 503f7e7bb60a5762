/**
 * Makes a recording of a cell's evidence: everything that the machine said, redacted, with what is needed to judge it
 * again.
 */
import { existsSync, readdirSync } from "node:fs";
import { hostname, homedir, userInfo } from "node:os";
import { join } from "node:path";
import { BinaryVersionsSchema } from "../archive/index.ts";
import { channelsOf, previousRelease } from "../channel/index.ts";
import { EdgeError, parseFile } from "../edges/edges.ts";
import type { Evidence } from "../evidence/index.ts";
import { recipeName } from "../recipes/index.ts";
import { canonicalJson } from "../storage/digest.ts";
import { workspacePath } from "../storage/folders.ts";
import { judgeSuite, plannedChecks, suiteDigest, type CheckRecord, type Suite } from "../suites/index.ts";
import { questionOf, type Recording, type RecordingFacts, type RecordedText, type Said } from "./recording.ts";
import { redactor, type Redactor } from "./redact.ts";
import { currentSuites, recordOf, runOf } from "./replay.ts";

const again = "prove the cell again with `greenlight rerun`";

/**
 * Versions of the binaries, as the packed archive's manifest states them. @throws EdgeError when the archive is gone
 */
function binaryVersions(workspace: string, { base }: Evidence["subject"]): Record<string, string> {
  const archives = workspacePath(workspace, "archives");
  const names = existsSync(archives) ? readdirSync(archives) : [];
  const file = names
    .map((name) => join(archives, name, `${base}.release-manifest.json`))
    .find((path) => existsSync(path));
  if (!file)
    throw new EdgeError(
      `The archive ${base} is not packed here any more, so that the versions of its binaries are not known; ` +
        "run `greenlight preview` with its candidate, which packs it, then record again.",
    );
  return parseFile(BinaryVersionsSchema, file, "remove its folder and run `greenlight preview`, which packs it again");
}

/** The release before that the machine was given, by the digests that its evidence names. */
function previousOf(workspace: string, { subject, companions }: Evidence): RecordingFacts["previous"] {
  for (const channel of channelsOf(workspace)) {
    try {
      const release = previousRelease(workspace, channel, subject.product, subject.version);
      const found = release?.archives.find(
        (archive) => archive.kind === subject.kind && companions.includes(archive.sha256),
      );
      if (!release || !found) continue;
      const { path, sha256, binaryVersions, recipe } = found;
      return {
        path,
        sha256,
        version: release.version,
        binaryVersions,
        recipe: recipe && companions.includes(recipe.sha256) ? recipe : null,
      };
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e; // a channel that has nothing to do with it
    }
  }
  return null;
}

/** The last part of a cell's name. */
function groupOf(cell: string): RecordingFacts["group"] {
  const group = (["lifecycle", "upgrade", "recipe"] as const).find((each) => cell.endsWith(`-${each}`));
  if (!group)
    throw new EdgeError(
      `Cell ${cell} is of no group that can be recorded; name one that ends in lifecycle, upgrade or recipe.`,
    );
  return group;
}

/** A soak may run for this much longer than it must last. */
const soakSlack = 30;

function factsOf(workspace: string, evidence: Evidence): RecordingFacts {
  const { cell, target, subject, companions, tool, time, machine, suites } = evidence;
  const group = groupOf(cell);
  const [lasts] = suites.find(({ definition }) => definition.name === "soak")?.definition.checks ?? [];
  const soak = lasts && "within" in lasts ? lasts.within : undefined;
  const previous = group === "lifecycle" ? null : previousOf(workspace, evidence);
  const own = companions.find((digest) => digest !== previous?.sha256 && digest !== previous?.recipe?.sha256);
  return {
    schema: 1,
    cell,
    group,
    suites: suites.map(({ definition }) => definition.name),
    subject: { ...subject, binaryVersions: binaryVersions(workspace, subject) },
    soakSeconds: soak === undefined ? 0 : soak - soakSlack,
    recipe: group === "recipe" && own !== undefined ? { path: recipeName(subject.base), sha256: own } : null,
    previous,
    target,
    kernel: machine?.kernel ?? "",
    accelerator: machine?.accelerator ?? "",
    tool,
    recordedAt: time,
    redacted: {},
  };
}

/** Texts of the host that records. The home of root is the same on the machine, and says nothing. */
function hostTexts(workspace: string, evidence: Evidence): Record<string, string> {
  const own = homedir();
  const user = userInfo().username;
  return {
    workspace,
    host: hostname(),
    ...(own !== "/root" && { home: own }),
    ...(user !== "root" && { user }),
    ...(evidence.machine && { machine: evidence.machine.id, boot: evidence.machine.bootId }),
  };
}

/** Bytes of the longest text that somebody reads before it is shared: of longer ones, as of an inventory of the machine, the size is kept. */
const longest = 64 * 1024;

function textOf({ bytes, head, tail }: CheckRecord["stdout"], { redact }: Redactor): RecordedText {
  if (bytes > longest) return { head: "", tail: "", bytes };
  const [start, end] = [head, tail].map((part) => Buffer.from(part, "base64"));
  const whole = start!.length + end!.length === bytes;
  // Text that is no text cannot be read before it is shared.
  const read = (part: Buffer): string =>
    part.toString("utf8").replace(/[^\t\n\r\x20-\x7e\u00a0-\u{10ffff}]/gu, "\ufffd");
  if (whole) return redact(read(Buffer.concat([start!, end!])));
  // Half a secret at the cut would be known for none.
  return { head: redact(read(start!).replace(/\S*$/, "")), tail: redact(read(end!).replace(/^\S*/, "")), bytes };
}

/**
 * Whether the checks of a suite are judged as before once their records are redacted; those that are not are marked.
 */
function markUnjudged(
  suite: Suite,
  before: CheckRecord[],
  said: Said[],
  observed: readonly CheckRecord[],
  all: readonly CheckRecord[],
): void {
  const onHost = new Set(observed.filter((each) => each.suite === suite.name).map(({ check }) => check));
  const statuses = (records: CheckRecord[]): Map<string, string> => {
    const [machine, seen] = [
      records.filter(({ check }) => !onHost.has(check)),
      records.filter(({ check }) => onHost.has(check)),
    ];
    return new Map(
      judgeSuite(suite, runOf(machine), seen, [runOf([...all])]).checks.map(({ check, status }) => [check, status]),
    );
  };
  const [first, later] = [statuses(before), statuses(said.map((each) => recordOf(suite.name, each)))];
  for (const each of said) if (first.get(each.check) !== later.get(each.check)) each.unjudged = true;
}

/** What a suite's checks said, redacted. A check that has no record says nothing. */
export function saidOf(
  suite: Suite,
  records: readonly CheckRecord[],
  observed: readonly CheckRecord[],
  kept: Redactor,
): Said[] {
  const own = plannedChecks(suite).flatMap((check) => {
    const all = check.on === "host" ? observed : records;
    const record = all.find((each) => each.suite === suite.name && each.check === check.name);
    return record ? [{ check, record }] : [];
  });
  const said = own.map(({ check, record }): Said => {
    const { suite: _, stdout, stderr, files, ...rest } = record;
    // Copies of what is kept are packed: nobody can read them before they are shared.
    const packed = check.expect.judge?.name === "kept";
    const came = Object.entries(files).map(([path, stream]): [string, RecordedText] => [
      path,
      packed ? { head: "", tail: "", bytes: stream.bytes } : textOf(stream, kept),
    ]);
    return {
      ...rest,
      question: questionOf(check),
      stdout: textOf(stdout, kept),
      stderr: textOf(stderr, kept),
      ...(came.length > 0 && { files: Object.fromEntries(came) }),
    };
  });
  markUnjudged(
    suite,
    own.map(({ record }) => record),
    said,
    observed,
    records,
  );
  return said;
}

/**
 * A recording of a cell's evidence.
 * @throws EdgeError when the machine was lost, its output was not usable, or the suites are no longer those that it
 * was asked
 */
export function recordingOf(workspace: string, evidence: Evidence): Recording {
  const [fault] = [...evidence.errors, ...evidence.faults];
  if (fault !== undefined)
    throw new EdgeError(`The evidence of ${evidence.cell} is not whole: ${fault.replace(/\.$/, "")}; ${again}.`);
  const definitions = evidence.suites.map(({ definition }) => definition);
  const facts = factsOf(workspace, evidence);
  const kept = redactor({ known: canonicalJson([definitions, facts]), host: hostTexts(workspace, evidence) });
  const records = evidence.phases.flatMap((phase) => phase.checks);
  const said = Object.fromEntries(
    definitions.map((suite) => [suite.name, saidOf(suite, records, evidence.observed, kept)]),
  );
  const recording: Recording = { facts: { ...facts, redacted: kept.counts }, said };
  requireCurrent(recording, definitions);
  return recording;
}

/**
 * A recording must lead back to the very suites that were asked: otherwise something that decides them was not found.
 */
function requireCurrent(recording: Recording, definitions: readonly Suite[]): void {
  const now = new Map(currentSuites(recording).map((suite) => [suite.name, suiteDigest(suite)]));
  const other = definitions.filter((suite) => now.get(suite.name) !== suiteDigest(suite)).map(({ name }) => name);
  if (other.length > 0)
    throw new EdgeError(
      `Suites ${other.join(", ")} of ${recording.facts.cell} are not what its evidence was asked any more; ` +
        `${again}, then record it.`,
    );
}
