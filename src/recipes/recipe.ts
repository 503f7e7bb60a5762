/** The single-VM recipe of a release: a folder that deploys exactly one archive on a Linux machine with systemd. */
import { posix } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { isSha256 } from "../edges/names.ts";
import {
  installationOf,
  configPaths,
  installerScript,
  type Installation,
  type InstalledService,
  type Layout,
  writtenText,
} from "../installer/index.ts";
import type { Product, Service, Subject } from "../products/index.ts";
import { sha256 } from "../storage/digest.ts";
import type { Needs } from "./needs.ts";
import { profile, profileManifestPath, rollbackPlanPath, type Packaged } from "./packaged.ts";
import { profileManifest, type Mend } from "./profile-manifest.ts";
import { recipeReadme } from "./readme.ts";
import { rollbackPlan } from "./rollback-plan.ts";
import { deployScript, removeScript, rollbackScript, statusScript, upgradeScript, type Pinned } from "./scripts.ts";

/** A file of the recipe; `mode` is 0o755 or 0o644. */
export interface RecipeFile {
  /** POSIX, relative */
  path: string;
  mode: number;
  text: string;
}

/** What else a recipe is made of. */
export interface RecipeOptions {
  /** the product's own deployment files, as `packagedRecipe` finds them in the candidate */
  packaged?: Packaged;
  /** what its programs need of the machine, as `recipeNeeds` finds it in the candidate */
  needs?: Needs;
  /** where things go on the machine, when not to the usual places */
  layout?: Layout;
}

const unitPath = ({ name }: InstalledService): string => `systemd/${name}.service`;

/** Where a configuration file is shown: environment files in `env/`, others in a folder of the service. */
function shownPath(service: InstalledService, path: string): string {
  const inside = posix.relative(service.configFolder, path);
  return inside === `${service.name}.env` ? `env/${inside}` : `config/${service.name}/${inside}`;
}

function recipeFacts(
  installation: Installation,
  kind: string,
  facts: Subject,
  definition: Readonly<Record<string, Service>>,
  needs: Needs | undefined,
  mends: Mend[],
): string {
  const { services } = installation;
  const value = {
    schema: 1,
    form: profile,
    product: installation.product,
    kind,
    version: installation.version,
    platform: facts.platform,
    archive: { name: `${installation.base}.zip`, sha256: facts.sha256 },
    install_root: installation.root,
    commands: installation.commands.map((name) => `${installation.layout.commands}/${name}`),
    services: services.map((service) => ({
      name: service.name,
      unit: unitPath(service),
      user: service.user,
      state_folder: service.stateFolder,
      config_folder: service.configFolder,
      config_files: configPaths(service).map((path) => ({ path, shown: shownPath(service, path) })),
      health: definition[service.name]!.health.url,
      listens: definition[service.name]!.listens.map(
        ({ address, port, protocol = "tcp" }) => `${address}:${port}/${protocol}`,
      ),
    })),
    ...(needs && { needs: { glibc: needs.glibc, libraries: needs.libraries } }),
    mends,
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * The recipe's files, in the order of their paths. The units and configuration among them are the very texts that the
 * installer in the recipe writes. Equal inputs give equal bytes.
 * @throws EdgeError for a platform that has no systemd, a kind without a service, or deployment files of the product that are not of the known format.
 */
export function renderRecipe(
  product: Product,
  kind: string,
  facts: Subject,
  { packaged = {}, needs, layout }: RecipeOptions = {},
): RecipeFile[] {
  if (!facts.platform.startsWith("linux-"))
    throw new EdgeError(
      `A single-VM recipe needs Linux with systemd, and ${facts.base} is for ${facts.platform}; leave the suite recipe out for it.`,
    );
  if (!isSha256(facts.sha256))
    throw new EdgeError(
      `The recipe of ${facts.base} pins the archive by its SHA-256, and ${JSON.stringify(facts.sha256)} is none; pack the archive first.`,
    );
  const installation = installationOf(product, kind, facts, layout);
  const { services, base } = installation;
  if (services.length === 0)
    throw new EdgeError(`Kind ${kind} of ${product.name} has no service to deploy; leave the suite recipe out for it.`);
  const text = (path: string, content: string): RecipeFile => ({ path, mode: 0o644, text: content });
  const command = (path: string, content: string): RecipeFile => ({ path, mode: 0o755, text: content });
  const byPath = (list: RecipeFile[]): RecipeFile[] => list.sort((a, b) => (a.path < b.path ? -1 : 1));
  const pinned: Pinned = {
    base,
    digest: facts.sha256,
    current: installation.current,
    release: `${facts.version}-${facts.sha256.slice(0, 8)}`,
    platform: facts.platform,
    needs,
  };
  const definition = Object.fromEntries(product.kinds[kind]!.services.map((service) => [service.name, service]));
  const made = product.kinds[kind]!.setup?.creates.replace("{config}", services[0]!.configFolder);
  const plan = rollbackPlan(packaged);
  const manifest = profileManifest(
    packaged,
    product.payload?.recipeFolders[profile] !== undefined,
    services.map((service) => ({ path: unitPath(service), service: service.name })),
  );
  const files = byPath([
    command("deploy", deployScript(pinned)),
    command("upgrade", upgradeScript(pinned)),
    command("rollback", rollbackScript(pinned)),
    command("status", statusScript(pinned)),
    command("remove", removeScript(pinned)),
    command("install.sh", installerScript(installation)),
    text("README.md", recipeReadme({ installation, pinned, definition, made })),
    ...services.map((service) => text(unitPath(service), writtenText(installation, "unit", service.name))),
    ...services.flatMap((service) => [
      text(shownPath(service, service.environmentFile), writtenText(installation, "environment", service.name)),
      ...service.configFiles.map((file) => text(shownPath(service, file.path), file.text)),
    ]),
    text(rollbackPlanPath, plan.text),
    ...(manifest ? [text(profileManifestPath, manifest.text)] : []),
    text(
      "recipe.json",
      recipeFacts(installation, kind, facts, definition, needs, [...(manifest?.mends ?? []), ...plan.mends]),
    ),
  ]);
  return byPath([
    ...files,
    text("checksums.txt", files.map((file) => `${sha256(file.text)}  ${file.path}\n`).join("")),
  ]);
}
