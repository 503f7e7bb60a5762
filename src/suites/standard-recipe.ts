/**
 * The suites of a recipe's own machine, from the published files alone: deployed, deployed again, used, rebooted, removed; and,
 * where there is a release before it, deployed over that one and taken back. Each is judged by its own name.
 */
import { placesOf, type Kind, type Places, type Product, type Subject } from "../products/index.ts";
import { crashSuite } from "./crash.ts";
import { inventoryCheck, nothingLeftCheck, silenceCheck } from "./footprint.ts";
import { folderChecks, secretFormChecks } from "./declared.ts";
import { keptGone, keptLater, keptNoted, keptRemoved, keptStill } from "./kept.ts";
import { quote } from "../checks/quote.ts";
import { hasSecrets, secretsSuite } from "./secrets.ts";
import { receivedCheck, releaseFolder } from "./standard-install.ts";
import { healthyCheck, identityCheck } from "./standard-service.ts";
import { kindNamed } from "./kind.ts";
import { stateKeptCheck, stateNotedCheck } from "./state-kept.ts";
import type { Check, Suite } from "../checks/check.ts";
import { runAgain } from "./unchanged.ts";
import { unrestarted } from "./unrestarted.ts";

/** A release before the one that is proven, as it was published. */
export interface PreviousRelease {
  version: string;
  /** as in {@link Subject} */
  binaryVersions: Record<string, string>;
  /** SHA-256 of its archive */
  sha256: string;
  /** where its files lie on the machine, absolute */
  archivePath: string;
  recipePath: string;
  recipeSha256: string;
}

/** Where a recipe and its archive lie on the machine, absolute. */
export interface RecipeFiles {
  recipePath: string;
  recipeSha256: string;
  archivePath: string;
  /** without it, neither upgrade nor rollback is proven */
  previous?: PreviousRelease;
}

/** What the makers of the suites work from. */
interface Deployment {
  product: Product;
  kind: Kind;
  subject: Subject;
  files: RecipeFiles;
  at: Places;
}

/** Where the recipes are unpacked on the machine. */
const folder = "/root/recipe";
const previousFolder = "/root/recipe-before";
const deployed = "recipe/deploy";
/** The checks that note what is kept, under each release, and what is written after an upgrade. */
const noted = "recipe/data-noted";
const notedBefore = "recipe-upgrade/previous-data-noted";
const later = "recipe-upgrade/upgraded-data-later";

/** A command of a recipe, as an operator types it. */
const command = (text: string, where = folder): string => `cd ${where} && ./${text}`;

/** The product's own checks under names of this point in time; they need what is deployed then, whatever they need elsewhere. */
function own(checks: Check[], when: string, needs: string): Check[] {
  return checks.map((check) => ({ ...check, name: when === "" ? check.name : `${when}-${check.name}`, needs }));
}

/** The release in use is this one, healthy by every service's and the product's own word; and whatever else is asked, through which the same processes run on. */
function running(
  { product, kind, at }: Deployment,
  subject: Subject,
  when: string,
  needs: string,
  then: readonly Check[] = [],
  seconds = 30,
): Check[] {
  const name = (text: string): string => (when === "" ? text : `${when}-${text}`);
  return [
    {
      name: name("placed"),
      needs,
      run: `readlink -f ${at.root}/current`,
      expect: { stdout: { equals: releaseFolder(at, subject) } },
    },
    ...kind.services.map((service) => healthyCheck(name(`healthy-${service.name}`), service, seconds, needs)),
    ...unrestarted(kind, when, needs, [
      ...kind.services.map((service) =>
        identityCheck(
          name(`identity-${service.name}`),
          service,
          subject.binaryVersions[service.binary] ?? subject.version,
          needs,
        ),
      ),
      ...own(product.checks.healthy?.(subject, at) ?? [], when, needs),
      ...then,
    ]),
  ];
}

/** What must be nobody else's: secrets are root's, and the configuration that the product made is its service's. */
function privateFiles({ kind, at }: Deployment): Check[] {
  const file = (name: string, path: string, owner: string): Check => ({
    name,
    needs: deployed,
    run: `stat -c '%a %U' ${quote(path)}`,
    expect: { stdout: { equals: `600 ${owner}` } },
  });
  const [first] = kind.services;
  return [
    ...kind.services
      .filter(({ secrets }) => secrets?.length)
      .map((service) => file(`secrets-${service.name}`, `${service.configFolder}/${service.name}.secrets`, "root")),
    ...(kind.setup && first
      ? [file("configuration-private", kind.setup.creates.replace("{config}", at.config), first.user)]
      : []),
  ];
}

function unpack({ recipePath, previous }: RecipeFiles): string {
  const each = (zip: string, to: string): string =>
    `unzip -q ${quote(zip)} -d ${to} && (cd ${to} && sha256sum --check --quiet --strict checksums.txt)`;
  return [
    ...(previous ? [each(previous.recipePath, previousFolder)] : []),
    each(recipePath, folder),
    `ls ${folder}`,
  ].join(" && ");
}

function deploySuite(deployment: Deployment): Suite {
  const { product, subject, files, at } = deployment;
  const { previous } = files;
  const deploy = command(`deploy ${quote(files.archivePath)}`);
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
  return {
    name: "recipe",
    checks: [
      ...received.map((check, i) => (i === 0 ? check : { ...check, needs: `recipe/${received[i - 1]!.name}` })),
      {
        name: "unpack",
        needs: `recipe/${received.at(-1)!.name}`,
        run: unpack(files),
        within: 60,
        expect: { stdout: { contains: ["README.md", "deploy", "remove", "rollback", "status", "upgrade"] } },
      },
      inventoryCheck("recipe/unpack"),
      {
        name: "nothing-to-upgrade",
        needs: "recipe/inventory",
        login: true,
        run: command(`upgrade ${quote(files.archivePath)}`),
        expect: { exit: 7 },
      },
      {
        name: "deploy",
        needs: "recipe/inventory",
        login: true,
        run: deploy,
        within: 240,
        expect: { stdout: { contains: ["changed=yes", `sha256=${subject.sha256}`] } },
      },
      ...running(deployment, subject, "", deployed, [
        ...privateFiles(deployment),
        ...own([...secretFormChecks(deployment.kind), ...folderChecks(deployment.kind)], "", deployed),
        {
          name: "status",
          needs: deployed,
          login: true,
          run: command("status"),
          within: 60,
          expect: { stdout: { contains: ["intact=yes"] } },
        },
        {
          name: "deploy-again",
          needs: deployed,
          login: true,
          run: runAgain(deployment, deploy),
          within: 240,
          expect: { stdout: { contains: ["changed=no"] } },
        },
      ]),
      ...own([...product.checks.plant(subject, at), ...keptNoted(deployment)], "", deployed),
      silenceCheck,
    ],
  };
}

/** Takes the deployment away, first without and then with its state, and looks for what is left. */
function removal(deployment: Deployment, suite: string, needs: string, migrated: boolean): Check[] {
  return [
    stateNotedCheck(deployment, needs),
    {
      name: "remove",
      needs,
      login: true,
      run: command("remove"),
      within: 120,
      expect: { stdout: { contains: ["installed=no"] } },
    },
    stateKeptCheck(deployment, `${suite}/remove`),
    ...own(keptRemoved(deployment, migrated, migrated ? notedBefore : noted), "", `${suite}/remove`),
    {
      name: "remove-state",
      needs: `${suite}/remove`,
      login: true,
      run: command("remove --remove-state"),
      within: 120,
      expect: {},
    },
    nothingLeftCheck(deployment, `${suite}/remove-state`),
  ];
}

function rebootSuite(deployment: Deployment): Suite {
  const { product, subject, at } = deployment;
  const name = "recipe-after-reboot";
  return {
    name,
    afterReboot: "clean",
    checks: [
      ...running(
        deployment,
        subject,
        "",
        deployed,
        own([...product.checks.planted(subject, at), ...keptStill(deployment, false, noted)], "", deployed),
        60,
      ),
      ...removal(deployment, name, deployed, false),
    ],
  };
}

/** Over the release before, back to it with what was planted there, and over it again. */
function upgradeSuite(deployment: Deployment, previous: PreviousRelease): Suite {
  const { product, subject, files, at } = deployment;
  const name = "recipe-upgrade";
  const { version, binaryVersions, sha256 } = previous;
  const earlier: Subject = {
    ...subject,
    version,
    binaryVersions,
    sha256,
    base: `${subject.product}-${subject.kind}-${version}-${subject.platform}`,
  };
  const step = (check: string, needs: string, run: string, contains: string[]): Check => ({
    name: check,
    needs,
    login: true,
    run,
    within: 240,
    expect: { stdout: { contains } },
  });
  const upgrade = command(`upgrade ${quote(files.archivePath)}`);
  const planted = (about: Subject, when: string, needs: string): Check[] =>
    own([...product.checks.planted(about, at), ...keptStill(deployment, about !== earlier, notedBefore)], when, needs);
  return {
    name,
    checks: [
      step(
        "deploy-previous",
        "recipe-after-reboot/remove-state",
        command(`deploy ${quote(previous.archivePath)}`, previousFolder),
        ["changed=yes", `sha256=${sha256}`],
      ),
      ...running(deployment, earlier, "previous", `${name}/deploy-previous`),
      ...own([...product.checks.plant(earlier, at), ...keptNoted(deployment)], "previous", `${name}/deploy-previous`),
      step("upgrade", `${name}/deploy-previous`, upgrade, ["changed=yes", `sha256=${subject.sha256}`]),
      ...running(deployment, subject, "upgraded", `${name}/upgrade`, planted(subject, "upgraded", `${name}/upgrade`)),
      ...own(
        [...(product.checks.writeLater?.(subject, at) ?? []), ...keptLater(deployment)],
        "upgraded",
        `${name}/upgrade`,
      ),
      step("rollback", `${name}/upgrade`, command("rollback"), []),
      ...running(deployment, earlier, "back", `${name}/rollback`, [
        ...own(
          [...(product.checks.laterIsGone?.(earlier, at) ?? []), ...keptGone(deployment, later)],
          "back",
          `${name}/rollback`,
        ),
        ...planted(earlier, "back", `${name}/rollback`),
        // The recipe that was taken back does not take the other release for its own.
        {
          name: "back-status",
          needs: `${name}/rollback`,
          login: true,
          run: command("status"),
          within: 60,
          expect: { exit: 7, stdout: { contains: [`sha256=${sha256}`] } },
        },
      ]),
      step("upgrade-again", `${name}/rollback`, upgrade, ["changed=yes"]),
      ...running(deployment, subject, "again", `${name}/upgrade-again`, [
        ...planted(subject, "again", `${name}/upgrade-again`),
        {
          name: "again-status",
          needs: `${name}/upgrade-again`,
          login: true,
          run: command("status"),
          within: 60,
          expect: { stdout: { contains: ["intact=yes", `sha256=${subject.sha256}`] } },
        },
      ]),
      ...removal(deployment, name, `${name}/deploy-previous`, true),
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
  const secrets = hasSecrets(deployment) ? [secretsSuite(deployment, deployed)] : [];
  return [
    deploySuite(deployment),
    ...secrets,
    rebootSuite(deployment),
    ...(files.previous ? [upgradeSuite(deployment, files.previous)] : []),
    crashSuite(),
  ];
}
