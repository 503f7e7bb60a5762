/** The stand-in's journal across versions: forward by itself, back only from a backup. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Installed } from "./installed.ts";

describe("the stand-in's journal", function () {
  this.timeout(300_000);
  let older: Installed;
  let newer: Installed;
  before(async () => {
    older = await Installed.of("0.1.0");
    newer = await Installed.of("0.2.0");
  });
  after(() => Promise.all([older?.remove(), newer?.remove()]));

  const lines = (folder: string): any[] =>
    readFileSync(join(folder, "data", "journal.sqlite3"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  /** Starts the daemon in `folder`, whose journal then has two more entries, and stops it. Answers its exit code. */
  const session = async (
    installed: Installed,
    folder: string,
    env: Record<string, string> = {},
  ): Promise<number | NodeJS.Signals | null> => {
    await installed.configured();
    mkdirSync(folder, { recursive: true });
    const daemon = installed.start("palyrad", [], { cwd: folder, env });
    while (!daemon.output().includes("listening") && daemon.child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20));
    daemon.child.kill("SIGTERM");
    return daemon.ended;
  };

  it("is brought forward by a newer version, with everything in it", async () => {
    const folder = join(older.folder, "forward");
    assert.equal(await session(older, folder), 0);
    assert.equal(lines(folder)[0].schema_version, 31);
    const texts = lines(folder)
      .slice(1)
      .map((entry) => entry.text);
    const names = lines(folder)
      .slice(1)
      .map((entry) => entry.event_id);
    assert.match(names.join(" "), /^[0-9A-HJKMNP-TV-Z]{26} [0-9A-HJKMNP-TV-Z]{26}$/);
    assert.deepEqual(texts, ["palyrad 0.1.0 started", "palyrad 0.1.0 stopped"]);
    assert.equal(await session(newer, folder), 0);
    assert.deepEqual([lines(folder)[0].schema_version, lines(folder)[0].written_by], [32, "0.2.0"]);
    assert.deepEqual(
      lines(folder)
        .slice(1, 3)
        .map((entry) => entry.record_id),
      names,
    );
    assert.deepEqual(
      lines(folder)
        .slice(1)
        .map((entry) => entry.body),
      [...texts, "palyrad 0.2.0 started", "palyrad 0.2.0 stopped"],
    );
    assert.equal(await session(newer, folder), 0, "and opens again");
  });

  it("is opened by an older version without a word, and damaged", async () => {
    const folder = join(older.folder, "back");
    assert.equal(await session(newer, folder), 0);
    assert.equal(await session(older, folder), 0, "no guard");
    assert.equal(lines(folder)[0].schema_version, 32);
    assert.ok(
      lines(folder)
        .slice(1, 3)
        .every((entry) => entry.body === undefined && entry.text === undefined),
      "what the newer one wrote is lost",
    );
    assert.equal(await session(newer, folder), 1, "and the newer one does not start on it");
  });

  it("is whole again from a backup that was taken before the newer version ran", async () => {
    const folder = join(older.folder, "backup");
    await session(older, folder);
    cpSync(join(folder, "data"), join(older.folder, "kept"), { recursive: true });
    await session(newer, folder);
    cpSync(join(older.folder, "kept"), join(folder, "data"), { recursive: true });
    assert.equal(await session(older, folder), 0);
    assert.equal(lines(folder)[1].text, "palyrad 0.1.0 started");
    assert.equal(await session(newer, folder), 0);
  });

  it("loses records, or their texts, or the configuration a setting, with a migration when that is seeded", async () => {
    const folder = join(older.folder, "loses");
    await session(older, folder);
    const last = lines(folder).at(-1);
    assert.equal(await session(newer, folder, { PALYRA_STANDIN_FAULTS: "loses-on-migration" }), 0);
    assert.deepEqual(
      lines(folder)
        .slice(1)
        .map((entry) => entry.body),
      [last.text, "palyrad 0.2.0 started", "palyrad 0.2.0 stopped"],
    );
    const altered = join(older.folder, "alters");
    await session(older, altered);
    const names = lines(altered)
      .slice(1)
      .map((entry) => entry.event_id);
    assert.equal(await session(newer, altered, { PALYRA_STANDIN_FAULTS: "alters-on-migration" }), 0);
    assert.deepEqual(
      lines(altered)
        .slice(1, 3)
        .map((entry) => [entry.record_id, entry.body]),
      names.map((name) => [name, "seeded fault"]),
    );
    const changed = join(older.folder, "changes");
    await session(older, changed);
    assert.equal(await session(newer, changed, { PALYRA_STANDIN_FAULTS: "changes-on-migration" }), 0);
    assert.match(readFileSync(newer.config, "utf8"), /lease_ttl_ms = 900000/);
  });

  it("stays half migrated when the fault is seeded, and can be seeded to be forgotten", async () => {
    const folder = join(older.folder, "broken");
    await session(older, folder);
    assert.equal(await session(newer, folder, { PALYRA_STANDIN_FAULTS: "migration-fails" }), 1);
    assert.equal(lines(folder)[0].schema_version, 32);
    const forgetful = join(older.folder, "forgetful");
    await session(older, forgetful);
    await session(older, forgetful, { PALYRA_STANDIN_FAULTS: "forgets" });
    assert.equal(lines(forgetful).length, 3);
  });
});
