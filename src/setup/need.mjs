/** How much of setup a command needs. */

/**
 * `sources` runs TypeScript (help, fast tests), `engine` also works on stacks, `machines` also starts machines.
 * @typedef {"sources" | "engine" | "machines"} Need
 */

/**
 * Commands that need less than everything; one that is not listed starts machines.
 * @type {Record<string, Need>}
 */
const NEEDS = { help: "sources", candidate: "sources", channel: "sources", pack: "sources", validate: "sources", destroy: "engine", shell: "engine" };

/**
 * @param {string[]} args of `greenlight`
 * @returns {Need}
 */
export function needOf(args) {
  if (args.some((arg) => ["--help", "-h", "--version", "-V"].includes(arg))) return "sources";
  const [command = ""] = args;
  return (Object.hasOwn(NEEDS, command) ? NEEDS[command] : undefined) ?? "machines";
}
