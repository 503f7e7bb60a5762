/**
 * Installing or deploying what is there already changes nothing: a picture of all that must stay as it is, taken before and
 * after. Of files it holds the content, as a digest: another admin token is as long as the one before. A running service writes
 * into its state by itself, so of that only what makes the installation itself is in it, as the product's definition names it.
 */
import { z } from "zod";
import { keptBy } from "./kept.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Check } from "../checks/check.ts";
import { guest } from "../checks/guest.ts";
import { judge, listed, unless } from "../checks/judging.ts";

type Installed = Pick<Lifecycle, "kind" | "at">;

const units = "/etc/systemd/system";

/** Places whose files must not get another content: the release, commands, configuration with environment and secrets, units, identity. */
function lastingPlaces({ kind, at }: Installed): string[] {
  const identity = keptBy({ kind, at }).flatMap((what) =>
    what.how === "bytes" || what.how === "sealed" ? [what.path] : [],
  );
  const ofServices = kind.services.flatMap(({ name, configFolder }) => [
    configFolder,
    `${units}/${name}.service`,
    `${units}/${name}.service.d`,
  ]);
  return [at.root, at.commands, at.config, ...ofServices, ...identity];
}

/** What a check must have to run a command a second time: exit code and outputs are the command's. */
export function runAgain(
  life: Installed,
  command: string[],
  stdout: string[],
): Pick<Check, "run" | "env" | "files" | "expect"> {
  const { services } = life.kind;
  const lines = (items: string[]): string => [...new Set(items)].join("\n");
  return {
    run: guest(import.meta.url, "again", ...command),
    env: {
      places: lines(lastingPlaces(life)),
      folders: lines(services.flatMap(({ stateFolder, configFolder }) => [stateFolder, configFolder])),
      units: lines(services.map(({ name }) => `${name}.service`)),
    },
    files: ["before", "after"],
    expect: { stdout: { contains: stdout }, judge: { name: "unchanged" } },
  };
}

/** Fewest lines of a picture of anything that is installed. */
const fewest = 10;

/** Whether what was seen before a command is what was seen after it. */
export const unchangedJudge = judge(z.undefined(), (_, { own }) => {
  const [before, after] = ["before", "after"].map((name) => new Set(own.file(name).split("\n"))) as [
    Set<string>,
    Set<string>,
  ];
  if (before.size < fewest) return unless(false, "a picture of what is installed", "next to nothing is installed");
  const changed = [
    ...[...before].filter((line) => !after.has(line)).map((line) => `was: ${line}`),
    ...[...after].filter((line) => !before.has(line)).map((line) => `is: ${line}`),
  ];
  return unless(
    changed.length === 0,
    "installing again to change nothing",
    `installing again changed this: ${listed(changed)}`,
  );
});
