/** Whether help pages are the packaged ones, or as they are described: both sides come from the machine, and are compared here. */
import { z } from "zod";
import { judge, unless } from "../../checks/judging.ts";
import type { Outputs } from "../../checks/outputs.ts";

const HelpExpectationSchema = z.strictObject({
  /** pages that must be there, with or without a snapshot in the release */
  groups: z.array(
    z.strictObject({
      command: z.string(),
      /** the command that this one is another name of: it has that one's page */
      alias: z.string().optional(),
      /** its subcommands, for a page without a snapshot: such a page must have the usage line and exactly these, or any where nothing is stated of them */
      subcommands: z.union([z.array(z.string()), z.literal("not stated")]).optional(),
    }),
  ),
  /** all of the first level */
  commands: z.array(z.string()),
});
export type HelpExpectation = z.output<typeof HelpExpectationSchema>;

/** A snapshot's file for a command: `onboarding wizard` → `onboarding-wizard-help.txt`. */
const snapshot = (command: string): string => `${command.replaceAll(" ", "-")}-help.txt`;

/** Snapshots of the first page are kept by system. This one's is compared; of another's, what it lists is looked at. */
const [firstPage, elsewhere] = ["root-help-unix.txt", "root-help-windows.txt"];

/** Fewer first-level commands than this mean that the list could not be read; how many there are is the release's own matter. */
const fewestListed = 20;

type Page = string[];

/** Lines without blanks at their ends, and no empty ones: snapshots have lost those that held blanks alone. */
const normal = (text: string): Page =>
  text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");

/** First words of what is indented below `Commands:`; more indented is a long description that goes on. */
function listed(page: Page): string[] {
  const [, below = ""] = /^Commands:.*\n((?: .*\n)*)/m.exec(`${page.join("\n")}\n`) ?? [];
  return [...below.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name!);
}

/** A line that only one of two pages has: of the packaged one `<`, of the printed one `>`. */
function difference(packaged: Page, printed: Page): string | undefined {
  const at = Array.from({ length: Math.max(packaged.length, printed.length) }).findIndex(
    (_, i) => packaged[i] !== printed[i],
  );
  if (at < 0) return undefined;
  const lacking = packaged[at] !== undefined && !printed.includes(packaged[at]);
  return lacking || printed[at] === undefined ? `< ${packaged[at]}` : `> ${printed[at]}`;
}

/** What was asked for a page: a command, with an argument in its middle as well where its usage line has one. */
interface Asked {
  code: number;
  kind: string;
  command: string;
}

function askedFor(own: Outputs): Map<string, Asked[]> {
  const lines = own.file("asked").matchAll(/^(\d+) (printed|called) (\S+) (.*)$/gm);
  const all = [...lines].map(([, code, kind, file, command]) => ({
    file: file!,
    asked: { code: Number(code), kind: kind!, command: command! },
  }));
  return new Map([...Map.groupBy(all, ({ file }) => file)].map(([file, of]) => [file, of.map(({ asked }) => asked)]));
}

export const helpAsPackaged = judge(HelpExpectationSchema, ({ groups, commands }, { own }) => {
  const asked = askedFor(own);
  const wrong: string[] = [];
  const page = (name: string): Page => normal(own.file(`pages/${name}`));
  const help = (command: string): string => `${command}${command && " "}--help`;

  /** A command with an argument in its middle may have its page only when it is given one. */
  const printed = (file: string): Page | undefined => {
    const [without, called] = asked.get(file) ?? [];
    if (!without) {
      wrong.push(`palyra: nobody asked for the page ${file}`);
      return undefined;
    }
    const usage = called && page(file).find((line) => line.startsWith("Usage: palyra"));
    const found = called && (without.code !== 0 || !page(`${file}.printed`).includes(usage!)) ? called : without;
    if (found.code === 0) return page(`${file}.${found.kind}`);
    wrong.push(`palyra ${help(without.command)}: exit code ${found.code}`);
    return undefined;
  };
  const compare = (command: string, packaged: string, got: Page): void => {
    const differs = difference(page(packaged), got);
    const name = packaged === snapshot(command) || command === "" ? "" : ` ${packaged}`;
    if (differs !== undefined) wrong.push(`palyra ${help(command)} differs from the packaged page${name}: ${differs}`);
  };
  const undescribed = (command: string): void => {
    wrong.push(`palyra ${help(command)}: the release has no page of it, and it is not described`);
  };
  const lists = (title: string, got: Page): void => {
    const names = listed(got);
    const known = names.filter((name) => commands.includes(name));
    wrong.push(
      ...names
        .filter((name) => !known.includes(name))
        .map((name) => `palyra ${title} lists ${name}, which nobody knows`),
      ...(known.length < fewestListed ? [`palyra ${title} lists only ${known.length} commands`] : []),
    );
    known.filter((name) => name !== "help" && !asked.has(snapshot(name))).forEach(undescribed);
  };

  const snapshots = own.files
    .filter((path) => /^pages\/.*(?<!\.printed|\.called)$/.test(path))
    .map((path) => path.slice("pages/".length));
  if (snapshots.length === 0) wrong.push("palyra has no packaged pages");
  for (const file of snapshots) {
    const got = asked.has(file) ? printed(file) : undefined;
    if (got) compare(asked.get(file)![0]!.command, file, got);
    else if (file === elsewhere) lists("in its page of Windows", page(file));
    else if (!asked.has(file)) wrong.push(`palyra has the page ${file}, and nobody knows of which command`);
  }
  for (const { command, alias, subcommands } of groups) {
    if (snapshots.includes(snapshot(command))) continue;
    const got = printed(snapshot(command));
    if (!got) continue;
    const found = listed(got).filter((name) => name !== "help");
    if (alias !== undefined && snapshots.includes(snapshot(alias))) compare(command, snapshot(alias), got);
    else if (!subcommands) undescribed(command);
    else if (!got.some((line) => `${line} `.startsWith(`Usage: palyra ${command} `)))
      wrong.push(`palyra ${help(command)} has no usage line`);
    else if (subcommands !== "not stated" && found.sort().join() !== subcommands.toSorted().join())
      wrong.push(`palyra ${command} has other subcommands: ${found.join(" ") || "none"}`);
  }
  lists("--help", printed(firstPage) ?? []);
  const more = wrong.length > 20 ? `; and ${wrong.length - 20} more` : "";
  return unless(
    wrong.length === 0,
    `${asked.size} help pages as they are packaged or described`,
    `${wrong.length} not as expected: ${wrong.slice(0, 20).join("; ")}${more}`,
  );
});
