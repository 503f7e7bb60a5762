/** `greenlight matrix`: what people may ask of a product's regression matrix. */
import { InvalidArgumentError, type Command } from "commander";
import { workspaceFolder } from "../storage/folders.ts";
import type { ContractOptions } from "./contract.ts";
import type { RunOptions } from "./matrix.ts";
import type { ImportOptions, MergeOptions } from "./matrix-reports.ts";
import type { SourceOptions } from "./source-contract.ts";
import type { ShowOptions } from "./evidence-show.ts";
import type { Voices } from "./voices.ts";

/** One word for an option that must not be empty: an empty one is a variable that is not set. */
export function word(text: string): string {
  if (text === "") throw new InvalidArgumentError("It is empty; give a name, or leave it out.");
  return text;
}

/** The same word given once for each, or several with commas between them. */
export function words(text: string, before: string[] = []): string[] {
  return [...before, ...text.split(",").map((each) => word(each.trim()))];
}

/** How scenarios end, for the help of each command. */
export const matrixCodes = `
Exit codes here: 0 all that was run has passed · 1 a scenario or a setup step failed, or executed no test · 2 wrong argument or policy
file, nothing was run · 130 interrupted: what was running is ended, and there is no report`;

const mergeCodes = `
Exit codes here: 0 nothing is known to be wrong, though something may not be known yet · 1 something failed, or the reports do not belong
together · 2 wrong argument or file`;

const importCodes = `
Exit codes here: 0 every scenario that the file is about has passed · 1 one failed, or the file shows nothing: no test, all of them
skipped, none that the matrix names · 2 wrong argument or file`;

const sourceCodes = `
Exit codes here: 0 every file has all that is asked for · 1 one has not, or is not that of the commit, or cannot be read as what it is ·
2 wrong argument or policy file`;

const contractCodes = `
Exit codes here: 0 all agree · 1 something is missing or unknown somewhere, or a policy file is malformed · 2 wrong argument`;

const productHelp = "a product with a matrix in infra/release/<product>";
const outputHelp =
  "where the report goes; by default below .greenlight/matrix, by commit, profile and what the report is about";

/** Adds the commands; `done` gets the exit code. */
export function addMatrixCommands(program: Command, voices: Voices, done: (code: number) => void): void {
  const matrix = program
    .command("matrix")
    .description("run the scenarios of a product's regression matrix, and put reports together");
  matrix
    .command("run")
    .description("run the scenarios that commands prove, in a checkout of the product, for gates matrix and readiness")
    .requiredOption("-p, --product <name>", productHelp, word)
    .requiredOption("--profile <profile>", "fast or full", word)
    .requiredOption("--checkout <folder>", "the product's git checkout; the commands run in it", word)
    .option("--only <ids>", "only these scenarios, with commas between them", words)
    .option("-o, --output <folder>", outputHelp, word)
    .addHelpText("after", matrixCodes)
    .action(async (options: RunOptions) =>
      done(await (await import("./matrix.ts")).runMatrix(workspaceFolder, options, voices)),
    );

  matrix
    .command("merge")
    .argument(
      "<reports...>",
      "report.json files, or folders that hold one, on the same commit",
      (path, before: string[] = []) => [...before, word(path)],
    )
    .description("say what reports on one commit come to together; those on different commits are refused")
    .option("-o, --output <file>", "also write it there as JSON", word)
    .addHelpText("after", mergeCodes)
    .action(async (reports: string[], options: MergeOptions) =>
      done((await import("./matrix-reports.ts")).mergeMatrix(reports, options, voices)),
    );

  const evidence = program
    .command("evidence")
    .description("show what machines said, and bring in what is known of a product beside them");
  evidence
    .command("show")
    .argument("<cell>", "a cell of the stack, as `up` names it", (cell: string) => word(cell))
    .argument("[check]", "one check, as <suite>/<check>; without it, every check that did not pass")
    .description("print command, expectation and full output of checks, from the cell's latest evidence")
    .option("-s, --stack <name>", "the stack", word, "dev")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExit codes here: 0 what is shown has passed · 1 it has not · 2 no such cell or check")
    .action(async (cell: string, check: string | undefined, options: ShowOptions) =>
      done((await import("./evidence-show.ts")).showEvidence(workspaceFolder(), cell, check, options, voices.write)),
    );
  evidence
    .command("import")
    .description("make a report of a JUnit file from the product's own CI, for gates matrix and readiness")
    .requiredOption("-p, --product <name>", productHelp, word)
    .requiredOption("--junit <file>", "the JUnit XML", word)
    .requiredOption("--commit <commit>", "the commit that was tested, all 40 or 64 digits of it", word)
    .requiredOption("--profile <profile>", "fast or full", word)
    .option("-o, --output <folder>", outputHelp, word)
    .addHelpText("after", importCodes)
    .action(async (options: ImportOptions) =>
      done(await (await import("./matrix-reports.ts")).importJunit(workspaceFolder, options, voices)),
    );
  evidence
    .command("source-contract")
    .description("look at what the files of a checkout hold, for each item of the readiness checklist that asks for it")
    .requiredOption("-p, --product <name>", "a product with a readiness checklist in infra/release/<product>", word)
    .requiredOption("--checkout <folder>", "the product's git checkout", word)
    .addHelpText("after", sourceCodes)
    .action(async (options: SourceOptions) =>
      done(await (await import("./source-contract.ts")).sourceContract(workspaceFolder, options, voices)),
    );

  program
    .command("contract")
    .description("hold what a product's code declares and what policy says of it together")
    .command("check")
    .description(
      "say everything that code, regression matrix, readiness checklist, promotion gates, checks and channels do not agree on; gate contract asks the same",
    )
    .requiredOption("-p, --product <name>", productHelp, word)
    .option("--checkout <folder>", "the product's sources: their capabilities, and their own policy files", word)
    .option(
      "--candidate <folder>",
      "a sealed candidate: the capabilities and the policy files that it was sealed with",
      word,
    )
    .addHelpText("after", contractCodes)
    .action(async (options: ContractOptions) => done((await import("./contract.ts")).contract(options, voices)));
}
