/** What an installation puts on a machine by its product's own definition, as patterns for the lines of an inventory. */
import { posix } from "node:path";
import { literal } from "./footprint-inventory.ts";
import { commandName, type Lifecycle } from "./lifecycle.ts";

/** The home of whoever installs. */
const home = "/root";

/** Nobody but the owner may write, and no bit lets it run as somebody else: three digits, so that a fourth is no match. */
const ownersAlone = "[0-7][0145][0145]";

const below = (folder: string): string => `${literal(folder)}(/.*)?`;
const anySize = "([0-9]+|-)";

/** Folders between the home and a place in it (`.local`, `.local/state`): others use them too, so they may come and stay. */
function sharedFolders(places: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const place of places) {
    for (let folder = posix.dirname(place); folder.startsWith(`${home}/`); folder = posix.dirname(folder))
      folders.add(folder);
  }
  const shared = [...folders].filter(
    (folder) => !places.some((place) => folder === place || folder.startsWith(`${place}/`)),
  );
  return shared.map((folder) => `file d ${ownersAlone} root:root - ${literal(folder)}`);
}

/** What stays when the installation has been taken away with its state: files that are its users' own. */
export function declaredToStay({ kind, at }: Pick<Lifecycle, "kind" | "at">): string[] {
  const keeps = (kind.keeps ?? []).map((place) => place.replaceAll("{home}", home));
  return [
    ...sharedFolders([at.state, at.config, ...keeps]),
    ...keeps.map((place) => `file [fdl] ${ownersAlone} root:root ${anySize} ${below(place)}`),
  ];
}

/** Everything that the installation may have added to the machine while it is there. */
export function declaredFootprint(life: Lifecycle): string[] {
  const { product, kind, subject, at } = life;
  const users = [...new Set(kind.services.map(({ user }) => user))];
  const owner = `(${["root", ...users].map(literal).join("|")})`;
  const configs = [...new Set([at.config, ...kind.services.map(({ configFolder }) => configFolder)])];
  const states = [...new Set([at.state, ...kind.services.map(({ stateFolder }) => stateFolder)])];
  const commands = kind.binaries
    .filter((binary) => product.binaries[binary]?.onPath)
    .map((binary) => `${at.commands}/${commandName(binary, subject)}`);
  return [
    `file [fd] ${ownersAlone} root:root ${anySize} ${below(at.root)}`,
    `file l 777 root:root - ${literal(at.root)}/.*`,
    ...commands.flatMap((command) => [
      `file f 755 root:root [0-9]+ ${literal(command)}`,
      `file l 777 root:root - ${literal(command)} -> ${literal(at.root)}/.*`,
    ]),
    ...configs.map((folder) => `file [fdl] ${ownersAlone} ${owner}:${owner} ${anySize} ${below(folder)}`),
    // A service may add to its configuration what is its own, and take away nothing that is another's: hence the sticky bit.
    ...configs.flatMap((folder) => users.map((user) => `file d 1770 root:${literal(user)} - ${literal(folder)}`)),
    ...states.map((folder) => `file [fdlsp] [0-7][0-7][0145] ${owner}:${owner} ${anySize} ${below(folder)}`),
    ...kind.services.flatMap((service) => [
      `file f 644 root:root [0-9]+ /etc/systemd/system/${literal(service.name)}\\.service`,
      `file l 777 root:root - /etc/systemd/system/multi-user\\.target\\.wants/${literal(service.name)}\\.service -> .*`,
      `unit ${literal(service.name)}\\.service`,
      ...service.listens.map(
        ({ protocol, address, port }) => `socket ${protocol ?? "tcp"} ${literal(address)}:${port} .*`,
      ),
    ]),
    ...users.flatMap((user) => [
      `account ${literal(user)}:x:[1-9][0-9]*:[1-9][0-9]*:.*`,
      `group ${literal(user)}:x:[1-9][0-9]*:`,
    ]),
    // Each account is a line there.
    ...(users.length > 0
      ? ["file f 644 root:root [0-9]+ /etc/(passwd|group)", "file f 640 root:shadow [0-9]+ /etc/g?shadow"]
      : []),
    `program ${literal(at.root)}/.*`,
    ...declaredToStay(life),
  ];
}
