/**
 * The suites of a recipe's own machine, from the published files alone: deployed, deployed again, used, rebooted, removed; and,
 * where there is a release before it, deployed over that one and taken back. Each is judged by its own name.
 */
import type { Check, Expectation, Suite } from "../checks/check.ts";
import { shownWord } from "../edges/shell-word.mjs";
import { placed, placesOf, type Product, type Subject } from "../products/index.ts";
import { crashSuite } from "./crash.ts";
import { folderChecks, secretFormChecks } from "./declared.ts";
import { inventoryCheck, nothingLeftCheck, silenceCheck } from "./footprint.ts";
import { inUse, releaseBefore, under, prints, type Installation, type PreviousOnMachine } from "./in-use.ts";
import { keptGone, keptLater, keptNoted, keptRemoved, keptStill } from "./kept.ts";
import { kindNamed } from "./kind.ts";
import { hasSecrets, secretsSuite } from "./secrets.ts";
import { receivedCheck } from "./received.ts";
import { stateKeptCheck, stateNotedCheck } from "./state-kept.ts";
import { runAgain } from "./unchanged.ts";

/** The release before, with its recipe. */
export interface PreviousDeployment extends PreviousOnMachine {
  recipePath: string;
  recipeSha256: string;
}

/** Where a recipe and its archive lie on the machine, absolute. */
export interface RecipeFiles {
  recipePath: string;
  recipeSha256: string;
  archivePath: string;
  /** without it, neither upgrade nor rollback is proven */
  previous?: PreviousDeployment;
}

/** What the makers of the suites work from. */
interface Deployment extends Installation {
  subject: Subject;
  files: RecipeFiles;
}

/** Where the recipes are unpacked on the machine. */
const folder = "/root/recipe";
const previousFolder = "/root/recipe-before";
/** The checks that others need, or look back to. */
const deployed = "recipe/deploy";
const noted = "recipe/data-noted";
const notedBefore = "recipe-upgrade/previous-data-noted";
const later = "recipe-upgrade/upgraded-data-later";

/** A command of a recipe, as an operator types it in the recipe's folder. */
const step = (
  name: string,
  needs: string,
  words: string[],
  expect: Expectation,
  { within = 240, where = folder } = {},
): Check => ({ name, needs, login: true, run: ["env", "-C", where, ...words], within, expect });

/** A release in use at a point in time; then what else is asked of it. */
function using(
  deployment: Deployment,
  when: string,
  needs: string,
  release: Subject,
  then: readonly Check[] = [],
  seconds = 30,
): Check[] {
  return inUse(deployment, release, { when, needs, placed: "placed", seconds }, then);
}

/** What must be nobody else's: secrets are root's, and the configuration that the product made is its service's. */
function privateFiles({ kind, at }: Deployment): Check[] {
  const file = (name: string, path: string, owner: string): Check => ({
    name,
    run: ["stat", "-c", "%a %U", path],
    expect: { stdout: { equals: `600 ${owner}` } },
  });
  const [first] = kind.services;
  return [
    ...kind.services
      .filter(({ secrets = [] }) => secrets.length > 0)
      .map(({ name, configFolder }) => file(`secrets-${name}`, `${configFolder}/${name}.secrets`, "root")),
    ...(kind.setup && first ? [file("configuration-private", placed(kind.setup.creates, at), first.user)] : []),
  ];
}

function unpack({ recipePath, previous }: RecipeFiles): string {
  const each = (zip: string, to: string): string =>
    `unzip -q ${shownWord(zip)} -d ${to} && (cd ${to} && sha256sum --check --quiet --strict checksums.txt) || exit`;
  return [
    ...(previous ? [each(previous.recipePath, previousFolder)] : []),
    each(recipePath, folder),
    `ls ${folder}`,
  ].join("\n");
}

function deploySuite(deployment: Deployment): Suite {
  const { product, kind, subject, files, at } = deployment;
  const { previous } = files;
  const received = [
    receivedCheck("received-archive", files.archivePath, subject.sha256),
    receivedCheck("received-recipe", files.recipePath, files.recipeSha256),
    ...(previous
      ? [
          receivedCheck("received-previous-archive", previous.archivePath, previous.sha256),
          receivedCheck("received-previous-recipe", previous.recipePath, previous.recipeSha256),
        ]
      : []),
  ];
  const deploy = ["./deploy", files.archivePath];
  return {
    name: "recipe",
    checks: [
      ...received.map((check, i) => (i === 0 ? check : { ...check, needs: `recipe/${received[i - 1]!.name}` })),
      {
        name: "unpack",
        needs: `recipe/${received.at(-1)!.name}`,
        run: unpack(files),
        within: 60,
        expect: prints("README.md", "deploy", "remove", "rollback", "status", "upgrade"),
      },
      inventoryCheck("recipe/unpack"),
      step("nothing-to-upgrade", "recipe/inventory", ["./upgrade", files.archivePath], { exit: 7 }),
      step("deploy", "recipe/inventory", deploy, prints("changed=yes", `sha256=${subject.sha256}`)),
      ...using(deployment, "", deployed, subject, [
        ...under("", deployed, [...privateFiles(deployment), ...secretFormChecks(kind), ...folderChecks(kind)]),
        step("status", deployed, ["./status"], prints("intact=yes"), { within: 60 }),
        {
          ...step("deploy-again", deployed, deploy, {}),
          ...runAgain(deployment, ["env", "-C", folder, ...deploy], ["changed=no"]),
        },
      ]),
      ...under("", deployed, [...product.checks.plant(subject, at), ...keptNoted(deployment)]),
      silenceCheck,
    ],
  };
}

/** Takes the deployment away, first without and then with its state, and looks for what is left; `since` is the check that noted what is kept. */
function removal(deployment: Deployment, suite: string, needs: string, migrated: boolean, since: string): Check[] {
  const removed = `${suite}/remove`;
  return [
    stateNotedCheck(deployment, needs),
    step("remove", needs, ["./remove"], prints("installed=no"), { within: 120 }),
    stateKeptCheck(deployment, removed),
    ...under("", removed, keptRemoved(deployment, migrated, since)),
    step("remove-state", removed, ["./remove", "--remove-state"], {}, { within: 120 }),
    nothingLeftCheck(deployment, `${suite}/remove-state`, "recipe/inventory"),
  ];
}

function rebootSuite(deployment: Deployment): Suite {
  const { product, subject, at } = deployment;
  const name = "recipe-after-reboot";
  const data = [...product.checks.planted(subject, at), ...keptStill(deployment, false, noted)];
  return {
    name,
    afterReboot: "clean",
    checks: [
      ...using(deployment, "", deployed, subject, under("", deployed, data), 60),
      ...removal(deployment, name, deployed, false, noted),
    ],
  };
}

/** Over the release before, back to it with what was planted there, and over it again. */
function upgradeSuite(deployment: Deployment, previous: PreviousDeployment): Suite {
  const { product, subject, files, at } = deployment;
  const suite = "recipe-upgrade";
  const [before, upgraded, back, again] = ["deploy-previous", "upgrade", "rollback", "upgrade-again"].map(
    (name) => `${suite}/${name}`,
  ) as [string, string, string, string];
  const earlier = releaseBefore(subject, previous);
  const upgrade = ["./upgrade", files.archivePath];
  const status = (when: string, needs: string, expect: Expectation): Check =>
    step(`${when}-status`, needs, ["./status"], expect, { within: 60 });
  const data = (when: string, needs: string, release: Subject): Check[] =>
    under(when, needs, [
      ...product.checks.planted(release, at),
      ...keptStill(deployment, release !== earlier, notedBefore),
    ]);
  return {
    name: suite,
    checks: [
      step(
        "deploy-previous",
        "recipe-after-reboot/remove-state",
        ["./deploy", previous.archivePath],
        prints("changed=yes", `sha256=${previous.sha256}`),
        { where: previousFolder },
      ),
      ...using(deployment, "previous", before, earlier),
      ...under("previous", before, [...product.checks.plant(earlier, at), ...keptNoted(deployment)]),
      step("upgrade", before, upgrade, prints("changed=yes", `sha256=${subject.sha256}`)),
      ...using(deployment, "upgraded", upgraded, subject, data("upgraded", upgraded, subject)),
      ...under("upgraded", upgraded, [...(product.checks.writeLater?.(subject, at) ?? []), ...keptLater(deployment)]),
      step("rollback", upgraded, ["./rollback"], {}),
      ...using(deployment, "back", back, earlier, [
        ...under("back", back, [...(product.checks.laterIsGone?.(earlier, at) ?? []), ...keptGone(deployment, later)]),
        ...data("back", back, earlier),
        // The recipe that was taken back does not take the other release for its own.
        status("back", back, { exit: 7, ...prints(`sha256=${previous.sha256}`) }),
      ]),
      step("upgrade-again", back, upgrade, prints("changed=yes")),
      ...using(deployment, "again", again, subject, [
        ...data("again", again, subject),
        status("again", again, prints("intact=yes", `sha256=${subject.sha256}`)),
      ]),
      ...removal(deployment, suite, before, true, notedBefore),
    ],
  };
}

/**
 * Proves a single-VM recipe from the very bytes that are published beside the archive: `recipe`, `secrets` where there
 * are any, `recipe-after-reboot` and, with a release before it, `recipe-upgrade`; then `crash`. A gate must require each of them: it judges no suite that it does not name.
 */
export function recipeSuites(product: Product, kind: string, subject: Subject, files: RecipeFiles): Suite[] {
  const definition = kindNamed(product, kind);
  const deployment: Deployment = { product, kind: definition, subject, files, at: placesOf(product, definition) };
  return [
    deploySuite(deployment),
    ...(hasSecrets(deployment) ? [secretsSuite(deployment, deployed)] : []),
    rebootSuite(deployment),
    ...(files.previous ? [upgradeSuite(deployment, files.previous)] : []),
    crashSuite(),
  ];
}
