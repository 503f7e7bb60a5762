/** `greenlight evidence source-contract` on a checkout: what its files hold, bound to its commit. */
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SourceContractSchema, type SourceContract } from "../../src/matrix/index.ts";
import { sourceContractOf } from "../../src/readiness/index.ts";
import { temporaryFolder } from "../candidate/tiny-candidate.ts";
import { checkoutOf } from "../matrix/checkout.ts";

const main = join(import.meta.dirname, "../../src/cli/main.ts");

const workflow = (profile: string): string => `on: [push]
jobs:
  regression:
    steps:
      - run: bash scripts/test/run-workflow-regression.sh
        env:
          PALYRA_WORKFLOW_REGRESSION_PROFILE: ${profile}
`;
const files: Record<string, string> = {
  "scripts/test/run-deterministic-core.sh": "cargo test -p palyra-cli --test workflow_regression_contract\n",
  "scripts/test/run-deterministic-core.ps1": "cargo test -p palyra-cli --test workflow_regression_contract\r\n",
  ".github/workflows/ci.yml": workflow("fast"),
  ".github/workflows/cli-full-regression.yml": workflow("full"),
  "crates/palyra-common/src/runtime_preview.rs":
    "pub enum RuntimePreviewCapability {}\npub struct RuntimeAcceptanceScenario;\n",
};

describe("greenlight evidence source-contract", () => {
  const temporary = temporaryFolder();
  let checkout: ReturnType<typeof checkoutOf>;
  afterEach(() => rmSync(checkout.folder, { recursive: true, force: true }));
  const at = (path: string): string => join(checkout.folder, path);

  function greenlight(...more: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
    const env = { ...process.env, GREENLIGHT_WORKSPACE: temporary.path };
    const args = [main, "evidence", "source-contract", "--checkout", checkout.folder, ...more];
    return new Promise((resolve) => {
      execFile(process.execPath, args, { env }, (error, stdout, stderr) =>
        resolve({ code: error ? error.code : 0, stdout, stderr }),
      );
    });
  }
  const kept = (): SourceContract => sourceContractOf(temporary.path, "palyra", checkout.commit)!;
  const notFound = (): string[] =>
    kept().items.flatMap(({ id, status, details }) =>
      status === "declared_contract" ? [] : [`${id} ${status}: ${details}`],
    );

  it("keeps what it has found by commit, with the digest of each file and of the policy", async () => {
    checkout = checkoutOf(files);
    const { code, stdout, stderr } = await greenlight("-p", "palyra");
    assert.equal(code, 0, stdout + stderr);
    assert.match(
      stdout,
      new RegExp(`^palyra, commit ${checkout.commit}: 5 of 5 items are as the checklist asks\\.$`, "m"),
    );
    const file = join(
      temporary.path,
      ".greenlight/matrix/palyra",
      checkout.commit,
      "source-contract/source-contract.json",
    );
    assert.ok(stdout.includes(`source_contract_report=${file}`));
    const found = SourceContractSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    assert.deepEqual(Object.keys(found.policy), [
      "infra/release/palyra/workflow-regression-matrix.json",
      "infra/release/palyra/compat-hardening-readiness.json",
    ]);
    assert.deepEqual(
      found.items.map(({ read_as, sha256 }) => [read_as, sha256?.length]),
      [
        ["shell", 64],
        ["powershell", 64],
        ["yaml", 64],
        ["yaml", 64],
        ["rust", 64],
      ],
    );
  });

  it("does not find what is commented out, in any of the files, and ends with 1", async () => {
    const comment: Record<string, string> = { sh: "# ", ps1: "# ", yml: "# ", rs: "// " };
    checkout = checkoutOf(
      Object.fromEntries(
        Object.entries(files).map(([path, text]) => [
          path,
          text.replace(/^(?=.)/gm, comment[path.split(".").at(-1)!]!),
        ]),
      ),
    );
    const { code, stdout } = await greenlight("-p", "palyra");
    assert.equal(code, 1);
    assert.match(stdout, /0 of 5 items/);
    assert.deepEqual(notFound(), [
      "workflow_regression_contract_suite_unix failed: scripts/test/run-deterministic-core.sh does not have workflow_regression_contract, or only where it does nothing.",
      "workflow_regression_contract_suite_windows failed: scripts/test/run-deterministic-core.ps1 does not have workflow_regression_contract, or only where it does nothing.",
      "workflow_regression_fast_ci_contract failed: .github/workflows/ci.yml does not have PALYRA_WORKFLOW_REGRESSION_PROFILE: fast, run: bash scripts/test/run-workflow-regression.sh, or only where it does nothing.",
      "workflow_regression_full_ci_contract failed: .github/workflows/cli-full-regression.yml does not have PALYRA_WORKFLOW_REGRESSION_PROFILE: full, run: bash scripts/test/run-workflow-regression.sh, or only where it does nothing.",
      "runtime_acceptance_fixture_contract failed: crates/palyra-common/src/runtime_preview.rs does not have RuntimeAcceptanceScenario, RuntimePreviewCapability, or only where it does nothing.",
    ]);
  });

  it("refuses what is not that of the commit: changed, gone, never there, a link, no text", async () => {
    checkout = checkoutOf({
      ...files,
      "scripts/test/run-deterministic-core.ps1": "\u0000",
      ".github/workflows/cli-full-regression.yml": "a: [\n",
    });
    const git = (...args: string[]): unknown =>
      execFileSync("git", ["-C", checkout.folder, "-c", "user.name=T", "-c", "user.email=t@example.org", ...args]);
    const rust = "crates/palyra-common/src/runtime_preview.rs";
    unlinkSync(at(rust));
    symlinkSync("elsewhere.rs", at(rust));
    writeFileSync(at("scripts/test/run-deterministic-core.ps1"), Buffer.from([0xff, 0xfe, 0x00]));
    git("add", "-A");
    git("commit", "-q", "-m", "More");
    checkout.commit = execFileSync("git", ["-C", checkout.folder, "rev-parse", "HEAD"], { encoding: "utf8" }).trim();
    // Git is told not to look, and the file is looked at all the same.
    git("update-index", "--assume-unchanged", "scripts/test/run-deterministic-core.sh");
    writeFileSync(
      at("scripts/test/run-deterministic-core.sh"),
      `${files["scripts/test/run-deterministic-core.sh"]} # more\n`,
    );
    unlinkSync(at(".github/workflows/ci.yml"));
    const { code } = await greenlight("-p", "palyra");
    assert.equal(code, 1);
    const changed = "is changed in the checkout, and so not that of the commit; commit it, or undo the change.";
    const [unix, windows, fast, full, fixtures] = notFound();
    assert.equal(
      unix,
      `workflow_regression_contract_suite_unix pending_other_profile: scripts/test/run-deterministic-core.sh ${changed}`,
    );
    assert.match(windows!, / failed: scripts\/test\/run-deterministic-core\.ps1 is no text in UTF-8\.$/);
    assert.equal(
      fast,
      `workflow_regression_fast_ci_contract pending_other_profile: .github/workflows/ci.yml ${changed}`,
    );
    assert.match(full!, / failed: \.github\/workflows\/cli-full-regression\.yml:\d is no YAML \(.*\)\.$/);
    assert.equal(fixtures, `runtime_acceptance_fixture_contract invalid_reference: ${rust} is no file of the commit.`);
  });

  it("ends with 2 for a product without a checklist and for no checkout, and keeps nothing", async () => {
    checkout = checkoutOf(files);
    const nats = await greenlight("-p", "nats");
    assert.deepEqual([nats.code, /no readiness checklist with such items/.test(nats.stderr)], [2, true], nats.stderr);
    rmSync(at(".git"), { recursive: true });
    const none = await greenlight("-p", "palyra");
    assert.deepEqual(
      [none.code, /is not a git checkout with a commit; name the product's/.test(none.stderr)],
      [2, true],
    );
    assert.equal(existsSync(join(temporary.path, ".greenlight/matrix/palyra", checkout.commit)), false);
  });
});
