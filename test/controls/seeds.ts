/**
 * How each control of Palyra is seeded: in the stand-in (a fault of test/standin/faults.json, built into its binaries), in the
 * packed archive and the installer in it (sealed anew, so that only what it does is wrong), or, where neither can be, in what
 * reaches the machine. What it is red by stands in src/controls/palyra.json.
 */
import { needingLibrary } from "../elf.ts";
import type { Suite } from "../../src/suites/index.ts";
import type { File } from "../validator/release.ts";

/** Files of an archive by path. */
type Files = Map<string, File>;

export interface Seed {
  /** faults that are built into the stand-in's binaries */
  standin?: string[];
  /** changes the archive that is proven */
  archive?(files: Files): void;
  /** changes the archive of the release before it */
  previous?(files: Files): void;
  /** changes the archive's bytes on their way to the machine */
  onTheWay?(archive: Buffer): Buffer;
  /** changes what the machine is told, and nothing in what is expected of it */
  told?(suites: Suite[]): Suite[];
  /** least seconds of soak with which it is seen */
  soakSeconds?: number;
  /** the one check before its own that may be red as well, and why, as a clause; without it none may */
  alsoBefore?: { check: string; why: string };
}

/** Each text in the installer, which must be there once, is replaced. Spoils nothing else: the script must still be one. */
export function inInstaller(...changes: [from: string, to: string][]): (files: Files) => void {
  return (files) => {
    const { mode, data } = files.get("install.sh")!;
    let script = data.toString();
    for (const [from, to] of changes) {
      if (script.split(from).length !== 2)
        throw new Error(`install.sh holds ${script.split(from).length - 1} times what is to be replaced: ${from}`);
      script = script.replace(from, () => to);
    }
    files.set("install.sh", { mode, data: Buffer.from(script) });
  };
}

/** The step of an installation after which the release is in place. */
const placed = '  during "the release is being unpacked" place_release\n';

/** Seeded by the fault of the same name. */
const inStandin = [
  "cli-version-mismatch",
  "healthz-version-mismatch",
  "git-hash-mismatch",
  "crash-at-start",
  "unhealthy",
  "no-grpc",
  "no-quic",
  "no-dashboard",
  "build-path",
  "dies-late",
  "dies-at-reboot",
  "deaf",
  "bad-goodbye",
  "dumps-core",
  "extra-socket",
  "wide-open",
  "calls-out",
  "commands-litter",
  "stays-behind",
  "forgets",
  "new-identity",
  "new-ca",
  "migration-fails",
  "loses-on-migration",
  "changes-on-migration",
  "alters-on-migration",
  "group-help-fails",
  "help-differs",
  "subcommand-help-differs",
  "capability-open",
  "command-unlisted",
  "version-unnamed",
  "version-text-mismatch",
  "middle-page-differs",
  "doctor-as-developer",
  "doctor-elsewhere",
  "admin-refuses",
  "doctor-broken",
  "doctor-complains",
  "docs-missing",
  "config-set-ignored",
  "secret-altered",
  "setup-prints-token",
  "token-in-log",
  "state-readable",
  "preflight-blocked",
  "promotion-blocked",
  "promotion-open",
  "dry-run-writes",
  "setup-fails",
  "config-invalid",
  "desktop-ends",
  "trusts-lock",
  "drops-when-full",
  "fears-the-past",
  "link-shy",
  "syncs-half",
];

const moreOf: Record<string, Omit<Seed, "standin">> = {
  "capability-open": {
    alsoBefore: {
      check: "smoke/capabilities-off",
      why: "it asks for all capabilities what its own asks for one control",
    },
  },
  "dies-late": {
    soakSeconds: 25,
    alsoBefore: { check: "install/install-again", why: "on a slow machine it dies while it is installed again" },
  },
  "state-readable": {
    alsoBefore: {
      check: "install/install-again",
      why: "an installer that runs again narrows what a daemon has opened",
    },
  },
};

const elsewhere: Record<string, Seed> = {
  "library-missing": {
    archive: (files) =>
      void files.set("palyra-desktop-control-center", { mode: 0o755, data: needingLibrary("libgreenlight-none.so.1") }),
  },
  "shim-elsewhere": {
    archive: inInstaller(['  shim_line="exec $quoted \\"\\$@\\""', '  shim_line="exec \'/bin/echo\' \\"\\$@\\""']),
  },
  "path-block-again": {
    archive: inInstaller(
      // The machine has the command folder on PATH, where no block is needed.
      ["      persistence=existing-path\n      return 0\n", "      persistence=posix-profile\n      return 0\n"],
      ['put_block() { edit_profile "$1" "$block_text"; }', 'put_block() { printf "%s\\n" "$block_text" >>"$1"; }'],
    ),
  },
  "token-anew": {
    archive: inInstaller([
      "  # Also when somebody's editor or the product itself made the file anew",
      '  [ "$changed" = yes ] || sed -i "s/^\\(auth_token = .*_\\).*/\\1$(tr -dc 0-9A-Z </dev/urandom | head -c 26)\\"/" "$config_file"\n  # Also when somebody\'s editor or the product itself made the file anew',
    ]),
  },
  "world-readable": {
    archive: inInstaller(
      ["umask 077 && trap - PIPE && as_setup_user", "umask 022 && trap - PIPE && as_setup_user"],
      ['narrow_mode "$config_file" 0600', 'put_mode "$config_file" 0644'],
    ),
  },
  "key-wrong-form": {
    archive: inInstaller(
      [
        'base64) secret=$(head -c "$1" /dev/urandom | base64 -w 0) ;;',
        "base64) secret=$(od -An -v -tx1 -N \"$1\" /dev/urandom | tr -d ' \\n') ;;",
      ],
      ['  has_form "$5$secret" "$3" "$4" "$5" || die 1', "  : || die 1"],
    ),
  },
  setuid: {
    archive: inInstaller([placed, `${placed}  chmod 4755 "$release/palyra"\n`]),
    alsoBefore: {
      check: "install/install-again",
      why: "an installer that runs again finds the release damaged, which then is a change",
    },
  },
  "written-inside": {
    archive: inInstaller([placed, `${placed}  mkdir -p "$release/data"\n  : >"$release/data/journal.sqlite3"\n`]),
  },
  "less-hardened": {
    archive: inInstaller(
      ["CapabilityBoundingSet=\n", ""],
      ["SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\n", ""],
    ),
  },
  "state-emptied": {
    archive: inInstaller([
      "  for_recorded user remove_user\n",
      '  for_recorded user remove_user\n  [ "$remove_state" = yes ] || rm -rf -- "$state"/*\n',
    ]),
  },
  "left-file": {
    archive: inInstaller([
      "  for_recorded user remove_user\n",
      '  for_recorded user remove_user\n  echo "$product was removed" >/var/log/palyra-uninstall.log\n',
    ]),
  },
  "left-beside": {
    archive: inInstaller([
      "  for_recorded user remove_user\n",
      '  for_recorded user remove_user\n  for left in /usr/share/man/man1/palyra.1 /usr/share/bash-completion/completions/palyra /run/systemd/system/palyra-once.service /run/lock/palyra.lock; do\n    echo "# $product was here" >"$left"\n  done\n',
    ]),
  },
  "manifest-not-beside": {
    archive: inInstaller(['  put_file "$root/release-manifest.json" 0644 root:root "${manifest_whole%.}"\n', ""]),
  },
  "left-user": { archive: inInstaller(["  for_recorded user remove_user\n", ""]) },
  "left-unit": { archive: inInstaller(['  rm -f -- "$1" "${1%/*}/.greenlight-$product"\n', "  :\n"]) },
  "restarts-again": {
    archive: inInstaller(
      ['  [ ! -e "$root/restart-needed" ] || {\n    restart=yes\n    reload=yes\n  }\n', "  restart=yes\n"],
      ["    changed=yes\n    started=yes\n", "    started=yes\n"],
    ),
  },
  "newer-runs-on": {
    archive: inInstaller(
      [
        '  sync\n  switch_to "$from" "$current"\n',
        '  sync\n  restart=yes\n  reload=no\n  start_all || :\n  switch_to "$from" "$current"\n',
      ],
      ["  restart=yes\n  for_recorded unit enable_unit\n", "  restart=no\n  for_recorded unit enable_unit\n"],
    ),
  },
  "newer-data-stays": {
    archive: inInstaller([
      '  [ "$(link_of "$current")" != "$to" ] || during "state and configuration are being put back" put_back_data\n',
      "",
    ]),
  },
  "opens-newer-data": {
    previous: inInstaller(['  if is_older "$version" "$installed_version"; then\n', "  if false; then\n"]),
  },
  "starts-for-ever": {
    archive: inInstaller(
      ["StartLimitIntervalSec=60\n", "StartLimitIntervalSec=0\n"],
      ["RestartSec=2\n", "RestartSec=100ms\n"],
    ),
  },
  "gives-up-on-memory": {
    archive: inInstaller([
      "Restart=on-failure\n",
      // By the journal, before a start: what is run when a service ends has no more memory than that had.
      "Restart=on-failure\nExecStartPre=+/bin/sh -c '! journalctl -q -b -o cat -u %n | grep -q oom-kill'\n",
    ]),
  },
  "archive-altered": {
    onTheWay: (archive) => {
      const copy = Buffer.from(archive);
      copy[copy.length >> 1]! ^= 0x20;
      return copy;
    },
  },
  "no-checks": { told: (suites) => suites.map((suite) => (suite.name === "smoke" ? { ...suite, checks: [] } : suite)) },
};

/** The seed of every control, by its id. */
export const seeds: Record<string, Seed> = {
  ...Object.fromEntries(inStandin.map((fault) => [fault, { standin: [fault], ...moreOf[fault] }])),
  ...elsewhere,
};

/**
 * The faults that must be among the controls whatever else is, each with the controls that seed it.
 */
export const wanted: Record<string, string[]> = {
  "version wrong in one place": ["cli-version-mismatch", "healthz-version-mismatch"],
  "git hash differs": ["git-hash-mismatch"],
  "daemon not starting": ["crash-at-start"],
  "starting but unhealthy": ["unhealthy"],
  "gRPC dead": ["no-grpc"],
  "dashboard missing": ["no-dashboard"],
  "dying after 20 s": ["dies-late"],
  "dying on reboot": ["dies-at-reboot"],
  "losing data on upgrade": ["loses-on-migration", "migration-fails"],
  "changing data on upgrade": ["changes-on-migration", "alters-on-migration"],
  "opening newer data": ["opens-newer-data"],
  "ignoring SIGTERM": ["deaf"],
  "shim pointing elsewhere": ["shim-elsewhere"],
  "PATH block not idempotent": ["path-block-again"],
  "help group failing": ["group-help-fails"],
  "help page differing": ["help-differs", "subcommand-help-differs"],
  "report blocked with exit 0": ["preflight-blocked", "promotion-blocked"],
  "report ready for worker-enabled": ["promotion-open"],
  "dry run that changes a file": ["dry-run-writes"],
  "undeclared listener": ["extra-socket", "wide-open", "stays-behind"],
  "outgoing packet": ["calls-out"],
  "left-over file": ["left-file", "left-beside", "commands-litter"],
  "left-over user": ["left-user"],
  "left-over unit": ["left-unit"],
  "hard-coded build path": ["build-path"],
  "missing shared library": ["library-missing"],
  "doctor of another installation": ["doctor-as-developer", "doctor-elsewhere"],
  "installed version unknown": ["manifest-not-beside"],
  "world-readable config": ["world-readable"],
  "world-readable state": ["state-readable"],
  "key of the wrong form": ["key-wrong-form"],
  "token printed": ["setup-prints-token", "token-in-log"],
  "setuid bit": ["setuid"],
  "core dump": ["dumps-core"],
  "zero checks run": ["no-checks"],
  "not back after SIGKILL": ["trusts-lock"],
  "losing data when the disk is full": ["drops-when-full"],
  "not standing another time": ["fears-the-past"],
  "restarting for ever": ["starts-for-ever"],
  "not back after the link was gone": ["link-shy"],
  "not back after memory was short": ["gives-up-on-memory"],
  "losing data when power is cut": ["syncs-half"],
};
