/** ROLLBACK.txt and MIGRATION_NOTES.txt, for candidates that bring none: what holds for every version, for this one by name. */
import type { Candidate } from "../candidate/index.ts";
import type { Product } from "../products/index.ts";

type Render = (candidate: Candidate, product: Product, kind: string) => string;

function states(product: Product, kind: string): string[] {
  const folders = product.kinds[kind]?.services.map((service) => service.stateFolder) ?? [];
  return folders.length > 0 ? folders : ["the state folder that you set it up with"];
}

const rollback: Render = ({ version }, product, kind) =>
  [
    `Going back from ${product.title} ${version}`,
    "",
    `Version: ${version}`,
    "",
    "Data that a newer version has opened may not be readable by an older one, and nothing converts it back. So, before",
    `${version} runs for the first time:`,
    "",
    "  1. Stop the service.",
    `  2. Copy its state (${states(product, kind).join(", ")}) and its configuration to a place of their own.`,
    "  3. Keep the archive of the version that runs today, with its .sha256 file.",
    "",
    "To go back:",
    "",
    `  1. Stop ${version}.`,
    "  2. Unpack the earlier archive in place of this one, after checking it against its .sha256 file.",
    "  3. Put the copies of state and configuration back: both, and not only the programs.",
    "  4. Start the service, and see that it reports the earlier version.",
    "",
  ].join("\n");

const migration: Render = ({ version, notes }, product) =>
  [
    `Moving to ${product.title} ${version}`,
    "",
    `Version: ${version}`,
    "",
    "  - Configuration is kept: an update writes none anew, and creates no secrets again.",
    "  - Data is converted when this version first opens it, in one direction only. ROLLBACK.txt says what to copy before.",
    "  - Stop the service before its programs are replaced.",
    ...(notes ? ["  - What changed in this version is in RELEASE_NOTES.txt."] : []),
    "",
  ].join("\n");

/** By the name that each has in archives. */
export const adviceTexts: Record<string, Render> = { "ROLLBACK.txt": rollback, "MIGRATION_NOTES.txt": migration };
