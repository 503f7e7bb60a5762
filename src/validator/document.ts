/** The rules as a page of Markdown: the documentation is this text, so that it cannot be another. */
import { ruleGroups } from "./rules.ts";
import type { Rule } from "./rule.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

function row({ id, title, protects, remedy, of, upstream }: Rule): string {
  return `| \`${id}\` | ${cell(title)}. | ${cell(protects)} | ${cell(remedy)} | ${of.length === 3 ? "all" : of.join(", ")} | ${upstream ?? ""} |`;
}

export function documentRules(): string {
  const count = ruleGroups.reduce((sum, group) => sum + group.rules.length, 0);
  return [
    "# Validation rules",
    "",
    "`greenlight validate ARCHIVE…` judges archives of any platform on any host, unpacked folders and installed folders, by these",
    `${count} rules, and reports everything that breaks them. Nothing is extracted; memory and time are bounded whatever an archive says.`,
    "",
    "    npm start -- validate FILE.zip FOLDER…     text: key=value lines for what is valid, findings for what is not",
    "    npm start -- validate --json FILE.zip      JSON: path, kind, findings (rule, entry, found, remedy), manifest",
    "    npm start -- validate --kind headless …    also that it is of that kind",
    "    npm start -- validate --canonical …        also that compressed data are, byte for byte, what our writer makes of the contents",
    "    npm start -- validate --compat upstream …  the eleven rules of Palyra's first validator as they were, and no other",
    "    npm start -- validate --rules              this page",
    "",
    "Exit codes: `0` nothing found · `1` findings · `2` a path or an option is wrong.",
    "",
    "What is canonical: container, headers, order, dates, manifest and checksums have one form, and every archive is held to it. Of the",
    "compressed data within, any is accepted that unpacks to the very contents that checksums cover: other levels and bits that fill up",
    "bytes change nothing that anybody unpacks. `--canonical` deflates the contents anew and accepts our own alone, in the time that",
    "packing takes. Whoever knows the archive's SHA-256 needs neither: it covers every byte.",
    "",
    "The last column is the rule's number among those eleven. This page is written by the rules themselves.",
    ...ruleGroups.flatMap(({ title, rules }) => [
      "",
      `## ${title}`,
      "",
      "| rule | what must hold | protects | remedy | asked of | no. |",
      "| --- | --- | --- | --- | --- | --- |",
      ...rules.map(row),
    ]),
    "",
  ].join("\n");
}
