/** Update and uninstall, asked what they would do: they read the installation rightly, and leave all of it as it is. */
import type { Check } from "../../checks/check.ts";
import type { Places, Subject } from "../product.ts";
import { reportCheck } from "./reports.ts";

/** Files of root's shells, in which an installer has a block; an uninstall takes it out. */
const profiles = [".profile", ".bash_profile", ".bash_login", ".bashrc", ".zprofile", ".zshrc"];

/**
 * A picture of all that an installation consists of into a file, one line each: its folder, configuration and state, the command
 * folder with the shims, the units, and root's profiles. Of all but the state it holds every file's content, as a digest; and of all
 * the time of the last change, which nothing can set back. Of the state's databases it holds only that they are there: a running service
 * writes to them by itself, and what it keeps beside one comes and goes.
 */
function picture({ root, state, config, commands }: Places, to: string): string {
  const lasting = `${root} ${config} ${commands} /etc/systemd/system`;
  const named = profiles.map((name) => `-name ${name}`).join(" -o ");
  return [
    `{ find ${lasting} -type f -exec sha256sum {} +`,
    `find ${lasting} ${state} -path '${state}/*.sqlite3-*' -o -path '${state}/*.sqlite3' -printf '%p %m %U:%G\\n' -o -type d -printf '%p %m %U:%G\\n' -o -printf '%p %m %U:%G %s %C@ %l\\n'`,
    `find /root -maxdepth 1 \\( ${named} \\) -printf '%p %m %U:%G %s %C@ %l\\n' -exec sha256sum {} \\;`,
    `} | LC_ALL=C sort -u >${to}`,
  ].join("\n");
}

export function dryRunChecks(subject: Subject, at: Places): Check[] {
  const { version, kind, platform } = subject;
  return [
    reportCheck(
      "dry-runs",
      [
        `read_report ${at.root}/install-metadata.json && fact archive_path && archive=$fact`,
        picture(at, "before"),
        `report palyra update --install-root ${at.root} --archive "$archive" --dry-run --output-format json`,
        'echo "update: $(facts mode apply_supported install_root current_version candidate.manifest_version candidate.artifact_kind candidate.platform)"',
        'fact candidate.archive_path; [ "$fact" = "$archive" ] && echo "update: of the archive that was installed" || echo "update: of $fact instead of $archive"',
        `report palyra uninstall --install-root ${at.root} --dry-run --output-format json`,
        'echo "uninstall: $(facts dry_run install_root state_root)"',
        picture(at, "after"),
        'seen=$(wc -l <before); [ "$seen" -gt 20 ] || echo "only $seen files were looked at"',
        'diff before after >changed && echo "nothing changed" || { echo "a dry run changed this:"; sed -n "s/^[<>] //p" changed | head -n 5; }',
      ],
      [
        `update: candidate-plan false ${at.root} ${version} ${version} ${kind} ${platform}`,
        "update: of the archive that was installed",
        `uninstall: true ${at.root} ${at.state}`,
        "nothing changed",
      ],
      { login: true, within: 120 },
    ),
  ];
}
