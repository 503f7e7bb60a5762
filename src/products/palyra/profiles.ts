/** The deployment profiles of Palyra, and what its reports say of each on an installed machine. */

/** Whether each of a list is required, by its id, in the order of the list. */
export type Required = Record<string, boolean>;

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
  /** checks of its preflight, as its manifest lists them */
  preflights: Required;
  /** gates of the built-in list that are blocked; those that are manual are the same for every profile, and nothing ever records that one has passed */
  blockedGates: string[];
  /** files of its recipe */
  recipeFiles: string[];
  /** what a rollback guards beyond the scopes of every profile */
  scopes: string[];
  /** files that the recipe writes and that an archive leaves out, each to correct the recipe */
  leftOut: string[];
}

/** What a profile's recipe consists of: only the compose file has the profile's name. */
function recipe(id: string, ...more: string[]): string[] {
  const common = [
    "profile-manifest.json",
    "env/palyra.env.example",
    "docker/Dockerfile.palyra",
    "systemd/palyrad.service",
    "systemd/palyra-browserd.service",
    "release/rollback-plan.json",
  ];
  return [...common, `compose/${id}.yml`, ...more].sort();
}

/** What most profiles have in common. */
const usual = {
  preflightWants: [],
  blockers: [],
  promotion: "ready_for_staging",
  upgradeSmoke: "passed",
  blockedGates: [],
  scopes: [],
  leftOut: [],
} satisfies Partial<Profile>;

export const profiles: Profile[] = [
  {
    ...usual,
    id: "local",
    mode: "local",
    deploymentMode: "local_desktop",
    preflights: { config_schema: true, loopback_bind: true, model_auth: false },
    recipeFiles: recipe("local"),
  },
  {
    ...usual,
    id: "single-vm",
    mode: "remote",
    deploymentMode: "remote_vps",
    blockers: ["public_tls_requires_dual_ack"],
    preflights: { config_schema: true, bind_posture: true, storage_paths: true, systemd_or_compose: false },
    recipeFiles: recipe("single-vm"),
  },
  {
    id: "worker-enabled",
    mode: "remote",
    deploymentMode: "remote_vps",
    // No digest of a worker is known until an operator sets one. Whether that is said here already, or by the gates alone, is not stated.
    preflightWants: ["attestation"],
    blockers: ["worker_attestation_digest_required", "execution_plane_egress_review"],
    promotion: "blocked",
    upgradeSmoke: "blocked",
    preflights: {
      config_schema: true,
      worker_rollout: true,
      attestation: true,
      artifact_transport: true,
      orphan_reaper: true,
    },
    blockedGates: ["worker_attestation_digest"],
    recipeFiles: recipe("worker-enabled", "systemd/palyra-workerd.service"),
    scopes: ["networked_worker_leases", "worker_artifacts"],
    // The binary that this unit starts exists nowhere.
    leftOut: ["systemd/palyra-workerd.service"],
  },
];

/** Gates of the built-in list that are left to a person, for every profile; like all of them, they are required. */
export const manualGates = ["deployment_preflight", "support_bundle_export", "rollback_plan_reviewed"];

/** What every rollback plan guards, and its steps. */
export const rollbackScopes = ["config", "journal_migrations", "flow_tables", "replay_schema", "feature_rollouts"];
export const rollbackSteps = [
  "freeze_rollout",
  "export_support_bundle",
  "restore_config",
  "migrate_back",
  "drain_workers",
  "restart_services",
  "verify",
];

/** Profiles whose recipe is part of every archive. */
export const packagedProfiles = ["single-vm", "worker-enabled"];

/** Folder of a profile's recipe in an archive. */
export function recipeFolder(profile: string): string {
  return `deployment/${profile}`;
}
