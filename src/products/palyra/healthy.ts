/** What healthy means for Palyra, beyond that its services answer: they are the release, over each way there is to ask them. */
import type { Check } from "../../checks/check.ts";
import { quote } from "../../checks/quote.ts";
import type { Places, Subject } from "../product.ts";
import { browser, gateway } from "./services.ts";
import { reportCheck } from "./reports.ts";

/** Puts the release's own version and commit into $version and $hash: what everything else must state. */
export function released(at: Places): string {
  return [
    `read_report ${at.root}/current/release-manifest.json || exit`,
    'fact version; version=$fact; fact source_sha; hash=$(printf %.12s "$fact")',
    'case $hash in "(none)" | null) echo "the manifest states no commit of the sources; seal the candidate with --source CHECKOUT" ;; esac',
    'echo "manifest: $version ${#hash}"',
  ].join("\n");
}

/** What `released` prints. */
const manifestSays = (subject: Subject): string => `manifest: ${subject.version} 12`;

/** `same NAME PREFIX`: version and commit in the report, below a path, are those of the release. */
const same = [
  "same() {",
  '  fact "$2version"; [ "$fact" = "$version" ] && said=version || said="version $fact"',
  '  fact "$2git_hash"; [ "$fact" = "$hash" ] && said="$said and git hash" || said="$said and git hash $fact instead of $hash"',
  '  echo "$1: $said of the manifest"',
  "}",
].join("\n");

const asReleased = (name: string): string => `${name}: version and git hash of the manifest`;

/**
 * Every way in which a command can state what it is: as text, as JSON, and as its manifest has it. Fields of the text are found by
 * their names, in any order and among others, since there are more of them once the command line has a profile. A field
 * that is there twice is not stated.
 */
export function versionCheck(subject: Subject, at: Places): Check {
  return reportCheck(
    "version-agrees",
    [
      released(at),
      same,
      'report palyra version --output-format json && same json "" && facts name',
      'palyra version >said || echo "text: exit code $?"',
      "for field in name version git_hash build_profile; do",
      '  stated=$(tr -s "[:space:]" "\n" <said | sed -n "s/^$field=//p"); fact "$field"',
      '  [ "$stated" = "$fact" ] || echo "text: $field is ${stated:-not stated}, and as JSON $fact"',
      "done",
      'echo "text: looked at"',
    ],
    [manifestSays(subject), asReleased("json"), "palyra", "text: looked at"],
    { login: true },
  );
}

function serviceChecks(subject: Subject, at: Places): Check[] {
  return [
    reportCheck(
      "answers-as-released",
      [
        released(at),
        same,
        // Whoever asks has waited for the services already.
        `http_get ${gateway}/healthz >healthz 2>said && read_report healthz && echo "healthz: $(facts service status)" && same healthz "" || echo "healthz: $(head -c 200 said)"`,
        'report palyra health --json && echo "health: $(facts overall http.status grpc.status)" && same http http. && same grpc grpc.',
        `http_get ${browser}/healthz >browser 2>said && read_report browser && echo "browser service: $(facts status version)" || echo "browser service: $(head -c 200 said)"`,
        ":",
      ],
      [
        manifestSays(subject),
        ...["healthz: palyrad ok", asReleased("healthz")],
        ...["health: ok ok ok", asReleased("http"), asReleased("grpc")],
        `browser service: ok ${subject.binaryVersions["palyra-browserd"] ?? subject.version}`,
      ],
      { login: true, within: 90 },
    ),
    {
      name: "dashboard-as-packaged",
      run: [
        // The list may end without a new line.
        `while read -r sum path || [ -n "$sum" ]; do [ "$path" = web/index.html ] && packaged=$sum; done <${at.root}/current/checksums.txt`,
        `http_get ${gateway}/ >page || exit`,
        "served=$(sha256sum <page); served=${served%% *}",
        '[ "$served" = "${packaged:-none}" ] && echo "as packaged" || echo "served $served, packaged ${packaged:-nothing}: $(head -c 200 page)"',
      ].join("\n"),
      expect: { stdout: { equals: "as packaged" } },
    },
  ];
}

/**
 * Whether the program that `$1` names runs two seconds later. Only that is asked, and no exit code read for it: a program can end
 * with any, the one by which `timeout` says that it had to end a program among them. Here `timeout` ends what runs, and runs as long as it does.
 */
const stays = [
  'timeout -k 5 60 "$1" >said 2>&1 & pid=$!',
  "sleep 2",
  // What has ended is gone, or waits as Z until its exit code is asked for.
  "state=; read -r _ _ state _ 2>/dev/null </proc/$pid/stat",
  'case $state in "" | Z) wait $pid; echo "ended by itself with exit code $?"; tail -n 3 said ;; *) echo "up for two seconds"; kill $pid; wait $pid ;; esac',
].join("\n");

/** The control center stays up for two seconds. It is shown on a display of its own where the machine can make one; none is installed for it. */
function controlCenterCheck(at: Places): Check {
  return {
    name: "control-center-stays",
    run: [
      "display=; command -v xvfb-run >/dev/null && display='xvfb-run -a'",
      `$display sh -c ${quote(stays)} stays ${at.root}/current/palyra-desktop-control-center`,
      // How it ended once it was told to is not asked.
      ":",
    ].join("\n"),
    expect: { stdout: { equals: "up for two seconds" } },
  };
}

/** Asked after install, reboot, upgrade and rollback. That nothing restarts meanwhile is asked around it (src/suites/unrestarted.ts). */
export function healthy(subject: Subject, at: Places): Check[] {
  return subject.kind === "desktop" ? [controlCenterCheck(at)] : serviceChecks(subject, at);
}
