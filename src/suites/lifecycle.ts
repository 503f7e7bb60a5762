/** What the suites of a machine are made from, and the small names that many of them use. */
import {
  executableName,
  type Kind,
  type Places,
  type Platform,
  type Product,
  type Subject,
} from "../products/index.ts";
import type { Check } from "../checks/check.ts";

/** Where things lie on the machine, absolute, and how long the soak is. */
export interface MachineFiles {
  /** where the installer is unpacked to, out of the archive */
  installer: string;
  /** the archive as it was received */
  archivePath: string;
  /** seconds that each service must have been up and answering in one go; 0 leaves the soak out */
  soakSeconds: number;
}

/** What the makers of the suites work from. */
export interface Lifecycle {
  product: Product;
  kind: Kind;
  subject: Subject;
  files: MachineFiles;
  at: Places;
}

/** Everything else needs this one: without an installation no check has anything to look at. */
export const installed = "install/install";

/** A check has no business before the installation has succeeded, unless it says itself what it needs. */
export const onceInstalled = (check: Check): Check => ({ needs: installed, ...check });

/** Where an installed release lies: `<root>/versions/<version>-<first 8 digits of the archive's digest>`. */
export function releaseFolder(at: Places, subject: Subject): string {
  return `${at.root}/versions/${subject.version}-${subject.sha256.slice(0, 8)}`;
}

/** The command's name on the machine. */
export function commandName(binary: string, subject: Subject): string {
  return executableName(binary, subject.platform as Platform);
}

/** The version that a binary states. */
export const versionOf = ({ subject }: Pick<Lifecycle, "subject">, binary: string): string =>
  subject.binaryVersions[binary] ?? subject.version;
