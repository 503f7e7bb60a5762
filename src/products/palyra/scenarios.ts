/**
 * Functional scenarios: one command each, with what it must do. Every group has an environment of its own (isolated), and
 * its scenarios build on those before them. None needs a network: what would ask a provider or a gateway is told not to.
 */
import type { Check } from "../../checks/check.ts";
import { quote } from "../../checks/quote.ts";
import type { Places } from "../product.ts";
import { isolated, reportCheck, tokenOf } from "./reports.ts";

export interface Scenario {
  id: string;
  /** words of sh text after `palyra`; `$PALYRA_CONFIG` and the like are the isolated environment's */
  args: string;
  input?: string;
  /** further environment of this command */
  env?: Record<string, string>;
  /** a file in its working folder before, which it must leave as it is */
  keeps?: { file: string; text: string };
  /** it must end with another exit code than 0 */
  fails?: true;
  /** texts that standard output holds */
  says?: string[];
  /** texts that it prints nowhere */
  hides?: string[];
  /** it prints a JSON object or list that is not empty, with these values by path, one at least: as JSON, strings without their quotes; `ANY` is one that is neither null nor empty */
  json?: Record<string, string>;
  /** all of standard output, to the byte */
  prints?: string;
}

/** Shell metacharacters, quotes, blanks at both ends, a new line inside and beyond ASCII: none of them may be changed. */
const secret = " s3cret \"$(id)\" `id` \\ %s 'x'\tüñ→ \n second line ";

const setting = "networked_workers.lease_ttl_ms";

const config = '--path "$PALYRA_CONFIG"';

/** Of nobody: what a provider's key and another gateway's token look like. */
const providerKey = "sk-greenlight-of-nobody";
const remoteToken = "greenlight-remote-token-of-nobody";

/** Answers to what a wizard would ask, for one that asks nobody and nothing. */
const unasked = "--non-interactive --accept-risk --skip-health --skip-channels --skip-skills --json";

/** A gateway that is elsewhere. Nobody calls it. */
const elsewhere = "--remote-base-url https://gateway.invalid/";

/** Upstream's scenarios that other checks play, and which: those look at more than one command's answer. */
export const playedElsewhere: Record<string, string> = {
  version: "version-agrees",
  "root-help": "help-pages",
  "update-dry-run": "dry-runs",
  "uninstall-dry-run": "dry-runs",
};

export const scenarioGroups: Record<string, Scenario[]> = {
  setup: [
    {
      id: "setup-local",
      args: `setup --mode local ${config} --tls-scaffold none`,
      says: ["init.status=", "init.deployment_profile=local", "init.admin_token_generated=true"],
    },
    { id: "setup-over-existing", args: `setup --mode local ${config} --tls-scaffold none`, fails: true },
    {
      id: "setup-wizard-quickstart",
      args: `setup --wizard --mode local --path "$HOME/wizard.toml" --tls-scaffold none --flow quickstart --auth-method api-key --api-key-env OPENAI_API_KEY ${unasked}`,
      env: { OPENAI_API_KEY: providerKey },
      json: { status: "next_step_required", recommended_step_id: "onboarding_status" },
      hides: [providerKey],
    },
    {
      id: "onboarding-wizard-remote",
      args: `onboarding wizard --path "$HOME/remote.toml" --flow remote ${elsewhere} --remote-verification server-cert --pinned-server-cert-sha256 ${"5e".repeat(32)} --admin-token-env PALYRA_REMOTE_ADMIN_TOKEN ${unasked}`,
      env: { PALYRA_REMOTE_ADMIN_TOKEN: remoteToken },
      json: { flow: "remote", status: "ANY", config_path: "ANY" },
      hides: [remoteToken],
    },
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
    {
      id: "configure-gateway",
      args: `configure ${config} --section gateway --non-interactive --accept-risk --bind-profile public-tls --daemon-port 7310 --grpc-port 7610 --quic-port 7611 --tls-scaffold bring-your-own --tls-cert-path "$HOME/gateway.crt" --tls-key-path "$HOME/gateway.key" ${elsewhere} --remote-verification gateway-ca --pinned-gateway-ca-sha256 ${"ca".repeat(32)} --json`,
      json: { status: "ANY", config_path: "ANY" },
    },
    { id: "config-get-configured", args: `config get ${config} --key daemon.port`, says: ["7310"] },
  ],
  secrets: [
    { id: "setup-secrets-config", args: `setup --mode local ${config} --tls-scaffold none` },
    { id: "secrets-set", args: "secrets set global smoke --value-stdin", input: secret },
    { id: "secrets-get-redacted", args: "secrets get global smoke", says: ["value=<redacted>"] },
    { id: "secrets-get-reveal", args: "secrets get global smoke --reveal", prints: secret },
    { id: "secrets-get-other", args: "secrets get global other --reveal", fails: true },
    {
      id: "secrets-configure-openai",
      args: `secrets configure openai-api-key global openai_api_key --value-stdin ${config} --json`,
      input: providerKey,
      json: { vault_ref_configured: "true" },
      hides: [providerKey],
    },
    { id: "secrets-get-configured", args: "secrets get global openai_api_key --reveal", prints: providerKey },
    {
      id: "secrets-audit",
      args: `secrets audit ${config} --offline --json`,
      json: { "summary.total_references": "1", "summary.resolved_references": "1" },
      hides: [providerKey],
    },
    {
      id: "secrets-apply",
      args: `secrets apply ${config} --offline --json`,
      json: { "audit.total_references": "1", "audit.resolved_references": "1" },
      hides: [providerKey],
    },
  ],
  models: [
    { id: "setup-for-models", args: `setup --mode local ${config} --tls-scaffold none` },
    { id: "models-set", args: `models set gpt-4.1-mini ${config} --json`, json: { model: "gpt-4.1-mini" } },
    {
      id: "models-set-embeddings",
      args: `models set-embeddings text-embedding-3-large --dims 3072 ${config} --json`,
      json: { model: "text-embedding-3-large", embeddings_dims: "3072" },
    },
    {
      id: "models-status",
      args: `models status ${config} --json`,
      json: { text_model: "gpt-4.1-mini", embeddings_model: "text-embedding-3-large", embeddings_dims: "3072" },
      says: ["gpt-4.1-mini", "text-embedding-3-large"],
    },
    {
      id: "bare-config-status",
      args: '--config "$PALYRA_CONFIG" --output-format json config',
      json: { exists: "true", path: "ANY" },
    },
  ],
  protocol: [
    { id: "protocol-version", args: "protocol version", says: ["protocol.major=1", "json.envelope.v=1"] },
    {
      id: "protocol-validate-id",
      args: "protocol validate-id --id 01JZ5X7QK3M8N2P4R6S9T0V1W2",
      says: ["canonical_id.valid=true"],
    },
    // I is no letter of these identifiers.
    { id: "protocol-validate-no-id", args: "protocol validate-id --id 01JZ5X7QK3M8N2P4R6S9T0V1WI", fails: true },
  ],
  patch: [
    {
      id: "patch-apply-dry-run",
      args: "patch apply --stdin --dry-run --json",
      input: "*** Begin Patch\n*** Update File: notes.txt\n@@\n-as it was\n+changed\n*** End Patch\n",
      keeps: { file: "notes.txt", text: "as it was\n" },
      json: { dry_run: "true" },
    },
  ],
  docs: [
    { id: "docs-search-gateway", args: "docs search gateway", says: ["help/"] },
    { id: "docs-search-browser", args: "docs search browser", says: ["help/"] },
    { id: "docs-search-nothing", args: "docs search nothing-is-called-so", fails: true },
    { id: "docs-show-help", args: "docs show help/docs-help", says: ["Usage: palyra docs"] },
    {
      id: "doctor-json",
      args: "doctor --json",
      json: {
        schema_version: "ANY",
        "diagnostics.checks.0.ok": "ANY",
        "diagnostics.summary.required_checks_total": "ANY",
      },
    },
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
  // A scalar stands alone, a text in quotes; whatever is in an object or a list has a path before it.
  'filled() { case $flat in "$nl\\""*) ;; *=*) return ;; esac; odd "prints no JSON object or list with anything in it"; }',
  'holds() { fact "$1"; case $2:$fact in "ANY:(none)" | ANY:null | ANY: | ANY:{} | "ANY:[]") ;; "$2:$2" | ANY:*) return ;; esac; odd "$1 is $fact and not $2"; }',
  'hides() { case "$out$(cat errors)" in *"$1"*) odd "prints a secret that it was given" ;; esac; }',
  'keeps() { [ "$(cat "$1"; echo x)" = "$2x" ] || odd "changes $1"; }',
  'prints() { [ "$out" = "$1" ] || odd "prints other bytes than were given"; }',
].join("\n");

function play({ id, args, input, env = {}, keeps, fails, says = [], hides = [], json, prints }: Scenario): string[] {
  const variables = Object.entries(env);
  return [
    ...(input === undefined ? [] : [`input=${quote(input)}`]),
    ...(keeps ? [`printf %s ${quote(keeps.text)} >${quote(keeps.file)}`] : []),
    ...variables.map(([name, value]) => `export ${name}=${quote(value)}`),
    `scene ${id} ${fails ? "badly" : "well"} ${args}`,
    ...(variables.length > 0 ? [`unset ${variables.map(([name]) => name).join(" ")}`] : []),
    ...says.map((text) => `says ${quote(text)}`),
    ...hides.map((text) => `hides ${quote(text)}`),
    ...(keeps ? [`keeps ${quote(keeps.file)} ${quote(keeps.text)}`] : []),
    ...(json
      ? [
          'printf "%s\\n" "$out" >report; read_report report; filled',
          ...Object.entries(json).map(([path, value]) => `holds ${path} ${quote(value)}`),
        ]
      : []),
    ...(prints === undefined ? [] : [`prints ${quote(prints)}`]),
  ];
}

/** A check for each group: within one, a fault mostly spoils what comes after it as well. */
export function scenarioChecks(at: Places): Check[] {
  return Object.entries(scenarioGroups).map(([group, scenarios]) =>
    reportCheck(
      `scenarios-${group}`,
      [isolated(at), stage, "input=", ...scenarios.flatMap(play), 'echo "$ran scenarios, $odd not as expected"'],
      [`${scenarios.length} scenarios, 0 not as expected`],
    ),
  );
}
