/**
 * The suite that looks for secrets where they do not belong. It learns them on the machine, from where they do belong, looks
 * there (guest/secrets.sh), and says only whose secret lies where: no secret leaves the machine by it.
 */
import { guest } from "../checks/guest.ts";
import type { Check, Suite } from "../checks/check.ts";
import { shownWord } from "../edges/shell-word.mjs";
import { placed, type Secret } from "../products/index.ts";
import type { Lifecycle } from "./lifecycle.ts";

/** What is known of an installation, however it came onto its machine. */
type Installed = Omit<Lifecycle, "files">;

const withSecrets = ({ kind }: Installed) => kind.services.filter(({ secrets = [] }) => secrets.length > 0);

/** Where the secrets of an installation are to be had. */
function sources(life: Installed): Secret[] {
  const generated = withSecrets(life).map(({ name, configFolder }) => ({
    name: `secret environment of ${name}`,
    prints: `sed -n 's/^[A-Za-z_][A-Za-z0-9_]*="\\{0,1\\}\\([^"]*\\).*/\\1/p' ${shownWord(`${configFolder}/${name}.secrets`)}`,
  }));
  return [...generated, ...(life.product.secrets?.(life.subject, life.at) ?? [])];
}

/** Files with secrets in them: nobody but their owner may read them. */
function secretFiles(life: Installed): string[] {
  const made = life.kind.setup ? [placed(life.kind.setup.creates, life.at)] : [];
  return [...made, ...withSecrets(life).map(({ name, configFolder }) => `${configFolder}/${name}.secrets`)];
}

/** Whether an installation has secrets at all. */
export function hasSecrets(life: Installed): boolean {
  return sources(life).length > 0;
}

/** The pattern of a line that says how often a secret was found where it belongs: it must have been, unless there may be none yet. */
function counted({ name, where }: Pick<Secret, "name" | "where">): string {
  const found = `${name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}: `;
  return where === undefined ? `${found}[1-9][0-9]*` : `${found}([1-9][0-9]*|none yet)`;
}

const nothing = { stdout: { equals: "nothing" } };

/** No secret of the installation lies where it does not belong; `needs` is the check that installed it. */
export function secretsSuite(life: Installed, needs = "install/install"): Suite {
  const secrets = sources(life);
  const files = secretFiles(life);
  const words = secrets.flatMap(({ name, where = "true", prints }) => [name, where, prints]);
  const lines = [...secrets, { name: "canary" }].map(counted);
  const look = (name: string, ...args: string[]): Check => ({
    name,
    needs: "secrets/known",
    run: guest(import.meta.url, "secrets", name, ...args),
    within: 90,
    expect: nothing,
  });
  return {
    name: "secrets",
    checks: [
      {
        ...look("known", ...words),
        login: true,
        needs,
        files: ["canary", "canary.gz"],
        expect: { stdout: { matches: `^${lines.join("\\n")}\\n$` } },
      },
      ...(files.length === 0
        ? []
        : [
            {
              name: "files-private",
              needs,
              run: ["find", ...files, "-perm", "/077", "-printf", "%p has mode %m and belongs to %u:%g\\n"],
              expect: { stdout: { equals: "" } },
            },
          ]),
      look("journal"),
      look("processes", ...life.kind.services.map(({ name }) => `${name}.service`)),
      look("readable-files", "/", "/run", "/dev/shm"),
      look("printed", life.at.root, "/var/log"),
      { name: "forgotten", needs, run: 'rm -rf "$greenlight/notes/secrets"', expect: {} },
    ],
  };
}
