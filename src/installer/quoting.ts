/**
 * How values get into the installer's text. What they mean to systemd, to an environment file or to a profile is the installer's
 * own to write, at run time (sh/quoting.sh): places are chosen only there.
 */
import { EdgeError, shown } from "../edges/edges.ts";
import { shellQuoted } from "../edges/shell-word.mjs";

/** A value that may stand on one line. @throws EdgeError when it holds a control character (NUL, CR and LF among them). */
export function oneLine(value: string, what: string): string {
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    throw new EdgeError(
      `${what} holds a control character (found ${shown(value)}); take it out of the product definition.`,
    );
  }
  return value;
}

/** The name of an environment variable. @throws EdgeError when it is none. */
export function variable(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new EdgeError(
      `${shown(name)} is no name of an environment variable; use letters, digits and _ in the product definition.`,
    );
  }
  return name;
}

/** A POSIX shell word that stands for exactly this text; new lines are allowed, NUL is not. */
export function shellWord(text: string): string {
  if (text.includes("\0"))
    throw new EdgeError(
      `A text for a shell script holds a NUL character (found ${shown(text)}); take it out of the product definition.`,
    );
  return shellQuoted(text);
}

/** A gap in a text, which the installer fills with its variable `name` when it runs. NUL marks it: no text of a product may hold one. */
export function gap(name: string): string {
  return `\0${name}\0`;
}

/** A shell word for a text with gaps. */
export function wordWithGaps(text: string): string {
  const parts = text.split("\0");
  const words = parts.map((part, n) =>
    n % 2 === 1 ? `"$${part}"` : part === "" && parts.length > 1 ? "" : shellWord(part),
  );
  return words.join("");
}
