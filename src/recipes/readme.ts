/**
 * The operator's page: what to type, what ends up where, and what to do when something is wrong. Commands stand in blocks
 * marked `sh` and nowhere else, so that a test can execute every one of them, in their order; but for the one that unpacks the page.
 */
import { configPaths, type Installation, type InstalledService } from "../installer/index.ts";
import type { Service } from "../products/index.ts";
import { recipeName } from "./packaged.ts";
import type { Pinned } from "./scripts.ts";

/** What the page is about; `definition` is the product's word on each of the installation's services, by name. */
export interface ReadmeFacts {
  installation: Installation;
  pinned: Pinned;
  definition: Readonly<Record<string, Service>>;
  /** the file that the product makes itself when it is set up: absolute */
  made?: string;
}

const block = (...commands: string[]): string[] => ["```sh", ...commands, "```", ""];

function places({ installation, definition, made }: ReadmeFacts): string[] {
  const { root, current, services, layout } = installation;
  const ofService = (service: InstalledService): string[][] => [
    [service.unit, "unit; the release's own, mended by every deploy"],
    ...configPaths(service).map((path) => [path, "configuration; written once, yours from then on"]),
    ...(definition[service.name]?.secrets?.length
      ? [[`${service.configFolder}/${service.name}.secrets`, "secrets, made on this machine; root alone may read it"]]
      : []),
    [service.stateFolder, `state of ${service.name}, owned by user \`${service.user}\``],
  ];
  const rows = [
    [root, "releases, backups, and the record of what was installed"],
    [current, "link to the release in use; switched in one step"],
    ...installation.commands.map((name) => [`${layout.commands}/${name}`, "command"]),
    ...(made
      ? [[made, "configuration that the product makes itself, with a secret of its own; made once, yours from then on"]]
      : []),
    ...services.flatMap(ofService),
  ];
  return ["| path | what |", "| --- | --- |", ...rows.map(([path, what]) => `| ${path} | ${what} |`), ""];
}

/** Where the services answer, and what the operator must bring for all that they can do. */
function answers({ installation, definition }: ReadmeFacts): string[] {
  const told = installation.services.map(({ name }) => definition[name]).filter((service) => service !== undefined);
  const rows = told.flatMap(({ name, listens }) =>
    listens.map(({ address, port, protocol = "tcp" }) => `| ${name} | ${address}:${port} | ${protocol} |`),
  );
  const programs = told.flatMap(({ name, hostPrograms = [] }) =>
    hostPrograms.map(
      (program) =>
        `${name} is healthy without ${program}, and needs it for its work: it is no part of the release. Install it with the system's own packages.`,
    ),
  );
  return [
    ...(rows.length > 0 ? ["| service | address | protocol |", "| --- | --- | --- |", ...rows, ""] : []),
    ...programs.flatMap((line) => [line, ""]),
  ];
}

/** How an operator who moves the address of a service's health has the commands find it. */
function healthAddresses({ installation, definition }: ReadmeFacts): string[] {
  const rows = installation.services.map(({ name, configFolder, moved }) => {
    const read = moved ? `${moved.settings.join(", ")} of ${moved.file}, else ` : "";
    return `| ${name} | ${configFolder}/${name}.health | ${read}${definition[name]?.health.url} |`;
  });
  return [
    "Every command asks each service for its health. Where that has been moved, it is asked at the address on the first line of the file that",
    "you write for it; without such a file, where its configuration says, or at the usual address:",
    "",
    "| service | your word, such as http://127.0.0.1:9222/healthz | else |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ];
}

/** Everything that the machine must have before deploy is called; it installs none of it. */
function machine({ installation, pinned: { needs, platform } }: ReadmeFacts): string[] {
  const rows = [
    `Linux (${platform}) with systemd 247 or newer, and root`,
    ...(needs?.glibc ? [`glibc ${needs.glibc} or newer`] : []),
    ...(needs?.libraries.length ? [`the shared libraries ${needs.libraries.join(", ")}`] : []),
    "the sh, GNU coreutils, findutils, diffutils, grep and sed of every usual system",
    "unzip or python3, to unpack the archive",
    "useradd and userdel (passwd), or adduser and deluser (adduser), to make the services' users",
    ...(installation.setup
      ? ["setpriv or runuser (util-linux), by which the product sets itself up as its service's user"]
      : []),
    "curl, wget, or bash with timeout, to ask services whether they are healthy",
  ];
  return [
    "The machine needs",
    "",
    ...rows.map((row) => `- ${row}`),
    "",
    "and no network. What deploy and upgrade find missing they say, with exit code 3, before anything is changed.",
    "",
  ];
}

/** Markdown, with this release's own names in it. */
export function recipeReadme(facts: ReadmeFacts): string {
  const { installation, pinned } = facts;
  const { title, version, base, services, layout } = installation;
  const units = services.map((service) => service.name);
  const [first = ""] = units;
  return [
    `# ${title} ${version} on one machine`,
    "",
    `Deploys ${base}.zip and no other archive: its SHA-256 is`,
    "",
    `    ${pinned.digest}`,
    "",
    ...machine(facts),
    "The recipe's zip has no folder in it, so give it one of its own:",
    "",
    `    unzip ${recipeName(base)} -d ${base}.recipe`,
    "",
    `Put ${base}.zip beside this folder, or name it behind the command. Type as root, in this folder:`,
    "",
    "## Deploy",
    "",
    ...block("./deploy", "./status"),
    "The first verifies the archive, installs it, starts it and waits until it is healthy; run again, it changes nothing and says changed=no.",
    "The second has exit code 0 when this release is deployed, whole and healthy. Results are key=value lines, exit codes are explained by",
    "",
    ...block("sh install.sh --help"),
    "A run that was cut off is finished by running it again. What may be given to a command is said by its own --help. Where things are to go",
    "elsewhere than listed below, deploy takes --install-root, --state-root, --config and --command-root; the other commands take",
    "--install-root then. Commands go into the system's folder whatever PATH and HOME whoever deploys has, and nobody's home is written to;",
    "a folder of your choice is brought onto every login's PATH by a file in /etc/profile.d.",
    "",
    "## What lies where",
    "",
    ...places(facts),
    ...answers(facts),
    "## Change settings",
    "",
    "Change the configuration files above, then",
    "",
    ...block(`systemctl restart ${units.join(" ")}`),
    ...healthAddresses(facts),
    "For the unit itself use a drop-in:",
    "",
    ...block(
      `mkdir -p ${layout.units}/${first}.service.d`,
      `printf '[Service]\\nMemoryMax=4G\\n' >${layout.units}/${first}.service.d/local.conf`,
      "systemctl daemon-reload",
      `systemctl restart ${first}`,
    ),
    "and to take it back",
    "",
    ...block(`rm -r ${layout.units}/${first}.service.d`, "systemctl daemon-reload", `systemctl restart ${first}`),
    "The units are hardened, so a service that is to reach other files or devices must be allowed to there; how much it may is told by",
    "",
    ...block(`systemd-analyze --no-pager security ${first}.service`),
    "The files in systemd/, env/ and config/ of this folder show what gets installed. They are no place for settings: a recipe in which",
    "a file was changed, lost or added by accident refuses to run, as checksums.txt says. It cannot tell who altered it on purpose and",
    "checksums.txt with it: for that, compare the SHA-256 of the recipe's zip with the published one before you unpack it.",
    "",
    "## When something is wrong",
    "",
    ...block("./status", `journalctl --no-pager -n 50 -u ${first}`, "./deploy"),
    "The first names what is not as it should be, the second has the service's own words, the third mends files, links and units.",
    "A service that you disabled or stopped stays so through deploy, upgrade and rollback, which say it: start and enable it yourself.",
    "",
    "## Upgrade, and the way back",
    "",
    "A newer release has a recipe of its own. In that recipe's folder, with its archive beside it:",
    "",
    ...block("./upgrade"),
    "The release that is deployed must be healthy, or be stopped: where it is neither, nothing is touched, and the exit code is 6.",
    "State and configuration are backed up before the new release first touches them. When it does not become healthy, the release before it is",
    "put back together with them, and the exit code is 8: what clients wrote meanwhile is not in the data then; it is kept aside, in the folder",
    "that is printed as kept_aside. A release that is stopped is upgraded unasked, and stays stopped. To go back later, in the same folder:",
    "",
    ...block("./rollback"),
    "What was written since the upgrade is kept aside, in the folder that the command names as kept_aside. release/rollback-plan.json lists the steps around it.",
    "From then on the recipe of the release that is back is the one to use: of this recipe, rollback and remove refuse what another release has deployed.",
    "",
    "## Remove",
    "",
    ...block("./remove"),
    "stops and removes it, and keeps state, drop-ins and the configuration that you changed. To remove those as well:",
    "",
    ...block("./remove --remove-state"),
  ].join("\n");
}
