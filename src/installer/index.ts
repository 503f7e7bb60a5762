/** How a release gets onto a machine and off it again. */
export { configPaths, installationOf, type Installation, type InstalledService, type Layout } from "./installation.ts";
export { installerScript, renderInstaller, type InstallerOptions } from "./installer.ts";
export { writtenText } from "./written.ts";
export { shellWord } from "./quoting.ts";
