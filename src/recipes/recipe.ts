/** The single-VM recipe of a release: a folder that deploys exactly one archive on a Linux machine with systemd. */
import { EdgeError } from "../edges/edges.ts";
import { installationOf, installerScript, type Layout } from "../installer/index.ts";
import type { Product, Subject } from "../products/index.ts";
import { sha256 } from "../storage/digest.ts";
import { recipeReadme } from "./readme.ts";
import { deployScript, removeScript, statusScript } from "./scripts.ts";

/** A file of the recipe; `mode` is 0o755 or 0o644. */
export interface RecipeFile {
  /** POSIX, relative */
  path: string;
  mode: number;
  text: string;
}

/** `<base>.recipe-single-vm.zip`. */
export function recipeName(base: string): string {
  return `${base}.recipe-single-vm.zip`;
}

/**
 * The recipe's files, in the order of their paths. The units and configuration among them are the very texts that the
 * installer in the recipe writes. Equal inputs give equal bytes.
 * @throws EdgeError for a platform that has no systemd, or a kind without a service.
 */
export function renderRecipe(product: Product, kind: string, facts: Subject, layout?: Layout): RecipeFile[] {
  if (!facts.platform.startsWith("linux-")) throw new EdgeError(`A single-VM recipe needs Linux with systemd, and ${facts.base} is for ${facts.platform}; leave the suite recipe out for it.`);
  if (!/^[0-9a-f]{64}$/.test(facts.sha256)) throw new EdgeError(`The recipe of ${facts.base} pins the archive by its SHA-256, and ${JSON.stringify(facts.sha256)} is none; pack the archive first.`);
  const installation = installationOf(product, kind, facts, layout);
  if (installation.services.length === 0) throw new EdgeError(`Kind ${kind} of ${product.name} has no service to deploy; leave the suite recipe out for it.`);
  const text = (path: string, content: string): RecipeFile => ({ path, mode: 0o644, text: content });
  const command = (path: string, content: string): RecipeFile => ({ path, mode: 0o755, text: content });
  const { services, version, base } = installation;
  const files = [
    command("deploy", deployScript(base, facts.sha256)),
    command("status", statusScript(base)),
    command("remove", removeScript(base)),
    command("install.sh", installerScript(installation)),
    text("README.md", recipeReadme(installation, facts.sha256)),
    ...services.map((service) => text(`units/${service.name}.service`, service.unit.text)),
    ...services.flatMap((service) => service.configFiles.map((file) => text(`config/${service.name}/${file.path.slice(service.configFolder.length + 1)}`, file.text))),
    text(
      "recipe.json",
      `${JSON.stringify(
        {
          schema: 1,
          form: "single-vm",
          product: product.name,
          kind,
          version,
          platform: facts.platform,
          archive: { name: `${base}.zip`, sha256: facts.sha256 },
          install_root: installation.root,
          commands: installation.commands.map((name) => `${installation.layout.commands}/${name}`),
          services: services.map((service) => ({
            name: service.name,
            unit: `units/${service.name}.service`,
            user: service.user,
            state_folder: service.stateFolder,
            config_folder: service.configFolder,
            config_files: service.configFiles.map((file) => file.path),
          })),
        },
        null,
        2,
      )}\n`,
    ),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  return [...files, text("checksums.txt", files.map((file) => `${sha256(file.text)}  ${file.path}\n`).join(""))].sort((a, b) => (a.path < b.path ? -1 : 1));
}
