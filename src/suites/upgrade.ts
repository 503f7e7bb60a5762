/**
 * The suites of the upgrade machine: the release before, installed by its own installer from its published bytes, with data in
 * it; then this release over it, back again with the data, and an upgrade that is made to fail.
 */
import type { Check, Expectation, Suite } from "../checks/check.ts";
import { shownWord } from "../edges/shell-word.mjs";
import { placesOf, type Product, type Subject } from "../products/index.ts";
import { crashedLater, crashSuite } from "./crash.ts";
import { inventoryCheck, nothingLeftCheck, silenceCheck } from "./footprint.ts";
import { inUse, leadsTo, prints, releaseBefore, under, type PreviousOnMachine } from "./in-use.ts";
import { keptGone, keptLater, keptNoted, keptStill } from "./kept.ts";
import { kindNamed } from "./kind.ts";
import { hasSecrets, secretsSuite } from "./secrets.ts";
import { releaseFolder, type Lifecycle, type MachineFiles } from "./lifecycle.ts";
import { receivedCheck, unpackedInstaller } from "./received.ts";

interface UpgradeLife extends Lifecycle {
  previous: PreviousOnMachine;
  /** the release before, as its own subject */
  earlier: Subject;
}

const olderInstaller = "/root/previous-install.sh";
/** The checks that others need, or look back to. */
const from = "upgrade/install-previous";
const upgraded = "upgrade/upgrade";
const noted = "upgrade/plant-data-noted";
const later = "upgrade/new-data-later";
const says = "upgrade/previous-says";
const rolledBack = "rollback/rollback";
const anew = "rollback/upgrade-anew";
const failed = "failed-upgrade/upgrade-fails";

/** A command of the installer, as whoever upgrades types it. */
const step = (name: string, needs: string, run: string[], expect: Expectation, within = 240): Check => ({
  name,
  needs,
  run,
  within,
  expect,
});

/** The installers of both releases, each with its own archive. */
function installers({ files, subject, previous }: UpgradeLife): { ours: string[]; theirs: string[] } {
  const install = (installer: string, archive: string, sha256: string): string[] => [
    ...["sh", installer, "install", "--archive", archive, "--sha256", sha256],
  ];
  return {
    ours: install(files.installer, files.archivePath, subject.sha256),
    theirs: install(olderInstaller, previous.archivePath, previous.sha256),
  };
}

/** What each command says of its version. */
function said({ product, kind }: UpgradeLife, name: string, needs: string, expect: Expectation): Check {
  const asks = kind.binaries.filter(
    (key) => product.binaries[key]!.onPath && !product.binaries[key]!.silent?.includes("version"),
  );
  const run = asks.map((key) => `${key} ${product.binaries[key]!.version.args}`).join("; ");
  return { name, login: true, needs, run, within: 60, expect };
}

/** The commands say what they said before the upgrade. */
const asBefore = (life: UpgradeLife, needs: string): Check =>
  said(life, "says-as-before", needs, { stdout: { sameAs: { check: says } } });

/** What was planted under the release before is there under this one, which may have brought it to a form of its own, and under that one. */
function data(life: UpgradeLife, release: Subject): Check[] {
  const planted = life.product.checks.planted(release, life.at);
  return [...planted, ...keptStill(life, release !== life.earlier, noted)];
}

/** A release in use at a point in time; then what else is asked of it. */
function using(life: UpgradeLife, when: string, needs: string, release: Subject, then: readonly Check[]): Check[] {
  return inUse(life, release, { when, needs, placed: "in-use" }, then);
}

/** The release before with data in it, then this release over it. */
function upgradeSuite(life: UpgradeLife): Suite {
  const { product, subject, files, at, previous, earlier } = life;
  const { ours, theirs } = installers(life);
  return {
    name: "upgrade",
    checks: [
      receivedCheck("received", files.archivePath, subject.sha256),
      receivedCheck("received-previous", previous.archivePath, previous.sha256),
      { ...unpackedInstaller("installer", files.archivePath, files.installer), needs: "upgrade/received" },
      inventoryCheck("upgrade/received"),
      {
        ...unpackedInstaller("previous-installer", previous.archivePath, olderInstaller),
        needs: "upgrade/received-previous",
      },
      step(
        "install-previous",
        "upgrade/previous-installer",
        theirs,
        prints(`version=${previous.version}`, "changed=yes"),
      ),
      ...under("plant", from, [...product.checks.plant(earlier, at), ...keptNoted(life)]),
      said(life, "previous-says", from, { stdout: { matches: "." } }),
      step("upgrade", from, ours, prints(`version=${subject.version}`, `sha256=${subject.sha256}`, "changed=yes")),
      ...using(life, "new", upgraded, subject, [
        ...under("kept", upgraded, data(life, subject)),
        { name: "previous-kept", needs: upgraded, ...leadsTo(life, "previous", earlier) },
        step("upgrade-again", upgraded, ours, prints("changed=no")),
      ]),
      ...under("new", upgraded, [...(product.checks.writeLater?.(subject, at) ?? []), ...keptLater(life)]),
      silenceCheck,
    ],
  };
}

/** Back to the release before, with the data as it was before the upgrade, and nothing of what was written since; an older release over newer data is refused; and forward again. */
function rollbackSuite(life: UpgradeLife): Suite {
  const { product, subject, files, at, previous, earlier } = life;
  const { ours, theirs } = installers(life);
  const gone = [...(product.checks.laterIsGone?.(earlier, at) ?? []), ...keptGone(life, later)];
  return {
    name: "rollback",
    checks: [
      step(
        "rollback",
        upgraded,
        ["sh", files.installer, "rollback"],
        prints(`version=${previous.version}`, "changed=yes"),
      ),
      ...using(life, "back", rolledBack, earlier, [
        asBefore(life, rolledBack),
        ...under("back", rolledBack, gone),
        ...under("kept", rolledBack, data(life, earlier)),
      ]),
      step("upgrade-anew", rolledBack, ours, prints(`version=${subject.version}`, "changed=yes")),
      ...using(life, "anew", anew, subject, [
        ...under("kept-anew", anew, data(life, subject)),
        // The older binary may open newer data without complaint and spoil it: a one-way migration, and the sentence names it.
        step("downgrade-refused", anew, theirs, {
          exit: 9,
          stderr: { contains: [previous.version, subject.version, "rollback"] },
        }),
      ]),
    ],
  };
}

/**
 * An upgrade whose release never becomes healthy: it has run and may have changed the data when its service is stopped. The
 * release before must be back by itself, healthy, with the data as it was. The release's own bytes stay as they are: what
 * fails it is a drop-in of a service that only fails what is not the release before.
 */
function failedUpgradeSuite(life: UpgradeLife, service: string): Suite {
  const { subject, files, at, previous, earlier } = life;
  const drop = `/etc/systemd/system/${service}.service.d`;
  const onlyPrevious = `case $(readlink -f ${at.root}/current) in ${releaseFolder(at, earlier)}) ;; *) sleep 3; exit 1 ;; esac`;
  const seed = [
    `mkdir -p ${drop}`,
    `printf '%s\\n' '[Service]' ${shownWord(`ExecStartPost=/bin/sh -c '${onlyPrevious}'`)} >${drop}/fail.conf`,
    "systemctl daemon-reload",
  ].join("\n");
  return {
    name: "failed-upgrade",
    checks: [
      step("back-at-previous", anew, ["sh", files.installer, "rollback"], prints(`version=${previous.version}`)),
      { name: "seed", needs: "failed-upgrade/back-at-previous", run: seed, expect: {} },
      step("upgrade-fails", "failed-upgrade/seed", [...installers(life).ours, "--wait", "40"], {
        exit: 8,
        stderr: { contains: [subject.version, previous.version] },
      }),
      ...using(life, "previous", failed, earlier, [
        asBefore(life, failed),
        ...under("kept", failed, data(life, earlier)),
      ]),
      { name: "unseed", needs: "failed-upgrade/seed", run: `rm -r ${drop} && systemctl daemon-reload`, expect: {} },
      step("remove", from, ["sh", files.installer, "uninstall", "--remove-state"], {}),
      { name: "tidy", needs: "failed-upgrade/remove", run: ["rm", "-f", olderInstaller], expect: {} },
      nothingLeftCheck(life, "failed-upgrade/remove", "upgrade/inventory"),
      ...crashedLater,
    ],
  };
}

/** The suites of the upgrade machine, in order; what it went through is looked at before it is made to fail on purpose. */
export function upgradeSuites(
  product: Product,
  kind: string,
  subject: Subject,
  files: MachineFiles,
  previous: PreviousOnMachine,
): Suite[] {
  const definition = kindNamed(product, kind);
  const at = placesOf(product, definition);
  const earlier = releaseBefore(subject, previous);
  const life: UpgradeLife = { product, kind: definition, subject, files, at, previous, earlier };
  const [service] = definition.services;
  return [
    upgradeSuite(life),
    rollbackSuite(life),
    crashSuite(),
    ...(hasSecrets(life) ? [secretsSuite(life, anew)] : []),
    ...(service ? [failedUpgradeSuite(life, service.name)] : []),
  ];
}
