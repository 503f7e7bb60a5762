/** The `greenlight` command. Setup has run before it; `npm start -- ARGS` and bin/greenlight lead here. */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { EdgeError } from "../edges/edges.ts";
import { toolVersion } from "../provider/version.ts";
import { workspaceFolder } from "../storage/folders.ts";
import { endProcess, toleratePartingReaders } from "./ending.ts";
import { exitCodeLine, exitCodes } from "./exit-codes.ts";
import { oneLine, shownLines } from "../edges/one-line.ts";
import { didYouMean } from "./nearest.ts";

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

const program = new Command("greenlight")
  .description("Takes a release candidate from built binaries to a published release, and lets nothing through that clean machines have not proven.\nWithout a command: `up` on the dev stack, with the sample candidate until another one is set.")
  .showHelpAfterError("(run with --help to see what there is)")
  // The word that is wrong is shown as one that cannot steer a terminal.
  .configureOutput({ outputError: (text, print) => print(shownLines(text)) })
  .exitOverride()
  // `candidate create` has a --version of its own.
  .enablePositionalOptions()
  .version(toolVersion(), "-V, --version", "print the version of Greenlight")
  .addHelpText("afterAll", `\nExit codes: ${exitCodeLine}`);

const stackOption = ["-s, --stack <name>", "the stack: dev publishes to dev, prod promotes to stable", "dev"] as const;
let result = 0;

program
  .command("up", { isDefault: true })
  .description("prove a candidate on clean machines and publish it to the stack's channel when every gate is green")
  .option(...stackOption)
  .option("-c, --candidate <folder>", "the candidate: a folder with candidate.json; becomes a setting of the stack")
  .option("-p, --product <name>", "the product, a definition in src/products; becomes a setting of the stack")
  .option("--keep-red", "keep the machines of red cells until their life ends, for `shell`; stays so for this stack")
  .option("--no-keep-red", "end them as soon as they are judged (the default)")
  .action(async (options) => {
    result = await (await import("./up.ts")).up(workspaceFolder(), options, write);
  });

program
  .command("preview")
  .description("show what `up` would do, and everything that is missing; makes no stack, sets nothing, publishes nothing: only archives are packed, into the cache")
  .option(...stackOption)
  .option("-c, --candidate <folder>", "the candidate: a folder with candidate.json; for this preview alone")
  .option("-p, --product <name>", "the product, a definition in src/products; for this preview alone")
  .action(async (options) => {
    result = await (await import("./up.ts")).up(workspaceFolder(), { ...options, preview: true }, write);
  });

program
  .command("destroy")
  .description("take the stack's machines down; published releases and evidence stay")
  .option(...stackOption)
  .action(async ({ stack }) => {
    result = await (await import("./destroy.ts")).destroy(workspaceFolder(), stack, write);
  });

program
  .command("rerun")
  .argument("<cell>", "a cell of the stack, as `up` names it")
  .description("prove one cell again on a fresh machine")
  .option(...stackOption)
  .action(async (cell, { stack }) => {
    result = await (await import("./rerun.ts")).rerun(workspaceFolder(), stack, cell, write);
  });

program
  .command("shell")
  .argument("<cell>", "a cell whose machine is still alive")
  .description("open a shell on a machine that is still alive")
  .option(...stackOption)
  .action(async (cell, { stack }) => {
    result = await (await import("./shell.ts")).shell(workspaceFolder(), stack, cell);
  });

program
  .command("record")
  .description("keep what a cell's machine said, redacted, as a fixture that is judged without a machine (docs/record.md)")
  .requiredOption("--cell <cell>", "a cell of the stack, as `up` names it")
  .requiredOption("--to <folder>", "where the recording goes: a folder that is empty or not there yet")
  .option(...stackOption)
  .action(async (options) => {
    result = (await import("./record.ts")).record(workspaceFolder(), options, write);
  });

const candidate = program.command("candidate").description("make or check a candidate: binaries brought to be released");
candidate
  .command("create")
  .argument("<folder>", "holds <platform>/<binary>[.exe], and beside them web/, deployment/, docs/ or help_snapshots/, LICENSE.txt, RELEASE_NOTES.txt")
  .description("seal a folder of binaries with candidate.json, have the product write its deployment folders where they are missing, and say everything that is missing still")
  .requiredOption("-p, --product <name>", "the product, a definition in src/products")
  .option("--source <checkout>", "the git checkout that the binaries were built from: records its commit, tag and versions")
  .option("-k, --kinds <kinds>", "seal it for these kinds alone, as `headless` or `headless,desktop`; by default all of the product's", listed)
  .option("--version <version>", "the candidate's version; by default what the sources state")
  .option("--repository <address>", "address of the sources; by default the checkout's origin")
  .option("--allow <file>", "let in one file that looks like a secret or like litter, by its path in the folder; may be given again", (file: string, before: string[] = []) => [...before, file])
  .action(async (folder, options) => {
    result = await (await import("./candidate.ts")).create(folder, options, write);
  });
candidate
  .command("check")
  .argument("<folder>", "a folder with candidate.json")
  .description("say everything that is missing or wrong in a candidate, as `preview` would")
  .option("-p, --product <name>", "the product; by default what the candidate says")
  .option("-k, --kinds <kinds>", "check it for these kinds alone, as a stack's greenlight:kinds does; by default those that it was sealed for", listed)
  .action(async (folder, options) => {
    result = await (await import("./candidate.ts")).check(folder, options, write);
  });

program
  .command("pack")
  .argument("<candidate>", "a folder with candidate.json")
  .description("pack a candidate's archives for every kind and platform on this host; nothing that is packed is run")
  .option("-o, --output <folder>", "where archives and the files beside them go", "archives")
  .option("-k, --kind <kinds>", "only these kinds, as `server,client`", listed)
  .option("--platform <platforms>", "only these platforms, as `linux-x64,windows-x64`", listed)
  .action(async (folder, options) => {
    result = await (await import("./pack.ts")).pack(folder, options, write, note);
  });

program
  .command("validate")
  .argument("[archives...]", "archives of any platform, unpacked folders, installed folders")
  .description("judge archives by every rule, and report everything that breaks one; nothing is extracted or run")
  .option("--json", "the findings as JSON")
  .option("-k, --kind <kind>", "also ask that they are of that kind")
  .option("--canonical", "also ask that compressed data are, byte for byte, what our writer makes of the contents: takes as long as packing")
  .option("--compat <upstream>", "judge as Palyra's first validator did, and nothing else")
  .option("--rules", "print the rules as Markdown")
  .action(async (archives, options) => {
    result = await (await import("./validate.ts")).validate(archives, options, write);
  });

const channel = program.command("channel").description("look after the channels that releases lie in");
channel
  .command("repair")
  .argument("[channel]", "a channel, like dev or stable; without it, every channel")
  .description("rebuild the index from the release folders that verify; says what it found, and removes nothing")
  .action(async (name) => {
    result = await (await import("./channel.ts")).repair(workspaceFolder(), name, write);
  });

program
  .command("controls")
  .description("list the seeded faults: which check must be red for each, and when it was last seen red here (`npm run test:full`)")
  .option("-p, --product <name>", "only those of this product")
  .action(async (options) => {
    result = (await import("./controls.ts")).controls(workspaceFolder(), options, write);
  });

// These work before anything is set up, so setup answers them; they stand here for the help.
program.command("setup").description("get everything that Greenlight needs and is not there yet");
program.command("doctor").description("show each part that Greenlight needs: found, version, where, or how to get it");
program.command("env").description('print what a shell needs to use plain pulumi on the same state: eval "$(npm run -s start -- env)"');

const [first] = process.argv.slice(2);
const names = program.commands.map((command) => command.name());
try {
  // `up` is the default, and would take an unknown command for a word too many.
  if (first !== undefined && !first.startsWith("-") && first !== "help" && !names.includes(first)) {
    throw new EdgeError(`There is no command ${JSON.stringify(first)}; there are ${names.join(", ")}${didYouMean(first, names) || "."}`);
  }
  await program.parseAsync(process.argv);
} catch (e) {
  if (e instanceof CommanderError) {
    result = e.exitCode === 0 ? exitCodes.green : exitCodes.usage;
  } else if (e instanceof EdgeError || (e as Error).name === "MachineError") {
    note((e as Error).message);
    result = exitCodes.usage;
  } else {
    // What the file system refused is somebody's to mend; everything else is ours, and shows where it happened.
    const { code, path, syscall } = e as NodeJS.ErrnoException;
    if (code === undefined || path === undefined) throw e;
    note(`${oneLine(path)} cannot be used (${code} in ${syscall}); see that it is there, that you may read and write it, and that there is room, then try again.`);
    result = exitCodes.usage;
  }
}
await endProcess(result);
