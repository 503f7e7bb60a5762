/** Exit codes of `greenlight`, for scripts; the README and `--help` show them. */
export const exitCodes = {
  /** done; for `up`: every gate is green and the release is in its channel */
  green: 0,
  /** a gate is red, or a publication was refused; nothing was published */
  red: 1,
  /** a setting, an argument or an input is wrong; nothing was begun */
  usage: 2,
  /** a machine could not be had, twice, or the engine was killed; nothing is known about the candidate */
  inconclusive: 3,
  /** something that should be there is missing on this host; `doctor` says what */
  setup: 4,
  /** ended from outside (Ctrl-C); what was begun is finished or taken down by the next command */
  interrupted: 130,
} as const;

/** The same in one line, for every `--help`. */
export const exitCodeLine =
  "0 green · 1 red, nothing published · 2 wrong setting or input · 3 inconclusive: a machine was not to be had, or the engine was killed · " +
  "4 something is missing on this host · 130 interrupted";

/** Kinds of faults that a person can mend (`EdgeError`), and the exit code that a command ends with for each. */
export const errorCodes = {
  /** a setting, an argument, a file or a candidate is wrong, or is not there */
  input: exitCodes.usage,
  /** what was kept here (state, release, evidence, packed archive) is missing, damaged or of a newer form */
  stored: exitCodes.usage,
  /** somebody else is at work on the same stack, channel or file: wait, or run again */
  busy: exitCodes.usage,
  /** what is proven, or what a channel holds, does not let it through */
  refused: exitCodes.red,
  /** no machine could be had, or it was lost */
  machine: exitCodes.inconclusive,
  /** the engine was killed from outside */
  killed: exitCodes.inconclusive,
  /** something that this host must have is missing */
  host: exitCodes.setup,
  /** a person asked for the end */
  cancelled: exitCodes.interrupted,
} as const;
export type ErrorCode = keyof typeof errorCodes;
