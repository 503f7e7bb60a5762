/** What came of something that may have failed: its value, or the sentence that says why there is none. */
import { z } from "zod";

export type Settled<T> = { value: T } | { failed: string };

/** The shape of a settled value at the edge. */
export const settledSchema = <T extends z.ZodType>(value: T) =>
  z.union([z.strictObject({ value }), z.strictObject({ failed: z.string() })]);
