/**
 * What a machine has on it, as sorted lines, so that two looks can be compared: every file with type, mode, owner and (where
 * running programs do not write) size, accounts, units that are active, sockets that are listened on, the programs that run,
 * and the environment of the shell that looks. Set-user and set-group bits are part of the mode.
 */
import { quote } from "../checks/quote.ts";

/** A place that changes by itself, and why: nothing of a product is looked for there. `*` stands for anything, as for find's -path. */
interface Growth {
  path: string;
  why: string;
}

/** What the system writes as it runs. Whatever is not named here counts. */
export const systemGrowth: readonly Growth[] = [
  { path: "/var/lib/systemd/random-seed", why: "written when the system ends" },
  { path: "/var/lib/systemd/timers/stamp-*", why: "when a timer last ran" },
  { path: "/var/log/journal", why: "the journal's files are rotated" },
  { path: "/var/crash", why: "core dumps are the crash suite's business" },
  { path: "/var/cache/ldconfig", why: "rebuilt from the libraries that there are" },
  ...["passwd", "group", "shadow", "gshadow"].map((file) => ({
    path: `/etc/${file}-`,
    why: "copy of the file of accounts, made whenever that is changed",
  })),
  { path: "/etc/.pwd.lock", why: "lock of the account files" },
  { path: "/tmp/systemd-private-*", why: "private folders of units, named by the boot; they go with their units" },
  { path: "/var/tmp/systemd-private-*", why: "as in /tmp" },
  { path: "/run/greenlight", why: "mark of the machine's birth, gone after its first reboot" },
  { path: "/run/credentials", why: "of systemd's own units" },
  { path: "/run/utmp", why: "who is logged in" },
  { path: "/run/initramfs", why: "left by the first boot stage" },
  { path: "/run/log/journal", why: "as below /var/log, until that is there" },
  {
    path: "/run/systemd/journal",
    why: "the journal's sockets, a stream for each service, and marks of what was flushed and synced",
  },
  ...["units", "propagate"].map((folder) => ({
    path: `/run/systemd/${folder}`,
    why: "systemd's notes of units; those are looked at by themselves",
  })),
  ...["data", "links", "tags", "watch"].map((folder) => ({
    path: `/run/udev/${folder}`,
    why: "what the kernel says of devices",
  })),
];

/** Each is a mount of its own, or may be: none is entered from the one above it, so that the kernel's own file systems are not. */
const mounts = ["/", "/run", "/run/lock", "/dev/shm"];

/** Where programs write as they run, so that a file's size says nothing. Elsewhere it counts: a line more in a profile is a change. */
const unsized = ["/var/*", "/run/*", "/tmp/*", "/dev/shm/*"];

/** Active by turns, as the system likes. */
const restlessUnits = [
  "greenlight-identity.service",
  "systemd-tmpfiles-clean.service",
  "systemd-hostnamed.service",
  "systemd-timedated.service",
  "systemd-localed.service",
];

/** Of the shell that runs a check, and another each time. */
const restlessVariables = ["PWD", "OLDPWD", "SHLVL", "_", "GREENLIGHT_CHECK"];

const anyOf = (paths: readonly string[]): string => paths.map((path) => `-path ${quote(path)}`).join(" -o ");

/** The line of a file as find's actions, with the text for its owner: links with their targets, sizes where they count. */
function fileLine(owner: string): string {
  return [
    `\\( -type l -printf 'file l %m ${owner} - %p -> %l\\n'`,
    `-o -type f ! \\( ${anyOf(unsized)} \\) -printf 'file f %m ${owner} %s %p\\n'`,
    `-o -printf 'file %y %m ${owner} - %p\\n' \\)`,
  ].join(" ");
}

/** Sh text that writes the inventory to a file, given as a word of sh. It takes some two seconds and ten processes. */
export function inventory(to: string): string {
  return [
    `{ find ${mounts.join(" ")} -xdev \\( -path "$greenlight" -o ${anyOf(systemGrowth.map(({ path }) => path))} \\) -prune \\`,
    // Find reads the file of accounts anew for each name that it prints: for thousands of root's files that is most of its time.
    `  -o -uid 0 -gid 0 ${fileLine("root:root")} \\`,
    `  -o ${fileLine("%u:%g")}`,
    'while IFS= read -r line; do echo "account $line"; done </etc/passwd',
    'while IFS= read -r line; do echo "group $line"; done </etc/group',
    "systemctl list-units --plain --no-legend --type=service,timer,socket,path,mount,automount | while read -r unit _; do",
    `  case $unit in ${restlessUnits.join("|")}) ;; *) echo "unit $unit" ;; esac`,
    "done",
    "ss -Hlntupw | while read -r protocol _ _ _ address _ program; do",
    '  program=${program#*\\"}; echo "socket $protocol $address ${program%%\\"*}"',
    "done",
    // The system's own programs come and go; a product's are its own files.
    "readlink /proc/[0-9]*/exe | while IFS= read -r program; do",
    '  case $program in /usr/bin/*|/usr/sbin/*|/usr/lib/systemd/*) ;; *) echo "program $program" ;; esac',
    "done",
    `env | while IFS= read -r line; do case $line in ${restlessVariables.map((name) => `${name}=*`).join("|")}) ;; *) echo "environment $line" ;; esac; done`,
    `} 2>/dev/null | LC_ALL=C sort -u >${to}`,
  ].join("\n");
}

/**
 * Sh text that compares two inventories, each given as a word of sh, and prints what is there now and was not, and the other
 * way round, one line each, or `nothing`. Lines that one of `declared` (extended regular expressions) matches as a whole are
 * as they should be.
 */
export function comparison(before: string, now: string, declared: readonly string[]): string {
  return [
    `for list in ${before} ${now}; do [ -s "$list" ] || { echo "there is no inventory $list"; exit 2; }; done`,
    // Whoever looks came in through the SSH server's socket: a list without one did not see sockets.
    `for list in ${before} ${now}; do grep -q '^socket tcp [^ ]*:22 ' "$list" || { echo "the inventory $list sees no sockets"; exit 2; }; done`,
    `printf '%s\\n' ${declared.map((pattern) => quote(pattern)).join(" ")} >declared`,
    // A single empty pattern would match empty lines alone, and there are none.
    `LC_ALL=C comm -13 ${before} ${now} >added && LC_ALL=C comm -23 ${before} ${now} >removed || exit 2`,
    "for side in added removed; do grep -vxE -f declared $side >$side.open; [ $? -le 1 ] || exit 2; done",
    "sed 's/^/undeclared: /' added.open; sed 's/^/gone: /' removed.open",
    "[ -s added.open ] || [ -s removed.open ] || echo nothing",
  ].join("\n");
}
