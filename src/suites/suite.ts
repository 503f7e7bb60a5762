/**
 * A suite is data: named checks, each one command with expectations. The machine only runs the commands and records
 * what they did; whether that is right is judged on the host, from the record.
 */
import type { Kept } from "../products/index.ts";

/** What a check's output must be; every given part must hold. */
export interface TextExpectation {
  /** the whole text, surrounding white space removed */
  equals?: string;
  /** every one of these occurs */
  contains?: string[];
  /** none of these occurs */
  absent?: string[];
  /** a regular expression (flags `m`) that matches somewhere */
  matches?: string;
  /** the text is JSON, and at `path` (`a.b.0.c`) it has exactly this value */
  json?: { path: string; equals: unknown }[];
  /** the text is what kept.sh packs of an installation, and that is kept */
  kept?: KeptExpectation;
}

/** What an installation keeps, looked at on the machine and judged on the host (kept-judge.ts). */
export interface KeptExpectation {
  /** noted for the first time; still there; written after an upgrade; gone by a rollback; there when the release is removed */
  asked: "noted" | "still" | "later" | "gone" | "removed";
  /** records may have been brought to another release's form */
  migrated?: true | undefined;
  /** with the paths of the machine */
  what: Kept[];
}

/** What the host sees of a machine from outside: `packets`, what it tried to reach, one line each, or `nothing`. */
export type Observation = "packets";

/** One command and what it must do. */
export interface Check {
  /** unique in its suite, `[a-z0-9][a-z0-9-]*` */
  name: string;
  /** POSIX sh text; runs on the machine as root in an empty working folder of its own */
  run: string;
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
  /** its standard output comes back whole, up to 4 MiB, instead of an excerpt */
  whole?: true;
  expect: {
    /** exit code, 0 when not given */
    exit?: number;
    stdout?: TextExpectation;
    stderr?: TextExpectation;
    /** most seconds it may take; less than `within`, which kills */
    seconds?: number;
  };
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
