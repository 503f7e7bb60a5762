/** `greenlight matrix`: what people may ask of a product's regression matrix. */
import { InvalidArgumentError, type Command } from "commander";
import { workspaceFolder } from "../storage/folders.ts";

/** The ways to a person: what was asked for, and what is said on the way to it. */
export interface Voices {
  write: (line: string) => void;
  note: (line: string) => void;
}

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

/** Adds the commands; `done` gets the exit code. */
export function addMatrixCommands(program: Command, voices: Voices, done: (code: number) => void): void {
  const matrix = program
    .command("matrix")
    .description("run the scenarios of a product's regression matrix, and put reports together");
  matrix
    .command("run")
    .description("run the scenarios that commands prove, in a checkout of the product; no gate asks for the report yet")
    .requiredOption("-p, --product <name>", "a product with a matrix in infra/release/<product>", word)
    .requiredOption("--profile <profile>", "fast or full", word)
    .requiredOption("--checkout <folder>", "the product's git checkout; the commands run in it", word)
    .option("--only <ids>", "only these scenarios, with commas between them", words)
    .option(
      "-o, --output <folder>",
      "where the report goes; by default below .greenlight/matrix, by commit and profile",
      word,
    )
    .addHelpText("after", matrixCodes)
    .action(async (options) => done(await (await import("./matrix.ts")).runMatrix(workspaceFolder, options, voices)));
}
