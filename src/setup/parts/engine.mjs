/**
 * The Pulumi engine: the user's where it is new enough; otherwise the official download; otherwise built from Go modules, whose digests
 * tools/engine pins. The newer Node language host is part of no tagged Go module, so a built engine gets the last one that is, behind a
 * launcher: that host does not read `runtime.options.typescript` from Pulumi.yaml, but has a flag for it.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { download } from "../download.mjs";
import { SetupFault } from "../fault.mjs";
import { findEngine, ownEngineRoot } from "../found.mjs";
import { bareEnvironment } from "../passing.mjs";
import { cachePath, checkout, onPath } from "../places.mjs";
import { mustRun, run } from "../run.mjs";
import { ENGINE_VERSION, NODEHOST_VERSION, parseVersion, versionText } from "../versions.mjs";
import { fillWhole } from "../whole-folder.mjs";

/** Where the Go sources have the version that the binary reports; without it the Automation API refuses the engine. */
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

const HOST_LAUNCHER = `#!/bin/sh
# This host does not know the setting runtime.options.typescript of Pulumi.yaml; Node itself runs the TypeScript sources.
# Nor does it end by itself when its engine is killed; setpriv (util-linux) sees to that.
exec setpriv --pdeathsig KILL "$(dirname "$(readlink -f "$0")")/pulumi-language-nodejs-${NODEHOST_VERSION}" -typescript=false "$@"
`;

/** The official download for a platform, as https://www.pulumi.com/docs/install/versions/ names it. */
export function engineUrl(
  system = /** @type {string} */ (process.platform),
  arch = /** @type {string} */ (process.arch),
) {
  return `https://get.pulumi.com/releases/sdk/pulumi-v${ENGINE_VERSION}-${system}-${arch === "arm64" ? "arm64" : "x64"}.tar.gz`;
}

/**
 * @param {string} root
 * @param {(text: string) => void} report
 */
async function downloaded(root, report) {
  const file = join(root, "download.tar.gz");
  report("asking for the official download");
  await download(engineUrl(), file, report);
  report("unpacking");
  await mustRun("tar", ["-xzf", file, "-C", root], { remedy: "start again" });
  rmSync(file);
  renameSync(join(root, "pulumi"), join(root, "bin")); // the archive holds one folder, pulumi/
}

/**
 * Builds one program of a module in tools/engine.
 * @param {{ module: string, program: string, version: string, bin: string, report: (text: string) => void }} what
 */
async function build({ module, program, version, bin, report }) {
  const cwd = join(checkout, "tools", "engine", module);
  const name = program.slice(program.lastIndexOf("/") + 1);
  const remedy = "see that Go can reach its module proxy and start again; what is compiled stays compiled";
  const modules = readFileSync(join(cwd, "go.sum"), "utf8")
    .split("\n")
    .filter((line) => / h1:/.test(line) && !line.includes("/go.mod ")).length;
  let fetched = 0;
  /** @param {string} line */
  const onModule = (line) => {
    if (line.startsWith("go: downloading ")) report(`${name}: fetching Go modules, ${++fetched} of at most ${modules}`);
  };
  report(`${name}: listing packages`);
  const packages = (
    await mustRun("go", ["list", "-mod=readonly", "-deps", program], { cwd, remedy, onLine: onModule })
  ).split("\n");
  const total = new Set(packages).size;
  let compiled = 0;
  report(`${name}: compiling ${total} packages`);
  /** @param {string} line */
  const onPackage = (line) => {
    if (/^[\w./-]+$/.test(line)) report(`${name}: compiled ${++compiled} of at most ${total} packages`);
  };
  const flags = [
    "-mod=readonly",
    "-trimpath",
    "-buildvcs=false",
    "-v",
    "-ldflags",
    `-s -w -X ${VERSION_VARIABLE}=v${version}`,
  ];
  await mustRun("go", ["build", ...flags, "-o", `${bin}/`, program], { cwd, remedy, onLine: onPackage, gentle: true });
}

/**
 * @param {string} root
 * @param {(text: string) => void} report
 */
async function built(root, report) {
  const bin = join(root, "bin");
  mkdirSync(bin);
  const host = "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs";
  await build({ module: "nodehost", program: host, version: NODEHOST_VERSION, bin, report });
  renameSync(join(bin, "pulumi-language-nodejs"), join(bin, `pulumi-language-nodejs-${NODEHOST_VERSION}`));
  writeLauncher(join(bin, "pulumi-language-nodejs"));
  await build({
    module: "cli",
    program: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    version: ENGINE_VERSION,
    bin,
    report,
  });
}

/** Where the host of our own build lies, and the launcher in front of it. */
const ownHost = () => join(ownEngineRoot(), "bin", `pulumi-language-nodejs-${NODEHOST_VERSION}`);
const ownLauncher = () => join(ownEngineRoot(), "bin", "pulumi-language-nodejs");

/** Writes the launcher, whole or not at all. @param {string} file */
function writeLauncher(file) {
  writeFileSync(`${file}.new`, HOST_LAUNCHER, { mode: 0o755 });
  chmodSync(`${file}.new`, 0o755);
  renameSync(`${file}.new`, file);
}

/** Whether an engine of our own build has a launcher of another version of this file. */
function launcherIsOld() {
  return existsSync(ownHost()) && (!existsSync(ownLauncher()) || readFileSync(ownLauncher(), "utf8") !== HOST_LAUNCHER);
}

/** @returns {import("../steps.mjs").Step} */
export function engineStep() {
  return {
    name: "Pulumi engine",
    purpose: `getting ${ENGINE_VERSION}, by download or from Go modules (some minutes)`,
    needs: [],
    lock: cachePath("setup", "engine.lock"),
    check() {
      const engine = findEngine();
      return engine && !(engine.own && launcherIsOld()) ? `${engine.version}, ${engine.file}` : undefined;
    },
    async get(report, note) {
      if (existsSync(join(ownEngineRoot(), "bin", "pulumi")) && launcherIsOld()) return writeLauncher(ownLauncher());
      await fillWhole(ownEngineRoot(), async (root) => {
        try {
          await downloaded(root, report);
        } catch (e) {
          const why = /** @type {Error} */ (e).message;
          for (const name of ["download.tar.gz", "pulumi", "bin"])
            rmSync(join(root, name), { recursive: true, force: true });
          if (!onPath("go")) {
            throw new SetupFault(
              `The Pulumi engine was not downloaded (${why}), and there is no Go to build it with; install Pulumi ` +
                `${ENGINE_VERSION} or newer (https://www.pulumi.com/docs/install/) or Go 1.25.11 or newer (https://go.dev/dl/) and start again.`,
            );
          }
          note(`not downloaded (${why}); built from Go modules instead, in some minutes`);
          await built(root, report);
        }
        const { stdout, tail } = await run(join(root, "bin", "pulumi"), ["version"], { env: bareEnvironment() });
        const version = parseVersion(stdout);
        if (!version || versionText(version) !== ENGINE_VERSION)
          throw new SetupFault(`The engine that was got is not ${ENGINE_VERSION}; it says: ${tail}`);
      });
    },
  };
}
