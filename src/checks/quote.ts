/** One word of a POSIX shell. */

/** `text` as one word, whatever is in it (but for NUL, which no shell text can hold). */
export function quote(text: string): string {
  return /^[A-Za-z0-9_/.:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
