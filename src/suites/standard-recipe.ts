/** The suite of a recipe's own machine: deployed from the published files alone, in use, deployed again, removed. */
import { placesOf, type Product, type Subject } from "../products/index.ts";
import { quote } from "./quote.ts";
import { inventory, receivedCheck, releaseFolder } from "./standard-install.ts";
import { healthyCheck, identityCheck } from "./standard-service.ts";
import { kindNamed } from "./kind.ts";
import type { Check, Suite } from "./suite.ts";

/** Where a recipe and its archive lie on the machine, absolute. */
export interface RecipeFiles {
  recipePath: string;
  recipeSha256: string;
  archivePath: string;
}

/** Proves a single-VM recipe from the very bytes that are published beside the archive. */
export function recipeSuites(product: Product, kind: string, subject: Subject, files: RecipeFiles): Suite[] {
  const definition = kindNamed(product, kind);
  const { services } = definition;
  const at = placesOf(product, definition);
  const folder = "/root/recipe";
  const deployed = "recipe/deploy";
  const command = (text: string): string => `cd ${folder} && ./${text}`;
  const pids = services.map(({ name }) => `systemctl show -p MainPID ${quote(`${name}.service`)}`).join("; ");
  const before = '"$greenlight/notes/recipe-inventory"';
  const version = (binary: string): string => subject.binaryVersions[binary] ?? subject.version;
  const checks: Check[] = [
    receivedCheck("received-archive", files.archivePath, subject.sha256),
    { ...receivedCheck("received-recipe", files.recipePath, files.recipeSha256), needs: "recipe/received-archive" },
    {
      name: "unpack",
      needs: "recipe/received-recipe",
      run: `unzip -q ${quote(files.recipePath)} -d ${folder} && cd ${folder} && sha256sum --check --quiet --strict checksums.txt && ls`,
      expect: { stdout: { contains: ["README.md", "deploy", "remove", "status"] } },
    },
    { name: "inventory", needs: "recipe/unpack", run: `${inventory(before)}\nwc -l <${before}`, within: 60, expect: { stdout: { matches: "^[1-9][0-9]{2,}$" } } },
    { name: "deploy", needs: "recipe/unpack", login: true, run: command(`deploy ${quote(files.archivePath)}`), within: 180, expect: { stdout: { contains: ["changed=yes", `sha256=${subject.sha256}`] } } },
    { name: "placed", needs: deployed, run: `readlink -f ${at.root}/current`, expect: { stdout: { equals: releaseFolder(at, subject) } } },
    ...services.flatMap((service) => [healthyCheck(`healthy-${service.name}`, service, 30, deployed), identityCheck(`identity-${service.name}`, service, version(service.binary), deployed)]),
    { name: "status", needs: deployed, login: true, run: command("status"), within: 60, expect: { stdout: { contains: ["intact=yes"] } } },
    {
      name: "deploy-again",
      needs: deployed,
      login: true,
      run: [`{ ${pids}; } >before`, `(${command(`deploy ${quote(files.archivePath)}`)}) || exit`, `{ ${pids}; } >after`, "cmp before after"].join("\n"),
      within: 180,
      expect: { stdout: { contains: ["changed=no"] } },
    },
    { name: "remove", needs: deployed, login: true, run: command("remove --remove-state"), within: 120, expect: {} },
    {
      name: "nothing-left",
      needs: "recipe/remove",
      run: [inventory("after"), `diff ${before} after && echo nothing`].join("\n"),
      within: 60,
      expect: { stdout: { equals: "nothing" } },
    },
  ];
  return [{ name: "recipe", checks }];
}
