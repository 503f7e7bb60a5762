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

/**
 * Holds the status of a preflight against its own checks, and names each required one that is blocked, but for those that may be.
 * `$status` is what it then must say wherever else it is told.
 */
const judgePreflight = ({ preflightWants, blockers }: Profile): string[] => [
  "i=0 blocked=0 by=",
  'while fact "checks.$i.status"; [ "$fact" != "(none)" ]; do',
  '  status=$fact; fact "checks.$i.required"',
  `  if [ "$fact $status" = "true blocked" ]; then blocked=$((blocked + 1)); fact "checks.$i.id"; case $fact in ${preflightWants.join("|") || "''"}) ;; *) by="$by $fact" ;; esac; fi`,
  "  i=$((i + 1))",
  "done",
  '[ "$i" -gt 0 ] || echo "preflight: no checks"',
  '[ "$blocked" -eq 0 ] && status=passed || status=blocked',
  '[ "$(facts status blocking_failures)" = "$status $blocked" ] && echo "preflight: as its checks" || echo "preflight: $(facts status blocking_failures), and $blocked of its required checks are blocked"',
  'echo "preflight blocked by:${by:- nothing else}"',
  `echo "blockers: $(facts ${[...blockers, ""].map((_, i) => `manifest.blockers.${i}.code`).join(" ")})"`,
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
    `report "$palyra" deployment preflight ${asked} --path "$PALYRA_CONFIG" --json && echo "preflight: $(facts profile_id${profile.preflightWants.length === 0 ? " status blocking_failures" : ""})"`,
    ...judgePreflight(profile),
    'fact config_path; [ "$fact" = "$PALYRA_CONFIG" ] || echo "preflight: of the configuration $fact"',
    `report "$palyra" deployment promotion-check ${asked} --json && echo "promotion: $(facts profile_id status)"`,
    ...countGates,
    `report "$palyra" deployment upgrade-smoke ${asked} --path "$PALYRA_CONFIG" --json && echo "upgrade-smoke: $(facts profile_id status promotion.status rollback.profile_id)"`,
    'fact preflight.status; [ "$fact" = "$status" ] && echo "upgrade-smoke: preflight the same" || echo "upgrade-smoke: preflight $fact instead of $status"',
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
    `preflight: ${id}${profile.preflightWants.length === 0 ? " passed 0" : ""}`,
    "preflight: as its checks",
    "preflight blocked by: nothing else",
    `blockers: ${[...profile.blockers, "(none)"].join(" ")}`,
    `promotion: ${id} ${profile.promotion}`,
    `promotion gates: 0 of ${total} passed, ${gates.manual} manual, 0 other, blocked: ${gates.blocked.join(" ") || "none"}`,
    `upgrade-smoke: ${id} ${profile.upgradeSmoke} ${profile.promotion} ${id}`,
    "upgrade-smoke: preflight the same",
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
