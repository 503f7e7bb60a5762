/** What the validator that Palyra brings itself asks of archives, for `greenlight validate --compat upstream`. */
import type { UpstreamValidator } from "../product.ts";

/** Palyra's first validator: asks for a unit of a program that does not exist, whatever profiles are declared. */
export const upstreamValidator: UpstreamValidator = {
  // It took every kind that it did not know for headless.
  otherKinds: "headless",
  payload: {
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
  },
};
