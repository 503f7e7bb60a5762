/** A journal of the size that a real one has after its migrations, open and with a full log, comes back whole and is judged. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { CheckRecordSchema } from "../../src/checks/record.ts";
import { keptNoted, keptStill } from "../../src/suites/kept.ts";
import { judgeSuite, type Check, type RunRecord } from "../../src/suites/index.ts";
import type { Kind, Places } from "../../src/products/index.ts";
import { runHere, temporaryFolder } from "./on-host.ts";

const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ulid = (): string => `01K${[...randomBytes(23)].map((byte) => letters[byte % 32]).join("")}`;

/** 31 migrations of many tables and indexes, and so many events, each written by itself. */
function filled(database: DatabaseSync, events: number): void {
  database.exec("PRAGMA journal_mode = wal; CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, at INTEGER)");
  for (let version = 1; version <= 31; version++) {
    database.exec("BEGIN");
    for (const part of ["runs", "leases", "notes"]) {
      const table = `${part}_${version}`;
      const columns = Array.from({ length: 12 }, (_, n) => `${part}_value_${n} TEXT NOT NULL DEFAULT ''`);
      database.exec(`CREATE TABLE ${table} (${part}_ulid TEXT PRIMARY KEY, ${columns.join(", ")}, at INTEGER)`);
      for (const n of [0, 1, 2]) database.exec(`CREATE INDEX ${table}_by_${n} ON ${table} (${part}_value_${n}, at)`);
    }
    database.prepare("INSERT INTO schema_migrations VALUES (?, ?)").run(version, Date.now());
    database.exec("COMMIT");
  }
  database.exec(
    "CREATE TABLE events (seq INTEGER PRIMARY KEY, event_ulid TEXT UNIQUE, session_ulid TEXT, payload TEXT)",
  );
  const insert = database.prepare("INSERT INTO events (event_ulid, session_ulid, payload) VALUES (?, ?, ?)");
  const payload = (): string => JSON.stringify({ event: "daemon.started", digest: randomBytes(32).toString("hex") });
  for (let n = 0; n < events; n++) insert.run(ulid(), ulid(), payload());
}

describe("a journal as large as a real one", function () {
  this.timeout(120_000);

  const events = 500;
  it("comes back whole while it is open, and what it loses is seen", async () => {
    const folder = temporaryFolder();
    const state = join(folder, "state");
    mkdirSync(state);
    const path = join(state, "journal.sqlite3");
    const database = new DatabaseSync(path);
    filled(database, events);
    const named = "[0-9A-HJKMNP-TV-Z]{26}";
    const kind: Kind = {
      binaries: [],
      services: [],
      kept: [{ how: "records", path: "{state}/journal.sqlite3", service: "daemon", named }],
    };
    const at: Places = { root: folder, state, config: folder, commands: folder };
    const earlier: RunRecord[] = [];
    const asked = async (checks: Check[], phase: number) => {
      const suite = { name: "smoke", checks };
      const { record } = await runHere([suite], { run: "kept", phase, host: { folder: join(folder, "machine") } });
      // Evidence is read again from its file.
      for (const each of record.checks) assert.ok(CheckRecordSchema.safeParse(each).success);
      const results = judgeSuite(suite, record, [], earlier).checks;
      earlier.push(record);
      return results.map(({ status, observed }) => observed ?? status);
    };
    // As many looks as an upgrade takes in one phase.
    const still = (name: string): Check[] => keptStill({ kind, at }, false).map((check) => ({ ...check, name }));
    const names = ["once", "twice", "again", "fourth", "fifth", "sixth", "last"];
    const checks = [...keptNoted({ kind, at }), ...names.flatMap(still)];
    assert.deepEqual(
      await asked(checks, 1),
      checks.map(() => "passed"),
    );
    database.exec("DELETE FROM events WHERE seq <= 3");
    assert.match((await asked(still("later"), 2)).join(), new RegExp(`has lost 3 of ${events} records`));
    database.close();
  });
});
