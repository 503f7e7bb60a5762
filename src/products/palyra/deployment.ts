/** Deployment as its command sees it: for each profile a configuration, and every report on it, by content. */
import type { Check } from "../../suites/suite.ts";
import type { Places } from "../product.ts";
import { packagedProfiles, profiles, recipeFolder, rollbackScopes, rollbackSteps, type Profile } from "./profiles.ts";
import { isolated, reportCheck } from "./reports.ts";

/** Counts the gates of a promotion check by status; a status other than these is counted as `other`. Manual is not passed. */
const countGates = [
  "i=0 passed=0 manual=0 other=0 blocked=",
  'while fact "gates.$i.status"; [ "$fact" != "(none)" ]; do',
  "  case $fact in passed) passed=$((passed + 1)) ;; manual) manual=$((manual + 1)) ;; blocked) fact \"gates.$i.id\"; blocked=\"$blocked $fact\" ;; *) other=$((other + 1)) ;; esac",
  "  i=$((i + 1))",
  "done",
  'echo "promotion gates: $passed of $i passed, $manual manual, $other other, blocked:${blocked:- none}"',
];

/** How many items the list has that `$flat` holds below a path. */
const countItems = (path: string): string[] => ["i=0", `while case $flat in *"\${nl}${path}.$i"[=.]*) ;; *) false ;; esac; do i=$((i + 1)); done`];

function deploymentCheck(at: Places, profile: Profile): Check {
  const { id, gates } = profile;
  const packaged = packagedProfiles.includes(id) ? `${at.root}/current/${recipeFolder(id)}` : undefined;
  const total = gates.manual + gates.blocked.length;
  const asked = `--deployment-profile ${id}`;
  const [last] = rollbackSteps.slice(-1);
  const lines = [
    isolated(at),
    `"$palyra" setup --mode ${profile.mode} ${asked} --path "$PALYRA_CONFIG" --force --tls-scaffold none >said 2>&1 || echo "setup: exit code $?"`,
    "sed -n 's/^init\\.deployment_profile=\\([^ ]*\\).*/setup: \\1/p' said",
    '"$palyra" config validate --path "$PALYRA_CONFIG" >said 2>&1 && echo "config: valid" || echo "config: $(tail -n 1 said)"',
    `report "$palyra" deployment preflight ${asked} --path "$PALYRA_CONFIG" --json && echo "preflight: $(facts profile_id${profile.preflight ? " status blocking_failures" : ""})"`,
    'fact config_path; [ "$fact" = "$PALYRA_CONFIG" ] || echo "preflight: of the configuration $fact"',
    `report "$palyra" deployment promotion-check ${asked} --json && echo "promotion: $(facts profile_id status)"`,
    ...countGates,
    `report "$palyra" deployment upgrade-smoke ${asked} --path "$PALYRA_CONFIG" --json && echo "upgrade-smoke: $(facts profile_id status promotion.status rollback.profile_id)"`,
    ...countItems("recipe_files"),
    'echo "upgrade-smoke: $i recipe files"',
    `report "$palyra" deployment rollback-plan ${asked} --json`,
    `echo "rollback scopes: $(facts ${[...rollbackScopes, ...profile.scopes, last].map((_, i) => `guarded_scopes.${i}`).join(" ")})"`,
    `echo "rollback steps: $(facts ${[...rollbackSteps, last].map((_, i) => `steps.${i}.id`).join(" ")})"`,
    `"$palyra" deployment recipe ${asked} --output-dir "$PWD/made" >said 2>&1 || echo "recipe: exit code $?"`,
    "sed -n 's/^deployment\\.recipe profile=\\([^ ]*\\) .*files=/recipe: \\1 /p' said",
    `report "$palyra" deployment manifest ${asked} && echo "manifest: $(facts profile_id deployment_mode bind_profile)"`,
    ...(packaged
      ? [
          ...profile.mends.map((path) => `rm -f made/${path}`),
          `diff -rq made ${packaged} >differences && echo "recipe: as packaged" || { echo "recipe: not as packaged"; head -n 5 differences; }`,
          `json_paths <report >printed && json_paths <${packaged}/profile-manifest.json >kept && cmp -s printed kept && echo "manifest: as packaged" || echo "manifest: not as packaged"`,
        ]
      : []),
  ];
  return reportCheck(`deployment-${id}`, [...lines, ":"], [
    `setup: ${id}`,
    "config: valid",
    `preflight: ${id}${profile.preflight ? ` ${profile.preflight} 0` : ""}`,
    `promotion: ${id} ${profile.promotion}`,
    `promotion gates: 0 of ${total} passed, ${gates.manual} manual, 0 other, blocked: ${gates.blocked.join(" ") || "none"}`,
    `upgrade-smoke: ${id} ${profile.upgradeSmoke} ${profile.promotion} ${id}`,
    `upgrade-smoke: ${profile.recipeFiles} recipe files`,
    `rollback scopes: ${[...rollbackScopes, ...profile.scopes].join(" ")} (none)`,
    `rollback steps: ${rollbackSteps.join(" ")} (none)`,
    `recipe: ${id} ${profile.recipeFiles}`,
    `manifest: ${id} ${profile.deploymentMode} loopback_only`,
    ...(packaged ? ["recipe: as packaged", "manifest: as packaged"] : []),
  ]);
}

/** One check a profile, and one on the list of them. */
export function deploymentChecks(at: Places): Check[] {
  const ids = profiles.map((_, i) => `${i}.profile_id ${i}.deployment_mode`).join(" ");
  return [
    reportCheck("deployment-profiles", ["report palyra deployment profiles --json", `facts ${ids} ${profiles.length}.profile_id`], [`${profiles.map(({ id, deploymentMode }) => `${id} ${deploymentMode}`).join(" ")} (none)`], { login: true }),
    ...profiles.map((profile) => deploymentCheck(at, profile)),
  ];
}
