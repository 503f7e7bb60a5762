/**
 * `profile-manifest.json` of a recipe: the product's own, with one mend. Its `recipe_targets` name files that exist neither in
 * the product's sources nor in an archive; here they name the files of the recipe, and only those.
 */
import { z } from "zod";
import { EdgeError, parseJson } from "../edges/edges.ts";
import { profile, profileManifestPath, type Packaged } from "./packaged.ts";

const Target = z.looseObject({ kind: z.string().min(1), path: z.string().min(1), service: z.string().min(1) });

/** The parts that are relied on; further ones pass through as they are. */
const ProfileManifest = z.looseObject({
  schema_version: z.literal(1),
  profile_id: z.literal(profile),
  display_name: z.string(),
  deployment_mode: z.string(),
  bind_profile: z.string(),
  operator_summary: z.string(),
  capabilities: z.array(z.looseObject({ id: z.string(), enabled_by_default: z.boolean(), posture: z.string() })),
  defaults: z.array(
    z.looseObject({
      config_path: z.string(),
      value: z.looseObject({ kind: z.enum(["string", "integer", "boolean", "string_list"]) }),
      rationale: z.string(),
    }),
  ),
  blockers: z.array(z.looseObject({ code: z.string(), severity: z.string() })),
  health_preflights: z.array(z.looseObject({ id: z.string(), required: z.boolean() })),
  recipe_targets: z.array(Target),
  next_steps: z.array(z.string()),
});

/** A place where a recipe's file differs from the product's own, and why: recipes list theirs, so that nothing differs silently. */
export interface Mend {
  /** of the recipe */
  file: string;
  /** in that file: `recipe_targets`, `steps.3.action` */
  path: string;
  why: string;
}

/** What the recipe holds for a service, as `recipe_targets` names it. */
export interface Target {
  path: string;
  service: string;
}

/**
 * The text of the recipe's profile manifest with its mend, or nothing for a product without profiles. `units` are the
 * recipe's own; each is named, and what the recipe does not have is not.
 * @throws EdgeError when the product's own is missing or not of the known format.
 */
export function profileManifest(
  packaged: Packaged,
  expected: boolean,
  units: readonly Target[],
): { text: string; mends: Mend[] } | undefined {
  const own = packaged[profileManifestPath];
  if (own === undefined) {
    if (expected)
      throw new EdgeError(
        `The candidate brings no ${profileManifestPath} for the profile ${profile}; generate the product's deployment files and seal the candidate again.`,
      );
    return undefined;
  }
  const what = `The candidate's ${profileManifestPath} for ${profile}`;
  parseJson(ProfileManifest, own, {
    what,
    remedy: "generate it with the candidate's own command and seal the candidate again",
  });
  // The text's own order of keys is kept, which the parsed value is not sure to have.
  const manifest = JSON.parse(own) as z.output<typeof ProfileManifest>;
  const targets = units.map(({ path, service }) => {
    const named = manifest.recipe_targets.find((target) => target.path === path || target.path.endsWith(`/${path}`));
    return { ...(named ?? { kind: "systemd" }), path, service };
  });
  if (JSON.stringify(targets) === JSON.stringify(manifest.recipe_targets)) return { text: own, mends: [] };
  const why = "they named files that no release holds; now they name the files of this recipe";
  return {
    text: `${JSON.stringify({ ...manifest, recipe_targets: targets }, null, 2)}\n`,
    mends: [{ file: profileManifestPath, path: "recipe_targets", why }],
  };
}
