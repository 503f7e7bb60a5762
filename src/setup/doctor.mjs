/** `greenlight doctor`: every part, whether it is there, which version and where, or what is missing and how to get it. Quick, offline, changes nothing. */
import { SETUP_INCOMPLETE } from "./fault.mjs";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findEngine, findNode, toolVersion, usersEngine } from "./found.mjs";
import { commandPluginFound } from "./parts/command-plugin.mjs";
import { installed } from "./parts/dependencies.mjs";
import { askForImage, DEFAULT_TARGET } from "./parts/image.mjs";
import { MACHINE_TOOLS } from "./parts/machine-tools.mjs";
import { stacks, workspaceFound } from "./parts/workspace.mjs";
import { checkout, onPath, systemProgram } from "./places.mjs";
import { COMMAND_PLUGIN_VERSION, ENGINE_VERSION, NODE_VERSION, versionText } from "./versions.mjs";

/**
 * One part: `found` says version and place; otherwise `missing` says what is wrong and how to mend it. `optional` parts do not count.
 * @typedef {{ part: string, found?: string, missing?: string, optional?: boolean }} Diagnosis
 */

const START = "`npm start` or `greenlight setup` gets it";

/**
 * @param {string} part
 * @param {string | undefined} found
 * @param {string} missing
 * @param {boolean} [optional]
 * @returns {Diagnosis}
 */
const diagnosis = (part, found, missing, optional = false) =>
  found === undefined ? { part, missing, optional } : { part, found, optional };

/**
 * @param {string} name
 * @param {string[]} [args]
 */
function program(name, args) {
  const file = systemProgram(name);
  if (!file) return undefined;
  const version = args && toolVersion(file, args);
  return version ? `${versionText(version)}, ${file}` : file;
}

/**
 * Looks at every part.
 * @param {{ workspace: string }} options
 * @returns {Promise<Diagnosis[]>}
 */
export async function diagnose({ workspace }) {
  const node = findNode();
  const engine = findEngine();
  const users = usersEngine();
  const packages = installed(checkout);
  const tools = MACHINE_TOOLS.map((tool) =>
    diagnosis(
      tool.program,
      program(tool.program, tool.version),
      `missing; ${START} with apt as root, otherwise have the package ${tool.package} installed`,
    ),
  );
  const canAsk = node !== undefined && packages !== undefined;
  const image = canAsk ? await askForImage("find", DEFAULT_TARGET, () => {}) : undefined;
  const opened = workspaceFound(workspace);
  const lost = opened === undefined ? stacks(workspace) : [];
  return [
    diagnosis(
      "Node",
      node && `${node.version}, ${node.file}${node.own ? " (got by setup)" : ""}`,
      `${process.version} does not run TypeScript; ${START} (${NODE_VERSION}), or install Node 22.18 or newer`,
    ),
    diagnosis("npm", program("npm", ["--version"]), "missing; it comes with Node, see https://nodejs.org/"),
    diagnosis(
      "npm dependencies",
      packages === undefined ? undefined : `${packages} packages as locked`,
      `not those of package-lock.json; ${START}`,
    ),
    diagnosis(
      "Pulumi engine",
      engine && `${engine.version}, ${engine.file}${engine.own ? " (got by setup)" : ""}`,
      `${users.why}; ${START}, or install Pulumi ${ENGINE_VERSION} or newer`,
    ),
    ...(engine
      ? []
      : [
          diagnosis(
            "Go",
            goFound(),
            "missing; only needed to build the engine where it cannot be downloaded, see https://go.dev/dl/",
            true,
          ),
        ]),
    diagnosis("command plugin", commandPluginFound(), `${COMMAND_PLUGIN_VERSION} is missing; ${START}`),
    ...tools,
    diagnosis(
      "machine image",
      image?.there,
      canAsk
        ? `${DEFAULT_TARGET} is missing; ${START}`
        : `not known before Node and the npm dependencies are there; ${START}`,
    ),
    diagnosis(
      "workspace",
      opened,
      lost.length > 0 && !existsSync(join(workspace, ".greenlight", "passphrase"))
        ? `.greenlight/passphrase of ${workspace} is missing and only it opens the stacks ${lost.join(", ")}; put it back`
        : `the state's folder or its passphrase is missing in ${workspace}; ${START}`,
    ),
  ];
}

function goFound() {
  const file = onPath("go");
  const version = file && toolVersion(file, ["version"]);
  return version ? `${versionText(version)}, ${file}` : undefined;
}

/**
 * Prints the diagnosis.
 * @param {{ workspace: string, out: { write: (text: string) => unknown } }} options
 * @returns {Promise<number>} 0 when all is there, otherwise 1
 */
export async function doctor({ workspace, out }) {
  const list = await diagnose({ workspace });
  const width = Math.max(...list.map((d) => d.part.length));
  for (const d of list)
    out.write(
      `${d.found !== undefined ? "✓" : d.optional ? "–" : "✗"} ${d.part.padEnd(width)}  ${d.found ?? d.missing}\n`,
    );
  const missing = list.filter((d) => d.found === undefined && !d.optional).length;
  out.write(missing === 0 ? "All is there.\n" : `${missing} of ${list.length} missing.\n`);
  return missing === 0 ? 0 : SETUP_INCOMPLETE;
}
