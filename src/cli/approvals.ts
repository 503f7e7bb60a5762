/** `greenlight approve`, `waive`, `revoke` and `approvals`: how people decide, and how they see what was decided. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import {
  approve,
  failureText,
  fingerprintOf,
  listStatements,
  makeWaiver,
  namespace,
  revoke,
  statementFile,
  type Listed,
} from "../approvals/index.ts";
import { channelsOf, releasedFacts } from "../channel/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import { isSha256 } from "../edges/names.ts";
import { didYouMean } from "../edges/nearest.ts";
import { cellsOf, loadEvidence, readCell } from "../evidence/index.ts";
import { judgeGate, type Requirement } from "../gates/index.ts";
import { shownWord } from "../edges/shell-word.mjs";
import { plain } from "./findings.ts";

/** What people say of who signs, and for how long. */
interface Signing {
  key: string;
  as?: string;
  days: number;
}
export interface ApproveOptions extends Signing {
  release: string;
  channel: string;
  from?: string;
  reason: string;
}
export interface WaiveOptions extends Signing {
  release: string;
  channel: string;
  stack: string;
  archive?: string;
  reason: string;
}
export type RevokeOptions = Omit<Signing, "days"> & { reason: string };

/** Where signers are looked up, and the time: as they are, except in tests. */
export interface Surroundings {
  signersFile: string;
  now: Date;
}

type Write = (line: string) => void;

/** The signers that the releaser lets decide. */
const ownSigners = fileURLToPath(new URL("../../infra/release/allowed-signers", import.meta.url));
const usual = (): Surroundings => ({ signersFile: ownSigners, now: new Date() });

/** `PRODUCT@VERSION` in its parts. @throws EdgeError when it is not */
function releaseNamed(text: string): { product: string; version: string } {
  const [, product, version] = /^([a-z][a-z0-9-]*)@([^@\s]+)$/.exec(text) ?? [];
  if (product === undefined || version === undefined)
    throw new EdgeError(`${JSON.stringify(text)} is no release; name it as PRODUCT@VERSION, like nats@2.10.18.`);
  return { product, version };
}

/** The digest of a release in this workspace. @throws EdgeError when no channel holds it, or channels hold different ones */
function releaseDigest(workspace: string, release: string, from: string | undefined): string {
  const { product, version } = releaseNamed(release);
  const channels = channelsOf(workspace);
  if (from !== undefined && !channels.includes(from))
    throw new EdgeError(
      `There is no channel ${JSON.stringify(from)} here; there is ${channels.join(", ") || "none"}${didYouMean(from, channels) || "."}`,
    );
  const held = (from === undefined ? channels : [from]).flatMap((channel) => {
    const facts = releasedFacts(workspace, channel, product, version);
    return facts ? [{ channel, digest: facts.digest }] : [];
  });
  const digests = new Set(held.map(({ digest }) => digest));
  if (digests.size > 1)
    throw new EdgeError(
      `Channels hold different releases ${release}: ${held.map(({ channel, digest }) => `${channel} ${digest.slice(0, 12)}`).join(", ")}; say which is meant with --from CHANNEL.`,
    );
  if (!held[0])
    throw new EdgeError(
      `${from === undefined ? "No channel here holds" : `Channel ${from} holds no`} ${release}; release it first, since what is approved are the bytes of a release.`,
    );
  return held[0].digest;
}

/** What was stored, and how anybody verifies it. */
function sayStored(
  workspace: string,
  { signersFile }: Surroundings,
  made: { digest: string; by: string },
  write: Write,
) {
  const near = (path: string): string => shownWord(relative(process.cwd(), path));
  const file = statementFile(workspace, made.digest);
  write(`  id: ${made.digest}`);
  write(
    `  anybody can verify it: ssh-keygen -Y verify -f ${near(signersFile)} -I ${made.by} -n ${namespace} -s ${near(`${file}.sig`)} <${near(file)}`,
  );
}

/** Approves a release at a gate. @returns the exit code */
export async function approveRelease(
  workspace: string,
  gate: string,
  options: ApproveOptions,
  write: Write,
  at: Surroundings = usual(),
): Promise<number> {
  const { key, as, channel, reason, days } = options;
  const release = releaseDigest(workspace, options.release, options.from);
  const draft = { kind: "approval" as const, gate, ...releaseNamed(options.release), release, channel, reason };
  const { digest, statement } = await approve({ workspace, ...at, key, as }, draft, days);
  const { by, expires } = statement;
  write(
    plain(
      `${by} approved ${options.release} (release ${release.slice(0, 12)}) at gate ${gate} for channel ${channel}, until ${expires}.`,
    ),
  );
  sayStored(workspace, at, { digest, by }, write);
  return exitCodes.green;
}

/** The failure that a gate's latest evidence shows. @throws EdgeError when there is nothing to waive */
function failureOf(
  workspace: string,
  { gate, name }: { gate: string; name: string },
  { stack, release, archive }: WaiveOptions,
  now: Date,
): { requirement: Requirement; archive: string } {
  const known = cellsOf(workspace, stack);
  const pointer = known.includes(gate) ? readCell(workspace, stack, gate) : undefined;
  if (!pointer)
    throw new EdgeError(
      `Stack ${stack} has no evidence of a gate ${gate}; ${known.length > 0 ? `it has ${known.join(", ")}` : "run `npm start -- up` first"}${didYouMean(gate, known) || "."}`,
    );
  const evidence = loadEvidence(workspace, pointer.latest);
  const { subject, target, companions, suites } = evidence;
  const found = `${subject.product}@${subject.version}`;
  if (found !== release)
    throw new EdgeError(`The latest evidence of gate ${gate} is of ${found} and not of ${release}; prove that first.`);
  if (archive !== undefined && archive !== subject.sha256)
    throw new EdgeError(
      `The latest evidence of gate ${gate} is of archive ${subject.sha256} and not of ${archive}; leave out --archive, or prove that one first.`,
    );
  const names = suites.map(({ definition }) => definition.name);
  if (!names.includes(name))
    throw new EdgeError(
      `The latest evidence of gate ${gate} knows no ${name}; it has ${names.join(", ")}${didYouMean(name, names) || "."}`,
    );
  const { requirements, sentence } = judgeGate({
    ...{ gate, target, subject, companions, evidence, now },
    suites: suites.map(({ definition }) => definition),
    // Its age is for the gate to judge by policy; what is waived is what was seen.
    policy: { schema: 1, suites: [name], maxAgeHours: Number.MAX_SAFE_INTEGER },
  });
  const requirement = requirements.find((each) => each.name === name);
  if (!requirement) throw new EdgeError(sentence);
  if (requirement.status === "satisfied")
    throw new EdgeError(`${gate}/${name} is satisfied, so that there is nothing to waive.`);
  if (requirement.status === "errored")
    throw new EdgeError(
      `Of ${gate}/${name} nothing is known, since the machine was lost; prove it again with \`greenlight rerun ${gate}\`.`,
    );
  return { requirement, archive: subject.sha256 };
}

/** Waives one requirement of one gate, for the failure that its latest evidence shows. @returns the exit code */
export async function waiveRequirement(
  workspace: string,
  what: string,
  options: WaiveOptions,
  write: Write,
  at: Surroundings = usual(),
): Promise<number> {
  const { key, as, channel, reason, days } = options;
  const [, gate, name] = /^([^/\s]+)\/(\S+)$/.exec(what) ?? [];
  if (gate === undefined || name === undefined)
    throw new EdgeError(`${JSON.stringify(what)} is no requirement of a gate; name it as GATE/REQUIREMENT.`);
  if (options.archive !== undefined && !isSha256(options.archive))
    throw new EdgeError(`${JSON.stringify(options.archive)} is no SHA-256; give 64 lower-case hex digits.`);
  const release = releaseNamed(options.release);
  const { requirement, archive } = failureOf(workspace, { gate, name }, options, at.now);
  const failure = failureText(requirement);
  const draft = {
    ...{ kind: "waiver" as const, gate, requirement: name, ...release, archive, channel },
    ...{ fingerprint: fingerprintOf(requirement), failure, reason },
  };
  const { digest, statement } = await makeWaiver({ workspace, ...at, key, as }, draft, days);
  const { by, expires } = statement;
  write(
    plain(
      `${by} waived ${what} of ${options.release} (archive ${archive.slice(0, 12)}) for channel ${channel}, until ${expires}, as long as it fails like this:`,
    ),
  );
  write(plain(`  ${failure}`));
  sayStored(workspace, at, { digest, by }, write);
  return exitCodes.green;
}

/** Takes an approval or a waiver back. @returns the exit code */
export async function revokeStatement(
  workspace: string,
  id: string,
  { key, as, reason }: RevokeOptions,
  write: Write,
  at: Surroundings = usual(),
): Promise<number> {
  const { digest, statement } = await revoke({ workspace, ...at, key, as }, { id, reason });
  write(plain(`${statement.by} revoked ${statement.statement.slice(0, 12)}; no gate counts it any more.`));
  sayStored(workspace, at, { digest, by: statement.by }, write);
  return exitCodes.green;
}

function lines({ id, statement, holds, why, used, notes }: Listed): string[] {
  const { kind, gate, product, version, channel, by, expires, reason } = statement;
  const of = statement.kind === "waiver" ? `${gate}/${statement.requirement}` : gate;
  const head = `${holds ? "✓" : "✗"} ${kind} ${id.slice(0, 12)}  ${of} of ${product}@${version} for ${channel} by ${by}`;
  return [
    holds ? `${head}, until ${expires}` : `${head}: ${why}`,
    ...(reason === "" ? [] : [`    because: ${reason}`]),
    ...(statement.kind === "waiver" ? [`    waived: ${statement.failure}`] : []),
    ...(used ? [`    used at ${used.time} for release ${used.release.slice(0, 12)} in ${used.channel}`] : []),
    ...notes.map((note) => `    ${note}`),
  ];
}

/** Lists what was approved and waived, and whether it holds. @returns the exit code: not green when something cannot be read */
export async function approvals(
  workspace: string,
  { json }: { json?: boolean },
  write: Write,
  at: Surroundings = usual(),
): Promise<number> {
  const { listed, faults } = await listStatements({ workspace, ...at });
  if (json) write(JSON.stringify({ schema: 1, statements: listed, faults }, null, 2));
  else {
    if (listed.length + faults.length === 0) write("Nothing was approved or waived here.");
    for (const each of listed) for (const line of lines(each)) write(plain(line));
    for (const fault of faults) write(plain(`✗ ${fault}`));
  }
  return faults.length === 0 ? exitCodes.green : exitCodes.usage;
}
