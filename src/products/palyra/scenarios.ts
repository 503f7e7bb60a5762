/**
 * Functional scenarios: one command each, with what it must do. Every group has an environment of its own (isolated.ts), and
 * its scenarios build on those before them. None needs a network: what would ask a provider or a gateway is told not to.
 */
import { z } from "zod";
import type { Check, Expectation, Step } from "../../checks/check.ts";
import { like } from "../../checks/json.ts";
import type { Places } from "../product.ts";
import { configuration, isolated, step } from "./isolated.ts";

/** Shell metacharacters, quotes, blanks at both ends, a new line inside and beyond ASCII: none of them may be changed. */
const secret = " s3cret \"$(id)\" `id` \\ %s 'x'\tüñ→ \n second line ";

/** Of nobody: what a provider's key and another gateway's token look like. */
const providerKey = "sk-greenlight-of-nobody";
const remoteToken = "greenlight-remote-token-of-nobody";

const fails: Expectation = { exit: "other" };
const says = (...contains: string[]): Expectation => ({ stdout: { contains } });
const prints = (exactly: string): Expectation => ({ stdout: { exactly } });
const json = (value: object): Expectation => ({ stdout: { schema: like(value) } });
/** Prints a text nowhere, besides. */
const hides = (text: string, { stdout }: Expectation): Expectation => ({
  stdout: { ...stdout, absent: [text] },
  stderr: { absent: [text] },
});
const filled = z.string().min(1);

const config = `--path ${configuration}`;
const setting = `${config} --key networked_workers.lease_ttl_ms`;
const setup = `setup --mode local ${config} --tls-scaffold none`;
const doctor = {
  schema_version: z.number(),
  diagnostics: {
    checks: z.array(z.looseObject({ ok: z.boolean() })).min(1),
    summary: { required_checks_total: z.number() },
  },
};
const resolved = { total_references: 1, resolved_references: 1 };

/** Answers to what a wizard would ask, for one that asks nobody and nothing. */
const unasked = "--non-interactive --accept-risk --skip-health --skip-channels --skip-skills --json";

/** Of a gateway that is elsewhere. Nobody calls it. */
const elsewhere = "--remote-base-url https://gateway.invalid/ --remote-verification";
const wizard = "setup --wizard --mode local --path {here}/home/wizard.toml --tls-scaffold none --flow quickstart";
const remote = `onboarding wizard --path {here}/home/remote.toml --flow remote ${elsewhere} server-cert`;
const certificates = "--tls-cert-path {here}/home/gateway.crt --tls-key-path {here}/home/gateway.key";
const ports = "--daemon-port 7310 --grpc-port 7610 --quic-port 7611";
const gateway = `configure ${config} --section gateway --non-interactive --accept-risk --bind-profile public-tls ${ports}`;

/** The token is minted for an environment that is gone afterwards, and still stays there: what is told is which step printed it. */
const printsToken = step(
  "token-printed",
  [
    ...["sh", "-c"],
    `sed -n 's/^auth_token *= *"\\(..*\\)".*/\\1/p' config/palyra.toml >token; [ -s token ] || exit
grep -lF -f token -- *.out *.err | sed 's/\\.[a-z]*$/ prints the admin token/'`,
  ],
  { stdout: { equals: "" } },
);

/** Upstream's scenarios that other checks play, and which: those look at more than one command's answer. */
export const playedElsewhere: Record<string, string> = {
  version: "version-agrees",
  "root-help": "help-pages",
  "update-dry-run": "dry-runs",
  "uninstall-dry-run": "dry-runs",
};

export const scenarioGroups: Record<string, Step[]> = {
  setup: [
    step(
      "setup-local",
      setup,
      says("init.status=", "init.deployment_profile=local", "init.admin_token_generated=true"),
    ),
    step("setup-over-existing", setup, fails),
    step(
      "setup-wizard-quickstart",
      `${wizard} --auth-method api-key --api-key-env OPENAI_API_KEY ${unasked}`,
      hides(providerKey, json({ status: "next_step_required", recommended_step_id: "onboarding_status" })),
      { env: { OPENAI_API_KEY: providerKey } },
    ),
    step(
      "onboarding-wizard-remote",
      `${remote} --pinned-server-cert-sha256 ${"5e".repeat(32)} --admin-token-env PALYRA_REMOTE_ADMIN_TOKEN ${unasked}`,
      hides(remoteToken, json({ flow: "remote", status: filled, config_path: filled })),
      { env: { PALYRA_REMOTE_ADMIN_TOKEN: remoteToken } },
    ),
    step("config-validate", `config validate ${config}`),
    step("config-validate-nothing", "config validate --path {here}/home/none.toml", fails),
    step("config-list", `config list ${config}`, says("require_auth")),
    step("config-set", `config set ${setting} --value 612345`),
    step("config-get", `config get ${setting}`, says("612345")),
    step("config-set-again", `config set ${setting} --value 712345`),
    step("config-get-again", `config get ${setting}`, says("712345")),
    step("config-unset", `config unset ${setting}`),
    step("config-get-unset", `config get ${setting}`, fails),
    step("config-valid-after", `config validate ${config}`),
    step(
      "configure-gateway",
      `${gateway} --tls-scaffold bring-your-own ${certificates} ${elsewhere} gateway-ca --pinned-gateway-ca-sha256 ${"ca".repeat(32)} --json`,
      json({ status: filled, config_path: filled }),
    ),
    step("config-get-configured", `config get ${config} --key daemon.port`, says("7310")),
    printsToken,
  ],
  secrets: [
    step("setup-secrets-config", setup),
    step("secrets-set", "secrets set global smoke --value-stdin", {}, { input: secret }),
    step("secrets-get-redacted", "secrets get global smoke", says("value=<redacted>")),
    step("secrets-get-reveal", "secrets get global smoke --reveal", prints(secret)),
    step("secrets-get-other", "secrets get global other --reveal", fails),
    step(
      "secrets-configure-openai",
      `secrets configure openai-api-key global openai_api_key --value-stdin ${config} --json`,
      hides(providerKey, json({ vault_ref_configured: true })),
      { input: providerKey },
    ),
    step("secrets-get-configured", "secrets get global openai_api_key --reveal", prints(providerKey)),
    step("secrets-audit", `secrets audit ${config} --offline --json`, hides(providerKey, json({ summary: resolved }))),
    step("secrets-apply", `secrets apply ${config} --offline --json`, hides(providerKey, json({ audit: resolved }))),
    printsToken,
  ],
  models: [
    step("setup-for-models", setup),
    step("models-set", `models set gpt-4.1-mini ${config} --json`, json({ model: "gpt-4.1-mini" })),
    step(
      "models-set-embeddings",
      `models set-embeddings text-embedding-3-large --dims 3072 ${config} --json`,
      json({ model: "text-embedding-3-large", embeddings_dims: 3072 }),
    ),
    step(
      "models-status",
      `models status ${config} --json`,
      json({ text_model: "gpt-4.1-mini", embeddings_model: "text-embedding-3-large", embeddings_dims: 3072 }),
    ),
    step(
      "bare-config-status",
      `--config ${configuration} --output-format json config`,
      json({ exists: true, path: filled }),
    ),
    printsToken,
  ],
  protocol: [
    step("protocol-version", "protocol version", says("protocol.major=1", "json.envelope.v=1")),
    step(
      "protocol-validate-id",
      "protocol validate-id --id 01JZ5X7QK3M8N2P4R6S9T0V1W2",
      says("canonical_id.valid=true"),
    ),
    // I is no letter of these identifiers.
    step("protocol-validate-no-id", "protocol validate-id --id 01JZ5X7QK3M8N2P4R6S9T0V1WI", fails),
  ],
  patch: [
    step("notes", ["tee", "notes.txt"], prints("as it was\n"), { input: "as it was\n" }),
    step("patch-apply-dry-run", "patch apply --stdin --dry-run --json", json({ dry_run: true }), {
      input: "*** Begin Patch\n*** Update File: notes.txt\n@@\n-as it was\n+changed\n*** End Patch\n",
    }),
    step("notes-after-dry-run", ["cat", "notes.txt"], prints("as it was\n")),
  ],
  docs: [
    step("docs-search-gateway", "docs search gateway", says("help/")),
    step("docs-search-browser", "docs search browser", says("help/")),
    step("docs-search-nothing", "docs search nothing-is-called-so", fails),
    step("docs-show-help", "docs show help/docs-help", says("Usage: palyra docs")),
    step("doctor-json", "doctor --json", json(doctor)),
  ],
};

/** A check for each group: within one, a fault mostly spoils what comes after it as well. */
export function scenarioChecks(at: Places): Check[] {
  return Object.entries(scenarioGroups).map(([group, steps]) => isolated(at, `scenarios-${group}`, steps));
}
