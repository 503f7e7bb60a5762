/** The versions that Greenlight is made for, and how a tool's own words are read as a version. */

/** The Node that setup gets where the user's is too old: an LTS version from the npm package `node-<platform>-<arch>` (tools/node). */
export const NODE_VERSION = "24.21.0";
/** The engine that setup gets; also the oldest one of the user's that is taken. */
export const ENGINE_VERSION = "3.259.0";
/** The last version of the Node language host that is part of a tagged Go module; it drives the engine above. */
export const NODEHOST_VERSION = "3.60.0";
/** The command plugin; the npm package `@pulumi/command` is pinned to the same version. */
export const COMMAND_PLUGIN_VERSION = "1.2.1";

/** @typedef {readonly [major: number, minor: number, patch: number]} Version */

/**
 * The first version in a tool's output (`v3.259.0`, `QEMU emulator version 7.2.22 (Debian ...)`, `go version go1.26.8 linux/amd64`).
 * @param {string} text
 * @returns {Version | undefined} undefined when there is none
 */
export function parseVersion(text) {
  const match = /(?:^|[^\d.])(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined;
}

/**
 * Whether `version` is `least` or newer.
 * @param {Version} version
 * @param {Version} least
 */
export function atLeast(version, least) {
  for (let i = 0; i < 3; i++) {
    const difference = (version[i] ?? 0) - (least[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * Whether that Node runs TypeScript sources as they are, without a flag: since 22.18 and 23.6.
 * @param {Version} version
 */
export function runsTypeScript(version) {
  return version[0] === 23 ? atLeast(version, [23, 6, 0]) : atLeast(version, [22, 18, 0]);
}

/** @param {Version} version */
export function versionText(version) {
  return version.join(".");
}
