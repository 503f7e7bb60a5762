/**
 * What a machine has on it, as lines that two looks can be compared by: every file with type, mode, owner and (where running
 * programs do not write) size, accounts, units that are active, sockets that are listened on, the programs that run, and the
 * environment of the shell that looks. Set-user and set-group bits are part of the mode. The machine prints all of it
 * (guest/inventory.sh); what changes by itself is left out here.
 */
import { EdgeError } from "../edges/edges.ts";

/**
 * What the system writes as it runs, and why: nothing of a product is looked for there, or below it. `*` stands for anything. Whatever
 * is not named here counts.
 */
export const systemGrowth: Readonly<Record<string, string>> = {
  "/var/lib/systemd/random-seed": "written when the system ends",
  "/var/lib/systemd/timers/stamp-*": "when a timer last ran",
  "/var/log/journal": "the journal's files are rotated",
  "/var/crash": "core dumps are the crash suite's business",
  "/var/cache/ldconfig": "rebuilt from the libraries that there are",
  "/etc/passwd-": "copy of the file of accounts, made whenever that is changed",
  "/etc/group-": "the same of groups",
  "/etc/shadow-": "the same of passwords",
  "/etc/gshadow-": "the same of groups' passwords",
  "/etc/.pwd.lock": "lock of the account files",
  "/tmp/systemd-private-*": "private folders of units, named by the boot; they go with their units",
  "/var/tmp/systemd-private-*": "as in /tmp",
  "/run/greenlight": "mark of the machine's birth, gone after its first reboot",
  "/run/credentials": "of systemd's own units",
  "/run/utmp": "who is logged in",
  "/run/initramfs": "left by the first boot stage",
  "/run/log/journal": "as below /var/log, until that is there",
  "/run/systemd/journal": "the journal's sockets, a stream for each service, and marks of what was flushed and synced",
  "/run/systemd/units": "systemd's notes of units; those are looked at by themselves",
  "/run/systemd/propagate": "the same",
  "/run/udev/data": "what the kernel says of devices",
  "/run/udev/links": "the same",
  "/run/udev/tags": "the same",
  "/run/udev/watch": "the same",
};

/** A text as a regular expression that matches it alone. */
export const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

const growing = Object.keys(systemGrowth).map((path) => literal(path).replaceAll("\\*", ".*"));
const grows = new RegExp(`^(${growing.join("|")})(/| -> |$)`);

/** Where programs write as they run, so that a file's size says nothing. Elsewhere it counts: a line more in a profile is a change. */
const unsized = /^\/(var|run|tmp|dev\/shm)\//;

/** Active by turns, as the system likes. */
const restlessUnits = /^(greenlight-identity|systemd-(tmpfiles-clean|hostnamed|timedated|localed))\.service$/;

/** Of the shell that runs a check, and another each time. */
const restlessVariables = /^(PWD|OLDPWD|SHLVL|_|GREENLIGHT_CHECK)=/;

/** The system's own programs come and go; a product's are its own files. */
const systemPrograms = /^\/usr\/(bin|sbin|lib\/systemd)\//;

/** Lines of one look by their kinds, as they were printed. */
type Printed = Record<"file" | "account" | "group" | "unit" | "socket" | "program" | "environment", string[]>;

/** Names by their numbers, from the lines of a file of accounts or groups. */
const names = (lines: readonly string[]): Map<string, string> =>
  new Map(lines.map((line) => line.split(":")).map(([name = "", , id = ""]) => [id, name]));

/** Lines of files with the names of their owners; without what grows by itself, and sizes where they say nothing. */
function files({ file, account, group }: Printed): string[] {
  const [users, groups] = [names(account), names(group)];
  return file.flatMap((line) => {
    const [, type, mode, uid, gid, size, path] = /^(.) (\d+) (\d+):(\d+) (\S+) (.*)$/.exec(line) ?? [];
    if (path === undefined) return [line];
    if (grows.test(path)) return [];
    const owner = `${users.get(uid!) ?? uid}:${groups.get(gid!) ?? gid}`;
    return [`${type} ${mode} ${owner} ${unsized.test(path) ? "-" : size} ${path}`];
  });
}

function socket(line: string): string {
  const [protocol, , , , address] = line.split(/\s+/);
  return `${protocol} ${address} ${/"([^"]*)"/.exec(line)?.[1] ?? "-"}`;
}

/** Fewest files of a machine that was really looked at. */
const fewestFiles = 1000;

/**
 * The lines that a look is compared by.
 * @throws EdgeError when it has nothing of a kind that every machine has, so that it did not see everything
 */
export function lookOf(text: string): Set<string> {
  const printed: Printed = { file: [], account: [], group: [], unit: [], socket: [], program: [], environment: [] };
  const unknown: string[] = [];
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const [, kind = "", rest = ""] = /^(\S*) ?(.*)$/.exec(line) ?? [];
    // What follows a line break in a name is compared as it is.
    if (Object.hasOwn(printed, kind)) printed[kind as keyof Printed].push(rest);
    else unknown.push(line);
  }
  const units = printed.unit.map((line) => line.split(" ")[0]!);
  const counted: Printed = {
    file: files(printed),
    account: printed.account,
    group: printed.group,
    unit: units.filter((unit) => !restlessUnits.test(unit)),
    socket: printed.socket.map(socket),
    program: printed.program.filter((program) => !systemPrograms.test(program)),
    environment: printed.environment.filter((variable) => !restlessVariables.test(variable)),
  };
  // Whoever looks came in through the SSH server's socket: a list without one did not see sockets.
  const seen = {
    ...printed,
    file: printed.file.slice(fewestFiles - 1),
    socket: counted.socket.filter((line) => /^tcp \S*:22 /.test(line)),
  };
  const blind = Object.entries(seen).flatMap(([kind, lines]) => (lines.length === 0 ? [kind] : []));
  if (blind.length > 0) throw new EdgeError(`the inventory does not list every ${blind.join(", ")} of the machine`);
  return new Set([
    ...unknown,
    ...Object.entries(counted).flatMap(([kind, lines]) => lines.map((line) => `${kind} ${line}`)),
  ]);
}

/**
 * What is there now and was not, and the other way round. Lines that one of `declared` matches as a whole are as they should be.
 */
export function differences(before: Set<string>, now: Set<string>, declared: readonly string[]): string[] {
  const known = declared.map((pattern) => new RegExp(`^(?:${pattern})$`));
  const open = (lines: Set<string>, other: Set<string>): string[] =>
    [...lines].filter((line) => !other.has(line) && !known.some((pattern) => pattern.test(line))).sort();
  return [
    ...open(now, before).map((line) => `undeclared: ${line}`),
    ...open(before, now).map((line) => `gone: ${line}`),
  ];
}
