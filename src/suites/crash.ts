/**
 * The suite that asks what went wrong unseen: whatever crashed, was killed, was restarted or complained in the journal since
 * the machine was first told to do anything, over all of its boots. It has the last word before the installation is removed.
 */
import { coreFolder } from "../machines/places/index.ts";
import type { Lifecycle } from "./standard.ts";
import type { Check, Suite } from "../checks/check.ts";

/** When the first runner began on this machine, in seconds since 1970: what was logged before is the baseline of a clean fork. */
const boundary = [
  'began=$(stat -c %W "$greenlight/notes") || exit 2',
  '[ "$began" -gt 0 ] || { echo "it is not known when the first suite began"; exit 2; }',
].join("\n");

/** Lines of the journal that are ours, and why; extended regular expressions on `<who>: <message>`. */
const harness: readonly { pattern: string; why: string }[] = [
  { pattern: "^sshd: ", why: "whoever proves something knocks at the SSH server until it answers, and hangs up" },
];

/** What the kernel says of a program that it ended or that did what no program may. */
const kernelSigns = [
  "segfault at",
  "general protection",
  "trap ",
  "stack segment",
  "[Oo]ut of memory",
  "oom-kill",
  "oom_reaper",
  "invoked oom-killer",
  "BUG:",
  "Oops",
  "blocked for more than",
];

/** systemd's own name for "a restart was scheduled" (SD_MESSAGE_UNIT_RESTART_SCHEDULED). */
const restartMessage = "5eb03494b6584870a536b337290809b3";

const journal = (more: string): string => `journalctl -q --no-pager -o short-iso ${more}`;

/**
 * For awk: `<who>: <message>` of a line of the journal, without time, host and process; and what two such lines have in
 * common when only numbers differ.
 */
const lineFunctions = [
  'function bare(s) { sub(/^[^ ]+ [^ ]+ /, "", s); sub(/\\[[0-9]+\\]:/, ":", s); return s }',
  'function common(s) { gsub(/[0-9]+/, "#", s); return s }',
];

/** Prints what is in the file `later` and, as far as words go, not in `baseline`, and not ours; or `nothing`. Both are read even when one is empty. */
const newLines = [
  `awk '${lineFunctions.join("\n")}`,
  'FILENAME == "baseline" { known[common(bare($0))] = 1; next }',
  `{ line = bare($0); if (!(common(line) in known)${harness.map(({ pattern }) => ` && line !~ /${pattern}/`).join("")}) { print line; found = 1 } }`,
  'END { if (!found) print "nothing" }\' baseline later',
].join("\n");

/** A journal that keeps nothing is as silent as a good one. */
const works = `logger -t greenlight looking && journalctl --sync && ${journal("-n 1 -t greenlight")} | grep -q looking || { echo "the journal does not keep what it is told"; exit 2; }`;

const nothing = { stdout: { equals: "nothing" } };

/** Core dumps: the machine's keeper of them writes a line for each. */
const coreDumps: Check = {
  name: "core-dumps",
  run: `[ -e ${coreFolder} ] || { echo nothing; exit; }\ncat ${coreFolder}/list || ls ${coreFolder}`,
  expect: nothing,
};

const kernelLog: Check = {
  name: "kernel-log",
  run: [
    boundary,
    `${journal('--since="@$began" _TRANSPORT=kernel')} >all || exit 2`,
    `grep -E '${kernelSigns.join("|")}' all >later; [ $? -le 1 ] || exit 2`,
    ": >baseline",
    newLines,
  ].join("\n"),
  within: 60,
  expect: nothing,
};

const complaints: Check = {
  name: "journal",
  run: [
    boundary,
    works,
    `${journal('-p 3 --until="@$began"')} >baseline && ${journal('-p 3 --since="@$began"')} >later || exit 2`,
    newLines,
  ].join("\n"),
  within: 60,
  expect: nothing,
};

const restarts: Check = {
  name: "restarts",
  run: [
    boundary,
    `${journal(`--since="@$began" MESSAGE_ID=${restartMessage}`)} >later || exit 2`,
    ": >baseline",
    newLines,
  ].join("\n"),
  within: 60,
  expect: nothing,
};

/** What is asked once more when the installation is gone: removing it is use as well. */
export const crashedLater: readonly Check[] = [coreDumps, kernelLog];

/** Whatever this machine was used for, nothing on it has crashed; it needs nothing to have succeeded before. */
export function crashSuite(_life?: Lifecycle): Suite {
  return { name: "crash", checks: [coreDumps, kernelLog, complaints, restarts] };
}
