/** The operator's page: what to type, what ends up where, and what to do when something is wrong. */
import type { Installation } from "../installer/index.ts";

/** Markdown, with this release's own names in it. */
export function recipeReadme(installation: Installation, digest: string): string {
  const { title, version, base, root, current, services, layout } = installation;
  const units = services.map((service) => service.name).join(" ");
  const rows = services.flatMap((service) => [
    [`${layout.units}/${service.name}.service`, "unit; the release's own, mended by every deploy"],
    ...service.configFiles.map((file) => [file.path, "configuration; written once, yours from then on"]),
    [service.stateFolder, `state of ${service.name}, owned by user \`${service.user}\``],
  ]);
  return [
    `# ${title} ${version} on one machine`,
    "",
    `Deploys \`${base}.zip\` and no other archive: its SHA-256 is`,
    "",
    `    ${digest}`,
    "",
    "The machine needs Linux with systemd 247 or newer, root, and `unzip` or `python3`. It needs no network.",
    "",
    "## What to type",
    "",
    `Put \`${base}.zip\` beside this folder, then, as root:`,
    "",
    "| command | what it does |",
    "| --- | --- |",
    "| `./deploy` | verifies the archive, installs it, starts it, waits until it is healthy; run again, it changes nothing and says `changed=no` |",
    "| `./status` | exit code 0 when this release is deployed, whole and healthy |",
    "| `./remove` | stops and removes it; keeps state and the configuration that you changed |",
    "| `./remove --remove-state` | removes those as well |",
    "",
    "Results are `key=value` lines; `sh install.sh --help` lists the exit codes. A run that was cut off is finished by running it again.",
    "",
    "## What lies where",
    "",
    "| path | what |",
    "| --- | --- |",
    `| ${root} | releases, and the record of what was installed |`,
    `| ${current} | link to the release in use; switched in one step |`,
    ...installation.commands.map((name) => `| ${layout.commands}/${name} | link to the command |`),
    ...rows.map(([path, what]) => `| ${path} | ${what} |`),
    "",
    "## Changing settings",
    "",
    `Change the configuration files above, then \`systemctl restart ${units}\`. For the unit itself use a drop-in (\`systemctl edit ${services[0]?.name ?? ""}\`):`,
    "the unit is hardened (`systemd-analyze security`), so a service that is to reach other files or devices must be allowed to there.",
    "The files in `units/` and `config/` of this folder show what gets installed. They are no place for settings: a recipe that was changed refuses to run.",
    "",
    "## When something is wrong",
    "",
    `\`./status\` names what is not as it should be; \`journalctl -u ${services[0]?.name ?? ""}\` has the service's own words; \`./deploy\` mends files, links and units.`,
    "",
  ].join("\n");
}
