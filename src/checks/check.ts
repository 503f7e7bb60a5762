/**
 * A check is data: one command, or a few steps, with what must be true of what they did. The machine only runs and records; whether
 * that is right is judged on the host, from the record.
 */

/** A JSON Schema, as `z.toJSONSchema` makes it. */
export type JsonSchema = Record<string, unknown>;

/** What a text must be; every given part must hold. */
export interface TextExpectation {
  /** the whole text, surrounding white space removed */
  equals?: string;
  /** the whole text, to the byte */
  exactly?: string;
  /** every one of these occurs */
  contains?: string[];
  /** none of these occurs */
  absent?: string[];
  /** a regular expression (flags `m`) that matches somewhere */
  matches?: string;
  /** its lines, in any order: these and no others */
  lines?: string[];
  /** the text is JSON, and this schema fits */
  schema?: JsonSchema;
  /** SHA-256 of all of it: equal to a packaged file */
  sha256?: string;
  /** equal to what another check on this machine, or another step of this one, printed */
  sameAs?: SameAs;
}

/** Another standard output, or a value in it: both are JSON then. */
export interface SameAs {
  /** `<suite>/<check>`, or a step of this check */
  check: string;
  /** the value in that output, as a JSON pointer (RFC 6901): all of it is `""` */
  pointer?: string;
  /** the value in this text; the same pointer when not given */
  own?: string;
}

/** What a command must do. */
export interface Expectation {
  /** exit code, 0 when not given; `other` is any but 0 */
  exit?: number | "other";
  stdout?: TextExpectation;
  stderr?: TextExpectation;
  /** most seconds it may take; less than `within`, which kills */
  seconds?: number;
}

/** A function of the host that judges what data cannot say, by its name (src/suites/judges.ts), and what it is given. */
export interface NamedJudge {
  name: string;
  given?: unknown;
}

/** A file of shell beside the checks that use it, sent along with the runner. */
export interface GuestScript {
  /** below src, `<room>/guest/<name>.sh` */
  script: string;
  /** of its text, so that another text is another check */
  sha256: string;
  args: string[];
}

/** A program and its arguments; a file of shell and its arguments; or at most three lines of POSIX sh. */
export type Command = string[] | GuestScript | string;

/** One of several commands of a check. `{here}` in its texts is the check's working folder. */
export interface Step {
  /** unique in its check, `[a-z0-9][a-z0-9-]*` */
  id: string;
  run: string[] | GuestScript;
  env?: Record<string, string>;
  /** what it reads; nothing when not given */
  input?: string;
  expect?: Expectation;
}

/** What the host sees of a machine from outside: `packets`, what it tried to reach, one line each, or `nothing`. */
export type Observation = "packets";

/** One command, or several, and what must be true of it. */
export interface Check {
  /** unique in its suite, `[a-z0-9][a-z0-9-]*` */
  name: string;
  /** runs on the machine as root in an empty working folder of its own */
  run: Command;
  /** run instead of one command, each whatever became of the ones before; `run` is what prepares them then, and may be `[]` */
  steps?: Step[];
  /** environment of `run` and of all steps; `{here}` as in a step */
  env?: Record<string, string>;
  /**
   * `host`: nothing runs on the machine. `run` names an {@link Observation}, which is this check's standard output; it has no
   * login, user, within or needs, and without the observation it is missing.
   */
  on?: "host";
  /** run in a login shell of this user (`root` when only `login` is given), as somebody who has just logged in */
  login?: boolean;
  user?: string;
  /** whole seconds until it is killed, with everything it started; 30 when not given */
  within?: number;
  /**
   * `<suite>/<check>` that ran earlier on this machine and must have exited as it should; otherwise this check is not
   * run and counts as missing. So what cannot work without an installation does not wait for it in vain.
   */
  needs?: string;
  /** files that come back, relative to the working folder; of a folder, every regular file below it */
  files?: string[];
  expect: Expectation & { judge?: NamedJudge };
}

/** How a machine is rebooted: it shuts down and starts again (`clean`), or loses power in the middle of everything (`hard`). */
export type Reboot = "clean" | "hard";

/** A named list of checks, run in order on one machine. */
export interface Suite {
  /** unique on its machine, `[a-z0-9][a-z0-9-]*` */
  name: string;
  /** the machine is rebooted before the suite's first check, and how */
  afterReboot?: Reboot;
  checks: Check[];
}
