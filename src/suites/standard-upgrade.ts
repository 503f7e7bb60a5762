/**
 * The suites of the upgrade machine: the release before, installed by its own installer from its published bytes, with data in
 * it; then this release over it, back again with the data, and an upgrade that is made to fail.
 */
import { EdgeError } from "../edges/edges.ts";
import { crashSuite } from "./crash.ts";
import { inventoryCheck, nothingLeftCheck, silenceCheck } from "./footprint.ts";
import { quote } from "./quote.ts";
import { hasSecrets, secretsSuite } from "./secrets.ts";
import { receivedCheck, releaseFolder, unpackedInstaller } from "./standard-install.ts";
import { healthyCheck, identityCheck } from "./standard-service.ts";
import { kindNamed } from "./kind.ts";
import { placesOf, type Product, type Subject } from "../products/index.ts";
import type { Lifecycle, MachineFiles } from "./standard.ts";
import type { Check, Suite } from "./suite.ts";

/** The release before, on the machine: version, digest, and where its archive lies (absolute). */
export interface PreviousOnMachine {
  version: string;
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

/** Every check of a list, under names of its own and once `needs` has succeeded. */
function asked(checks: readonly Check[], prefix: string, needs: string): Check[] {
  return checks.map((check) => ({ ...check, name: `${prefix}-${check.name}`, needs }));
}

/** The release in use and healthy. */
function inUse({ product, kind, subject, at }: UpgradeLife, folder: string, prefix: string, needs: string): Check[] {
  const stated = (binary: string): string => subject.binaryVersions[binary] ?? subject.version;
  return [
    { name: `${prefix}-in-use`, needs, run: `readlink -f ${quote(`${at.root}/current`)}`, expect: { stdout: { equals: folder } } },
    ...kind.services.map((service) => healthyCheck(`${prefix}-healthy-${service.name}`, service, 30, needs)),
    ...kind.services.map((service) => identityCheck(`${prefix}-identity-${service.name}`, service, stated(service.binary), needs)),
    ...asked(product.checks.healthy?.(subject, at) ?? [], prefix, needs),
  ];
}

const folderOfPrevious = ({ at, previous }: UpgradeLife): string => `${at.root}/versions/${previous.version}-${previous.sha256.slice(0, 8)}`;

/** `install` of this release, as whoever upgrades types it. */
const installThis = ({ files, subject }: UpgradeLife): string => `sh ${quote(files.installer)} install --archive ${quote(files.archivePath)} --sha256 ${subject.sha256}`;

/** What each command says of its version, kept under a name or held against what was kept. */
function statements({ product, kind }: UpgradeLife): string {
  const asks = kind.binaries.filter((key) => product.binaries[key]!.onPath && !product.binaries[key]!.silent?.includes("version"));
  return asks.map((key) => `${key} ${product.binaries[key]!.version.args}`).join("; ");
}

/** The release before with data in it, then this release over it. */
function upgradeSuite(life: UpgradeLife): Suite {
  const { product, subject, files, at, previous } = life;
  const from = "upgrade/install-previous";
  return {
    name: "upgrade",
    checks: [
      receivedCheck("received", files.archivePath, subject.sha256),
      receivedCheck("received-previous", previous.archivePath, previous.sha256),
      { ...unpackedInstaller("installer", files.archivePath, files.installer), needs: "upgrade/received" },
      inventoryCheck("upgrade/received"),
      { ...unpackedInstaller("previous-installer", previous.archivePath, olderInstaller), needs: "upgrade/received-previous" },
      {
        name: "install-previous",
        needs: "upgrade/previous-installer",
        run: `sh ${olderInstaller} install --archive ${quote(previous.archivePath)} --sha256 ${previous.sha256}`,
        within: 180,
        expect: { stdout: { contains: [`version=${previous.version}`, "changed=yes"] } },
      },
      ...asked(product.checks.plant(subject, at), "plant", from),
      { name: "previous-says", login: true, needs: from, run: `{ ${statements(life)}; } >${said} && cat ${said}`, within: 60, expect: { stdout: { matches: "." } } },
      { name: "upgrade", needs: from, run: installThis(life), within: 240, expect: { stdout: { contains: [`version=${subject.version}`, `sha256=${subject.sha256}`, "changed=yes"] } } },
      ...inUse(life, releaseFolder(at, subject), "new", upgraded),
      ...asked(product.checks.planted(subject, at), "kept", upgraded),
      { name: "previous-kept", needs: upgraded, run: `readlink -f ${quote(`${at.root}/previous`)}`, expect: { stdout: { equals: folderOfPrevious(life) } } },
      { name: "upgrade-again", needs: upgraded, run: installThis(life), within: 180, expect: { stdout: { contains: ["changed=no"] } } },
      silenceCheck,
    ],
  };
}

/** Back to the release before, with the data as it was before the upgrade; an older release over newer data is refused; and forward again. */
function rollbackSuite(life: UpgradeLife): Suite {
  const { product, subject, files, at, previous } = life;
  return {
    name: "rollback",
    checks: [
      { name: "rollback", needs: upgraded, run: `sh ${quote(files.installer)} rollback`, within: 240, expect: { stdout: { contains: [`version=${previous.version}`, "changed=yes"] } } },
      { name: "in-use", needs: rolledBack, run: `readlink -f ${quote(`${at.root}/current`)}`, expect: { stdout: { equals: folderOfPrevious(life) } } },
      ...life.kind.services.map((service) => healthyCheck(`healthy-${service.name}`, service, 30, rolledBack)),
      { name: "says-as-before", login: true, needs: rolledBack, run: `{ ${statements(life)}; } | diff ${said} - && echo as before`, within: 60, expect: { stdout: { equals: "as before" } } },
      ...asked(product.checks.planted(subject, at), "kept", rolledBack),
      { name: "upgrade-anew", needs: rolledBack, run: installThis(life), within: 240, expect: { stdout: { contains: [`version=${subject.version}`, "changed=yes"] } } },
      ...asked(product.checks.planted(subject, at), "kept-anew", "rollback/upgrade-anew"),
      {
        // The older binary may open newer data without complaint and spoil it: a one-way migration, and the sentence names it.
        name: "downgrade-refused",
        needs: "rollback/upgrade-anew",
        run: `sh ${olderInstaller} install --archive ${quote(previous.archivePath)} --sha256 ${previous.sha256}`,
        within: 120,
        expect: { exit: 9, stderr: { contains: [previous.version, subject.version, "rollback"] } },
      },
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
  if (!service) throw new EdgeError(`Kind ${subject.kind} of ${product.name} has no service that an upgrade could leave unhealthy; leave the suite failed-upgrade out for it.`);
  const ready = "failed-upgrade/back-at-previous";
  const failed = "failed-upgrade/upgrade-fails";
  const drop = `/etc/systemd/system/${service.name}.service.d`;
  const folder = folderOfPrevious(life);
  const onlyPrevious = `ExecStartPost=/bin/sh -c 'case $(readlink -f ${at.root}/current) in ${folder}) ;; *) sleep 3; exit 1 ;; esac'`;
  return {
    name: "failed-upgrade",
    checks: [
      { name: "back-at-previous", needs: "rollback/upgrade-anew", run: `sh ${quote(files.installer)} rollback`, within: 240, expect: { stdout: { contains: [`version=${previous.version}`] } } },
      { name: "seed", needs: ready, run: [`mkdir -p ${drop}`, `printf '%s\\n' '[Service]' ${quote(onlyPrevious)} >${drop}/fail.conf`, "systemctl daemon-reload"].join("\n"), expect: {} },
      { name: "upgrade-fails", needs: "failed-upgrade/seed", run: `${installThis(life)} --wait 40`, within: 240, expect: { exit: 8, stderr: { contains: [subject.version, previous.version] } } },
      { name: "previous-in-use", needs: failed, run: `readlink -f ${quote(`${at.root}/current`)}`, expect: { stdout: { equals: folder } } },
      ...kind.services.map((each) => healthyCheck(`healthy-${each.name}`, each, 30, failed)),
      { name: "says-as-before", login: true, needs: failed, run: `{ ${statements(life)}; } | diff ${said} - && echo as before`, within: 60, expect: { stdout: { equals: "as before" } } },
      ...asked(product.checks.planted(subject, at), "kept", failed),
      { name: "unseed", needs: "failed-upgrade/seed", run: `rm -r ${drop} && systemctl daemon-reload`, expect: {} },
      { name: "remove", needs: "upgrade/install-previous", run: `sh ${quote(files.installer)} uninstall --remove-state`, within: 120, expect: {} },
      { name: "tidy", needs: "failed-upgrade/remove", run: `rm -f ${olderInstaller} ${said}`, expect: {} },
      nothingLeftCheck(life, "failed-upgrade/remove"),
    ],
  };
}

/** The suites of the upgrade machine, in order; what it went through is looked at before it is made to fail on purpose. */
export function upgradeSuites(product: Product, kind: string, subject: Subject, files: MachineFiles, previous: PreviousOnMachine): Suite[] {
  const definition = kindNamed(product, kind);
  const life: UpgradeLife = { product, kind: definition, subject, files, at: placesOf(product, definition), previous };
  const secrets = hasSecrets(life) ? [secretsSuite(life, "rollback/upgrade-anew")] : [];
  return [upgradeSuite(life), rollbackSuite(life), crashSuite(life), ...secrets, ...(definition.services.length > 0 ? [failedUpgradeSuite(life)] : [])];
}
