/** The suite of the installer: what it must put in place, and that a second run changes nothing. */
import { z } from "zod";
import { footprintCheck, inventoryCheck } from "./footprint.ts";
import { commandName, installed, releaseFolder, type Lifecycle } from "./lifecycle.ts";
import { receivedCheck, unpackedInstaller } from "./received.ts";
import { runAgain } from "./unchanged.ts";
import type { Check, Suite } from "../checks/check.ts";
import { guest } from "../checks/guest.ts";
import { judge, unless } from "../checks/judging.ts";

/** A binary can be executed, and what is executed lies in the release: for a command on the PATH, by whatever the shell finds. */
function executableCheck({ product, subject, at }: Lifecycle, binary: string): Check {
  const folder = releaseFolder(at, subject);
  const command = commandName(binary, subject);
  const onPath = product.binaries[binary]?.onPath === true;
  return {
    name: `executable-${binary}`,
    login: true,
    needs: installed,
    run: guest(import.meta.url, "command", command, ...(onPath ? [] : [folder])),
    expect: { judge: { name: "executable", given: { folder, ...(onPath && { path: `${at.commands}/${command}` }) } } },
  };
}

/** From what a program is and where it leads, a line each; without `path` it may lie anywhere in `folder`. */
export const executableJudge = judge(
  z.strictObject({ folder: z.string(), path: z.string().optional() }),
  ({ folder, path: wanted }, { own }) => {
    const programs = own.stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split("\t"))
      .map(([able, path = "", file = ""]) => ({ able, path, inside: file.startsWith(`${folder}/`), file }));
    const [found] = programs;
    if (!found) return unless(false, `a program in ${folder}`, "there is none");
    if (wanted !== undefined && found.path !== wanted)
      return unless(false, `the command ${wanted}`, `${found.path} is found instead`);
    // A command is a link, or a script that ends in the program: then the program that it names is what counts.
    const leads = wanted === undefined ? programs : found.inside ? [found] : programs.slice(1);
    const nothing = found.file === found.path ? "nothing" : found.file;
    return [
      ...new Set(
        [found, ...leads].filter(({ able }) => able !== "yes").map(({ path }) => `${path} cannot be executed`),
      ),
      ...(leads.length === 0 ? [`${found.path} leads to ${nothing}`] : []),
      ...leads.filter(({ inside }) => !inside).map(({ file }) => `${found.path} leads to ${file}`),
    ].flatMap((observed) => unless(false, `a program in ${folder}`, observed));
  },
);

/** Unpacks and installs, twice: the second time changes nothing. */
export function installSuite(life: Lifecycle): Suite {
  const { kind, subject, files, at } = life;
  const install = ["sh", files.installer, "install", "--archive", files.archivePath, "--sha256", subject.sha256];
  return {
    name: "install",
    checks: [
      receivedCheck("received", files.archivePath, subject.sha256),
      { ...unpackedInstaller("installer", files.archivePath, files.installer), needs: "install/received" },
      inventoryCheck("install/received"),
      { name: "install", needs: "install/installer", run: install, within: 180, expect: {} },
      {
        name: "placed",
        needs: installed,
        run: ["readlink", "-f", `${at.root}/current`],
        expect: { stdout: { equals: releaseFolder(at, subject) } },
      },
      ...kind.binaries.map((binary) => executableCheck(life, binary)),
      { name: "install-again", needs: installed, within: 240, ...runAgain(life, install, ["changed=no"]) },
      footprintCheck("installed-footprint", life, installed, "install/inventory"),
    ],
  };
}
