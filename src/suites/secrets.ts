/**
 * The suite that looks for secrets where they do not belong. It learns them on the machine, from where they do belong, looks
 * there, and says only whose secret lies where: no secret leaves the machine by it.
 */
import { placed, type Secret } from "../products/index.ts";
import { quote } from "../checks/quote.ts";
import type { Lifecycle } from "./standard.ts";
import type { Check, Suite } from "../checks/check.ts";

/** Folder of what was learned, while the suite runs. It belongs to nobody, who is the stranger that the suite looks as. */
const learned = '"$greenlight/notes/secrets"';

/** Reads secrets, one a line, of which shorter ones would be found everywhere. */
const shortest = 12;

/**
 * No secret, but learned with them and left in every kind of place: a search that does not find it does not work, and then its
 * silence says nothing. It lies in the texts of these checks, which everybody may read.
 */
const canary = "greenlight-canary-5d1c8b2e97";

/**
 * Sh functions: `whose FILE PLACE` prints a line for each secret that is in a file; `verdict` reads such lines and prints those
 * that are about secrets, or `nothing`; `stranger` runs as one who may read only what everybody may.
 */
const functions = [
  `values=${learned}/values names=${learned}/names`,
  "umask 077",
  'stranger() { setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; }',
  "whose() {",
  '  exec 3<"$names" 4<"$values"',
  "  while IFS= read -r name <&3 && IFS= read -r value <&4; do",
  // Never as an argument: the command line of a process can be read by all.
  '    printf "%s\\n" "$value" | grep -qsaF -f - "$1" && echo "$2: $name"',
  "  done",
  "}",
  "verdict() {",
  "  works=; open=",
  '  while IFS= read -r line; do case $line in *": canary") works=yes ;; *) echo "$line"; open=yes ;; esac; done',
  '  [ -n "$works" ] || { echo "the search does not work: it has not found what was put there for it"; return; }',
  '  [ -n "$open" ] || echo nothing',
  "}",
].join("\n");

const nothing = { stdout: { equals: "nothing" } };

/** What is known of an installation, however it came onto its machine. */
type Installed = Omit<Lifecycle, "files">;

/** Where the secrets of an installation are to be had. */
function sources({ product, kind, subject, at }: Installed): Secret[] {
  const generated = kind.services
    .filter(({ secrets = [] }) => secrets.length > 0)
    .map(({ name, configFolder }) => ({
      name: `secret environment of ${name}`,
      prints: `sed -n 's/^[A-Za-z_][A-Za-z0-9_]*="\\{0,1\\}\\([^"]*\\).*/\\1/p' ${quote(`${configFolder}/${name}.secrets`)}`,
    }));
  return [...generated, ...(product.secrets?.(subject, at) ?? [])];
}

/** Files with secrets in them: nobody but their owner may read them. */
function secretFiles({ kind, at }: Installed): string[] {
  const made = kind.setup ? [placed(kind.setup.creates, at)] : [];
  return [
    ...made,
    ...kind.services
      .filter(({ secrets = [] }) => secrets.length > 0)
      .map(({ name, configFolder }) => `${configFolder}/${name}.secrets`),
  ];
}

/** Whether an installation has secrets at all. */
export function hasSecrets(life: Installed): boolean {
  return sources(life).length > 0;
}

/** What is said of a secret that there is no place for yet. */
const notYet = "none yet";

/** The pattern of a line that says how often a secret was found where it belongs: it must have been. */
function counted({ name, where }: Secret): string {
  const found = `${name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}: `;
  return where === undefined ? `${found}[1-9][0-9]*` : `${found}([1-9][0-9]*|${notYet})`;
}

function known(life: Installed, needs: string): Check {
  return {
    name: "known",
    login: true,
    needs,
    run: [
      functions,
      `rm -rf ${learned}; mkdir ${learned} || exit 2`,
      "learn() {",
      "  count=0",
      `  while read -r value || [ -n "$value" ]; do [ \${#value} -lt ${shortest} ] || { count=$((count + 1)); printf '%s\\n' "$value" >>"$values"; echo "$1" >>"$names"; }; done`,
      '  echo "$1: $count"',
      "}",
      ...sources(life).map(
        ({ name, prints, where = ":" }) =>
          `if ${where}; then { ${prints}\n} | learn ${quote(name)}; else echo ${quote(`${name}: ${notYet}`)}; fi`,
      ),
      `echo ${canary} | learn canary; echo ${canary}; logger -t greenlight ${canary}`,
      `chown -R nobody ${learned}`,
    ].join("\n"),
    within: 60,
    expect: {
      stdout: { matches: `^${[...sources(life), { name: "canary" } as Secret].map(counted).join("\\n")}\\n${canary}$` },
    },
  };
}

function filesPrivate(life: Installed, needs: string): Check {
  const files = secretFiles(life);
  return {
    name: "files-private",
    needs,
    run: `find ${files.map(quote).join(" ")} -perm /077 -printf '%p has mode %m and belongs to %u:%g\\n' >open || exit 2\ngrep . open || echo nothing`,
    expect: nothing,
  };
}

/** Everything that was logged, over all boots, with the fields that are not shown (command lines among them). */
const journal = [
  functions,
  "journalctl -q --no-pager -a -o export >logged || exit 2",
  "{ whose logged 'in the journal'",
  // Who said it, without what was said; nobody, when it stands in another field.
  `journalctl -q --no-pager -a -o short-iso | grep -aF -f "$values" | grep -vF ${canary} | sed -E 's/^[^ ]+ [^ ]+ ([^:[]+).*/said by \\1/' | sort -u`,
  "} | verdict",
].join("\n");

function processes({ kind }: Installed): string {
  const units = kind.services.map(({ name }) => quote(`${name}.service`)).join(" ");
  return [
    functions,
    // It waits by itself: a command that it waited for would outlive it.
    `mkfifo hold; sh -c 'read -r _ <hold' ${canary} & put=$!`,
    `for try in 1 2 3 4 5 6 7 8 9 10; do grep -qsaF ${canary} /proc/$put/cmdline && break; sleep 0.1; done`,
    '{ stranger grep -lsaF -f "$values" /proc/[0-9]*/cmdline /proc/[0-9]*/environ | while IFS= read -r file; do',
    '  read -r program <"${file%/*}/comm" && whose "$file" "${file##*/} of $program"',
    "done",
    // Settings of a unit, its environment among them, can be asked for by everybody; files of secrets are only named there.
    ...(units === ""
      ? []
      : [
          `systemctl show ${units} >settings || echo 'the settings of units cannot be asked for'`,
          "whose settings 'settings of units'",
        ]),
    "} >found",
    "kill $put; rm hold; verdict <found",
  ].join("\n");
}

/** Files that everybody may read and that were made or changed since the first suite began. Large ones are the archive's own bytes, from before there were secrets. */
const readableFiles = [
  functions,
  'began=$(stat -c %W "$greenlight/notes") && [ "$began" -gt 0 ] || exit 2',
  `stranger find / /run /dev/shm -xdev -path ${learned} -prune -o -type f -size -4096k -newerct "@$began" -exec grep -lsaF -f "$values" {} + 2>/dev/null \\`,
  '  | while IFS= read -r file; do whose "$file" "$file"; done | verdict',
].join("\n");

/** What checks and the installer printed and logged: the former becomes evidence. */
function printed({ at }: Installed): string {
  return [
    functions,
    '{ grep -lsaF -f "$values" "$greenlight"/run-*/*.out "$greenlight"/run-*/*.err "$greenlight"/run-*/log | while IFS= read -r file; do',
    '  number=${file##*/}; stream=${number#*.}; number=${number%.*}; check="the runner"',
    '  while read -r n suite name _; do [ "$n" != "$number" ] || check=$suite/$name; done <"${file%/*}/records"',
    '  whose "$file" "$stream of $check"',
    "done",
    // Of what is kept, copies are brought as evidence (kept.sh).
    `find "$greenlight/notes/kept" -type f -exec grep -lsaF -f "$values" {} + 2>/dev/null | while IFS= read -r file; do whose "$file" "what is kept, \${file##*/}"; done`,
    `find ${quote(at.root)} /var/log -maxdepth 1 -type f -exec grep -lsaF -f "$values" {} + | while IFS= read -r file; do whose "$file" "$file"; done`,
    "} | verdict",
  ].join("\n");
}

/** No secret of the installation lies where it does not belong; `needs` is the check that installed it. */
export function secretsSuite(life: Installed, needs = "install/install"): Suite {
  const look = (name: string, run: string): Check => ({
    name,
    needs: "secrets/known",
    run,
    within: 90,
    expect: nothing,
  });
  return {
    name: "secrets",
    checks: [
      known(life, needs),
      ...(secretFiles(life).length > 0 ? [filesPrivate(life, needs)] : []),
      look("journal", journal),
      look("processes", processes(life)),
      look("readable-files", readableFiles),
      look("printed", printed(life)),
      {
        name: "forgotten",
        needs,
        run: `rm -rf ${learned} && echo forgotten`,
        expect: { stdout: { equals: "forgotten" } },
      },
    ],
  };
}
