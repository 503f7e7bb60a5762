/** A release in use, at any point of an upgrade or a deployment: what runs is asked, not only what was put in place. */
import type { Check, Expectation } from "../checks/check.ts";
import { archiveBase, type Kind, type Places, type Platform, type Product, type Subject } from "../products/index.ts";
import { healthyCheck, identityCheck } from "./healthy.ts";
import { releaseFolder } from "./lifecycle.ts";
import { unrestarted } from "./unrestarted.ts";

/** What is known of an installation, however it came onto its machine. */
export interface Installation {
  product: Product;
  kind: Kind;
  at: Places;
}

/** The release before, on the machine: version, digest, and where its archive lies (absolute). */
export interface PreviousOnMachine {
  version: string;
  /** as in {@link Subject} */
  binaryVersions: Record<string, string>;
  sha256: string;
  archivePath: string;
}

/** A command that says so on standard output. */
export const prints = (...contains: string[]): Expectation => ({ stdout: { contains } });

/** Every check of a list, under names of this point in time, once `needs` has succeeded, whatever it needs elsewhere. */
export function under(when: string, needs: string, checks: readonly Check[]): Check[] {
  return checks.map((check) => ({ ...check, name: nameOf(when, check.name), needs }));
}

const nameOf = (when: string, name: string): string => (when === "" ? name : `${when}-${name}`);

/** The release before, as its own subject: what it states and where it lies is its own. */
export function releaseBefore(
  subject: Subject,
  { version, binaryVersions, sha256 }: Pick<Subject, "version" | "binaryVersions" | "sha256">,
): Subject {
  const { platform } = subject;
  return {
    ...subject,
    version,
    binaryVersions,
    sha256,
    base: archiveBase({ ...subject, version, platform: platform as Platform }),
  };
}

/** The link `<root>/<link>` leads to a release. */
export function leadsTo({ at }: Installation, link: "current" | "previous", release: Subject): Omit<Check, "name"> {
  return { run: ["readlink", "-f", `${at.root}/${link}`], expect: { stdout: { equals: releaseFolder(at, release) } } };
}

/**
 * A release in use and healthy within `seconds`, by every service's and the product's own word. Then whatever else is to be
 * asked, through all of which the same processes run on. `placed` is the first check's name.
 */
export function inUse(
  life: Installation,
  release: Subject,
  { when, needs, placed, seconds = 30 }: { when: string; needs: string; placed: string; seconds?: number },
  then: readonly Check[] = [],
): Check[] {
  const { product, kind, at } = life;
  const stated = (binary: string): string => release.binaryVersions[binary] ?? release.version;
  const named = (name: string): string => nameOf(when, name);
  return [
    { name: named(placed), needs, ...leadsTo(life, "current", release) },
    ...kind.services.map((service) => healthyCheck(named(`healthy-${service.name}`), service, seconds, needs)),
    ...unrestarted(kind, when, needs, [
      ...kind.services.map((service) =>
        identityCheck(named(`identity-${service.name}`), service, stated(service.binary), needs),
      ),
      ...under(when, needs, product.checks.healthy?.(release, at) ?? []),
      ...then,
    ]),
  ];
}
