/**
 * What an installed product looks like on a Linux machine: every folder, file, command, user and unit. The installer, the
 * recipe and their texts are renderings of this one model: with the usual places in it for people to read, with gaps in
 * their stead for the installer, whose user may choose others.
 */
import { posix } from "node:path";
import { EdgeError, shown } from "../edges/edges.ts";
import {
  placesOf,
  type Kind,
  type Places,
  type Product,
  type SecretFormat,
  type Service,
  type Subject,
} from "../products/index.ts";
import { foldersOf, secretsOf, type InstalledFolder } from "./declared.ts";
import { gap, oneLine, variable } from "./quoting.ts";

/** Where things go on the machine; all absolute. */
export interface Layout {
  /** holds a folder for each product */
  roots: string;
  /** the command folder, on every user's PATH */
  commands: string;
  units: string;
  /** what every login shell reads a file of; `/etc/profile.d` when not given */
  profiles?: string;
  /** where the list of accounts lies; `/etc` when not given */
  accounts?: string;
  /** folders that units hide from their services, each with the setting that does; those of systemd when not given */
  hidden?: string[][];
}

const linuxLayout: Layout = { roots: "/opt", commands: "/usr/local/bin", units: "/etc/systemd/system" };

/** A file that the operator owns once it is written. */
export interface ConfigFile {
  /** absolute */
  path: string;
  text: string;
}

export interface InstalledService {
  name: string;
  description: string;
  /** file in the release */
  binary: string;
  args: string[];
  user: string;
  stateFolder: string;
  configFolder: string;
  /** for the environment file */
  environment: [name: string, value: string][];
  /** the variables in `<configFolder>/<name>.secrets`, each made on the machine */
  secrets: Required<SecretFormat>[];
  /** `<configFolder>/<name>.env`: never written over; its text is the installer's to write (written.ts) */
  environmentFile: string;
  /** the configuration files: never written over */
  configFiles: ConfigFile[];
  /** `<units>/<name>.service`: the release's own; its text is the installer's to write (written.ts) */
  unit: string;
  /** where it answers over plain HTTP when it is healthy, and the members, `"name":value`, that the answer must have */
  health: { host: string; port: string; path: string; says: string[] };
  /** the file, and the names in it, by which an operator moves that address */
  moved: { file: string; settings: string[] } | undefined;
  /** where it usually listens, over TCP: who else does is told when it does not become healthy */
  listens: { address: string; port: string }[];
}

/** The files of a service's configuration folder that the operator owns once they are written: absolute. */
export function configPaths(service: InstalledService): string[] {
  return [service.environmentFile, ...service.configFiles.map(({ path }) => path)];
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
  /** `<root>/current`: what commands and units name */
  current: string;
  /** the kind's own folders */
  state: string;
  config: string;
  /** the file that `--config` is about; undefined where the kind has none */
  configFile: string | undefined;
  layout: Layout;
  /** files in the archive that must be there and be executable */
  binaries: string[];
  /** those that get a command in the command folder, the product's own command line first */
  commands: string[];
  /** what commands are called with */
  commandEnvironment: [name: string, value: string][];
  /** how the first configuration is made: words after the name of the binary */
  setup: { binary: string; args: string[]; validate: string[] } | undefined;
  services: InstalledService[];
  /** the services' folders, each once */
  folders: InstalledFolder[];
  /** what it was made of */
  from: { product: Product; kind: string; subject: Omit<Subject, "sha256">; layout: Layout };
}

const nameShape = /^[a-z][a-z0-9_-]{0,30}$/;

function named(value: string, what: string): string {
  if (!nameShape.test(value))
    throw new EdgeError(
      `${what} ${shown(value)} cannot be used on a machine; use a-z, 0-9, - and _, at most 31, in the product definition.`,
    );
  return value;
}

function folder(value: string, what: string): string {
  oneLine(value, what);
  if (!posix.isAbsolute(value) || posix.normalize(value) !== value || value.endsWith("/")) {
    throw new EdgeError(
      `${what} ${shown(value)} is not an absolute path in its shortest form; mend it in the product definition.`,
    );
  }
  if (value.split("/").length < 3)
    throw new EdgeError(`${what} ${shown(value)} is a folder of the system itself; give the product one of its own.`);
  return value;
}

function healthOf(service: Service): InstalledService["health"] {
  const url = URL.canParse(service.health.url) ? new URL(service.health.url) : undefined;
  if (url?.protocol !== "http:") {
    throw new EdgeError(
      `Health URL ${shown(service.health.url)} of service ${service.name} is not an http:// address; mend it in the product definition.`,
    );
  }
  // Without a reader of JSON on the machine, only members of the answer itself are asked for, and values that are one plain word.
  const says = service.health.json
    .filter(({ path }) => !path.includes("."))
    .map(({ path, equals }) => `"${path}":${JSON.stringify(equals)}`);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port || "80",
    path: url.pathname + url.search,
    says: says.filter((member) => /^[\w":.-]+$/.test(member)),
  };
}

function settingName(name: string): string {
  if (/^[A-Za-z0-9_.-]+$/.test(name)) return name;
  throw new EdgeError(
    `Setting ${shown(name)}, which moves the health address, cannot be looked for in a file; use letters, digits, '_', '.' and '-' in the product definition.`,
  );
}

/** What goes where: real paths, or gaps. */
interface Filling {
  current: string;
  state: string;
  config: string;
  configFile: string;
}

/** `path` in another place when it lies at or below `usual`. */
function moved(path: string, usual: string, place: string): string {
  return path === usual || path.startsWith(`${usual}/`) ? place + path.slice(usual.length) : path;
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

/** Fills texts of a definition; `own` are the folders that `{state}` and `{config}` stand for there. */
function filler(
  configFile: string | undefined,
  filling: Filling,
  usual: Places,
  own: { state: string; config: string },
): (text: string) => string {
  return (text) => {
    if (text.includes("\0"))
      throw new EdgeError(
        `A text holds a NUL character (found ${shown(text)}); take it out of the product definition.`,
      );
    // A value that is a path of the kind's own moves with it, also where it was written out.
    const placed = moved(moved(text, usual.state, filling.state), usual.config, filling.config);
    const named = configFile === undefined ? placed : placed.replaceAll(configFile, () => filling.configFile);
    return named.replaceAll(/\{(root|state|config)\}/g, (_, key: string) => ({ root: filling.current, ...own })[key]!);
  };
}

function place(
  service: Service,
  configFile: string | undefined,
  filling: Filling,
  usual: Places,
  layout: Layout,
): InstalledService {
  const what = `of service ${service.name}`;
  const stateFolder = moved(folder(service.stateFolder, `State folder ${what}`), usual.state, filling.state);
  const configFolder = moved(
    folder(service.configFolder, `Configuration folder ${what}`),
    usual.config,
    filling.config,
  );
  const fill = filler(configFile, filling, usual, { state: stateFolder, config: configFolder });
  const configFiles = Object.entries(service.configFiles).map(([path, text]) => {
    oneLine(path, `A configuration file ${what}`);
    if (posix.normalize(path) !== path || path.startsWith("../") || path === ".." || posix.isAbsolute(path)) {
      throw new EdgeError(
        `Configuration file ${shown(path)} ${what} lies outside its folder; mend it in the product definition.`,
      );
    }
    return {
      path: configFile === `{config}/${path}` ? filling.configFile : `${configFolder}/${path}`,
      text: fill(text),
    };
  });
  if (/^\s|\s$|\\$|^$/.test(oneLine(service.description, `Description ${what}`))) {
    throw new EdgeError(
      `Description ${what} starts or ends with white space or ends with a backslash (found ${shown(service.description)}), which systemd would cut off; change it in the product definition.`,
    );
  }
  return {
    name: named(service.name, "Service"),
    description: service.description,
    binary: service.binary,
    // Words are told apart before the folders are filled in, so that a folder with a space stays one word.
    args: words(oneLine(service.args, `Arguments ${what}`)).map(fill),
    user: named(service.user, "User"),
    stateFolder,
    configFolder,
    environment: Object.entries(service.environment).map(([name, value]) => [
      variable(name),
      fill(oneLine(value, `Environment variable ${name}`)),
    ]),
    secrets: secretsOf(service),
    environmentFile: `${configFolder}/${service.name}.env`,
    configFiles,
    unit: posix.join(layout.units, `${service.name}.service`),
    health: healthOf(service),
    moved: service.health.moved && {
      file:
        configFile === `{config}/${service.health.moved.file}`
          ? filling.configFile
          : `${configFolder}/${oneLine(service.health.moved.file, `A file ${what}`)}`,
      settings: service.health.moved.settings.map(settingName),
    },
    listens: service.listens
      .filter(({ protocol }) => protocol !== "udp")
      .map(({ address, port }) => ({ address: oneLine(address, `An address ${what}`), port: String(port) })),
  };
}

/** The model with other places than the usual ones; `filling` undefined takes those. */
function modelOf(from: Installation["from"], gaps: boolean): Installation {
  const { product, subject, layout } = from;
  const kind: Kind | undefined = product.kinds[from.kind];
  if (!kind)
    throw new EdgeError(
      `Product ${product.name} has no kind ${shown(from.kind)}; use one of ${Object.keys(product.kinds).join(", ")}.`,
    );
  if (!/^[0-9A-Za-z][0-9A-Za-z.+-]*$/.test(subject.version))
    throw new EdgeError(
      `Version ${shown(subject.version)} cannot be the name of a folder; use digits, letters, '.', '-' and '+'.`,
    );
  named(product.name, "Product");
  const usual = placesOf(product, kind);
  const root = posix.join(layout.roots, named(kind.root ?? product.name, "Root"));
  const [firstFile] = Object.keys(kind.services[0]?.configFiles ?? {});
  const configFile = kind.setup?.creates ?? (firstFile === undefined ? undefined : `{config}/${firstFile}`);
  const readable = {
    current: posix.join(root, "current"),
    state: usual.state,
    config: usual.config,
    configFile: configFile?.replaceAll("{config}", () => usual.config) ?? "",
  };
  const filling: Filling = gaps
    ? { current: gap("current"), state: gap("state"), config: gap("config_folder"), configFile: gap("config_file") }
    : readable;
  const fill = filler(configFile, filling, usual, { state: filling.state, config: filling.config });
  const line = (text: string, what: string) => words(oneLine(text, what)).map(fill);
  const services = kind.services.map((service) => place(service, configFile, filling, usual, layout));
  folder(usual.state, "State folder");
  folder(usual.config, "Configuration folder");
  return {
    product: product.name,
    title: oneLine(product.title, "Title"),
    kind: from.kind,
    version: subject.version,
    platform: subject.platform,
    base: oneLine(subject.base, "Archive name"),
    root,
    current: filling.current,
    state: filling.state,
    config: filling.config,
    configFile: configFile && filling.configFile,
    layout,
    binaries: kind.binaries.map((name) => named(name, "Binary")),
    commands: kind.binaries
      .filter((name) => product.binaries[name]?.onPath)
      .sort((a, b) => Number(product.binaries[b]!.role === "cli") - Number(product.binaries[a]!.role === "cli")),
    commandEnvironment: Object.entries(kind.commandEnvironment ?? {}).map(([name, value]) => [
      variable(name),
      fill(oneLine(value, `Environment variable ${name}`)),
    ]),
    setup: kind.setup && {
      binary: kind.setup.binary,
      args: line(kind.setup.args, "Setup"),
      validate: line(kind.setup.validate, "Setup's validation"),
    },
    services,
    folders: foldersOf(kind, services),
    from,
  };
}

/**
 * The model of one kind of a product on a Linux machine, at its usual places.
 * @throws EdgeError naming the part of the product definition that no machine could take.
 */
export function installationOf(
  product: Product,
  kind: string,
  subject: Omit<Subject, "sha256">,
  layout: Layout = linuxLayout,
): Installation {
  return modelOf({ product, kind, subject, layout }, false);
}

/** The same model with gaps where the installer fills in what it finds when it runs: variables `current`, `state`, `config_folder`, `config_file`. */
export function withGaps(installation: Installation): Installation {
  return modelOf(installation.from, true);
}
