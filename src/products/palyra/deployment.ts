/**
 * Deployment as its command sees it: for each profile a configuration, and every report on it, by content. A report that is blocked
 * exits with 0 as well.
 */
import { z } from "zod";
import type { Check, Expectation, SameAs, Step } from "../../checks/check.ts";
import { schemaOf } from "../../checks/json.ts";
import type { Places } from "../product.ts";
import { configuration, isolated, step } from "./isolated.ts";
import {
  manualGates,
  packagedProfiles,
  profiles,
  recipeFolder,
  rollbackScopes,
  rollbackSteps,
  type Profile,
  type Required,
} from "./profiles.ts";

/** These items and no others, in this order. */
function list<T>(items: readonly T[], schema: (item: T) => z.ZodType): z.ZodType {
  const [first, ...rest] = items.map(schema);
  return first ? z.tuple([first, ...rest]) : z.array(z.never()).optional();
}

const ids = (names: readonly string[]): z.ZodType => list(names, (id) => z.looseObject({ id: z.literal(id) }));
const named = (required: Required): z.ZodType =>
  list(Object.entries(required), ([id, is]) => z.looseObject({ id: z.literal(id), required: z.literal(is) }));

/** A preflight's status follows from its own checks: those of `blocked` are, and no other that is required. */
function preflight({ id: profile, preflights, blockers }: Profile, blocked: string[]): z.ZodObject {
  const checks = list(Object.entries(preflights), ([id, required]) => {
    const status = z.enum(
      blocked.includes(id) ? ["blocked"] : required ? ["ok", "warning"] : ["ok", "warning", "blocked"],
    );
    return z.looseObject({ id: z.literal(id), required: z.literal(required), status });
  });
  return z.looseObject({
    profile_id: z.literal(profile),
    status: z.literal(blocked.length > 0 ? "blocked" : "passed"),
    blocking_failures: z.literal(blocked.length),
    checks,
    manifest: z.looseObject({ blockers: list(blockers, (code) => z.looseObject({ code: z.literal(code) })) }),
  });
}

/** What each other report says of a profile. */
function reports(profile: Profile): Record<string, z.ZodRawShape> {
  const profile_id = z.literal(profile.id);
  const files = profile.recipeFiles;
  const gates: Record<string, string> = {
    // Manual is not passed.
    ...Object.fromEntries(manualGates.map((id) => [id, "manual"])),
    ...Object.fromEntries(profile.blockedGates.map((id) => [id, "blocked"])),
  };
  return {
    "promotion-check": {
      profile_id,
      status: z.literal(profile.promotion),
      blocking_failures: z.literal(profile.blockedGates.length),
      gates: list(Object.entries(gates), ([id, status]) =>
        z.looseObject({ id: z.literal(id), required: z.literal(true), status: z.literal(status) }),
      ),
    },
    "upgrade-smoke": {
      profile_id,
      status: z.literal(profile.upgradeSmoke),
      preflight: z.looseObject({ checks: named(profile.preflights) }),
      promotion: z.looseObject({
        status: z.literal(profile.promotion),
        gates: named(Object.fromEntries(Object.keys(gates).map((id) => [id, true]))),
      }),
      rollback: z.looseObject({ profile_id }),
      recipe_files: z.array(z.enum(files)).length(files.length).meta({ uniqueItems: true }),
    },
    "rollback-plan": {
      guarded_scopes: list([...rollbackScopes, ...profile.scopes], (scope) => z.literal(scope)),
      steps: ids(rollbackSteps),
    },
    manifest: {
      profile_id,
      deployment_mode: z.literal(profile.deploymentMode),
      bind_profile: z.literal("loopback_only"),
      health_preflights: named(profile.preflights),
    },
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
  const { id, recipeFiles, leftOut, preflightWants } = profile;
  const asked = `--deployment-profile ${id}`;
  const path = `--path ${configuration}`;
  const shapes = reports(profile);
  const report = (name: string, more = "", same = {}): Step =>
    step(name, `deployment ${name} ${asked}${more}`, {
      stdout: { schema: schemaOf(z.looseObject(shapes[name]!)), ...same },
    });
  const [well, wanting] = [preflight(profile, []), preflight(profile, preflightWants)];
  const holds = schemaOf(preflightWants.length === 0 ? well : z.union([well, wanting]));
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
    step("preflight", `deployment preflight ${asked} ${path} --json`, {
      stdout: { schema: holds, ...agrees("given", "/config_path") },
    }),
    report("promotion-check", " --json"),
    report("upgrade-smoke", ` ${path} --json`, agrees("preflight", "/status", "/preflight/status")),
    report("rollback-plan", " --json"),
    step("plan-written", `deployment rollback-plan ${asked} --output {here}/plan.json`),
    file("plan.json", "rollback-plan"),
    report("manifest"),
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
    ...(packagedProfiles.includes(id)
      ? [
          ...leftOut.map((name, i) => step(`left-out-${i}`, ["rm", "-f", `made/${name}`])),
          listing("packaged", `${at.root}/current/${recipeFolder(id)}`, sums, undefined),
          listing("made", "made", sums, { sameAs: { check: "packaged" } }),
        ]
      : []),
  ]);
}

/** One check a profile, and one on the list of them. */
export function deploymentChecks(at: Places): Check[] {
  const all = list(profiles, ({ id, deploymentMode }) =>
    z.looseObject({ profile_id: z.literal(id), deployment_mode: z.literal(deploymentMode) }),
  );
  return [
    {
      name: "deployment-profiles",
      login: true,
      within: 60,
      run: ["palyra", "deployment", "profiles", "--json"],
      expect: { stdout: { schema: schemaOf(all) } },
    },
    ...profiles.map((profile) => deploymentCheck(at, profile)),
  ];
}
