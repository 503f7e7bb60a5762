/**
 * Deployment as its command sees it: for each profile a configuration, and every report on it, by content. A report that is blocked
 * exits with 0 as well.
 */
import { z } from "zod";
import type { Check, Expectation, JsonSchema, SameAs, Step } from "../../checks/check.ts";
import { like } from "../../checks/json.ts";
import type { Places } from "../product.ts";
import { configuration, isolated, step } from "./isolated.ts";
import * as of from "./profiles.ts";
import type { Profile, Required } from "./profiles.ts";

const named = (required: Required): object[] => Object.entries(required).map(([id, is]) => ({ id, required: is }));

/** A preflight's status follows from its own checks: those of `blocked` are, and no other that is required. */
function preflight({ id: profile_id, preflights, blockers }: Profile, blocked: string[]): object {
  const status = (id: string, required: boolean): unknown =>
    blocked.includes(id) ? "blocked" : z.enum(["ok", "warning", ...(required ? [] : ["blocked"])]);
  return {
    profile_id,
    status: blocked.length > 0 ? "blocked" : "passed",
    blocking_failures: blocked.length,
    checks: Object.entries(preflights).map(([id, required]) => ({ id, required, status: status(id, required) })),
    manifest:
      blockers.length > 0
        ? { blockers: blockers.map((code) => ({ code })) }
        : z.looseObject({ blockers: z.array(z.never()).optional() }),
  };
}

/** What each report says of a profile. */
function reports(profile: Profile): Record<string, JsonSchema> {
  const { id: profile_id, promotion, recipeFiles, blockedGates, preflightWants } = profile;
  const gates = (blocked: string[], status: string): object[] => blocked.map((id) => ({ id, required: true, status }));
  const all = [...of.manualGates, ...blockedGates];
  const well = like(preflight(profile, []));
  return {
    preflight: preflightWants.length === 0 ? well : { anyOf: [well, like(preflight(profile, preflightWants))] },
    "promotion-check": like({
      profile_id,
      status: promotion,
      blocking_failures: blockedGates.length,
      // Manual is not passed.
      gates: [...gates(of.manualGates, "manual"), ...gates(blockedGates, "blocked")],
    }),
    "upgrade-smoke": like({
      profile_id,
      status: profile.upgradeSmoke,
      preflight: { checks: named(profile.preflights) },
      promotion: { status: promotion, gates: all.map((id) => ({ id, required: true })) },
      rollback: { profile_id },
      recipe_files: z.array(z.enum(recipeFiles)).length(recipeFiles.length).meta({ uniqueItems: true }),
    }),
    "rollback-plan": like({
      guarded_scopes: [...of.rollbackScopes, ...profile.scopes],
      steps: of.rollbackSteps.map((id) => ({ id })),
    }),
    manifest: like({
      profile_id,
      deployment_mode: profile.deploymentMode,
      bind_profile: "loopback_only",
      health_preflights: named(profile.preflights),
    }),
  };
}

/** The same JSON as another step printed, at a place in both. */
const agrees = (check: string, pointer = "", own = pointer): { sameAs: SameAs } => ({
  sameAs: { check, pointer, own },
});

/** A line for every file of a folder. An empty file is none. */
const listing = (id: string, folder: string, printed: string[], stdout: Expectation["stdout"]): Step =>
  step(id, ["sh", "-c", 'cd "$0" && find . -type f -size +0 "$@" | LC_ALL=C sort -k 2', folder, ...printed], {
    stdout,
  });

function deploymentCheck(at: Places, profile: Profile): Check {
  const { id, recipeFiles, leftOut } = profile;
  const asked = `--deployment-profile ${id}`;
  const path = `--path ${configuration}`;
  const schemas = reports(profile);
  const report = (name: string, more: string, same = {}): Step =>
    step(name, `deployment ${name} ${asked}${more}`, { stdout: { schema: schemas[name]!, ...same } });
  const file = (name: string, as: string): Step =>
    step(name.replaceAll(/[^a-z]/g, "-"), ["cat", name], { stdout: agrees(as) });
  const told = "^deployment\\.recipe";
  const sums = ["-exec", "sha256sum", "{}", "+"];
  return isolated(at, `deployment-${id}`, [
    step("setup", `setup --mode ${profile.mode} ${asked} ${path} --force --tls-scaffold none`, {
      stdout: { matches: `^init\\.deployment_profile=${id}( |$)` },
    }),
    step("config", `config validate ${path}`),
    step("given", ["printf", '{"config_path":"%s"}', configuration]),
    report("preflight", ` ${path} --json`, agrees("given", "/config_path")),
    report("promotion-check", " --json"),
    report("upgrade-smoke", ` ${path} --json`, agrees("preflight", "/status", "/preflight/status")),
    report("rollback-plan", " --json"),
    step("plan-written", `deployment rollback-plan ${asked} --output {here}/plan.json`),
    file("plan.json", "rollback-plan"),
    report("manifest", ""),
    step("manifest-written", `deployment manifest ${asked} --output {here}/manifest.json`),
    file("manifest.json", "manifest"),
    step("recipe", `deployment recipe ${asked} --output-dir {here}/made`, {
      stdout: { matches: `${told} profile=${id} .*files=${recipeFiles.length}$` },
    }),
    step("recipe-says", ["sed", "-n", `s/${told}\\.file=//p`, "recipe.out"], { stdout: { lines: recipeFiles } }),
    listing("recipe-writes", "made", ["-printf", "%P\\n"], { lines: recipeFiles }),
    step("environment", ["sed", "-n", "s/^PALYRA_DEPLOYMENT_PROFILE=//p", "made/env/palyra.env.example"], {
      stdout: { equals: id },
    }),
    file("made/release/rollback-plan.json", "rollback-plan"),
    file("made/profile-manifest.json", "manifest"),
    ...(of.packagedProfiles.includes(id)
      ? [
          ...leftOut.map((name, i) => step(`left-out-${i}`, ["rm", "-f", `made/${name}`])),
          listing("packaged", `${at.root}/current/${of.recipeFolder(id)}`, sums, undefined),
          listing("made", "made", sums, { sameAs: { check: "packaged" } }),
        ]
      : []),
  ]);
}

/** One check a profile, and one on the list of them. */
export function deploymentChecks(at: Places): Check[] {
  const all = of.profiles.map(({ id, deploymentMode }) => ({ profile_id: id, deployment_mode: deploymentMode }));
  return [
    {
      name: "deployment-profiles",
      login: true,
      within: 60,
      run: ["palyra", "deployment", "profiles", "--json"],
      expect: { stdout: { schema: like(all) } },
    },
    ...of.profiles.map((profile) => deploymentCheck(at, profile)),
  ];
}
