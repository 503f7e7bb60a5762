/**
 * The command plugin in the checkout's own PULUMI_HOME: the real one where it can be downloaded, otherwise a launcher of the stand-in
 * in src/command-plugin. The launcher goes by its own place, so that a checkout may be moved.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { download } from "../download.mjs";
import { pulumiHome } from "../environment.mjs";
import { SetupFault } from "../fault.mjs";
import { cachePath, checkout, isExecutable } from "../places.mjs";
import { mustRun } from "../run.mjs";
import { COMMAND_PLUGIN_VERSION } from "../versions.mjs";
import { fillWhole } from "../whole-folder.mjs";

const BINARY = "pulumi-resource-command";
const real = () => cachePath("command-plugin", COMMAND_PLUGIN_VERSION, BINARY);
const standIn = join(checkout, "src", "command-plugin", BINARY);

const LAUNCHER = `#!/bin/sh
# The stand-in for the command plugin, from the sources of this checkout.
exec "$(dirname "$0")/../../../../src/command-plugin/${BINARY}" "$@"
`;

/** The folder in which the engine looks for the plugin. */
export const commandPluginFolder = () => join(pulumiHome(), "plugins", `resource-command-v${COMMAND_PLUGIN_VERSION}`);

/** The official download for a platform; the engine itself would take it from there. */
export function commandPluginUrl(
  system = /** @type {string} */ (process.platform),
  arch = /** @type {string} */ (process.arch),
) {
  return `https://get.pulumi.com/releases/plugins/${BINARY}-v${COMMAND_PLUGIN_VERSION}-${system}-${arch === "arm64" ? "arm64" : "amd64"}.tar.gz`;
}

/**
 * What is installed.
 * @returns {string | undefined}
 */
export function commandPluginFound() {
  const file = join(commandPluginFolder(), BINARY);
  if (!isExecutable(file)) return undefined; // also when a link points at a cache that was cleared
  const isLauncher = readFileSync(file).subarray(0, 2).toString() === "#!";
  if (!isLauncher) return `${COMMAND_PLUGIN_VERSION}, ${real()}`;
  return isExecutable(standIn) ? `${COMMAND_PLUGIN_VERSION}, stand-in, ${standIn}` : undefined;
}

/** @returns {import("../steps.mjs").Step} */
export function commandPluginStep() {
  return {
    name: "command plugin",
    purpose: `getting ${COMMAND_PLUGIN_VERSION}, by download or from this checkout`,
    needs: [],
    lock: cachePath("setup", "command-plugin.lock"),
    check: commandPluginFound,
    async get(report, note) {
      const cached = cachePath("command-plugin", COMMAND_PLUGIN_VERSION);
      try {
        if (!existsSync(real())) {
          await fillWhole(cached, async (folder) => {
            const file = join(folder, "download.tar.gz");
            report("asking for the official download");
            await download(commandPluginUrl(), file, report);
            await mustRun("tar", ["-xzf", file, "-C", folder, BINARY], { remedy: "start again" });
          });
        }
      } catch (e) {
        const why = /** @type {Error} */ (e).message;
        if (!isExecutable(standIn)) {
          throw new SetupFault(
            `The command plugin ${COMMAND_PLUGIN_VERSION} was not downloaded (${why}), and ${standIn}, which stands in for it, ` +
              `is missing or not executable; restore it with git and start again.`,
          );
        }
        note(`not downloaded (${why}); the stand-in of this checkout is used instead`);
      }
      await fillWhole(commandPluginFolder(), async (folder) => {
        mkdirSync(folder, { recursive: true });
        const file = join(folder, BINARY);
        if (existsSync(real())) return symlinkSync(real(), file);
        writeFileSync(file, LAUNCHER);
        chmodSync(file, 0o755);
      });
    },
  };
}
