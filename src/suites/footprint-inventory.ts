/**
 * What a machine has on it, as sorted lines, so that two looks can be compared: files with type, mode, owner and (where people's
 * and the system's settings lie) size, accounts, units that are active, sockets that are listened on, the programs that run,
 * and the environment of the shell that looks. Set-user and set-group bits are part of the mode.
 */
import { quote } from "./quote.ts";

/** A place that changes by itself, and why: nothing of a product is looked for there. `*` stands for anything, as for find's -path. */
interface Growth {
  path: string;
  why: string;
}

/** What the system writes as it runs. Whatever is not named here counts. */
export const systemGrowth: readonly Growth[] = [
  { path: "/var/lib/systemd", why: "random seed, stamps of timers" },
  { path: "/var/log/journal", why: "the journal's files are rotated" },
  { path: "/var/crash", why: "core dumps are the crash suite's business" },
  { path: "/var/cache/ldconfig", why: "rebuilt from the libraries that there are" },
  ...["passwd", "group", "shadow", "gshadow"].map((file) => ({ path: `/etc/${file}-`, why: "copy of the file of accounts, made whenever that is changed" })),
  { path: "/etc/.pwd.lock", why: "lock of the account files" },
  { path: "/tmp/systemd-private-*", why: "private folders of units, named by the boot; they go with their units" },
  { path: "/var/tmp/systemd-private-*", why: "as in /tmp" },
  { path: "/run/greenlight", why: "mark of the machine's birth, gone after its first reboot" },
  { path: "/run/credentials", why: "of systemd's own units" },
  { path: "/run/utmp", why: "who is logged in" },
  { path: "/run/initramfs", why: "left by the first boot stage" },
];

/** Folders of which only the upper level is looked at: below it are thousands of the distribution's files, or the kernel's and systemd's own. */
const shallow = ["/usr/share/*/*", "/usr/lib/modules/*", "/run/*"];

/** Where a file's size counts as well: a line that was added to somebody's profile is a change. */
const sized = ["/etc/*", "/root/*", "/home/*"];

/** Active by turns, as the system likes. */
const restlessUnits = ["greenlight-identity.service", "systemd-tmpfiles-clean.service", "systemd-hostnamed.service", "systemd-timedated.service", "systemd-localed.service"];

/** Of the shell that runs a check, and another each time. */
const restlessVariables = ["PWD", "OLDPWD", "SHLVL", "_", "GREENLIGHT_CHECK"];

const anyOf = (paths: readonly string[]): string => paths.map((path) => `-path ${quote(path)}`).join(" -o ");

/** Sh text that writes the inventory to a file, given as a word of sh. It takes about a second and some ten processes. */
export function inventory(to: string): string {
  const left = [...systemGrowth.map(({ path }) => path)];
  return [
    `{ find / /run /dev/shm -xdev \\( -path "$greenlight" -o ${anyOf(left)} \\) -prune \\`,
    "  -o \\( -type l -printf 'file l %m %u:%g - %p -> %l\\n' \\",
    `    -o -type f \\( ${anyOf(sized)} \\) -printf 'file f %m %u:%g %s %p\\n' -o -printf 'file %y %m %u:%g - %p\\n' \\) \\( ${anyOf(shallow)} \\) -prune`,
    "while IFS= read -r line; do echo \"account $line\"; done </etc/passwd",
    "while IFS= read -r line; do echo \"group $line\"; done </etc/group",
    "systemctl list-units --plain --no-legend --type=service,timer,socket,path,mount,automount | while read -r unit _; do",
    `  case $unit in ${restlessUnits.join("|")}) ;; *) echo "unit $unit" ;; esac`,
    "done",
    "ss -Hlntupw | while read -r protocol _ _ _ address _ program; do",
    "  program=${program#*\\\"}; echo \"socket $protocol $address ${program%%\\\"*}\"",
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
