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
  const journal = (): string => join(headless.at.state, "data/journal.sqlite3");
  const rewrite = (change: (text: string) => string): void => writeFileSync(journal(), change(readFileSync(journal(), "latin1")), "latin1");
  const all = async (laid: LaidOut, checks: typeof plant): Promise<Record<string, string>> =>
    Object.fromEntries((await laid.judge(checks(laid.subject, laid.at), notes)).map(({ check, status, observed }) => [check, status === "failed" ? observed! : status]));
  const planting = async (...faults: string[]) => {
    headless.faults = faults;
    await headless.serve();
    return all(headless, plant);
  };
  /** Looked for as under the release that it was planted with, or under another one. */
  const found = async (version = headless.subject.version): Promise<string> => (await all(headless, (subject, at) => planted({ ...subject, version }, at)))["planted"]!;

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
      for (const folder of [notes, headless.at.root, headless.at.state]) assert.throws(() => execFileSync("grep", ["-rqF", text, folder]), `${folder} holds it`);
    }
  });

  it("is planted only where the journal keeps its records over a restart", async () => assert.match((await planting("forgets"))["plant"]!, /journal: lost records by a restart/));
  it("is planted only where a setting is kept", async () => {
    headless.palyra("config", "unset", "--key", "networked_workers.lease_ttl_ms");
    assert.match((await planting("config-set-ignored"))["planted-at-once"]!, /setting:/);
  });

  const losses: Record<string, [loss: (laid: LaidOut) => unknown, observed: RegExp]> = {
    "a journal that is begun anew": [(laid) => laid.restart("forgets"), /journal: 1 of 1 records are lost/],
    "a record with another text of the same length": [() => rewrite((text) => text.replace("started", "STARTED")), /journal: [12] of [12] records are not what they were/],
    "a record without its text": [() => rewrite((text) => text.replace(/"text":"palyrad[^"]*started",/, "")), /journal: [12] of [12] records are not what they were/],
    "a journal that is gone": [async (laid) => (await laid.stop(), rmSync(journal())), /journal: 1 of 1 records are lost/],
    "an identity that is made anew": [(laid) => laid.restart("new-identity"), /identity: not what it was/],
    "a secret that has changed": [(laid) => laid.palyraReads("other value", "secrets", "set", "global", "planted", "--value-stdin"), /secret: not what it was/],
    "a vault that is gone": [(laid) => rmSync(join(laid.at.state, "vault"), { recursive: true }), /secret: not what it was/],
    "a setting that has changed": [(laid) => laid.palyra("config", "set", "--key", "networked_workers.lease_ttl_ms", "--value", "900000"), /setting: .*900000.*configuration: not what it was/s],
    "a configuration with another admin token": [(laid) => writeFileSync(laid.config, readFileSync(laid.config, "utf8").replace(/palyra_admin_\w+/, "palyra_admin_OTHER")), /configuration: not what it was.*admin token: not what it was/s],
    "state that is gone": [async (laid) => (await laid.stop(), rmSync(laid.at.state, { recursive: true }), execFileSync("mkdir", [laid.at.state])), /secret: not what it was.*identity: not what it was.*journal: 1 of 1 records are lost/s],
    "no planting before": [() => rmSync(join(notes, "notes"), { recursive: true }), /nothing was planted/],
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

  it("outlives a newer version, and is missed when an older one opens what that has written", async () => {
    const newer = await LaidOut.of("headless", "0.2.0");
    try {
      await planting();
      await headless.stop();
      const backup = join(headless.folder, "backup");
      cpSync(headless.at.state, backup, { recursive: true });
      await headless.restart([], newer.at.root);
      assert.equal(await found("0.2.0"), "passed", "migrated");
      assert.match(await found(), /journal: [12] of [12] records are not what they were/, "of the release that it was planted with, every byte counts");
      rewrite((text) => text.replace("0.1.0 started", "0.1.0 STARTED"));
      assert.match(await found("0.2.0"), /journal: [12] of [12] records are not what they were/, "migrated, with another text");
      rewrite((text) => text.replace("0.1.0 STARTED", "0.1.0 started"));
      rewrite((text) => text.replace(/"id":1,/, '"id":999,'));
      assert.match(await found("0.2.0"), /journal: [12] of [12] records are not what they were/, "migrated, with another number");
      rewrite((text) => text.replace('"id":999,', '"id":1,'));
      assert.equal(await found("0.2.0"), "passed", "as it was");
      await headless.restart();
      assert.match(await found(), /journal: 1 of 1 records are lost/);
      await headless.stop();
      rmSync(headless.at.state, { recursive: true });
      cpSync(backup, headless.at.state, { recursive: true });
      await headless.restart();
      assert.equal(await found(), "passed", "from the backup");
    } finally {
      await newer.remove();
    }
  });

  it("reads a database as well, where rows lie among bytes that are no text", async () => {
    await planting();
    await headless.stop();
    const [name] = /[0-9A-HJKMNP-TV-Z]{26}/.exec(readFileSync(journal(), "latin1"))!;
    const row = (text: string, more = ""): string => `SQLite format 3\0\x10${more}\0\x81\x20\x03A\x1f${name}01BX5ZZKBKACTAV9WEVGEMMVRZ{"kind":"started","text":"${text}"}\x01\xc3${"f".repeat(64)}\0\x02{"of":"another table"}\0`;
    const folder = join(notes, "notes/planted");
    const set = (text: string): void => rewrite(() => text);
    set(row("of a row"));
    const lines = readFileSync(journal(), "latin1").split(/[^ -~]+/).filter((line) => line.includes("{")).sort();
    for (const [file, text] of Object.entries({ records: `${name}\n`, texts: `${lines.join("\n")}\n`, values: `${name} "of a row"\n${name} "started"\n` })) writeFileSync(join(folder, file), text);
    for (const version of ["0.1.0", "0.2.0"]) {
      set(row("of a row", "other pages, {\"more\":1} before it\0"));
      assert.doesNotMatch(await found(version), /journal/, version);
      set(row("of another"));
      assert.match(await found(version), /journal: [12] of [12] records are not what they were/, version);
      set(row("of a row").replace(name, "01BX5ZZKBKACTAV9WEVGEMMVS0"));
      assert.match(await found(version), /journal: 1 of 1 records are lost/, version);
    }
    set(row("of a row").replace("of\":\"another", "of\":\"no other"));
    assert.match(await found(), /are not what they were/, "text without a name, before a migration");
  });

  it("is known by its readable text where a journal names no record, and cannot be planted where there is nothing to read", async () => {
    await headless.serve();
    const unnamed = (checks: typeof plant) => checks(headless.subject, headless.at).map((check) => ({ ...check, run: check.run.replace("name=$d", "name=none$d").replace('|\\{\\"', "") }));
    const judged = async (checks: typeof plant): Promise<string> => (await headless.judge(unnamed(checks).slice(0, 1), notes)).map(({ observed, status }) => observed ?? status).join();
    assert.equal(await judged(plant), "passed");
    assert.equal(await judged(planted), "passed");
    const kept = readFileSync(journal());
    rewrite((text) => text.replace(/started/g, "STARTED"));
    assert.match(await judged(planted), /journal: [1-9][0-9]* of [1-9][0-9]* records are not what they were/);
    writeFileSync(journal(), kept);
    assert.equal(await judged(planted), "passed");
    const blind = unnamed(plant).map((check) => ({ ...check, run: check.run.replace(".{24}", "nothing like it") }));
    assert.match((await headless.judge(blind.slice(0, 1), notes))[0]!.observed!, /journal: holds nothing that could be looked for/);
  });

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
      assert.match(left, /setting: still 654321.*secret: still there/s);
      if (laid === headless) assert.match(left, /journal: [1-9][0-9]* later records are still there/);
      await laid.stop();
      rmSync(laid.at.state, { recursive: true });
      cpSync(backup, laid.at.state, { recursive: true });
      writeFileSync(laid.config, settings);
      assert.deepEqual(await all(laid, laterIsGone), { "later-is-gone": "passed" });
      if (laid === headless) {
        writeFileSync(join(notes, "notes/planted/texts-later"), "");
        assert.match((await all(laid, laterIsGone))["later-is-gone"]!, /journal: it is not known what was written/);
        rmSync(join(laid.at.state, "vault"), { recursive: true });
        writeFileSync(join(laid.at.state, "vault"), "no folder");
        assert.match((await all(laid, laterIsGone))["later-is-gone"]!, /secret: (?!gone|still)/, "a vault that cannot be read says nothing");
      }
      writeFileSync(laid.config, config);
    }
  });
});
