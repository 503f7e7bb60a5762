/**
 * One function for each language that a value is written into. Each is tested by executing what it wrote.
 * Control characters are refused everywhere: no path or argument of a product needs them, and no two of these
 * languages agree on them.
 */
import { EdgeError, shown } from "../edges/edges.ts";

/** A value that may stand on one line. @throws EdgeError when it holds a control character (NUL, CR and LF among them). */
export function oneLine(value: string, what: string): string {
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    throw new EdgeError(`${what} holds a control character (found ${shown(value)}); take it out of the product definition.`);
  }
  return value;
}

/** A POSIX shell word that stands for exactly this text; new lines are allowed, NUL is not. */
export function shellWord(text: string): string {
  if (text.includes("\0")) throw new EdgeError(`A text for a shell script holds a NUL character (found ${shown(text)}); take it out of the product definition.`);
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * An argument in `ExecStart=` and a path in `ReadWritePaths=`: double quotes with C escapes, `%` doubled against
 * specifiers (systemd.service(5), Command lines). In arguments `$` is doubled too; the executable and paths know no variables.
 */
export function systemdWord(text: string, place: "argument" | "path"): string {
  if (/^[A-Za-z0-9_./:=,-]+$/.test(text)) return text;
  const specifiers = oneLine(text, "A word of a unit").replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%");
  return `"${place === "argument" ? specifiers.replaceAll("$", "$$$$") : specifiers}"`;
}

/** The rest of a unit's line, as in `Description=` and `WorkingDirectory=`: no quotes there, only specifiers. @throws EdgeError for what would be cut off or continued. */
export function systemdLine(text: string, what: string): string {
  if (/^\s|\s$|\\$|^$/.test(oneLine(text, what))) {
    throw new EdgeError(`${what} starts or ends with white space or ends with a backslash (found ${shown(text)}), which systemd would cut off; change it in the product definition.`);
  }
  return text.replaceAll("%", "%%");
}

/** The path in `EnvironmentFile=`, which is a glob pattern without quotes. */
export function systemdGlob(path: string, what: string): string {
  return systemdLine(path.replace(/[\\*?[\]]/g, "\\$&"), what);
}

/** `NAME="value"` of an environment file (systemd.exec(5), EnvironmentFile), which a POSIX shell reads alike. */
export function environmentLine(name: string, value: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new EdgeError(`${shown(name)} is no name of an environment variable; use letters, digits and _ in the product definition.`);
  }
  return `${name}="${oneLine(value, `Environment variable ${name}`).replace(/["\\`$]/g, "\\$&")}"`;
}
