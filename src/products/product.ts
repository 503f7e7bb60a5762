/**
 * A product definition: everything that Greenlight must know of one product, as data. Adding a product is adding one
 * file of this shape beside this one (and naming it in index.ts), and a sample or a candidate to bring.
 */
import type { Check } from "../checks/check.ts";
import type { Judge } from "../checks/judging.ts";

/** A command of the product, and how it says who it is. */
export interface Binary {
  role: "cli" | "daemon" | "desktop";
  /** linked into the command folder, so that a login shell finds it */
  onPath: boolean;
  /** arguments that print the version, and what they print: `{version}` stands for the candidate's version of the binary */
  version: { args: string; prints: string };
  /** it comes from elsewhere and has a version of its own, which the candidate states; all others have the candidate's */
  ownVersion?: true;
  /** arguments that print help, and words that must be in it */
  help: { args: string; contains: string[] };
  /** what it cannot be asked on a command line (a daemon that states its version over HTTP only, a desktop app): `version` or `help` above then say nothing */
  silent?: ("version" | "help")[];
}

/** A secret that the installer makes on the machine: `prefix`, then so many random bytes in an encoding. */
export interface SecretFormat {
  /** the environment variable that holds it */
  name: string;
  /** random bytes, 16 to 512 */
  bytes: number;
  /** `hex`: two lower-case digits a byte. `base64`: the standard alphabet, padded */
  encoding: "hex" | "base64";
  /** a text that the product wants before them: letters, digits, `_`, `-`, `.` and `:` */
  prefix?: string;
}

/** Whose a folder is, and the most that anybody may do in it. */
export interface Access {
  /** `user:group`, each `root` or `{user}`, which is the service's */
  owner: string;
  /** four octal digits: `0700` */
  mode: string;
}

/** A daemon as a systemd service. In texts `{root}` is the installed release, `{state}`, `{config}` the folders below. */
export interface Service {
  /** unit name without `.service`, and the name of its folders */
  name: string;
  description: string;
  /** key of the product's binaries */
  binary: string;
  args: string;
  /** system user and group, made by the installer, removed by uninstall */
  user: string;
  /** absolute; kept by uninstall unless state is to be removed */
  stateFolder: string;
  /**
   * Whose the state folder is and its widest mode; `{user}:{user}` and 0750 when not given. What a service narrows when it
   * starts stays narrow: say here what it sets, so that nothing is open before.
   */
  stateAccess?: Access;
  /** absolute */
  configFolder: string;
  /** the same for the configuration folder; `root:{user}` when not given, with 0750, or 1770 where the product sets itself up in it */
  configAccess?: Access;
  /** configuration files: path below configFolder → content; never written over an existing one */
  configFiles: Record<string, string>;
  /** values for the environment file `<configFolder>/<name>.env` */
  environment: Record<string, string>;
  /**
   * URL on the machine that answers when the service is healthy, and the JSON that it must hold there. An operator may move it: `moved` says
   * by which settings of which file below configFolder, each on a line of its own (`http: 127.0.0.1:8222`, `http_port = 8222`), the last
   * one counting. What that cannot say, operators write into `<configFolder>/<name>.health`.
   */
  health: { url: string; json: { path: string; equals: unknown }[]; moved?: { file: string; settings: string[] } };
  /** where the running service states its version over HTTP: that must be the candidate's */
  identity: { url: string; path: string };
  /** local ports that it listens on; TCP where nothing else is said */
  listens: { address: string; port: number; protocol?: "tcp" | "udp" }[];
  /**
   * Environment variables whose values are secrets: the installer makes each on the machine in `<configFolder>/<name>.secrets`,
   * which belongs to root alone. One that is there is never written over; one that does not have its form is named.
   */
  secrets?: SecretFormat[];
  /** programs that operators must bring for all that it can do; it is healthy without */
  hostPrograms?: string[];
}

/** How the product makes its own first configuration, with what no archive may hold: an admin token, an identity. */
export interface Setup {
  /** key of the product's binaries */
  binary: string;
  /** words; `{state}` and `{config}` are the kind's folders, filled in once the words are told apart */
  args: string;
  /** the file that it makes (`{config}/palyra.toml`): setup runs only where there is none, and the file ends up 0600 whatever it leaves */
  creates: string;
  /** words with which the same binary finds the file valid, and exits 0 */
  validate: string;
}

/** Where an installation has its parts on a machine, absolute; the product's own checks are given them. */
export interface Places {
  /** `<root>/current` is the release in use */
  root: string;
  state: string;
  config: string;
  /** folder of the commands */
  commands: string;
}

/** A secret of an installation, learned on the machine alone. */
export interface Secret {
  /** whose or what, for findings: `admin token` */
  name: string;
  /** sh text that prints it, one a line, in a login shell of root; it may not have it in itself, or in the arguments of a process */
  prints: string;
  /** sh condition that holds when there is one; without it there must always be one */
  where?: string;
}

/** Facts about the archive under test that a product's own checks may need. */
export interface Subject {
  product: string;
  kind: string;
  version: string;
  /** version of each binary, where it has one of its own; otherwise the product's */
  binaryVersions: Record<string, string>;
  platform: string;
  /** SHA-256 of the archive */
  sha256: string;
  /** archive name without `.zip` */
  base: string;
}

/** What an archive of the product holds besides its binaries, and what it must not hold: packaging and validation read the same. */
export interface PayloadRules {
  /** files that every archive must have, as paths in it; `{exe}` stands for `.exe` on Windows and nothing elsewhere */
  required: string[];
  /** file names that no archive may have: wildcards (`*.sqlite`), compared without regard to case */
  forbiddenNames: string[];
  /** parts that no path may have (`node_modules/`), compared in lower case */
  forbiddenFragments: string[];
  /** the `packaging_boundaries.excluded_patterns` that the manifest states, in order; files that fit are left out when packing */
  excludedPatterns: string[];
  /** fewest entries of the manifest's `deployment_recipes`; 0 where there are none */
  minimumRecipes: number;
  /** folders of a candidate that archives have below another one: `help_snapshots/` → `docs/` */
  placedBelow?: Record<string, string>;
  /** folders of the archive whose files the manifest lists as deployment recipes: profile → folder */
  recipeFolders: Record<string, string>;
  /**
   * how the product writes such a folder itself, for whoever seals a candidate: the key of the binary, and words in which `{profile}`
   * and `{folder}` stand for the profile and the folder to fill
   */
  recipeCommand?: { binary: string; args: string };
}

/** The part of the rules that a validator judges by. */
export type JudgedPayload = Pick<PayloadRules, "required" | "forbiddenNames" | "forbiddenFragments" | "minimumRecipes">;

/** A validator that the product had before ours: judged by it, an archive must be what it asked for and no more. */
export interface UpstreamValidator {
  payload: JudgedPayload;
  /** the kind whose programs it asked for in archives of kinds that it did not know */
  otherKinds?: string;
}

/** How the product's sources name its capabilities, and what its deployment profiles say of them. */
export interface CapabilityRules {
  /** the file of the sources that names them */
  file: string;
  /** what in that file names them, for sentences: `enum Capability` */
  what: string;
  /** the line of that file that names one of them, or, without a name, begins with all of them; from 1 */
  line(source: string, capability?: string): number;
  /** their names, in order, from that file's text; none when it has none */
  names(source: string): string[];
  /** the mode that a profile's manifest sets for one of them; undefined when it sets none */
  mode(manifest: string, capability: string): string | undefined;
}

/** Where the product's sources state what a candidate must agree with; paths are relative to the checkout. */
export interface SourceRules {
  /** by a name of its own, each place that states the version: a key of a TOML or JSON file (`workspace.package.version`) */
  versions: Record<string, { file: string; key: string }>;
  capabilities?: CapabilityRules;
  /** the folder with the product's own regression matrix, readiness checklist and promotion gates, where it keeps them */
  policy?: string;
}

/** One thing that an installation keeps, and how two looks at it must be equal. Paths hold `{state}` or `{config}`. */
export type Kept =
  /** a file whose very bytes stay: a key, an identifier */
  | { how: "bytes"; path: string }
  /** a file, or every file of a folder, whose bytes may be sealed anew: each must be there, with its owner and mode */
  | { how: "sealed"; path: string }
  /**
   * A database's records: SQLite, read on the host from a copy of the file and its write-ahead log, or lines. A record is a row with
   * a text that the regular expression `named` fits (its name for good); without it, or where no row has one, every row is.
   * `service` writes it, and is restarted when it is noted, for what changes by that is not looked for.
   */
  | { how: "records"; path: string; service: string; named?: string }
  /**
   * What a running service presents as itself to a TLS client on the machine: the same authority must vouch for it. With `always` it
   * must present something; without, one that presented nothing when data was planted is not asked again.
   */
  | { how: "presented"; address: string; port: number; always?: true };

export interface Kind {
  /** keys of the product's binaries, in the order in which manifests list them */
  binaries: string[];
  services: Service[];
  /** shared libraries that users of the kind are told to install, as programs name them; others must be there on every target */
  hostLibraries?: string[];
  /** name of the installation's folder below `/opt`; that of the product when not given */
  root?: string;
  /** where its commands and services keep state and configuration; `{home}` is the home of whoever installs, of root for services */
  state?: string;
  config?: string;
  /** environment that its commands are called with: `{state}`, `{config}` */
  commandEnvironment?: Record<string, string>;
  setup?: Setup;
  /** data and identity that reboots, power cuts, upgrades, rollbacks and a removal that keeps state must leave as they are */
  kept?: Kept[];
  /** what its commands write for whoever calls them, and uninstalling leaves alone because it is theirs: absolute, or from `{home}` */
  keeps?: string[];
}

/** Checks of an installed product of one kind, `<suite>/<check>`. */
export interface MachineChecks {
  kind: string;
  checks: string[];
}

/** What on a machine shows that a product is ready: checks that there are, by the ids of the readiness checklist. */
export interface ReadinessRules {
  /** checks that pass only while a rollout control is closed */
  controls: Record<string, MachineChecks>;
  /** checks that go a migration track there, look at it, and go back */
  tracks: Record<string, { apply: MachineChecks; verify: MachineChecks; rollback: MachineChecks }>;
}

export interface Product {
  /** a lower-case name (edges/names.ts); first part of every archive's name */
  name: string;
  title: string;
  /** SPDX expression */
  licence: string;
  /** artifact kinds by name: second part of every archive's name */
  kinds: Record<string, Kind>;
  binaries: Record<string, Binary>;
  /** what archives hold; a product without rules has only the general ones, and may have scripts for binaries */
  payload?: PayloadRules;
  /** for `validate --compat upstream`; one product at most has such a validator */
  upstreamValidator?: UpstreamValidator;
  /** what a checkout of the product's sources states of it */
  sources?: SourceRules;
  /** what of its readiness checklist machines prove; a control or a track that is not named here is missing */
  readiness?: ReadinessRules;
  /** secrets of an installation, beside those that services are given: they must not be found where they do not belong */
  secrets?(subject: Subject, at: Places): Secret[];
  /** the product's own checks, added to the standard suites of the same name */
  checks: {
    /** use of the running service through the CLI; `archive` is where the archive that was installed lies on the machine */
    smoke(subject: Subject, at: Places, archive: string): Check[];
    /** what healthy means beyond the service's own health address; asked after install, reboot, upgrade and rollback */
    healthy?(subject: Subject, at: Places): Check[];
    /** plants data through the product's own commands, before a reboot, an upgrade, a rollback */
    plant(subject: Subject, at: Places): Check[];
    /** and afterwards finds it, byte for byte */
    planted(subject: Subject, at: Places): Check[];
    /** words of a command that writes a little, however often it is run: while there is no room for it, and until the power is cut */
    write?(subject: Subject, at: Places): string[];
    /** writes more, after an upgrade, and once that is rolled back finds that nothing of it is left */
    writeLater?(subject: Subject, at: Places): Check[];
    laterIsGone?(subject: Subject, at: Places): Check[];
  };
  /** judges of its checks, by the part of their names after `<product>/` */
  judges?: Record<string, Judge>;
  /** how to get a first candidate: the script of the sample, relative to the project */
  sample?: string;
}
