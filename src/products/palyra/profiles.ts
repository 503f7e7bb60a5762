/** The deployment profiles of Palyra, and what its reports say of each on an installed machine. */

export interface Profile {
  id: string;
  /** of `setup` */
  mode: "local" | "remote";
  deploymentMode: string;
  /** required checks that may keep `deployment preflight` blocked after `setup`, for want of what only an operator has; any other must not */
  preflightWants: string[];
  /** codes of the blockers that the profile's manifest names */
  blockers: string[];
  /** what `deployment promotion-check` and `upgrade-smoke` say */
  promotion: "ready_for_staging" | "blocked";
  upgradeSmoke: "passed" | "blocked";
  /** gates of the built-in list, by the status that each has: nothing ever records that one has passed */
  gates: { manual: number; blocked: string[] };
  /** files of its recipe */
  recipeFiles: number;
  /** what a rollback guards beyond the scopes of every profile */
  scopes: string[];
  /** files that the recipe writes and that an archive leaves out, each a mend of the recipe */
  mends: string[];
}

export const profiles: Profile[] = [
  { id: "local", mode: "local", deploymentMode: "local_desktop", preflightWants: [], blockers: [], promotion: "ready_for_staging", upgradeSmoke: "passed", gates: { manual: 3, blocked: [] }, recipeFiles: 7, scopes: [], mends: [] },
  { id: "single-vm", mode: "remote", deploymentMode: "remote_vps", preflightWants: [], blockers: ["public_tls_requires_dual_ack"], promotion: "ready_for_staging", upgradeSmoke: "passed", gates: { manual: 3, blocked: [] }, recipeFiles: 7, scopes: [], mends: [] },
  {
    id: "worker-enabled",
    mode: "remote",
    deploymentMode: "remote_vps",
    // No digest of a worker is known until an operator sets one. Whether that is said here already, or by the gates alone, is not stated.
    preflightWants: ["attestation"],
    blockers: ["worker_attestation_digest_required", "execution_plane_egress_review"],
    promotion: "blocked",
    upgradeSmoke: "blocked",
    gates: { manual: 3, blocked: ["worker_attestation_digest"] },
    recipeFiles: 8,
    scopes: ["networked_worker_leases", "worker_artifacts"],
    // The binary that this unit starts exists nowhere.
    mends: ["systemd/palyra-workerd.service"],
  },
];

/** What every rollback plan guards, and its steps. */
export const rollbackScopes = ["config", "journal_migrations", "flow_tables", "replay_schema", "feature_rollouts"];
export const rollbackSteps = ["freeze_rollout", "export_support_bundle", "restore_config", "migrate_back", "drain_workers", "restart_services", "verify"];

/** Profiles whose recipe is part of every archive. */
export const packagedProfiles = ["single-vm", "worker-enabled"];

/** Folder of a profile's recipe in an archive. */
export function recipeFolder(profile: string): string {
  return `deployment/${profile}`;
}
