/** The files of a stand-in candidate that are the same on every platform: dashboard, help snapshots, notes, deployment files. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const here = import.meta.dirname;

/** Groups without a help snapshot, as in the product: whoever expects one for each command must learn otherwise. */
const withoutSnapshot = /^(deployment|jobs)( |$)/;

/** Profiles whose deployment files are part of an archive. */
const recipeProfiles = ["single-vm", "worker-enabled"];

/** The unit that the product's own recipe writes for a binary that exists nowhere. */
export const unitWithoutBinary = "systemd/palyra-workerd.service";

function put(folder: string, path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o644 });
}

/** A page as the product keeps it: without blanks at the ends of lines, and without lines that held nothing else. */
const asSnapshot = (page: string): string => page.replace(/^[ \t]+\n/gm, "").replace(/[ \t]+$/gm, "");

const licence = `Licence of the stand-in for tests

These binaries are a test double of Greenlight's own tests. They are licensed as Greenlight is
(Apache-2.0), do nothing useful, and must not be released to anybody.
`;

function notes(version: string): Record<string, string> {
  const schema = 30 + Math.max(Number(version.split(".")[1]), 1);
  return {
    "LICENSE.txt": licence,
    "RELEASE_NOTES.txt": `Release notes of ${version}\n\nThis is a stand-in for tests.\n- Writes journals of schema ${schema}.\n`,
    "MIGRATION_NOTES.txt": `Migration to ${version}\n\nJournals of older schemas are brought to schema ${schema} at the first start. There is no way back but a backup.\n`,
    "ROLLBACK.txt": `Rolling back from ${version}\n\nStop palyrad, restore the backup that was taken before ${version} first ran, start the older release.\n`,
    "web/index.html": `<!doctype html>\n<title>Palyra ${version} (stand-in)</title>\n<script type="module" src="assets/console.js"></script>\n<main>Stand-in for tests, ${version}</main>\n`,
    "web/assets/console.js": `document.title += " in a browser";\n`,
  };
}

/**
 * Fills `folder` with everything but binaries, by paths as they are in an archive. `cli` is the stand-in's `palyra` for this
 * machine: it writes help pages and recipes here, so that nothing packaged has to be run when archives are packed.
 */
export async function fillShared(
  folder: string,
  cli: string,
  version: string,
  keep: { workerUnit: boolean },
): Promise<void> {
  for (const [path, text] of Object.entries(notes(version))) put(folder, path, text);
  const commands = Object.keys(JSON.parse(readFileSync(join(here, "commands.json"), "utf8")) as Record<string, string>);
  for (const command of commands.filter((name) => !withoutSnapshot.test(name))) {
    const { stdout } = await run(cli, [...command.split(" "), "--help"]);
    put(folder, `docs/help_snapshots/${command.replaceAll(" ", "-")}-help.txt`, asSnapshot(stdout));
  }
  const root = asSnapshot((await run(cli, ["--help"])).stdout);
  put(folder, "docs/help_snapshots/root-help-unix.txt", root);
  put(folder, "docs/help_snapshots/root-help-windows.txt", root.replace("Usage: palyra ", "Usage: palyra.exe "));
  for (const profile of recipeProfiles) {
    await run(cli, [
      "deployment",
      "recipe",
      "--deployment-profile",
      profile,
      "--output-dir",
      join(folder, "deployment", profile),
    ]);
    if (!keep.workerUnit) rmSync(join(folder, "deployment", profile, unitWithoutBinary), { force: true });
  }
}
