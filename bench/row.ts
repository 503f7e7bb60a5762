/** One measurement as every bench reports it. */
export interface Row {
  name: string;
  /** `s`, or `x` for a ratio of two measurements of the same run */
  unit: string;
  n: number;
  p50: number;
  p95: number;
  median: number;
  /** median as a multiple of the peer's in the same run, where there is one */
  peer?: { name: string; ratio: number };
}

/** Percentiles of values by the nearest rank. @throws when there are none. */
export function rowOf(name: string, unit: string, values: readonly number[]): Row {
  if (values.length === 0) throw new Error(`${name} was not measured`);
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): number => Number(sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!.toFixed(3));
  return { name, unit, n: sorted.length, p50: at(0.5), p95: at(0.95), median: at(0.5) };
}
