/** The validator: any platform's archive on any host, an unpacked or an installed folder, judged by rules that are data. */
export { validate, validateBytes } from "./validate.ts";
export type { RuleFinding, ValidateOptions, Validation } from "./validate.ts";
export { rules } from "./rules.ts";
export type { Rule } from "./rule.ts";
export type { Manifest } from "./manifest.ts";
export type { ContentKind, Expected } from "./content.ts";
export { documentRules } from "./document.ts";
