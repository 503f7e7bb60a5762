/** Everything that is missing or wrong, as people read it. */
import type { Finding } from "../edges/edges.ts";
import { oneLine } from "../edges/one-line.ts";
import { exitCodes } from "../edges/exit-codes.ts";

export { oneLine as plain };

/** Lists the findings, one a line. @returns {@link exitCodes.usage} when there are any */
export function sayFindings(findings: readonly Finding[], write: (line: string) => void): number {
  if (findings.length === 0) return exitCodes.green;
  write(`${findings.length === 1 ? "One thing is" : `${findings.length} things are`} missing or wrong:`);
  for (const { path, message } of findings) write(oneLine(`  - ${path ? `${path}: ` : ""}${message}`));
  return exitCodes.usage;
}
