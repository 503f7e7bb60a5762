/**
 * Installing or deploying what is there already changes nothing: a picture of all that must stay as it is, taken before and
 * after. Of files it holds the content, as a digest: another admin token is as long as the one before. A running service writes
 * into its state by itself, so of that only what makes the installation itself is in it, as the product's definition names it.
 */
import { keptBy } from "./kept.ts";
import { quote } from "../checks/quote.ts";
import type { Lifecycle } from "./standard.ts";

type Installed = Pick<Lifecycle, "kind" | "at">;

const units = "/etc/systemd/system";

/** Places whose files must not get another content: the release, configuration with environment and secrets, units, identity. */
function lastingPlaces({ kind, at }: Installed): string[] {
  const identity = keptBy({ kind, at }).flatMap((what) =>
    what.how === "bytes" || what.how === "sealed" ? [what.path] : [],
  );
  const places = [
    at.root,
    at.config,
    ...kind.services.flatMap(({ name, configFolder }) => [
      configFolder,
      `${units}/${name}.service`,
      `${units}/${name}.service.d`,
    ]),
    ...identity,
  ];
  return [...new Set(places)];
}

/**
 * Sh text that writes the picture to a file, given as a word of sh, one line for each thing: what files there are, whose and
 * with which mode, digests of their contents, and the services' processes. It fails when it has seen next to nothing.
 */
export function picture(life: Installed, to: string): string {
  const places = lastingPlaces(life).map(quote).join(" ");
  const folders = [
    ...new Set(life.kind.services.flatMap(({ stateFolder, configFolder }) => [stateFolder, configFolder])),
  ]
    .map(quote)
    .join(" ");
  const processes = life.kind.services.map(({ name }) => `systemctl show -p Id -p MainPID ${quote(`${name}.service`)}`);
  return [
    `{ find ${places} ${quote(life.at.commands)} -printf '%p %y %m %U:%G %s %l\\n'`,
    // Whose a folder is and who may enter, also where what lies in it may change.
    ...(folders === "" ? [] : [`stat -c '%n %a %U:%G' ${folders}`]),
    `find ${places} -type f -exec sha256sum {} +`,
    // Profiles of whoever installs: the installer may have a block in them.
    "find /root -maxdepth 1 -name '.*' -type f -printf '%p %m %s\\n' -exec sha256sum {} \\;",
    ...processes,
    // Not every unit has drop-ins.
    `} 2>/dev/null | LC_ALL=C sort >${to}; [ "$(wc -l <${to})" -ge 10 ] || { echo "next to nothing is installed: $(head -c 200 ${to})" >&2; exit 1; }`,
  ].join("\n");
}

/** Sh text of a check that runs a command a second time: exit code and words are the command's, unless it has changed something. */
export function runAgain(life: Installed, command: string): string {
  return [
    picture(life, "before"),
    `(${command})`,
    "code=$?",
    picture(life, "after"),
    "[ $code -eq 0 ] || exit $code",
    "diff before after || { echo 'installing again changed this' >&2; exit 1; }",
  ].join("\n");
}
