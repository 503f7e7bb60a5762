/** What an archive must and must not hold: the product's own rules, the general ones, or those of Palyra's first validator. */
import { excludedPatterns } from "../candidate/index.ts";
import type { PayloadRules } from "../products/index.ts";
import type { Content } from "./content.ts";

type Judged = Pick<PayloadRules, "required" | "forbiddenNames" | "forbiddenFragments" | "minimumRecipes">;

/** For products without rules of their own. */
const general: Judged = {
  required: ["README.txt"],
  forbiddenNames: excludedPatterns.filter((pattern) => !pattern.includes("/")),
  forbiddenFragments: excludedPatterns
    .filter((pattern) => pattern.endsWith("/*"))
    .map((pattern) => pattern.slice(0, -1)),
  minimumRecipes: 0,
};

/** Palyra's first validator: asks for a unit of a program that does not exist, whatever profiles are declared. */
export const upstreamRules: Judged = {
  required: [
    "README.txt",
    "ROLLBACK.txt",
    "RELEASE_NOTES.txt",
    "MIGRATION_NOTES.txt",
    "LICENSE.txt",
    "web/index.html",
    "docs/help_snapshots/docs-help.txt",
    "deployment/single-vm/profile-manifest.json",
    "deployment/single-vm/compose/single-vm.yml",
    "deployment/worker-enabled/profile-manifest.json",
    "deployment/worker-enabled/compose/worker-enabled.yml",
    "deployment/worker-enabled/systemd/palyra-workerd.service",
  ],
  forbiddenNames: [
    "*.sqlite",
    "*.sqlite3",
    "*.sqlite3-*",
    "*.db",
    "*.db-*",
    "*.wal",
    "*.shm",
    "*.log",
    "support-bundle*.json",
  ],
  forbiddenFragments: ["browser-profile/", "browser-profiles/", "downloads/", "node_modules/", "dist/"],
  minimumRecipes: 10,
};

export function payloadRules({ upstream, product }: Content): Judged {
  return upstream ? upstreamRules : (product?.payload ?? general);
}
