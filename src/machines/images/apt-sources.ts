/** Where packages come from when an image is built: the mirrors and proxies that this host's apt is configured with. */
import { runTool } from "../host/index.ts";

/**
 * Lines of sources.list for the suite from the host's own apt configuration, or none (mmdebstrap then takes Debian's
 * own mirrors) when the host is no Debian or of another suite. They are used for the build and do not stay in the image.
 */
export async function aptSources(suite: string): Promise<string[]> {
  try {
    const format = "$(CREATED_BY) $(ORIGIN) $(REPO_URI) $(CODENAME) $(COMPONENT)";
    return sourcesFrom(await runTool("apt-get", ["indextargets", "--format", format]), suite);
  } catch {
    return [];
  }
}

/** Picks the sources of Debian's main component for the suite from `apt-get indextargets`' lines. */
export function sourcesFrom(targets: string, suite: string): string[] {
  const lines = new Set<string>();
  for (const line of targets.split("\n")) {
    const [kind, origin, uri, codename, component] = line.split(" ");
    if (kind !== "Packages" || origin !== "Debian" || component !== "main" || !uri || !codename) continue;
    if (codename === suite || codename.startsWith(`${suite}-`)) lines.add(`deb ${uri} ${codename} main`);
  }
  return [...lines].some((line) => line.split(" ")[2] === suite) ? [...lines].sort() : [];
}

/** Options of mmdebstrap that hand on the host's proxies, if it has any. */
export async function aptOptions(): Promise<string[]> {
  try {
    return proxiesFrom(await runTool("apt-config", ["dump"]));
  } catch {
    return [];
  }
}

/** `--aptopt=` for each proxy in `apt-config dump`. */
export function proxiesFrom(dump: string): string[] {
  return dump
    .split("\n")
    .filter((line) => /^Acquire::\w+::(proxy|proxy::\S+) ".+";$/i.test(line))
    .map((line) => `--aptopt=${line}`);
}
