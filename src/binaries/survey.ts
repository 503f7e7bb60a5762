/** The binaries of one archive: the facts of each, and everything that keeps one of them from starting on the platform's targets. */
import { join } from "node:path";
import { executableName, targetsOf, type Platform, type Product, type Target } from "../products/index.ts";
import type { BinaryFacts, GlibcNeed } from "./facts.ts";
import { binaryFaults, factsFor } from "./judge.ts";
import { neededBy, type Inside } from "./libraries.ts";
import { readBinary } from "./read.ts";

/** Of a candidate's seal, what lies where: the files of its binaries and assets, for each platform. */
export interface Sealed {
  platforms: Partial<
    Record<Platform, { binaries: Record<string, { file: string }>; assets?: Record<string, { file: string }> }>
  >;
}

export interface SurveyedBinary {
  /** the product's key */
  name: string;
  /** its name in the archive */
  fileName: string;
  /** its path in the candidate */
  file: string;
  facts: BinaryFacts;
  /** what it needs of a machine besides the libraries that come with it: sonames, and the newest symbols of glibc */
  needs: { libraries: string[]; glibc: GlibcNeed | null };
  /** paths of the libraries that come with it in the archive */
  own: string[];
  /** clauses that follow its name; empty when nothing is known to keep it from starting */
  faults: string[];
}

export interface Survey {
  /** what was judged against; none where the platform has no target: then system and processor alone are */
  targets: Target[];
  binaries: SurveyedBinary[];
}

/** What every kind with this binary tells its users to install. */
function toldBy(product: Product, name: string, told: (kind: Product["kinds"][string]) => readonly string[]): string[] {
  const [first = [], ...others] = Object.values(product.kinds).flatMap((kind) =>
    kind.binaries.includes(name) ? [told(kind)] : [],
  );
  return first.filter((one) => others.every((list) => list.includes(one)));
}

/** Libraries that every kind with this binary tells its users to install. */
export function expectedLibraries(product: Product, name: string): string[] {
  return toldBy(product, name, (kind) => kind.hostLibraries ?? []);
}

/** Programs that services of some kind of the product tell their operators to bring. */
export function expectedPrograms(product: Product): string[] {
  return Object.values(product.kinds).flatMap((kind) => kind.services.flatMap((service) => service.hostPrograms ?? []));
}

/** The files of an archive that programs may find as libraries: those that bear a name which a program, or such a library, asks for. */
async function librariesOf(
  folder: string,
  sealed: Sealed,
  platform: Platform,
  programs: readonly BinaryFacts[],
): Promise<Inside> {
  const assets = sealed.platforms[platform]?.assets ?? {};
  const paths = Object.keys(assets);
  const found = new Map<string, BinaryFacts>();
  const wanted = new Set(programs.flatMap(({ libraries }) => libraries));
  // What is added while it is gone through is gone through as well.
  for (const library of wanted) {
    const name = library.split("/").at(-1)!;
    for (const path of paths.filter(
      (path) => path.endsWith(name) && [undefined, "/"].includes(path.at(-name.length - 1)),
    )) {
      const file = assets[path]!.file;
      const facts = await readBinary(join(folder, file)).catch(() => undefined);
      if (!facts) continue;
      found.set(path, facts);
      for (const further of facts.libraries) wanted.add(further);
    }
  }
  return (path) => found.get(path);
}

/**
 * Reads the named binaries of a sealed candidate; those that the seal does not list, or that are not there, are left out.
 * `folder` is the candidate's.
 */
export async function surveyBinaries(
  folder: string,
  sealed: Sealed,
  product: Product,
  keys: readonly string[],
  platform: Platform,
): Promise<Survey> {
  const targets = targetsOf(platform);
  const read: { name: string; file: string; facts: BinaryFacts }[] = [];
  for (const name of keys) {
    const file = sealed.platforms[platform]?.binaries[name]?.file;
    const facts = file === undefined ? undefined : await readBinary(join(folder, file)).catch(() => undefined);
    if (file !== undefined && facts) read.push({ name, file, facts });
  }
  const inside = await librariesOf(
    folder,
    sealed,
    platform,
    read.map(({ facts }) => facts),
  );
  const binaries = read.map(({ name, file, facts }): SurveyedBinary => {
    const path = executableName(name, platform);
    const { host, own, glibc } = neededBy(path, facts, inside);
    const faults = binaryFaults(facts, {
      platform,
      targets,
      expected: expectedLibraries(product, name),
      programs: expectedPrograms(product),
      scripts: !product.payload,
      path,
      inside,
    });
    return { name, fileName: path, file, facts, needs: { libraries: host, glibc }, own, faults };
  });
  return { targets, binaries };
}

/** What `<base>.binaries.json` says of binaries, in the order given: of a universal one, what holds of the part that the platform runs. */
export function describeBinaries(
  base: string,
  platform: Platform,
  binaries: readonly { name: string; fileName: string; facts: BinaryFacts; faults: readonly string[] }[],
): object {
  const listed = binaries.map(({ name, fileName, facts, faults }) => {
    const { format, os, interpreter, libraries, glibc, signature, fault } = factsFor(facts, platform)[0]!;
    return {
      logical_name: name,
      file_name: fileName,
      format,
      os,
      architectures: facts.architectures,
      interpreter,
      libraries,
      glibc,
      signature,
      fault,
      findings: faults,
    };
  });
  return { schema_version: 1, artifact_name: base, platform, targets: targetsOf(platform), binaries: listed };
}
