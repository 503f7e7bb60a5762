/** The suite of commands in use: what they say they are, the product's own checks on what runs, and data for what comes later. */
import { placed } from "../products/index.ts";
import { secretFormChecks } from "./declared.ts";
import { healthyCheck, ownHealthChecks } from "./healthy.ts";
import { keptNoted } from "./kept.ts";
import { commandName, onceInstalled, versionOf, type Lifecycle } from "./lifecycle.ts";
import type { Check, Suite } from "../checks/check.ts";

/** A command says its version and its help, as far as it can be asked. */
function commandChecks(life: Lifecycle, key: string): Check[] {
  const { onPath, silent = [], version, help } = life.product.binaries[key]!;
  const name = commandName(key, life.subject);
  const command = onPath ? name : `$(find -L ${life.at.root}/current -name ${name} -type f)`;
  const prints = version.prints.replace("{version}", versionOf(life, key));
  const checks = {
    version: { run: `${command} ${version.args}`, expect: { stdout: { equals: prints } } },
    help: { run: `${command} ${help.args} 2>&1`, expect: { stdout: { contains: help.contains } } },
  };
  return (["version", "help"] as const)
    .filter((asked) => !silent.includes(asked))
    .map((asked) => ({ name: `${asked}-${key}`, login: true, ...checks[asked] }));
}

/** A file with secrets in it belongs to those who need it, and nobody else may read it. */
const privateFile = (name: string, file: string, owner: string): Check => ({
  name,
  run: ["stat", "-c", "%a %U:%G", file],
  expect: { stdout: { equals: `600 ${owner}:${owner}` } },
});

function privateFileChecks({ kind, at }: Lifecycle): Check[] {
  const { setup, services } = kind;
  return [
    ...(setup ? [privateFile("private-configuration", placed(setup.creates, at), services[0]?.user ?? "root")] : []),
    ...services
      .filter(({ secrets = [] }) => secrets.length > 0)
      .map(({ name, configFolder }) =>
        privateFile(`private-secrets-${name}`, `${configFolder}/${name}.secrets`, "root"),
      ),
  ];
}

/** Each command says its version and its help; then the product's own checks on what runs, and its data is planted. */
export function smokeSuite(life: Lifecycle): Suite {
  const { product, kind, subject, at } = life;
  const checks = [
    ...kind.binaries.flatMap((key) => commandChecks(life, key)),
    ...kind.services.map((service) => healthyCheck(`ready-${service.name}`, service, 30)),
    ...ownHealthChecks(life),
    ...privateFileChecks(life),
    ...secretFormChecks(kind),
    ...product.checks.smoke(subject, at, life.files.archivePath),
    ...product.checks.plant(subject, at),
    ...keptNoted(life),
  ];
  return { name: "smoke", checks: checks.map(onceInstalled) };
}
