/** Exit codes of `greenlight`, for scripts; the README and `--help` show them. */
export const exitCodes = {
  /** done; for `up`: every gate is green and the release is in its channel */
  green: 0,
  /** a gate is red, or a publication was refused; nothing was published */
  red: 1,
  /** a setting, an argument or an input is wrong; nothing was begun */
  usage: 2,
  /** a machine could not be had, twice; nothing is known about the candidate, and nothing was published */
  inconclusive: 3,
  /** something that should be there is missing on this host; `doctor` says what */
  setup: 4,
  /** ended from outside (Ctrl-C); what was begun is finished or taken down by the next command */
  interrupted: 130,
} as const;
