/** Texts as words of a shell. Plain JavaScript, because setup needs it on a Node that runs no TypeScript. */

/**
 * The text between quotes, as one word of any POSIX shell.
 * @param {string} text without NUL, which no word can hold
 */
export function shellQuoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * The same, without quotes where it needs none: for commands that people read, here or in what a machine was told.
 * @param {string} text
 */
export function shownWord(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuoted(text);
}
