/** The order of versions: Semantic Versioning 2.0.0, section 11. Strict: what is no such version has no order. */
import { z } from "zod";
import { EdgeError, shown } from "../edges/edges.ts";

/** The grammar at the end of the specification, as one expression. */
const shape =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

/** Wider than what may be released (candidate/schema.ts): whatever has a place in the order can be read. */
export const OrderedVersionSchema = z.string().max(128).regex(shape, "is no version like 1.2.3 or 1.2.3-rc.1");

/** Compares numerals of any length, none of which has a leading zero. */
function byNumber(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

function byIdentifier(a: string, b: string): number {
  const numeric = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (numeric[0] && numeric[1]) return byNumber(a, b);
  if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function parts(version: string): { core: string[]; pre: string[] } {
  const match = shape.exec(version);
  if (!match)
    throw new EdgeError(
      `${shown(version)} is no version like 1.2.3 or 1.2.3-rc.1, so that it has no place in the order of releases; give the candidate one.`,
    );
  return { core: match.slice(1, 4) as string[], pre: match[4] === undefined ? [] : match[4].split(".") };
}

/** Below zero when `a` comes before `b`, above when after, zero when neither does (build metadata has no say). @throws EdgeError for what is no version. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (let i = 0; i < 3; i++) {
    const order = byNumber(left.core[i]!, right.core[i]!);
    if (order !== 0) return Math.sign(order);
  }
  // A version without a pre-release comes after all of its pre-releases.
  if (left.pre.length === 0 || right.pre.length === 0) return Math.sign(right.pre.length - left.pre.length);
  for (let i = 0; i < Math.min(left.pre.length, right.pre.length); i++) {
    const order = byIdentifier(left.pre[i]!, right.pre[i]!);
    if (order !== 0) return Math.sign(order);
  }
  return Math.sign(left.pre.length - right.pre.length);
}
