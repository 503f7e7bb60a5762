/** All rules, in the order in which they are reported and documented. */
import type { Rule } from "./rule.ts";
import { besideRules } from "./rules/beside.ts";
import { containerRules } from "./rules/container.ts";
import { entryRules } from "./rules/entries.ts";
import { manifestRules } from "./rules/manifest.ts";
import { nameRules } from "./rules/names.ts";
import { payloadChecks } from "./rules/payload.ts";
import { unwantedRules } from "./rules/unwanted.ts";
import { programRules } from "./rules/programs.ts";

/** Groups with the sentence that stands above them in the documentation. */
export const ruleGroups: { title: string; rules: Rule[] }[] = [
  { title: "The archive as a whole", rules: containerRules },
  { title: "Entries of an archive", rules: entryRules },
  { title: "Names, types and modes", rules: nameRules },
  { title: "The manifest", rules: manifestRules },
  { title: "Programs", rules: programRules },
  { title: "Files and checksums", rules: payloadChecks },
  { title: "What is nobody's to release", rules: unwantedRules },
  { title: "Beside the archive, and after installing", rules: besideRules },
];

export const rules: readonly Rule[] = ruleGroups.flatMap((group) => group.rules);
