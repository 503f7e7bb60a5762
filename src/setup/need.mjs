/** How much of setup a command needs. */

/**
 * `sources` runs TypeScript (help, fast tests), `engine` also works on stacks, `machines` also starts machines.
 * @typedef {"sources" | "engine" | "machines"} Need
 */

/**
 * What commands need. One that is not listed is no command, or one that setup answers itself with a word too many: main.ts says so.
 * @type {Record<string, Need>}
 */
const NEEDS = { up: "machines", preview: "machines", rerun: "machines", destroy: "engine", shell: "engine" };

/**
 * @param {string[]} args of `greenlight`
 * @returns {Need}
 */
export function needOf(args) {
  if (args.some((arg) => ["--help", "-h", "--version", "-V"].includes(arg))) return "sources";
  // Without a command it is `up`.
  const [first = "up"] = args;
  const command = first.startsWith("-") ? "up" : first;
  return (Object.hasOwn(NEEDS, command) ? NEEDS[command] : undefined) ?? "sources";
}
