/** Everything that is missing or wrong, as people read it. */
import type { Finding } from "../edges/edges.ts";
import { exitCodes } from "./exit-codes.ts";

/** A name or a clause from a file, as one line that cannot steer a terminal and hides no character. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Lists the findings, one a line. @returns {@link exitCodes.usage} when there are any */
export function sayFindings(findings: readonly Finding[], write: (line: string) => void): number {
  if (findings.length === 0) return exitCodes.green;
  write(`${findings.length === 1 ? "One thing is" : `${findings.length} things are`} missing or wrong:`);
  for (const { path, message } of findings) write(plain(`  - ${path ? `${path}: ` : ""}${message}`));
  return exitCodes.usage;
}
