/** Patterns that many edges share: digests, and the names that need no quoting anywhere. */
import { z } from "zod";

const sha256Pattern = /^[0-9a-f]{64}$/;
const namePattern = /^[a-z][a-z0-9-]*$/;

/** Whether a text is a SHA-256 in lower-case hex. */
export const isSha256 = (text: string): boolean => sha256Pattern.test(text);

/** A SHA-256 in lower-case hex. */
export const Sha256Schema = z.string().regex(sha256Pattern, "is not a SHA-256 of 64 lower-case hex digits");

/** Whether a text is a lower-case name: of a product, a kind, a binary, a channel. */
export const isLowerCaseName = (text: string): boolean => namePattern.test(text);

/** A lower-case name. @param fault what is said of another text, as a clause */
export const lowerCaseName = (fault = "is no name of a-z, 0-9 and -") => z.string().regex(namePattern, fault);
