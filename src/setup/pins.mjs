/**
 * SHA-256 of what setup may download, by the file's name: the publisher's own, from the checksum file of that release. What is
 * not listed is not downloaded, and setup goes its other way. Raising a version in versions.mjs takes the new values here:
 *
 * - the engine: `pulumi-<version>-checksums.txt`, beside the release's archives;
 * - the command plugin: the checksum file of its release, likewise.
 *
 * None are listed yet: whoever first wrote this file could reach neither. All else that setup gets is pinned elsewhere: npm
 * packages by package-lock.json and tools/node, Go modules by the go.sum files below tools.
 * @type {Readonly<Record<string, string>>}
 */
export const PINS = {};
