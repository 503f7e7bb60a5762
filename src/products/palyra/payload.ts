/** What every archive of Palyra holds, and what none may. */
import type { PayloadRules } from "../product.ts";
import { packagedProfiles, recipeFolder } from "./profiles.ts";

/** State of a running product, which a payload could pick up where it was built. */
const stateFiles = [
  "*.sqlite",
  "*.sqlite3",
  "*.sqlite3-*",
  "*.db",
  "*.db-*",
  "*.wal",
  "*.shm",
  "*.log",
  "support-bundle*.json",
];
const stateFolders = ["browser-profile/", "browser-profiles/", "downloads/", "node_modules/", "dist/"];

export const payload: PayloadRules = {
  required: [
    "README.txt",
    "ROLLBACK.txt",
    "RELEASE_NOTES.txt",
    "MIGRATION_NOTES.txt",
    "LICENSE.txt",
    "web/index.html",
    "docs/help_snapshots/docs-help.txt",
    // Two files that both deployment folders hold, beside those that only one has.
    ...packagedProfiles.flatMap((profile) => [
      `${recipeFolder(profile)}/profile-manifest.json`,
      `${recipeFolder(profile)}/compose/${profile}.yml`,
    ]),
  ],
  forbiddenNames: stateFiles,
  forbiddenFragments: stateFolders,
  excludedPatterns: [...stateFiles, ...stateFolders.map((folder) => `${folder}*`)],
  minimumRecipes: 10,
  placedBelow: { "help_snapshots/": "docs/" },
  recipeFolders: Object.fromEntries(packagedProfiles.map((profile) => [profile, recipeFolder(profile)])),
  recipeCommand: { binary: "palyra", args: "deployment recipe --deployment-profile {profile} --output-dir {folder}" },
};
