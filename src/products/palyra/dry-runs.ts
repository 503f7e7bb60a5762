/** Update and uninstall, asked what they would do: they read the installation rightly, and leave all of it as it is. */
import type { Check, Expectation, Step } from "../../checks/check.ts";
import { guest } from "../../checks/guest.ts";
import { holding } from "../../checks/json.ts";
import type { Places, Subject } from "../product.ts";

/** @param archive where the archive that was installed lies on the machine */
export function dryRunCheck({ version, kind, platform }: Subject, at: Places, archive: string): Check {
  const { root, state, config, commands } = at;
  const folders = [state, "/root", root, config, commands, "/etc/systemd/system"];
  const picture = (id: string, expect?: Expectation): Step => ({
    id,
    run: guest(import.meta.url, "picture", ...folders),
    ...(expect && { expect }),
  });
  const dryRun = (id: string, holds: Record<string, unknown>, ...args: string[]): Step => ({
    id,
    run: ["palyra", id, "--install-root", root, ...args, "--dry-run", "--output-format", "json"],
    expect: { stdout: { schema: holding({ install_root: root, ...holds }) } },
  });
  const candidate = {
    "candidate.manifest_version": version,
    "candidate.artifact_kind": kind,
    "candidate.platform": platform,
    "candidate.archive_path": archive,
  };
  return {
    name: "dry-runs",
    login: true,
    within: 120,
    run: [],
    steps: [
      {
        id: "metadata",
        run: ["cat", `${root}/install-metadata.json`],
        expect: { stdout: { schema: holding({ archive_path: archive }) } },
      },
      picture("before"),
      dryRun(
        "update",
        { mode: "candidate-plan", apply_supported: false, current_version: version, ...candidate },
        ...["--archive", archive],
      ),
      dryRun("uninstall", { dry_run: true, state_root: state }),
      picture("after", { stdout: { sameAs: { check: "before" } } }),
    ],
    expect: {},
  };
}
