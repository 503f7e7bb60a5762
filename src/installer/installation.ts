/**
 * What an installed product looks like on a Linux machine: every folder, file, link, user and unit, with all
 * placeholders filled in. The installer, the recipe and their texts are renderings of this one model.
 */
import { posix } from "node:path";
import { EdgeError, shown } from "../edges/edges.ts";
import type { Product, Service, Subject } from "../products/index.ts";
import { oneLine } from "./quoting.ts";
import { renderEnvironment, renderUnit } from "./unit.ts";

/** Where things go on the machine; all absolute. */
export interface Layout {
  /** holds a folder for each product */
  roots: string;
  /** the command folder, on every user's PATH */
  commands: string;
  units: string;
}

export const linuxLayout: Layout = { roots: "/opt", commands: "/usr/local/bin", units: "/etc/systemd/system" };

/** A file that the operator owns once it is written. */
export interface ConfigFile {
  /** absolute */
  path: string;
  text: string;
}

export interface InstalledService {
  name: string;
  user: string;
  stateFolder: string;
  configFolder: string;
  /** the environment file and the configuration files: never written over */
  configFiles: ConfigFile[];
  /** `<units>/<name>.service`: the release's own, kept equal to this text */
  unit: ConfigFile;
  /** where it answers over plain HTTP when it is healthy */
  health: { host: string; port: string; path: string };
}

export interface Installation {
  product: string;
  title: string;
  kind: string;
  version: string;
  platform: string;
  base: string;
  /** `<roots>/<product>`: versions, `current`, and the record of what was made */
  root: string;
  /** `<root>/current`: what links and units name */
  current: string;
  layout: Layout;
  /** files in the archive that must be there and be executable */
  binaries: string[];
  /** those that get a link in the command folder */
  commands: string[];
  services: InstalledService[];
}

const nameShape = /^[a-z][a-z0-9_-]{0,30}$/;

function named(value: string, what: string): string {
  if (!nameShape.test(value)) throw new EdgeError(`${what} ${shown(value)} cannot be used on a machine; use a-z, 0-9, - and _, at most 31, in the product definition.`);
  return value;
}

function folder(value: string, what: string): string {
  oneLine(value, what);
  if (!posix.isAbsolute(value) || posix.normalize(value) !== value || value.endsWith("/")) {
    throw new EdgeError(`${what} ${shown(value)} is not an absolute path in its shortest form; mend it in the product definition.`);
  }
  if (value.split("/").length < 3) throw new EdgeError(`${what} ${shown(value)} is a folder of the system itself; give the product one of its own.`);
  return value;
}

function healthOf(service: Service): InstalledService["health"] {
  const url = URL.canParse(service.health.url) ? new URL(service.health.url) : undefined;
  if (url?.protocol !== "http:") {
    throw new EdgeError(`Health URL ${shown(service.health.url)} of service ${service.name} is not an http:// address; mend it in the product definition.`);
  }
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: url.port || "80", path: url.pathname + url.search };
}

function install(product: Product, service: Service, layout: Layout): InstalledService {
  const what = `of service ${service.name}`;
  const stateFolder = folder(service.stateFolder, `State folder ${what}`);
  const configFolder = folder(service.configFolder, `Configuration folder ${what}`);
  const current = posix.join(layout.roots, product.name, "current");
  const fill = (text: string) => text.replaceAll(/\{(root|state|config)\}/g, (_, key: string) => ({ root: current, state: stateFolder, config: configFolder })[key]!);
  const environmentFile = posix.join(configFolder, `${service.name}.env`);
  const configFiles = Object.entries(service.configFiles).map(([path, text]) => {
    const absolute = posix.join(configFolder, oneLine(path, `A configuration file ${what}`));
    if (!absolute.startsWith(`${configFolder}/`)) throw new EdgeError(`Configuration file ${shown(path)} ${what} lies outside its folder; mend it in the product definition.`);
    return { path: absolute, text: fill(text) };
  });
  return {
    name: named(service.name, "Service"),
    user: named(service.user, "User"),
    stateFolder,
    configFolder,
    configFiles: [
      { path: environmentFile, text: renderEnvironment(Object.entries(service.environment).map(([name, value]) => [name, fill(value)])) },
      ...configFiles,
    ],
    unit: {
      path: posix.join(layout.units, `${service.name}.service`),
      text: renderUnit({
        description: service.description,
        executable: posix.join(current, service.binary),
        // Words are told apart before the folders are filled in, so that a folder with a space stays one word.
        args: service.args.split(/\s+/).filter((word) => word !== "").map(fill),
        user: service.user,
        stateFolder,
        environmentFile,
      }),
    },
    health: healthOf(service),
  };
}

/**
 * The model of one kind of a product on a Linux machine.
 * @throws EdgeError naming the part of the product definition that no machine could take.
 */
export function installationOf(product: Product, kind: string, subject: Omit<Subject, "sha256">, layout: Layout = linuxLayout): Installation {
  const definition = product.kinds[kind];
  if (!definition) throw new EdgeError(`Product ${product.name} has no kind ${shown(kind)}; use one of ${Object.keys(product.kinds).join(", ")}.`);
  if (!/^[0-9A-Za-z][0-9A-Za-z.+-]*$/.test(subject.version)) throw new EdgeError(`Version ${shown(subject.version)} cannot be the name of a folder; use digits, letters, '.', '-' and '+'.`);
  const root = posix.join(layout.roots, named(product.name, "Product"));
  return {
    product: product.name,
    title: product.title,
    kind,
    version: subject.version,
    platform: subject.platform,
    base: oneLine(subject.base, "Archive name"),
    root,
    current: posix.join(root, "current"),
    layout,
    binaries: definition.binaries.map((name) => named(name, "Binary")),
    commands: definition.binaries.filter((name) => product.binaries[name]?.onPath),
    services: definition.services.map((service) => install(product, service, layout)),
  };
}
