/**
 * The engine's own files, looked at before the engine is started: it makes a new stack over a state that is missing, and its backup
 * with it, and of one that is damaged it prints all that is left.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { EdgeError, jsonOf } from "../edges/edges.ts";
import { shownWord } from "../edges/shell-word.mjs";
import { workspacePath } from "../storage/folders.ts";
import { plain } from "./findings.ts";

export const project = "greenlight";

/** The newest form of a state that engines of the version that setup gets can read (pulumi/pulumi, sdk/go/common/apitype). */
const newestVersion = 4;

/** What a state of form 4 may say that it needs, of which engines of that version are capable. */
const knownFeatures = new Set(["refreshBeforeUpdate", "views", "hooks", "taint", "replaceWith"]);

const StateSchema = z.looseObject({
  version: z.number().int().nonnegative(),
  features: z.array(z.string()).nullish(),
  checkpoint: z.looseObject({
    latest: z
      .looseObject({
        resources: z.array(z.looseObject({ urn: z.string() })).nullish(),
        pending_operations: z.array(z.unknown()).nullish(),
      })
      .nullish(),
  }),
});
export type State = z.output<typeof StateSchema>;

/** `.greenlight/state/.pulumi/<parts>` of a workspace, as the engine lays it out. */
export function stateFolder(workspace: string, ...parts: string[]): string {
  return workspacePath(workspace, "state", ".pulumi", ...parts);
}

const stacksFolder = (workspace: string): string => stateFolder(workspace, "stacks", project);

/** The files that hold stacks' states, plain or compressed; by name, without backups. */
export function stateNames(workspace: string): string[] {
  const folder = stacksFolder(workspace);
  return existsSync(folder) ? readdirSync(folder).filter((name) => /\.json(\.gz)?$/.test(name)) : [];
}

/** The files that exist, the newest first. */
function byAge(files: readonly string[]): string[] {
  const there = files.filter((file) => existsSync(file)).map((file) => ({ file, time: statSync(file).mtimeMs }));
  return there.sort((a, b) => b.time - a.time).map(({ file }) => file);
}

/** Where the engine keeps earlier states of a stack, as far as they are there: beside the state, and what each update wrote. */
function backupPlaces(workspace: string, stack: string): string[] {
  const beside = ["json.bak", "json.gz.bak"].map((end) => join(stacksFolder(workspace), `${stack}.${end}`));
  return [...beside, ...["backups", "history"].map((kind) => stateFolder(workspace, kind, project, stack))].filter(
    (place) => existsSync(place),
  );
}

/** The earlier states themselves, the newest first. */
function backups(workspace: string, stack: string): string[] {
  const isState = (name: string): boolean => /\.json(\.gz)?$/.test(name) && !/\.history\.json(\.gz)?$/.test(name);
  const files = backupPlaces(workspace, stack).flatMap((place) =>
    statSync(place).isDirectory()
      ? readdirSync(place)
          .filter(isState)
          .map((name) => join(place, name))
      : [place],
  );
  return byAge(files);
}

/** Why a state cannot be used, as a clause; whether a newer engine wrote it. */
interface Unusable {
  fault: string;
  newer?: true;
}

const isUnusable = (state: State | Unusable): state is Unusable => "fault" in state;

/** A state as it lies in a file, or what is wrong with it. Nothing of what it holds is shown: secrets are in it. */
function parsed(file: string, stack: string): State | Unusable {
  let text: string;
  try {
    const bytes = readFileSync(file);
    text = (file.includes(".json.gz") ? gunzipSync(bytes) : bytes).toString();
  } catch (e) {
    const { code = "", syscall } = e as NodeJS.ErrnoException;
    return { fault: syscall === undefined ? "is cut off or damaged" : `cannot be read (${code})` };
  }
  if (text.trim() === "") return { fault: "is empty" };
  let value: unknown;
  try {
    value = jsonOf(text);
  } catch {
    return { fault: "is cut off or damaged" };
  }
  const newer = (why: string): Unusable => ({ fault: `was written by a newer engine (${why})`, newer: true });
  const version = z.looseObject({ version: z.number() }).safeParse(value).data?.version ?? 0;
  if (version > newestVersion) return newer(`its form is ${version}, this engine reads up to ${newestVersion}`);
  const state = StateSchema.safeParse(value);
  if (!state.success) return { fault: "is not a state of the engine" };
  const unknown = (state.data.features ?? []).filter((name) => !knownFeatures.has(name));
  if (unknown.length > 0) return newer(`it needs ${unknown.map(plain).join(", ")}`);
  return foreign(state.data, stack) ?? state.data;
}

/** What is wrong with a state that another stack's or another project's resources stand in. */
function foreign({ checkpoint }: State, stack: string): Unusable | undefined {
  const other = checkpoint.latest?.resources?.find(({ urn }) => !urn.startsWith(`urn:pulumi:${stack}::${project}::`));
  if (other === undefined) return undefined;
  const [, name = "?", owner = "?"] = /^urn:pulumi:(.*?)::(.*?)::/.exec(other.urn) ?? [];
  return { fault: `holds resources of stack ${plain(name)} of project ${plain(owner)}` };
}

/** What to do about a state that is missing or not usable. */
function remedy(workspace: string, stack: string): string {
  const all = backups(workspace, stack);
  const [first] = all;
  if (first === undefined) return "there is no backup beside it, so restore it from one of your own";
  const faults = new Map<string, string>();
  const usable = all.find((file) => {
    const state = parsed(file, stack);
    if (isUnusable(state)) faults.set(file, state.fault);
    return !isUnusable(state);
  });
  if (usable === undefined) return `its backup ${first} ${faults.get(first)} too, so restore it from one of your own`;
  const target = join(stacksFolder(workspace), `${stack}.json${usable.includes(".json.gz") ? ".gz" : ""}`);
  return `its backup ${usable} is usable: put it back with \`cp -p ${shownWord(usable)} ${shownWord(target)}\``;
}

/** The engine reads nothing of a file whose `.attrs`, notes that it can do without, are damaged. @throws EdgeError when they are */
function requireNotes(file: string): void {
  const notes = `${file}.attrs`;
  if (!existsSync(notes)) return;
  let fault = "";
  try {
    const text = readFileSync(notes, "utf8");
    if (text.trim() === "") fault = "is empty";
    else JSON.parse(text);
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    fault = code === undefined ? "is cut off or damaged" : `cannot be read (${code})`;
  }
  if (fault !== "")
    throw new EdgeError(
      `${notes} ${fault}, and the engine reads nothing of the file beside it then; remove it with \`rm ${shownWord(notes)}\`, then try again.`,
      "stored",
    );
}

/** The engine's note about the whole folder, without which it sees no stack in it. @throws EdgeError when it is not right. */
function requireMeta(workspace: string): void {
  const file = stateFolder(workspace, "meta.yaml");
  if (stateNames(workspace).length === 0 && !existsSync(file)) return;
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    if (code !== "ENOENT")
      throw new EdgeError(`${file} cannot be read (${code}); make it readable, then try again.`, "stored");
  }
  const version = Number(/^version:[ \t]*(\d+)[ \t]*$/m.exec(text)?.[1] ?? Number.NaN);
  if (version === 1) return requireNotes(file);
  if (version > 1)
    throw new EdgeError(
      `${file} was written by a newer engine (its form is ${version}, this engine reads 1); install that engine, then try again.`,
      "stored",
    );
  const what = !existsSync(file) ? "is missing" : text.trim() === "" ? "is empty" : "is not what the engine writes";
  throw new EdgeError(
    `${file} ${what}, and without it the engine sees no stack; write it with \`printf 'version: 1\\n' > ${shownWord(file)}\`, then try again.`,
    "stored",
  );
}

/**
 * The state of a stack, or undefined when the stack was never made.
 * @throws EdgeError naming file, backup and command when it is missing with a backup, empty, cut off, damaged, another stack's, or of
 *   a newer engine: nothing may be started or made then.
 */
export function readState(workspace: string, stack: string): State | undefined {
  requireMeta(workspace);
  const file = join(stacksFolder(workspace), `${stack}.json`);
  const [found] = byAge([file, `${file}.gz`]);
  if (found === undefined) {
    if (backups(workspace, stack).length === 0) return undefined;
    const removed = `remove ${backupPlaces(workspace, stack).join(" and ")} if you have removed the stack`;
    throw new EdgeError(
      `The state of stack ${stack}, ${file}, is missing; ${remedy(workspace, stack)}, or ${removed}.`,
      "stored",
    );
  }
  const state = parsed(found, stack);
  if (isUnusable(state)) {
    const newer = state.newer ? "install that engine; or " : "";
    throw new EdgeError(
      `The state of stack ${stack}, ${found}, ${state.fault}; ${newer}${remedy(workspace, stack)}.`,
      "stored",
    );
  }
  requireNotes(found);
  return state;
}
