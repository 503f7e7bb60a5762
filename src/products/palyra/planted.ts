/**
 * Data that outlives reboots, upgrades and rollbacks: a setting and a secret, made through the product's own commands; and what it
 * must never make anew by itself, the admin token (kept.ts declares its records and its identity). Notes of all of it are digests, and the secret's value is made on the machine, of the archive's digest, and leaves it nowhere.
 *
 * What is written later, by the release after, is the opposite: a rollback must take it back.
 */
import type { Check } from "../../checks/check.ts";
import type { Places, Subject } from "../product.ts";
import { tokenOf } from "./reports.ts";

const setting = "networked_workers.lease_ttl_ms";
const value = "612345";

/** Commands and paths that planting and looking share. `$owner` owns the configuration; `as_owner` runs a command as it, so that files are its own. */
function stage(at: Places): string {
  return [
    `config=${at.config}/palyra.toml state=${at.state} palyra=${at.commands}/palyra notes=$greenlight/notes/planted`,
    "PALYRA_VAULT_BACKEND=encrypted_file; export PALYRA_VAULT_BACKEND",
    'set -- $(stat -c "%U %g" "$config"); owner=$1 group=$2',
    'as_owner() { if [ "$owner" = root ]; then "$@"; else HOME=$state setpriv --reuid="$owner" --regid="$group" --init-groups "$@"; fi; }',
    'digest() { sum=$(sha256sum); echo "${sum%% *}"; }',
    `token() { ${tokenOf('"$config"')}; }`,
  ].join("\n");
}

/** Plants, and finds that it is planted. */
export function plant(subject: Subject, at: Places): Check[] {
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
        '[ -n "$(token)" ] && token | digest >"$notes/token" && echo "admin token: noted" || echo "admin token: none in $config"',
        'digest <"$config" >"$notes/config"; echo "planted"',
      ].join("\n"),
      expect: { stdout: { equals: "admin token: noted\nplanted" } },
    },
    ...planted(subject, at).map((check) => ({ ...check, name: `${check.name}-at-once` })),
  ];
}

/** Finds everything that was planted, each to the byte. */
export function planted(_subject: Subject, at: Places): Check[] {
  const compare = (what: string, note: string): string =>
    `[ "$now" = "$(cat "$notes/${note}")" ] && echo "${what}: unchanged" || echo "${what}: not what it was"`;
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
      ].join("\n"),
      expect: {
        stdout: {
          equals: [`setting: ${value}`, "configuration: unchanged", "admin token: unchanged", "secret: unchanged"].join(
            "\n",
          ),
        },
      },
    },
  ];
}

const laterValue = "654321";

/** Writes more, after an upgrade: another value and another secret. */
export function writeLater(_subject: Subject, at: Places): Check[] {
  return [
    {
      name: "written-later",
      within: 120,
      run: [
        stage(at),
        `as_owner "$palyra" config set --key ${setting} --value ${laterValue} >said || { echo "config set: exit code $?"; exit 1; }`,
        'echo "written after the upgrade" >later',
        'as_owner "$palyra" secrets set global later --value-stdin <later >said || { echo "secrets set: exit code $?"; exit 1; }',
        'as_owner "$palyra" secrets get global later --reveal | cmp -s - later && echo "secret: written"',
      ].join("\n"),
      expect: { stdout: { equals: "secret: written" } },
    },
  ];
}

/** Nothing of that is left, once the release before and its data are back. */
export function laterIsGone(_subject: Subject, at: Places): Check[] {
  return [
    {
      name: "later-is-gone",
      run: [
        stage(at),
        `"$palyra" config get --key ${setting} >said; case "$(cat said)" in *${laterValue}*) echo "setting: still ${laterValue}" ;; *) echo "setting: gone" ;; esac`,
        // 8 is what Palyra's commands end with for what is not found; another failure says nothing of the secret.
        'as_owner "$palyra" secrets get global later --reveal >said 2>&1; case $? in 0) echo "secret: still there" ;; 8) echo "secret: gone" ;; *) echo "secret: $(head -c 200 said)" ;; esac',
      ].join("\n"),
      expect: { stdout: { equals: "setting: gone\nsecret: gone" } },
    },
  ];
}
