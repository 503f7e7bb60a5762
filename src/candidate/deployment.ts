/**
 * The deployment folders of a candidate: where the product says with which command it writes them itself, that command
 * is run, once for each folder that is not there. Nothing that is there is touched.
 */
import { access, chmod, constants, copyFile, lstat } from "node:fs/promises";
import { mkdir, mkdtemp, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Result } from "execa";
import { shownWord } from "../edges/shell-word.mjs";
import type { Finding } from "../edges/edges.ts";
import { executableName, hostPlatform, platforms, type Platform, type Product } from "../products/index.ts";
import { binariesOfKinds } from "./kinds.ts";

/** The longest that a product may take for one folder. */
const limitSeconds = 60;
/** The most that it may print, in characters. */
const OUTPUT = 16 << 20;

export interface MadeFolder {
  /** path in the candidate's folder */
  path: string;
  files: number;
  /** as it was run */
  command: string;
}

export interface Deployment {
  made: MadeFolder[];
  /** commands that failed, and how */
  findings: Finding[];
}

/** One folder to fill, by one command. */
interface Task {
  profile: string;
  /** path in the candidate's folder, without a slash at its end */
  path: string;
}

function tasksOf(product: Product): Task[] {
  const folders = Object.entries(product.payload?.recipeFolders ?? {});
  return folders.map(([profile, path]) => ({ profile, path: path.replace(/\/$/, "") }));
}

/** Words of the product's command that writes a profile's folder into `to`. */
function words(product: Product, profile: string, to: string): string[] {
  const fill = (word: string): string => word.replaceAll("{profile}", () => profile).replaceAll("{folder}", () => to);
  return product.payload!.recipeCommand!.args.split(" ").map(fill);
}

/** A command line for a shell. */
function shown(list: readonly string[]): string {
  return list.map(shownWord).join(" ");
}

/**
 * The command that writes the folder in which `path` lies, for a person to run, as the end of a sentence; undefined
 * when the product has no such command, or the path lies elsewhere. `on`: the platforms of the candidate.
 */
export function commandFor(
  folder: string,
  product: Product,
  path: string,
  on: readonly Platform[],
): string | undefined {
  const { recipeCommand } = product.payload ?? {};
  const task = tasksOf(product).find((each) => path.startsWith(`${each.path}/`));
  if (!recipeCommand || !task) return undefined;
  const host = hostPlatform();
  const platform = on.find((each) => each === host) ?? on[0];
  if (!platform) return undefined;
  const program = join(folder, platform, executableName(recipeCommand.binary, platform));
  const where = platform === host ? "" : ` on ${platform}`;
  const command = [program, ...words(product, task.profile, join(folder, task.path))];
  return `\`${shown(command)}\`${where}`;
}

/** Whether anything is there; what cannot be listed may be anything. */
async function isFilled(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0;
  } catch (e) {
    return (e as NodeJS.ErrnoException).code !== "ENOENT";
  }
}

/** Regular files below a folder; undefined when anything else lies there as well. */
async function filesIn(folder: string): Promise<number | undefined> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  if (all.some((entry) => !entry.isFile() && !entry.isDirectory())) return undefined;
  return all.filter((entry) => entry.isFile()).length;
}

/** Why a program failed, in its own last words. */
function failure({ code, exitCode, isMaxBuffer, signal, stderr, timedOut }: Result): string {
  const said = (stderr as string).trim().split("\n").at(-1) ?? "";
  if (timedOut) return `it did not end within ${limitSeconds} s`;
  if (isMaxBuffer) return `it printed more than ${OUTPUT >> 20} MiB`;
  if (signal) return `it was ended by ${signal}`;
  return exitCode === undefined
    ? `it cannot be started: ${code}`
    : `exit code ${exitCode}${said === "" ? "" : `: ${said}`}`;
}

/** The program that this host can start, with nothing of the user's: a copy where the original may not be executed. */
async function runnable(program: string, stage: string): Promise<string> {
  const allowed = await access(program, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (allowed) return program;
  const copy = join(stage, basename(program));
  await copyFile(program, copy);
  await chmod(copy, 0o700);
  return copy;
}

/** Where the program finds itself: nothing of whoever seals the candidate, neither settings nor credentials. */
function surroundings(home: string): NodeJS.ProcessEnv {
  const { PATH, SystemRoot } = process.env;
  return { PATH, SystemRoot, HOME: home, TMPDIR: home, TMP: home, TEMP: home, LC_ALL: "C" };
}

/** Fills one folder. @returns how many files it has, or why it has none, as a clause */
async function fill(
  folder: string,
  program: string,
  product: Product,
  { profile, path }: Task,
): Promise<number | string> {
  const stage = await mkdtemp(join(folder, ".deployment-"));
  try {
    const home = join(stage, "home");
    await mkdir(home);
    const to = join(stage, "made");
    const { execa } = await import("execa");
    const ran = await execa(await runnable(program, stage), words(product, profile, to), {
      cwd: home,
      env: surroundings(home),
      extendEnv: false,
      stdin: "ignore",
      timeout: limitSeconds * 1000,
      killSignal: "SIGKILL",
      // What it started ends with it.
      killDescendants: true,
      maxBuffer: OUTPUT,
      reject: false,
    });
    if (ran.failed) return failure(ran);
    const files = await filesIn(to);
    if (files === undefined) return "it wrote something other than files and folders";
    if (files === 0) return "it wrote no file";
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await rmdir(join(folder, path)).catch(() => {}); // an empty one
    await rename(to, join(folder, path));
    return files;
  } catch (e) {
    return `its folder cannot be made: ${(e as NodeJS.ErrnoException).code ?? (e as Error).message}`;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/**
 * Fills the deployment folders that a candidate lacks, where this host can run the product's command. What cannot be
 * made here is no fault of this step: `candidate check` names each file that is missing, and the command to run.
 */
export async function makeDeployment(folder: string, product: Product, kinds: readonly string[]): Promise<Deployment> {
  const result: Deployment = { made: [], findings: [] };
  const { recipeCommand } = product.payload ?? {};
  const host = hostPlatform();
  if (!recipeCommand || !host || !binariesOfKinds(product, kinds).includes(recipeCommand.binary)) return result;
  const program = join(folder, host, executableName(recipeCommand.binary, host));
  if (
    !(await lstat(program).then(
      (at) => at.isFile(),
      () => false,
    ))
  )
    return result;
  for (const task of tasksOf(product)) {
    // A platform may bring a folder of its own: files of two makings must not be mixed.
    const places = [join(folder, task.path), ...platforms.map((platform) => join(folder, platform, task.path))];
    if ((await Promise.all(places.map(isFilled))).includes(true)) continue;
    const command = shown([program, ...words(product, task.profile, join(folder, task.path))]);
    const files = await fill(folder, program, product, task);
    if (typeof files === "number") result.made.push({ path: task.path, files, command });
    else {
      const what = `\`${command}\` did not make the deployment folder ${task.path} (${files})`;
      result.findings.push({
        path: task.path,
        message: `${what}; run it by hand, or bring the folder, then seal the candidate again.`,
      });
    }
  }
  return result;
}
