/** Text of others (names of files, words of a product) on its way to a person: it steers no terminal and begins no line of a log. */

/** Characters that act instead of being seen: controls, those of no width, and those that turn the writing direction. */
const acting =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0]/g;

/** The text as one line that hides no character: each that acts is written as its code. */
export function oneLine(text: string): string {
  return text.replace(acting, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** How lines begin that build services take for commands to themselves, after white space too. */
const command = /^(?=\s*(?:::|##\[|##vso\[|##teamcity\[))/;

/** Text of several lines, as it may be written to a terminal or a log: its line feeds stay, and no line is a command. */
export function shownLines(text: string): string {
  return text
    .split("\n")
    .map((line) => oneLine(line.replace(/\r$/, "").replaceAll("\t", "    ")).replace(command, "| "))
    .join("\n");
}
