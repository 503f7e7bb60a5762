/** Where an installation of a kind has its parts on a Linux machine, as long as nobody chooses otherwise. */
import { posix } from "node:path";
import type { Kind, Places, Product } from "./product.ts";

/** Holds a folder for each installation. */
const installations = "/opt";

/** Folder of the commands: on the PATH of every user, and root may write there. */
const commands = "/usr/local/bin";

/** The home of root, who installs on a machine. */
const home = "/root";

/** A definition's text with `{state}` and `{config}` as they are on the machine. */
export function placed(text: string, { state, config }: Pick<Places, "state" | "config">): string {
  return text.replaceAll("{config}", () => config).replaceAll("{state}", () => state);
}

/**
 * The usual places of a kind. State and configuration that a kind does not name are those of its first service, or in the user's own folders;
 * `of` is the home of whoever installs.
 */
export function placesOf(product: Product, kind: Kind, of = home): Places {
  const [service] = kind.services;
  const own = (folder: string): string => folder.replaceAll("{home}", () => of);
  return {
    root: posix.join(installations, kind.root ?? product.name),
    state: own(kind.state ?? service?.stateFolder ?? `{home}/.local/state/${product.name}`),
    config: own(kind.config ?? service?.configFolder ?? `{home}/.config/${product.name}`),
    commands,
  };
}
