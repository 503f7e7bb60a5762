/**
 * Functional scenarios: one command each, with what it must do. Every group has an environment of its own (isolated), and
 * its scenarios build on those before them.
 *
 * Of upstream's scenarios these are not here, since nothing but their exit codes is stated anywhere: protocol-version,
 * protocol-validate-id, onboarding-wizard-remote, configure-gateway, models-set, models-set-embeddings, models-status,
 * bare-config-status, setup-secrets-config, secrets-configure-openai, secrets-audit, secrets-apply, patch-apply-dry-run.
 * update-dry-run and uninstall-dry-run are about the installation itself: dry-runs.ts.
 */
import type { Check } from "../../suites/suite.ts";
import { quote } from "../../suites/quote.ts";
import type { Places } from "../product.ts";
import { isolated, reportCheck, tokenOf } from "./reports.ts";

export interface Scenario {
  id: string;
  /** words of sh text after `palyra`; `$PALYRA_CONFIG` and the like are the isolated environment's */
  args: string;
  input?: string;
  /** it must end with another exit code than 0 */
  fails?: true;
  /** texts that standard output holds */
  says?: string[];
  /** values of the JSON that it prints, by path: as JSON, strings without their quotes */
  json?: Record<string, string>;
  /** all of standard output, to the byte */
  prints?: string;
}

/** Shell metacharacters, quotes, blanks at both ends, a new line inside and beyond ASCII: none of them may be changed. */
const secret = ' s3cret "$(id)" `id` \\ %s \'x\'\tüñ→ \n second line ';

const setting = "networked_workers.lease_ttl_ms";

const config = '--path "$PALYRA_CONFIG"';

export const scenarioGroups: Record<string, Scenario[]> = {
  setup: [
    { id: "setup-local", args: `setup --mode local ${config} --tls-scaffold none`, says: ["init.status=", "init.deployment_profile=local", "init.admin_token_generated=true"] },
    { id: "setup-over-existing", args: `setup --mode local ${config} --tls-scaffold none`, fails: true },
    { id: "setup-wizard-quickstart", args: 'setup --wizard --mode local --path "$HOME/wizard.toml" --tls-scaffold none --output-format json', json: { status: "next_step_required", recommended_step_id: "onboarding_status" } },
    { id: "config-validate", args: `config validate ${config}` },
    { id: "config-validate-nothing", args: 'config validate --path "$HOME/none.toml"', fails: true },
    { id: "config-list", args: `config list ${config}`, says: ["require_auth"] },
    { id: "config-set", args: `config set ${config} --key ${setting} --value 612345` },
    { id: "config-get", args: `config get ${config} --key ${setting}`, says: ["612345"] },
    { id: "config-set-again", args: `config set ${config} --key ${setting} --value 712345` },
    { id: "config-get-again", args: `config get ${config} --key ${setting}`, says: ["712345"] },
    { id: "config-unset", args: `config unset ${config} --key ${setting}` },
    { id: "config-get-unset", args: `config get ${config} --key ${setting}`, fails: true },
    { id: "config-valid-after", args: `config validate ${config}` },
  ],
  secrets: [
    { id: "setup-for-secrets", args: `setup --mode local ${config} --tls-scaffold none` },
    { id: "secrets-set", args: "secrets set global smoke --value-stdin", input: secret },
    { id: "secrets-get-redacted", args: "secrets get global smoke", says: ["value=<redacted>"] },
    { id: "secrets-get-reveal", args: "secrets get global smoke --reveal", prints: secret },
    { id: "secrets-get-other", args: "secrets get global other --reveal", fails: true },
  ],
  docs: [
    { id: "docs-search-gateway", args: "docs search gateway", says: ["help/"] },
    { id: "docs-search-browser", args: "docs search browser", says: ["help/"] },
    { id: "docs-search-nothing", args: "docs search nothing-is-called-so", fails: true },
    { id: "docs-show-help", args: "docs show help/docs-help", says: ["Usage: palyra docs"] },
    { id: "doctor-json", args: "doctor --json", json: { schema_version: "ANY", "diagnostics.checks.0.ok": "ANY", "diagnostics.summary.required_checks_total": "ANY" } },
  ],
};

/** `says`, `holds` and the like judge the scenario before them; what is not as it should be is printed by the scenario's id. */
const stage = [
  "ran=0; odd=0; token=",
  'odd() { odd=$((odd + 1)); echo "$scene: $*"; }',
  "scene() {",
  "  scene=$1 ends=$2; shift 2; ran=$((ran + 1))",
  // The x keeps new lines at the end, which a substitution takes away.
  '  out=$(printf %s "$input" | "$palyra" "$@" 2>errors; code=$?; printf x; exit $code); code=$?; out=${out%x}; input=',
  '  case $code in 0) [ $ends = well ] || odd "exit code 0" ;; *) [ $ends = badly ] || odd "exit code $code: $(tail -n 1 errors | cut -c 1-100)" ;; esac',
  `  [ -n "$token" ] || [ ! -e "$PALYRA_CONFIG" ] || token=$(${tokenOf('"$PALYRA_CONFIG"')})`,
  '  [ -z "$token" ] || case "$out$(cat errors)" in *"$token"*) odd "prints the admin token" ;; esac',
  "}",
  'says() { case $out in *"$1"*) ;; *) odd "does not say $1" ;; esac; }',
  'holds() { fact "$1"; [ "$fact" = "$2" ] || { [ "$2" = ANY ] && [ "$fact" != "(none)" ]; } || odd "$1 is $fact and not $2"; }',
  'prints() { [ "$out" = "$1" ] || odd "prints other bytes than were given"; }',
].join("\n");

function play({ id, args, input, fails, says = [], json, prints }: Scenario): string[] {
  return [
    ...(input === undefined ? [] : [`input=${quote(input)}`]),
    `scene ${id} ${fails ? "badly" : "well"} ${args}`,
    ...says.map((text) => `says ${quote(text)}`),
    ...(json ? ['printf "%s\\n" "$out" >report; read_report report', ...Object.entries(json).map(([path, value]) => `holds ${path} ${quote(value)}`)] : []),
    ...(prints === undefined ? [] : [`prints ${quote(prints)}`]),
  ];
}

/** A check for each group: within one, a fault mostly spoils what comes after it as well. */
export function scenarioChecks(at: Places): Check[] {
  return Object.entries(scenarioGroups).map(([group, scenarios]) =>
    reportCheck(`scenarios-${group}`, [isolated(at), stage, "input=", ...scenarios.flatMap(play), 'echo "$ran scenarios, $odd not as expected"'], [`${scenarios.length} scenarios, 0 not as expected`]),
  );
}
