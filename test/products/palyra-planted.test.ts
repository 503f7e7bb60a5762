/** Data that is planted in a Palyra that is laid out here, and what becomes of it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LaidOut, product } from "./laid-out.ts";

describe("Palyra's planted data", function () {
  this.timeout(300_000);
  let headless: LaidOut;
  let desktop: LaidOut;
  let notes: string;
  before(async () => {
    [desktop, headless] = await Promise.all([LaidOut.of("desktop"), LaidOut.of("headless")]);
  });
  after(() => Promise.all([desktop?.remove(), headless?.remove()]));
  beforeEach(() => {
    notes = mkdtempSync(join(tmpdir(), "greenlight-planted-"));
  });
  afterEach(async () => {
    rmSync(notes, { recursive: true, force: true });
    headless.faults = [];
    await headless.stop();
    rmSync(headless.at.state, { recursive: true });
    execFileSync("mkdir", [headless.at.state]);
  });
  const { plant, planted } = product.checks;
  const writeLater = product.checks.writeLater!;
  const laterIsGone = product.checks.laterIsGone!;
  const all = async (laid: LaidOut, checks: typeof plant): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await laid.judge(checks(laid.subject, laid.at), notes)).map(({ check, status, observed }) => [
        check,
        status === "failed" ? observed! : status,
      ]),
    );
  const planting = async (...faults: string[]) => {
    headless.faults = faults;
    await headless.serve();
    return all(headless, plant);
  };
  const found = async (): Promise<string> => (await all(headless, planted))["planted"]!;

  it("is found at once, and after a restart", async () => {
    assert.deepEqual(await planting(), { plant: "passed", "planted-at-once": "passed" });
    await headless.restart();
    assert.equal(await found(), "passed");
  });

  it("of a desktop is configuration and secret", async () => {
    assert.deepEqual(await all(desktop, plant), { plant: "passed", "planted-at-once": "passed" });
    assert.deepEqual(await all(desktop, planted), { planted: "passed" });
    assert.equal(statSync(desktop.config).mode & 0o777, 0o600, "the configuration keeps its mode");
  });

  it("leaves no value of the secret and no token anywhere but in the product", async () => {
    await planting();
    const token = /auth_token = "(.*)"/.exec(readFileSync(headless.config, "utf8"))![1]!;
    const secret = headless.palyra("secrets", "get", "global", "planted", "--reveal").trim();
    assert.ok(secret.length > 40);
    for (const text of [token, secret]) {
      for (const folder of [notes, headless.at.root, headless.at.state])
        assert.throws(() => execFileSync("grep", ["-rqF", text, folder]), `${folder} holds it`);
    }
  });

  it("is planted only where a setting is kept", async () => {
    headless.palyra("config", "unset", "--key", "networked_workers.lease_ttl_ms");
    assert.match((await planting("config-set-ignored"))["planted-at-once"]!, /setting:/);
  });

  const losses: Record<string, [loss: (laid: LaidOut) => unknown, observed: RegExp]> = {
    "a secret that has changed": [
      (laid) => laid.palyraReads("other value", "secrets", "set", "global", "planted", "--value-stdin"),
      /now: secret [0-9a-f]{64} instead of secret/,
    ],
    "a vault that is gone": [
      (laid) => rmSync(join(laid.at.state, "vault"), { recursive: true }),
      /now: secret [0-9a-f]{64} instead of secret/,
    ],
    "a setting that has changed": [
      (laid) => laid.palyra("config", "set", "--key", "networked_workers.lease_ttl_ms", "--value", "900000"),
      /setting: .*900000.*now: configuration [0-9a-f]{64} instead of configuration/,
    ],
    "a configuration with another admin token": [
      (laid) =>
        writeFileSync(laid.config, readFileSync(laid.config, "utf8").replace(/palyra_admin_\w+/, "palyra_admin_OTHER")),
      /now: configuration [0-9a-f]{64}; admin token [0-9a-f]{64} instead of/,
    ],
    "state that is gone": [
      async (laid) => (
        await laid.stop(),
        rmSync(laid.at.state, { recursive: true }),
        execFileSync("mkdir", [laid.at.state])
      ),
      /now: secret [0-9a-f]{64} instead of secret/,
    ],
    "no planting before": [
      () => rmSync(join(notes, "notes"), { recursive: true }),
      /noted: exit code 1; .*No such file/,
    ],
  };
  for (const [name, [loss, observed]] of Object.entries(losses)) {
    it(`sees ${name}`, async () => {
      const config = readFileSync(headless.config);
      assert.deepEqual(await planting(), { plant: "passed", "planted-at-once": "passed" });
      await loss(headless);
      assert.match(await found(), observed);
      writeFileSync(headless.config, config);
    });
  }

  it("is joined by what is written after an upgrade, and a rollback takes that back", async () => {
    for (const laid of [desktop, headless]) {
      const config = readFileSync(laid.config);
      if (laid === headless) await laid.serve();
      await all(laid, plant);
      const backup = join(laid.folder, "before");
      cpSync(laid.at.state, backup, { recursive: true });
      const settings = readFileSync(laid.config);
      if (laid === headless) await laid.restart();
      assert.deepEqual(await all(laid, writeLater), { "written-later": "passed" });
      const left = (await all(laid, laterIsGone))["later-is-gone"]!;
      assert.match(left, /setting: .*654321.*secret: exit code 0/);
      await laid.stop();
      rmSync(laid.at.state, { recursive: true });
      cpSync(backup, laid.at.state, { recursive: true });
      writeFileSync(laid.config, settings);
      assert.deepEqual(await all(laid, laterIsGone), { "later-is-gone": "passed" });
      if (laid === headless) {
        rmSync(join(laid.at.state, "vault"), { recursive: true });
        writeFileSync(join(laid.at.state, "vault"), "no folder");
        assert.match(
          (await all(laid, laterIsGone))["later-is-gone"]!,
          /^secret: exit code (?!0|8)/,
          "a vault that cannot be read says nothing",
        );
      }
      writeFileSync(laid.config, config);
    }
  });
});
