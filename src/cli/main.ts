/** The `greenlight` command. Setup has run before it; `npm start -- ARGS` and bin/greenlight lead here. */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { EdgeError } from "../edges/edges.ts";
import { toolVersion } from "../provider/version.ts";
import { workspaceFolder } from "../storage/folders.ts";
import { endProcess, toleratePartingReaders } from "./ending.ts";
import { errorCodes, exitCodeLine, exitCodes } from "../edges/exit-codes.ts";
import { addApprovalCommands } from "./approval-commands.ts";
import { addMatrixCommands } from "./matrix-commands.ts";
import { oneLine, shownLines } from "../edges/one-line.ts";
import type * as candidates from "./candidate.ts";
import type { ControlsOptions } from "./controls.ts";
import type { PackOptions } from "./pack.ts";
import type { RecordOptions } from "./record.ts";
import type { UpOptions } from "./up.ts";
import type { ValidateOptions } from "./validate.ts";
import { didYouMean } from "../edges/nearest.ts";

toleratePartingReaders();

// The one way to the terminal: whatever is said, no character of an input acts there.
const write = (text: string): void => console.log(shownLines(text));
const note = (text: string): void => console.error(shownLines(text));

/**
 * Names with commas between them, or the option given once for each: one that takes every word after it would take the
 * folder too. No name at all would mean all of them elsewhere, which nobody asks for by naming none.
 */
function listed(text: string, before: string[] = []): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("Give names with commas between them.");
  return [...before, ...names];
}

/** A name or a folder. An empty one is a variable that is not set, and would be taken for the current folder. */
function named(text: string): string {
  if (text === "") throw new InvalidArgumentError("It is empty; give a name, or leave it out.");
  return text;
}

const program = new Command("greenlight")
  .description(
    "Takes a release candidate from built binaries to a published release, and lets nothing through that clean machines have not proven.\nWithout a command: `up` on the dev stack, with the sample candidate until another one is set.",
  )
  .showHelpAfterError("(run with --help to see what there is)")
  // The word that is wrong is shown as one that cannot steer a terminal.
  .configureOutput({ outputError: (text, print) => print(shownLines(text)) })
  .exitOverride()
  // `candidate create` has a --version of its own.
  .enablePositionalOptions()
  .version(toolVersion(), "-V, --version", "print the version of Greenlight")
  .addHelpText("afterAll", `\nExit codes: ${exitCodeLine}`);

const stackOption = [
  "-s, --stack <name>",
  "the stack: dev publishes to dev, prod promotes to stable",
  named,
  "dev",
] as const;
interface Stack {
  stack: string;
}
let result = 0;

program
  .command("up", { isDefault: true })
  .description("prove a candidate on clean machines and publish it to the stack's channel when every gate is green")
  .option(...stackOption)
  .option(
    "-c, --candidate <folder>",
    "the candidate: a folder with candidate.json; becomes a setting of the stack",
    named,
  )
  .option("-p, --product <name>", "the product, a definition in src/products; becomes a setting of the stack", named)
  .option("--keep-red", "keep the machines of red cells until their life ends, for `shell`; stays so for this stack")
  .option("--no-keep-red", "end them as soon as they are judged (the default)")
  .action(async (options: UpOptions) => {
    result = await (await import("./up.ts")).up(workspaceFolder(), options, write);
  });

program
  .command("preview")
  .description(
    "show what `up` would do, and everything that is missing; makes no stack, sets nothing, publishes nothing: only archives are packed, into the cache",
  )
  .option(...stackOption)
  .option("-c, --candidate <folder>", "the candidate: a folder with candidate.json; for this preview alone", named)
  .option("-p, --product <name>", "the product, a definition in src/products; for this preview alone", named)
  .action(async (options: UpOptions) => {
    result = await (await import("./up.ts")).up(workspaceFolder(), { ...options, preview: true }, write);
  });

program
  .command("status")
  .description("show what each stack's gates said last, and what each channel holds")
  .option("--json", "as JSON")
  .addHelpText("after", "\nExit codes here: 0 every gate is green · 1 one is not · 2 a state cannot be used")
  .action(async (options: { json?: boolean }) => {
    result = (await import("./status.ts")).status(workspaceFolder(), options, write);
  });

program
  .command("why-not")
  .argument("<channel>", "a channel that policy names", named)
  .description("list every fact that keeps a release out of a channel, who can supply it, and the command that does")
  .option("--json", "as JSON")
  .addHelpText(
    "after",
    "\nExit codes here: 0 nothing keeps it closed · 1 something does · 2 no update has tried that channel",
  )
  .action(async (channel: string, options: { json?: boolean }) => {
    result = await (await import("./why-not.ts")).whyNot(workspaceFolder(), channel, options, write);
  });

program
  .command("destroy")
  .description("take the stack's machines down; published releases and evidence stay")
  .option(...stackOption)
  .action(async ({ stack }: Stack) => {
    result = await (await import("./destroy.ts")).destroy(workspaceFolder(), stack, write);
  });

program
  .command("rerun")
  .argument("<cell>", "a cell of the stack, as `up` names it", named)
  .description("prove one cell again on a fresh machine")
  .option(...stackOption)
  .action(async (cell: string, { stack }: Stack) => {
    result = await (await import("./rerun.ts")).rerun(workspaceFolder(), stack, cell, write);
  });

program
  .command("shell")
  .argument("<cell>", "a cell whose machine is still alive", named)
  .description("open a shell on a machine that is still alive")
  .option(...stackOption)
  .action(async (cell: string, { stack }: Stack) => {
    result = await (await import("./shell.ts")).shell(workspaceFolder(), stack, cell);
  });

program
  .command("record")
  .description(
    "keep what a cell's machine said, redacted, as a fixture that is judged without a machine (docs/record.md)",
  )
  .requiredOption("--cell <cell>", "a cell of the stack, as `up` names it", named)
  .requiredOption("--to <folder>", "where the recording goes: a folder that is empty or not there yet", named)
  .option(...stackOption)
  .action(async (options: RecordOptions) => {
    result = (await import("./record.ts")).record(workspaceFolder(), options, write);
  });

const candidate = program
  .command("candidate")
  .description("make or check a candidate: binaries brought to be released");
candidate
  .command("create")
  .argument(
    "<folder>",
    "holds <platform>/<binary>[.exe], and beside them web/, deployment/, docs/ or help_snapshots/, LICENSE.txt, RELEASE_NOTES.txt",
    named,
  )
  .description(
    "seal a folder of binaries with candidate.json, have the product write its deployment folders where they are missing, and say everything that is missing still",
  )
  .requiredOption("-p, --product <name>", "the product, a definition in src/products", named)
  .option(
    "--source <checkout>",
    "the git checkout that the binaries were built from: records its commit, tag and versions",
  )
  .option(
    "-k, --kinds <kinds>",
    "seal it for these kinds alone, as `headless` or `headless,desktop`; by default all of the product's",
    listed,
  )
  .option("--version <version>", "the candidate's version; by default what the sources state", named)
  .option("--repository <address>", "address of the sources; by default the checkout's origin", named)
  .option(
    "--allow <file>",
    "let in one file that looks like a secret or like litter, by its path in the folder; may be given again",
    (file: string, before: string[] = []) => [...before, file],
  )
  .action(async (folder: string, options: candidates.CreateOptions) => {
    result = await (await import("./candidate.ts")).create(folder, options, write);
  });
candidate
  .command("check")
  .argument("<folder>", "a folder with candidate.json", named)
  .description("say everything that is missing or wrong in a candidate, as `preview` would")
  .option("-p, --product <name>", "the product; by default what the candidate says", named)
  .option(
    "-k, --kinds <kinds>",
    "check it for these kinds alone, as a stack's greenlight:kinds does; by default those that it was sealed for",
    listed,
  )
  .action(async (folder: string, options: candidates.CheckOptions) => {
    result = await (await import("./candidate.ts")).check(folder, options, write);
  });

program
  .command("pack")
  .argument("<candidate>", "a folder with candidate.json", named)
  .description("pack a candidate's archives for every kind and platform on this host; nothing that is packed is run")
  .option("-o, --output <folder>", "where archives and the files beside them go", named, "archives")
  .option("-k, --kind <kinds>", "only these kinds, as `server,client`", listed)
  .option("--platform <platforms>", "only these platforms, as `linux-x64,windows-x64`", listed)
  .action(async (folder: string, options: PackOptions) => {
    result = await (await import("./pack.ts")).pack(folder, options, write, note);
  });

program
  .command("validate")
  .argument(
    "[archives...]",
    "archives of any platform, unpacked folders, installed folders",
    (path: string, before: string[] = []) => [...before, named(path)],
  )
  .description("judge archives by every rule, and report everything that breaks one; nothing is extracted or run")
  .option("--json", "the findings as JSON")
  .option("-k, --kind <kind>", "also ask that they are of that kind", named)
  .option(
    "--canonical",
    "also ask that compressed data are, byte for byte, what our writer makes of the contents: takes as long as packing",
  )
  .option("--compat <upstream>", "judge as Palyra's first validator did, and nothing else")
  .option("--rules", "print the rules as Markdown")
  .action(async (archives: string[], options: ValidateOptions) => {
    result = await (await import("./validate.ts")).validate(archives, options, write);
  });

const product = program.command("product").description("look at product definitions");
product
  .command("check")
  .argument("<name>", "the product, a definition in src/products", named)
  .description("say everything that is wrong with a product's definition; nothing is started")
  .addHelpText("after", "\nExit codes here: 0 it is whole · 2 it is not, or there is none")
  .action(async (name: string) => {
    result = (await import("./product.ts")).check(name, write);
  });

const channel = program.command("channel").description("look after the channels that releases lie in");
channel
  .command("repair")
  .argument("[channel]", "a channel, like dev or stable; without it, every channel", named)
  .description("rebuild the index from the release folders that verify; says what it found, and removes nothing")
  .action(async (name: string | undefined) => {
    result = await (await import("./channel.ts")).repair(workspaceFolder(), name, write);
  });

addMatrixCommands(program, { write, note }, (code) => (result = code));
addApprovalCommands(program, { write, note }, (code) => (result = code));

program
  .command("controls")
  .description(
    "list the seeded faults: which check must be red for each, and when it was last seen red here (`npm run test:full`)",
  )
  .option("-p, --product <name>", "only those of this product", named)
  .action(async (options: ControlsOptions) => {
    result = (await import("./controls.ts")).controls(workspaceFolder(), options, write);
  });

// These work before anything is set up, so setup answers them; they stand here for the help.
program.command("setup").description("get everything that Greenlight needs and is not there yet");
program.command("doctor").description("show each part that Greenlight needs: found, version, where, or how to get it");
program
  .command("env")
  .description('print what a shell needs to use plain pulumi on the same state: eval "$(npm run -s start -- env)"');

const [first] = process.argv.slice(2);
const names = program.commands.map((command) => command.name());
const noSuchCommand = (word: string): EdgeError =>
  new EdgeError(
    `There is no command ${JSON.stringify(word)}; there are ${names.join(", ")}${didYouMean(word, names) || "."}`,
  );
try {
  // `up` is the default, and would take an unknown command for a word too many.
  if (first !== undefined && !first.startsWith("-") && first !== "help" && !names.includes(first)) {
    throw noSuchCommand(first);
  }
  const [, asked] = process.argv.slice(2);
  if (first === "help" && asked !== undefined && !asked.startsWith("-") && !names.includes(asked))
    throw noSuchCommand(asked);
  await program.parseAsync(process.argv);
} catch (e) {
  if (e instanceof CommanderError) {
    result = e.exitCode === 0 ? exitCodes.green : exitCodes.usage;
  } else if (e instanceof EdgeError) {
    note(e.message);
    result = errorCodes[e.code];
  } else {
    // What the file system refused is somebody's to mend; everything else is ours, and shows where it happened.
    const { code, path, syscall } = e as NodeJS.ErrnoException;
    if (code === undefined || path === undefined) throw e;
    note(
      `${oneLine(path)} cannot be used (${code} in ${syscall}); see that it is there, that you may read and write it, and that there is room, then try again.`,
    );
    result = exitCodes.usage;
  }
}
await endProcess(result);
