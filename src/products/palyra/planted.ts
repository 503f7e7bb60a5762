/**
 * Data that outlives reboots, upgrades and rollbacks: a setting, a secret and the journal's records, made through the product's
 * own commands; and what it must never make anew by itself: admin token and identity. Notes of all of it are digests, and the
 * secret's value is made on the machine, of the archive's digest, and leaves it nowhere.
 *
 * The journal is compared by the identifiers of its records (ULIDs), which stand in the file as text: those that were there before
 * a restart of the daemon and after it must be there for good, whatever the schema is brought to. A record whose identifier is
 * kept in some other form is not seen; a journal without any is compared by its size alone, and then the check says so.
 */
import type { Check } from "../../suites/suite.ts";
import type { Places, Subject } from "../product.ts";
import { tokenOf } from "./reports.ts";
import { gateway } from "./services.ts";

const setting = "networked_workers.lease_ttl_ms";
const value = "612345";

/** Commands and paths that planting and looking share. `$owner` owns the configuration; `as_owner` runs a command as it, so that files are its own. */
function stage(at: Places): string {
  return [
    `config=${at.config}/palyra.toml state=${at.state} palyra=${at.commands}/palyra notes=$greenlight/notes/planted`,
    "PALYRA_VAULT_BACKEND=encrypted_file; export PALYRA_VAULT_BACKEND",
    'set -- $(stat -c "%U %g" "$config"); owner=$1 group=$2',
    'as_owner() { if [ "$owner" = root ]; then "$@"; else HOME=$state setpriv --reuid="$owner" --regid="$group" --init-groups "$@"; fi; }',
    "digest() { sum=$(sha256sum); echo \"${sum%% *}\"; }",
    `token() { ${tokenOf('"$config"')}; }`,
    'identity() { (cd "$state/identity" && find . -type f -exec sha256sum {} + | LC_ALL=C sort -k 2); }',
    "records() { cat \"$state\"/data/journal.sqlite3 \"$state\"/data/journal.sqlite3-wal 2>/dev/null | grep -aoE '[0-9A-HJKMNP-TV-Z]{26}' | LC_ALL=C sort -u; }",
    'journal_size() { stat -c %s "$state/data/journal.sqlite3"; }',
  ].join("\n");
}

/** A new daemon process on the same journal. */
const restart = `systemctl restart palyrad.service && http_wait ${gateway}/healthz 60 >healthz || exit`;

function plantJournal(): string[] {
  return [
    "records >records-before; before=$(journal_size) || exit",
    restart,
    'records >records-after; size=$(journal_size) || exit; echo "$size" >"$notes/journal-size"',
    'comm -12 records-before records-after >"$notes/records"',
    // What a restart loses is no record that was kept.
    '[ -z "$(comm -23 records-before "$notes/records" | head -n 1)" ] && [ "$size" -ge "$before" ] && echo "journal: kept over a restart" || echo "journal: lost records by a restart"',
  ];
}

/** Plants, and finds that it is planted. */
export function plant(subject: Subject, at: Places): Check[] {
  const daemon = subject.kind !== "desktop";
  return [
    {
      name: "plant",
      within: 120,
      run: [
        stage(at),
        'mkdir -p -m 700 "$notes"',
        `as_owner "$palyra" config set --key ${setting} --value ${value} >said || { echo "config set: exit code $?"; exit 1; }`,
        // Known to whoever knows the archive, so that it can be looked for elsewhere; and in no text that is kept.
        `secret=$(printf "planted in %s\\n" ${subject.sha256} | sha256sum); printf " %s\\n " "\${secret%% *}" >value`,
        'as_owner "$palyra" secrets set global planted --value-stdin <value >said || { echo "secrets set: exit code $?"; exit 1; }',
        'digest <value >"$notes/secret"; rm value',
        ...(daemon ? plantJournal() : []),
        '[ -n "$(token)" ] && token | digest >"$notes/token" && echo "admin token: noted" || echo "admin token: none in $config"',
        ...(daemon ? ['identity >"$notes/identity"; [ -s "$notes/identity" ] && echo "identity: noted" || echo "identity: no files in $state/identity"'] : []),
        'digest <"$config" >"$notes/config"; echo "planted"',
      ].join("\n"),
      expect: { stdout: { equals: [...(daemon ? ["journal: kept over a restart"] : []), "admin token: noted", ...(daemon ? ["identity: noted"] : []), "planted"].join("\n") } },
    },
    ...planted(subject, at).map((check) => ({ ...check, name: `${check.name}-at-once` })),
  ];
}

/** Finds everything that was planted, each to the byte. */
export function planted(subject: Subject, at: Places): Check[] {
  const daemon = subject.kind !== "desktop";
  const compare = (what: string, note: string): string => `[ "$now" = "$(cat "$notes/${note}")" ] && echo "${what}: unchanged" || echo "${what}: not what it was"`;
  return [
    {
      name: "planted",
      within: 60,
      run: [
        stage(at),
        '[ -d "$notes" ] || { echo "nothing was planted"; exit 1; }',
        `"$palyra" config get --key ${setting} >said; case "$(cat said) " in *[=\\ ]${value}[\\ ,]*) echo "setting: ${value}" ;; *) echo "setting: $(head -c 200 said)" ;; esac`,
        `now=$(digest <"$config"); ${compare("configuration", "config")}`,
        `now=$(token | digest); ${compare("admin token", "token")}`,
        `now=$(as_owner "$palyra" secrets get global planted --reveal | digest); ${compare("secret", "secret")}`,
        ...(daemon
          ? [
              `now=$(identity); ${compare("identity", "identity")}`,
              'records >records; lost=$(comm -23 "$notes/records" records | wc -l); known=$(wc -l <"$notes/records"); size=$(journal_size)',
              'if [ "$lost" -gt 0 ]; then echo "journal: $lost of $known records are lost"',
              'elif [ "$known" -gt 0 ]; then echo "journal: every record is there"',
              'elif [ "$size" -ge "$(cat "$notes/journal-size")" ]; then echo "journal: not smaller; it names no records"',
              'else echo "journal: smaller than it was, $size bytes"; fi',
            ]
          : []),
      ].join("\n"),
      expect: {
        stdout: daemon
          ? { matches: `^setting: ${value}\\nconfiguration: unchanged\\nadmin token: unchanged\\nsecret: unchanged\\nidentity: unchanged\\njournal: (every record is there|not smaller; it names no records)\\n$` }
          : { equals: [`setting: ${value}`, "configuration: unchanged", "admin token: unchanged", "secret: unchanged"].join("\n") },
      },
    },
  ];
}
