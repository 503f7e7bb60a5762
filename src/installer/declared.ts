/** What a product declares of its services' secrets and folders, looked at before any of it can reach a machine. */
import { EdgeError, shown } from "../edges/edges.ts";
import { accessOf, type Access, type Kind, type SecretFormat, type Service } from "../products/index.ts";
import { variable } from "./quoting.ts";

const fewestBytes = 16;
const mostBytes = 512;

/**
 * The secrets of a service, each with everything that makes it.
 * @throws EdgeError when a form could not be made, would be no secret, or two have one name.
 */
export function secretsOf({ name: service, secrets = [] }: Service): Required<SecretFormat>[] {
  const forms = secrets.map(({ name, bytes, encoding, prefix = "" }) => {
    const of = `Secret ${variable(name)} of service ${service}`;
    if (!Number.isInteger(bytes) || bytes < fewestBytes || bytes > mostBytes) {
      throw new EdgeError(
        `${of} has ${bytes} bytes; give it ${fewestBytes} to ${mostBytes} in the product definition.`,
      );
    }
    if (encoding !== "hex" && encoding !== "base64") {
      throw new EdgeError(`${of} has the encoding ${shown(encoding)}; use hex or base64 in the product definition.`);
    }
    if (!/^[A-Za-z0-9_.:-]*$/.test(prefix)) {
      throw new EdgeError(
        `${of} has the prefix ${shown(prefix)}; use letters, digits, _ - . and : in the product definition.`,
      );
    }
    return { name, bytes, encoding, prefix };
  });
  const twice = forms.find(({ name }, n) => forms.findIndex((each) => each.name === name) !== n);
  if (twice)
    throw new EdgeError(
      `Service ${service} has the secret ${twice.name} twice; take one out of the product definition.`,
    );
  return forms;
}

/** A folder of a service as the installer makes it. */
export interface InstalledFolder extends Access {
  /** `config`: one that was there before the installation stays as its owner made it */
  what: "state" | "config";
  /** absolute, or with gaps */
  path: string;
}

/** An access that a folder can have. @throws EdgeError when nobody could work in it, or everybody could. */
function usable(what: string, user: string, { owner, mode }: Access): Access {
  const names = owner.split(":");
  if (names.length !== 2 || names.some((name) => name !== "root" && name !== user)) {
    throw new EdgeError(
      `${what} belongs to ${shown(owner)}; use user:group with root or {user} in the product definition.`,
    );
  }
  if (!/^[0-7]{4}$/.test(mode))
    throw new EdgeError(
      `${what} has the mode ${shown(mode)}; use four octal digits, as 0700, in the product definition.`,
    );
  const bits = parseInt(mode, 8);
  if ((bits & 0o700) !== 0o700)
    throw new EdgeError(
      `${what} has the mode ${mode}, in which its owner could not work; give the owner all three bits in the product definition.`,
    );
  if ((bits & 0o002) !== 0)
    throw new EdgeError(
      `${what} has the mode ${mode}, in which everybody may write; take that out of the product definition.`,
    );
  return { owner, mode };
}

/** What {@link foldersOf} reads of an installed service. */
interface Placed {
  name: string;
  user: string;
  stateFolder: string;
  configFolder: string;
}

/**
 * The folders of a kind's services, each once, as `services` have them placed.
 * @throws EdgeError when a declaration is not usable, or two services declare one folder differently.
 */
export function foldersOf(kind: Kind, services: readonly Placed[]): InstalledFolder[] {
  const all = services.flatMap((service, n): InstalledFolder[] => {
    const { state, config } = accessOf(kind, kind.services[n]!);
    const { name, user, stateFolder, configFolder } = service;
    return [
      { what: "state", path: stateFolder, ...usable(`The state folder of service ${name}`, user, state) },
      { what: "config", path: configFolder, ...usable(`The configuration folder of service ${name}`, user, config) },
    ];
  });
  const first = (folder: InstalledFolder): InstalledFolder => all.find(({ path }) => path === folder.path)!;
  const differs = all.find((folder) => first(folder).owner !== folder.owner || first(folder).mode !== folder.mode);
  if (differs) {
    throw new EdgeError(
      `Services declare one folder as ${first(differs).owner} ${first(differs).mode} and as ${differs.owner} ${differs.mode}; declare it alike in the product definition.`,
    );
  }
  return all.filter((folder) => folder === first(folder));
}
