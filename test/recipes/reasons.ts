/**
 * The eight reasons for which the product's own recipe does not run (a to h), each as a probe of a recipe's files: it answers
 * what is wrong, and nothing for a recipe that has not this fault.
 */
import { posix } from "node:path";

/** A recipe as its files, by path, and what the archive that it deploys holds. */
export interface Looked {
  files: Readonly<Record<string, string>>;
  archivePaths: readonly string[];
}

const units = ({ files }: Looked): [path: string, text: string][] =>
  Object.entries(files).filter(([path]) => path.endsWith(".service"));
const environments = ({ files }: Looked): [path: string, text: string][] =>
  Object.entries(files).filter(([path]) => /^env\//.test(path));
const containers = ({ files }: Looked): [path: string, text: string][] =>
  Object.entries(files).filter(([path]) => /(^|\/)(docker|compose)/i.test(path));
const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1]!);
const unquoted = (text: string): string => text.replace(/^"(.*)"$/, "$1");

/** The variables of an environment file. */
export function variables(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_][A-Z0-9_]*)=(.*)$/gm)].map(([, name, value]) => [name!, unquoted(value!)]),
  );
}

/** What a unit says of a key, the last time it does. */
export function directive(unit: string, key: string): string | undefined {
  return all(unit, new RegExp(`^${key}=(.*)$`, "gm")).at(-1);
}

const environmentOf = (looked: Looked): Record<string, string> =>
  Object.assign({}, ...environments(looked).map(([, text]) => variables(text)));

export const reasons = {
  /** a: paths that do not match where files land, and a build context without the binaries */
  namesWhatIsNotThere(looked: Looked): string[] {
    const manifest = looked.files["profile-manifest.json"];
    const targets = manifest
      ? (JSON.parse(manifest) as { recipe_targets: { path: string }[] }).recipe_targets.map(({ path }) => path)
      : [];
    const built = containers(looked).flatMap(([path, text]) => [
      ...all(text, /^\s*dockerfile:\s*(\S+)/gm).map((file) =>
        posix.join(posix.dirname(path), all(text, /^\s*context:\s*(\S+)/gm)[0] ?? ".", file),
      ),
      ...all(text, /^COPY (?:--\S+ )*(.+) \S+$/gm).flatMap((sources) => sources.split(" ")),
    ]);
    return [...targets, ...built].filter((path) => looked.files[path] === undefined);
  },
  /** b: an environment file that units name and nobody brings */
  environmentFileMissing(looked: Looked): string[] {
    const named = units(looked).flatMap(([, text]) => all(text, /^EnvironmentFile=-?(.*)$/gm));
    const brought = new Set(environments(looked).map(([path]) => posix.basename(path)));
    // Secrets are made on the machine: that they are there when the unit starts is seen where it is executed.
    return [...new Set(named)].filter((path) => !path.endsWith(".secrets") && !brought.has(posix.basename(path)));
  },
  /** c: a configuration that must be there and is not, and no admin token */
  configurationMissing(looked: Looked): string[] {
    const { PALYRA_CONFIG: config, PALYRA_ADMIN_TOKEN: token } = environmentOf(looked);
    const maker = Object.entries(looked.files).find(
      ([path, text]) => path.endsWith(".sh") && config !== undefined && text.includes(config),
    );
    return config === undefined || token !== undefined || maker ? [] : [`nothing makes ${config}`];
  },
  /** d: a journal that lies relative to a working directory where the service may not write */
  journalOutsideState(looked: Looked): string[] {
    const environment = environmentOf(looked);
    return units(looked)
      .filter(([path]) => path.endsWith("/palyrad.service"))
      .flatMap(([path, text]) => {
        const journal = posix.resolve(
          directive(text, "WorkingDirectory") ?? "/",
          environment["PALYRA_JOURNAL_DB_PATH"] ?? "data/journal.sqlite3",
        );
        const writable = (directive(text, "ReadWritePaths") ?? "").split(" ").map(unquoted);
        return writable.some((folder) => journal.startsWith(`${folder}/`))
          ? []
          : [`${path} lets the daemon write ${writable.join(", ")}, and the journal is ${journal}`];
      });
  },
  /** e: ports that are published and reach nobody, since the daemon listens on the loopback of a network of its own */
  portsReachNobody(looked: Looked): string[] {
    const loopback = environmentOf(looked)["PALYRA_GATEWAY_BIND_PROFILE"] === "loopback_only";
    const published = containers(looked)
      .filter(([, text]) => /^\s*ports:/m.test(text))
      .map(([path]) => path);
    const apart = units(looked)
      .filter(([, text]) => /^PrivateNetwork=(yes|true)$/m.test(text))
      .map(([path]) => path);
    return loopback ? [...published, ...apart] : [];
  },
  /** f: an image without the libraries that the binaries link, and a browser that nobody brings or asks for */
  systemLacksParts(looked: Looked): string[] {
    const images = containers(looked)
      .filter(([, text]) => /^FROM /m.test(text) && !/libssl3/.test(text))
      .map(([path, text]) => `${path}: ${all(text, /^FROM (\S+)/gm)[0]} has no libssl3`);
    const chromium = environmentOf(looked)["PALYRA_BROWSERD_ENGINE_MODE"] === "chromium";
    const told = Object.entries(looked.files).some(([path, text]) => /readme/i.test(path) && /chromium/i.test(text));
    return [...images, ...(chromium && !told ? ["nobody is told to bring chromium"] : [])];
  },
  /** g: accounts and folders that nothing makes */
  nobodyMakesAccounts(looked: Looked): string[] {
    const scripts = Object.entries(looked.files)
      .filter(([, text]) => text.startsWith("#!/bin/sh"))
      .map(([, text]) => text)
      .join("\n");
    const users = [
      ...new Set(
        units(looked)
          .map(([, text]) => directive(text, "User"))
          .filter((user) => user !== undefined),
      ),
    ];
    const folders = ["/opt/palyra", "/etc/palyra", "/var/lib/palyra"].filter(
      (folder) => !scripts.includes(`'${folder}'`),
    );
    return [
      ...(/\buseradd\b/.test(scripts) ? users.filter((user) => !scripts.includes(`'${user}'`)) : users),
      ...folders,
    ];
  },
  /** h: a unit for a program that exists nowhere */
  programMissing(looked: Looked): string[] {
    return units(looked).flatMap(([path, text]) =>
      all(text, /^ExecStart=(\S+)/gm)
        .map(unquoted)
        .filter((program) => !looked.archivePaths.includes(posix.basename(program)))
        .map((program) => `${path}: ${program}`),
    );
  },
} satisfies Record<string, (looked: Looked) => string[]>;
