/** Deployment as its command sees it: for each profile a configuration, and every report on it, by content. */
import type { Check } from "../../checks/check.ts";
import type { Places } from "../product.ts";
import {
  manualGates,
  packagedProfiles,
  profiles,
  recipeFolder,
  rollbackScopes,
  rollbackSteps,
  type Profile,
} from "./profiles.ts";
import { isolated, reportCheck } from "./reports.ts";

/** `named`: the ids of a list's rows on standard input in order, `*` after each that is required, `?` after one that does not say. */
const named = [
  "named() {",
  "  names=",
  '  while read -r required id _; do case $required in true) required="*" ;; false) required= ;; *) required="?" ;; esac; names="$names $id$required"; done',
  '  echo "${names:- none}"',
  "}",
].join("\n");

/** `recipe_files WHO`: holds the names on standard input against those that the recipe has, and says which are missing or too many. */
const recipeFiles = (names: string[]): string =>
  [
    `printf '%s\\n' ${names.join(" ")} >wanted`,
    'recipe_files() { LC_ALL=C sort >found; diff wanted found >odd && echo "$1: every recipe file" || sed -n "s/^</$1: without/p; s/^>/$1: with/p" odd; }',
  ].join("\n");

/** Says whether a JSON file holds what another file has as paths, in whatever order and form. */
const sameJson = (file: string, paths: string, same: string, other: string): string =>
  `json_paths <${file} >kept && cmp -s ${paths} kept && echo "${same}" || echo "${other}"`;

/** Counts the gates of a promotion check by status; a status other than these is counted as `other`. Manual is not passed. */
const countGates = [
  "rows gates required id status >gates",
  "i=0 passed=0 manual=0 other=0 blocked=",
  "while read -r _ id is; do",
  "  i=$((i + 1))",
  '  case $is in passed) passed=$((passed + 1)) ;; manual) manual=$((manual + 1)) ;; blocked) blocked="$blocked $id" ;; *) other=$((other + 1)) ;; esac',
  "done <gates",
  'echo "promotion gates: $passed of $i passed, $manual manual, $other other, blocked:${blocked:- none}"',
];

/**
 * Holds the status of a preflight against its own checks, and names each required one that is blocked, but for those that may be.
 * `$status` is what it then must say wherever else it is told.
 */
const judgePreflight = ({ preflightWants, blockers }: Profile): string[] => [
  "rows checks required id status >checks",
  "blocked=0 by=",
  "while read -r required id is; do",
  '  case $is in ok | warning | blocked) ;; *) echo "preflight: a check has the status $is" ;; esac',
  `  if [ "$required $is" = "true blocked" ]; then blocked=$((blocked + 1)); case $id in ${preflightWants.join("|") || "''"}) ;; *) by="$by $id" ;; esac; fi`,
  "done <checks",
  'echo "preflight checks:$(named <checks)"',
  '[ "$blocked" -eq 0 ] && status=passed || status=blocked',
  '[ "$(facts status blocking_failures)" = "$status $blocked" ] && echo "preflight: as its checks" || echo "preflight: $(facts status blocking_failures), and $blocked of its required checks are blocked"',
  'echo "preflight blocked by:${by:- nothing else}"',
  `echo "blockers: $(facts ${[...blockers, ""].map((_, i) => `manifest.blockers.${i}.code`).join(" ")})"`,
];

function deploymentCheck(at: Places, profile: Profile): Check {
  const { id, blockedGates } = profile;
  const packaged = packagedProfiles.includes(id) ? `${at.root}/current/${recipeFolder(id)}` : undefined;
  const preflights = profile.preflights.join(" ");
  const gates = [...manualGates, ...blockedGates].map((gate) => `${gate}*`).join(" ");
  const asked = `--deployment-profile ${id}`;
  const [last] = rollbackSteps.slice(-1);
  const lines = [
    isolated(at),
    named,
    recipeFiles(profile.recipeFiles),
    `"$palyra" setup --mode ${profile.mode} ${asked} --path "$PALYRA_CONFIG" --force --tls-scaffold none >said 2>&1 || echo "setup: exit code $?"`,
    "sed -n 's/^init\\.deployment_profile=\\([^ ]*\\).*/setup: \\1/p' said",
    '"$palyra" config validate --path "$PALYRA_CONFIG" >said 2>&1 && echo "config: valid" || echo "config: $(tail -n 1 said)"',
    `report "$palyra" deployment preflight ${asked} --path "$PALYRA_CONFIG" --json && echo "preflight: $(facts profile_id${profile.preflightWants.length === 0 ? " status blocking_failures" : ""})"`,
    ...judgePreflight(profile),
    'fact config_path; [ "$fact" = "$PALYRA_CONFIG" ] || echo "preflight: of the configuration $fact"',
    `report "$palyra" deployment promotion-check ${asked} --json && echo "promotion: $(facts profile_id status blocking_failures)"`,
    ...countGates,
    'echo "promotion gates:$(named <gates)"',
    `report "$palyra" deployment upgrade-smoke ${asked} --path "$PALYRA_CONFIG" --json && echo "upgrade-smoke: $(facts profile_id status promotion.status rollback.profile_id)"`,
    'fact preflight.status; [ "$fact" = "$status" ] && echo "upgrade-smoke: preflight the same" || echo "upgrade-smoke: preflight $fact instead of $status"',
    'echo "upgrade-smoke preflight checks:$(rows preflight.checks required id | named)"',
    'echo "upgrade-smoke promotion gates:$(rows promotion.gates required id | named)"',
    "rows recipe_files . | recipe_files upgrade-smoke",
    `report "$palyra" deployment rollback-plan ${asked} --json && json_paths <report >plan`,
    `"$palyra" deployment rollback-plan ${asked} --output "$PWD/plan.json" >said 2>&1; ${sameJson("plan.json", "plan", "rollback plan: the same in a file", "rollback plan: another in a file")}`,
    `echo "rollback scopes: $(facts ${[...rollbackScopes, ...profile.scopes, last].map((_, i) => `guarded_scopes.${i}`).join(" ")})"`,
    `echo "rollback steps: $(facts ${[...rollbackSteps, last].map((_, i) => `steps.${i}.id`).join(" ")})"`,
    `"$palyra" deployment recipe ${asked} --output-dir "$PWD/made" >said 2>&1 || echo "recipe: exit code $?"`,
    "sed -n 's/^deployment\\.recipe profile=\\([^ ]*\\) .*files=/recipe: \\1 /p' said",
    "sed -n 's/^deployment\\.recipe\\.file=//p' said | recipe_files 'recipe says'",
    // An empty file is none.
    "find made -type f -size +0 -printf '%P\\n' | recipe_files 'recipe writes'",
    "sed -n 's/^PALYRA_DEPLOYMENT_PROFILE=/recipe: environment of /p' made/env/palyra.env.example",
    sameJson(
      "made/release/rollback-plan.json",
      "plan",
      "recipe: with the rollback plan",
      "recipe: with another rollback plan",
    ),
    `report "$palyra" deployment manifest ${asked} && echo "manifest: $(facts profile_id deployment_mode bind_profile)" && json_paths <report >printed`,
    `"$palyra" deployment manifest ${asked} --output "$PWD/manifest.json" >said 2>&1; ${sameJson("manifest.json", "printed", "manifest: the same in a file", "manifest: another in a file")}`,
    'echo "manifest preflights:$(rows health_preflights required id | named)"',
    sameJson("made/profile-manifest.json", "printed", "recipe: with the manifest", "recipe: with another manifest"),
    ...(packaged
      ? [
          ...profile.mends.map((path) => `rm -f made/${path}`),
          `diff -rq made ${packaged} >differences && echo "recipe: as packaged" || { echo "recipe: not as packaged"; head -n 5 differences; }`,
          sameJson(
            `${packaged}/profile-manifest.json`,
            "printed",
            "manifest: as packaged",
            "manifest: not as packaged",
          ),
        ]
      : []),
  ];
  return reportCheck(
    `deployment-${id}`,
    [...lines, ":"],
    [
      `setup: ${id}`,
      "config: valid",
      `preflight: ${id}${profile.preflightWants.length === 0 ? " passed 0" : ""}`,
      `preflight checks: ${preflights}`,
      "preflight: as its checks",
      "preflight blocked by: nothing else",
      `blockers: ${[...profile.blockers, "(none)"].join(" ")}`,
      `promotion: ${id} ${profile.promotion} ${blockedGates.length}`,
      `promotion gates: 0 of ${manualGates.length + blockedGates.length} passed, ${manualGates.length} manual, 0 other, blocked: ${blockedGates.join(" ") || "none"}`,
      `promotion gates: ${gates}`,
      `upgrade-smoke: ${id} ${profile.upgradeSmoke} ${profile.promotion} ${id}`,
      "upgrade-smoke: preflight the same",
      `upgrade-smoke preflight checks: ${preflights}`,
      `upgrade-smoke promotion gates: ${gates}`,
      "upgrade-smoke: every recipe file",
      "rollback plan: the same in a file",
      `rollback scopes: ${[...rollbackScopes, ...profile.scopes].join(" ")} (none)`,
      `rollback steps: ${rollbackSteps.join(" ")} (none)`,
      `recipe: ${id} ${profile.recipeFiles.length}`,
      "recipe says: every recipe file",
      "recipe writes: every recipe file",
      `recipe: environment of ${id}`,
      "recipe: with the rollback plan",
      `manifest: ${id} ${profile.deploymentMode} loopback_only`,
      "manifest: the same in a file",
      `manifest preflights: ${preflights}`,
      "recipe: with the manifest",
      ...(packaged ? ["recipe: as packaged", "manifest: as packaged"] : []),
    ],
  );
}

/** One check a profile, and one on the list of them. */
export function deploymentChecks(at: Places): Check[] {
  const ids = profiles.map((_, i) => `${i}.profile_id ${i}.deployment_mode`).join(" ");
  return [
    reportCheck(
      "deployment-profiles",
      ["report palyra deployment profiles --json", `facts ${ids} ${profiles.length}.profile_id`],
      [`${profiles.map(({ id, deploymentMode }) => `${id} ${deploymentMode}`).join(" ")} (none)`],
      { login: true },
    ),
    ...profiles.map((profile) => deploymentCheck(at, profile)),
  ];
}
