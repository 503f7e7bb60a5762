/**
 * The path patterns of `assetPaths` and `archivePaths`, which are those of github.com/gobwas/glob with `/` as separator:
 * `*` and `?` stop at a `/`, `**` does not, `[abc]`, `[a-z]`, `[!a]`, `{one,other}`, and `\` before a character that means itself.
 */
import { EdgeError } from "../edges/edges.ts";

const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** The pattern as a regular expression for a whole path. @throws EdgeError when a bracket or brace is not closed. */
export function globPattern(pattern: string): RegExp {
  const broken = (what: string): never => {
    throw new EdgeError(`The path pattern ${JSON.stringify(pattern)} ${what}; close it, or put a backslash before it.`);
  };
  let source = "";
  let braces = 0;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    if (character === "\\") {
      if (i + 1 === pattern.length) broken("ends with a backslash");
      source += literal(pattern[++i]!);
    } else if (character === "*") {
      let stars = 1;
      while (pattern[i + 1] === "*") (i++, stars++);
      source += stars > 1 ? ".*" : "[^/]*";
    } else if (character === "?") {
      source += "[^/]";
    } else if (character === "[") {
      const end = pattern.indexOf("]", i + 1);
      if (end === -1) broken("has a [ without a ]");
      let body = pattern.slice(i + 1, end);
      const not = body.startsWith("!");
      if (not) body = body.slice(1);
      if (body === "") broken("has empty brackets");
      const range = /^(.)-(.)$/su.exec(body);
      if (range && range[1]! > range[2]!) broken("has a range that ends before it starts");
      source += `[${not ? "^" : ""}${range ? `${literal(range[1]!)}-${literal(range[2]!)}` : [...body].map(literal).join("")}]`;
      i = end;
    } else if (character === "{") {
      braces++;
      source += "(?:";
    } else if (character === "}" && braces > 0) {
      braces--;
      source += ")";
    } else if (character === "," && braces > 0) {
      source += "|";
    } else {
      source += literal(character);
    }
  }
  if (braces > 0) broken("has a { without a }");
  return new RegExp(`^(?:${source})$`, "s");
}

/**
 * The paths that the rules choose, in the order given: each rule in turn takes matching paths in, or, with a `!` before it,
 * out again. @throws EdgeError for a pattern that cannot be read.
 */
export function chosenPaths(paths: readonly string[], rules: readonly string[]): string[] {
  const compiled = rules.map((rule) => ({ out: rule.startsWith("!"), pattern: globPattern(rule.replace(/^!/, "")) }));
  return paths.filter((path) => compiled.reduce((taken, rule) => (rule.pattern.test(path) ? !rule.out : taken), false));
}
