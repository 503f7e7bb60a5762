/**
 * The suites of the upgrade machine: the release before, installed by its own installer from its published bytes, with data in
 * it; then this release over it, back again with the data, and an upgrade that is made to fail.
 */
import { EdgeError } from "../edges/edges.ts";
import { crashedLater, crashSuite } from "./crash.ts";
import { inventoryCheck, nothingLeftCheck, silenceCheck } from "./footprint.ts";
import { keptGone, keptLater, keptNoted, keptStill } from "./kept.ts";
import { quote } from "../checks/quote.ts";
import { hasSecrets, secretsSuite } from "./secrets.ts";
import { receivedCheck, releaseFolder, unpackedInstaller } from "./standard-install.ts";
import { healthyCheck, identityCheck } from "./standard-service.ts";
import { kindNamed } from "./kind.ts";
import { placesOf, type Product, type Subject } from "../products/index.ts";
import type { Lifecycle, MachineFiles } from "./standard.ts";
import type { Check, Suite } from "../checks/check.ts";
import { unrestarted } from "./unrestarted.ts";

/** The release before, on the machine: version, digest, and where its archive lies (absolute). */
export interface PreviousOnMachine {
  version: string;
  /** as in {@link Subject} */
  binaryVersions: Record<string, string>;
  sha256: string;
  archivePath: string;
}

export interface UpgradeLife extends Lifecycle {
  previous: PreviousOnMachine;
}

const olderInstaller = "/root/previous-install.sh";
const said = "/root/previous-says";
const upgraded = "upgrade/upgrade";
const rolledBack = "rollback/rollback";
/** The checks that note what is kept, and what is written after the upgrade. */
const noted = "upgrade/plant-data-noted";
const later = "upgrade/new-data-later";

/** Every check of a list, under names of its own and once `needs` has succeeded. */
function asked(checks: readonly Check[], prefix: string, needs: string): Check[] {
  return checks.map((check) => ({ ...check, name: `${prefix}-${check.name}`, needs }));
}

/** The release before, as its own subject: what it states and where it lies is its own. */
function earlierOf({ subject, previous: { version, binaryVersions, sha256 } }: UpgradeLife): Subject {
  return {
    ...subject,
    version,
    binaryVersions,
    sha256,
    base: `${subject.product}-${subject.kind}-${version}-${subject.platform}`,
  };
}

/**
 * A release in use and healthy, by every service's and the product's own word: what runs is asked, not only what was put in
 * place. Then whatever else is to be asked, through all of which the same processes run on.
 */
function inUse(
  { product, kind, at }: UpgradeLife,
  release: Subject,
  prefix: string,
  needs: string,
  then: readonly Check[] = [],
): Check[] {
  const stated = (binary: string): string => release.binaryVersions[binary] ?? release.version;
  return [
    {
      name: `${prefix}-in-use`,
      needs,
      run: `readlink -f ${quote(`${at.root}/current`)}`,
      expect: { stdout: { equals: releaseFolder(at, release) } },
    },
    ...kind.services.map((service) => healthyCheck(`${prefix}-healthy-${service.name}`, service, 30, needs)),
    ...unrestarted(kind, prefix, needs, [
      ...kind.services.map((service) =>
        identityCheck(`${prefix}-identity-${service.name}`, service, stated(service.binary), needs),
      ),
      ...asked(product.checks.healthy?.(release, at) ?? [], prefix, needs),
      ...then,
    ]),
  ];
}

/** `install` of this release, as whoever upgrades types it. */
const installThis = ({ files, subject }: UpgradeLife): string =>
  `sh ${quote(files.installer)} install --archive ${quote(files.archivePath)} --sha256 ${subject.sha256}`;

/** What each command says of its version, kept under a name or held against what was kept. */
function statements({ product, kind }: UpgradeLife): string {
  const asks = kind.binaries.filter(
    (key) => product.binaries[key]!.onPath && !product.binaries[key]!.silent?.includes("version"),
  );
  return asks.map((key) => `${key} ${product.binaries[key]!.version.args}`).join("; ");
}

/** The commands say what they said before the upgrade. */
function asBefore(life: UpgradeLife, needs: string): Check {
  return {
    name: "says-as-before",
    login: true,
    needs,
    run: `{ ${statements(life)}; } | diff ${said} - && echo as before`,
    within: 60,
    expect: { stdout: { equals: "as before" } },
  };
}

/** The release before with data in it, then this release over it. */
function upgradeSuite(life: UpgradeLife): Suite {
  const { product, subject, files, at, previous } = life;
  const from = "upgrade/install-previous";
  const earlier = earlierOf(life);
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
      {
        name: "install-previous",
        needs: "upgrade/previous-installer",
        run: `sh ${olderInstaller} install --archive ${quote(previous.archivePath)} --sha256 ${previous.sha256}`,
        within: 180,
        expect: { stdout: { contains: [`version=${previous.version}`, "changed=yes"] } },
      },
      ...asked([...product.checks.plant(earlier, at), ...keptNoted(life)], "plant", from),
      {
        name: "previous-says",
        login: true,
        needs: from,
        run: `{ ${statements(life)}; } >${said} && cat ${said}`,
        within: 60,
        expect: { stdout: { matches: "." } },
      },
      {
        name: "upgrade",
        needs: from,
        run: installThis(life),
        within: 240,
        expect: { stdout: { contains: [`version=${subject.version}`, `sha256=${subject.sha256}`, "changed=yes"] } },
      },
      ...inUse(life, subject, "new", upgraded, [
        ...asked([...product.checks.planted(subject, at), ...keptStill(life, true, noted)], "kept", upgraded),
        {
          name: "previous-kept",
          needs: upgraded,
          run: `readlink -f ${quote(`${at.root}/previous`)}`,
          expect: { stdout: { equals: releaseFolder(at, earlier) } },
        },
        {
          name: "upgrade-again",
          needs: upgraded,
          run: installThis(life),
          within: 180,
          expect: { stdout: { contains: ["changed=no"] } },
        },
      ]),
      ...asked([...(product.checks.writeLater?.(subject, at) ?? []), ...keptLater(life)], "new", upgraded),
      silenceCheck,
    ],
  };
}

/** Back to the release before, with the data as it was before the upgrade, and nothing of what was written since; an older release over newer data is refused; and forward again. */
function rollbackSuite(life: UpgradeLife): Suite {
  const { product, subject, files, at, previous } = life;
  const earlier = earlierOf(life);
  const anew = "rollback/upgrade-anew";
  return {
    name: "rollback",
    checks: [
      {
        name: "rollback",
        needs: upgraded,
        run: `sh ${quote(files.installer)} rollback`,
        within: 240,
        expect: { stdout: { contains: [`version=${previous.version}`, "changed=yes"] } },
      },
      ...inUse(life, earlier, "back", rolledBack, [
        asBefore(life, rolledBack),
        ...asked([...(product.checks.laterIsGone?.(earlier, at) ?? []), ...keptGone(life, later)], "back", rolledBack),
        ...asked([...product.checks.planted(earlier, at), ...keptStill(life, false, noted)], "kept", rolledBack),
      ]),
      {
        name: "upgrade-anew",
        needs: rolledBack,
        run: installThis(life),
        within: 240,
        expect: { stdout: { contains: [`version=${subject.version}`, "changed=yes"] } },
      },
      ...inUse(life, subject, "anew", anew, [
        ...asked([...product.checks.planted(subject, at), ...keptStill(life, true, noted)], "kept-anew", anew),
        {
          // The older binary may open newer data without complaint and spoil it: a one-way migration, and the sentence names it.
          name: "downgrade-refused",
          needs: anew,
          run: `sh ${olderInstaller} install --archive ${quote(previous.archivePath)} --sha256 ${previous.sha256}`,
          within: 120,
          expect: { exit: 9, stderr: { contains: [previous.version, subject.version, "rollback"] } },
        },
      ]),
    ],
  };
}

/**
 * An upgrade whose release never becomes healthy: it has run and may have changed the data when its service is stopped. The
 * release before must be back by itself, healthy, with the data as it was. The release's own bytes stay as they are: what
 * fails it is a drop-in that only fails what is not the release before.
 */
function failedUpgradeSuite(life: UpgradeLife): Suite {
  const { product, kind, subject, files, at, previous } = life;
  const [service] = kind.services;
  if (!service)
    throw new EdgeError(
      `Kind ${subject.kind} of ${product.name} has no service that an upgrade could leave unhealthy; leave the suite failed-upgrade out for it.`,
    );
  const ready = "failed-upgrade/back-at-previous";
  const failed = "failed-upgrade/upgrade-fails";
  const drop = `/etc/systemd/system/${service.name}.service.d`;
  const earlier = earlierOf(life);
  const folder = releaseFolder(at, earlier);
  const onlyPrevious = `ExecStartPost=/bin/sh -c 'case $(readlink -f ${at.root}/current) in ${folder}) ;; *) sleep 3; exit 1 ;; esac'`;
  return {
    name: "failed-upgrade",
    checks: [
      {
        name: "back-at-previous",
        needs: "rollback/upgrade-anew",
        run: `sh ${quote(files.installer)} rollback`,
        within: 240,
        expect: { stdout: { contains: [`version=${previous.version}`] } },
      },
      {
        name: "seed",
        needs: ready,
        run: [
          `mkdir -p ${drop}`,
          `printf '%s\\n' '[Service]' ${quote(onlyPrevious)} >${drop}/fail.conf`,
          "systemctl daemon-reload",
        ].join("\n"),
        expect: {},
      },
      {
        name: "upgrade-fails",
        needs: "failed-upgrade/seed",
        run: `${installThis(life)} --wait 40`,
        within: 240,
        expect: { exit: 8, stderr: { contains: [subject.version, previous.version] } },
      },
      ...inUse(life, earlier, "previous", failed, [
        asBefore(life, failed),
        ...asked([...product.checks.planted(earlier, at), ...keptStill(life, false, noted)], "kept", failed),
      ]),
      { name: "unseed", needs: "failed-upgrade/seed", run: `rm -r ${drop} && systemctl daemon-reload`, expect: {} },
      {
        name: "remove",
        needs: "upgrade/install-previous",
        run: `sh ${quote(files.installer)} uninstall --remove-state`,
        within: 120,
        expect: {},
      },
      { name: "tidy", needs: "failed-upgrade/remove", run: `rm -f ${olderInstaller} ${said}`, expect: {} },
      nothingLeftCheck(life, "failed-upgrade/remove"),
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
  const life: UpgradeLife = { product, kind: definition, subject, files, at: placesOf(product, definition), previous };
  const secrets = hasSecrets(life) ? [secretsSuite(life, "rollback/upgrade-anew")] : [];
  return [
    upgradeSuite(life),
    rollbackSuite(life),
    crashSuite(),
    ...secrets,
    ...(definition.services.length > 0 ? [failedUpgradeSuite(life)] : []),
  ];
}
