/** Rows of databases as they are copied from a machine: with a log beside them, without, damaged, and of lines. */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rowsOf, rowText, valuesOf } from "../../src/suites/database.ts";

describe("the rows of a database", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "greenlight-database-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const none = Buffer.alloc(0);
  const made = (
    more: (database: DatabaseSync) => void = () => undefined,
  ): { open: [Buffer, Buffer]; closed: [Buffer, Buffer] } => {
    const file = join(folder, "db");
    const database = new DatabaseSync(file);
    database.exec(
      "PRAGMA journal_mode = wal; CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, body TEXT, raw BLOB, big INTEGER)",
    );
    database.exec(
      `INSERT INTO t VALUES (1, 'one', '{"a":[1,true,null],"b":"x"}', x'00ff', 9223372036854775807), (2, NULL, 'text', NULL, -1)`,
    );
    more(database);
    for (const name of ["db", "db-wal"]) copyFileSync(join(folder, name), join(folder, `copy-${name}`));
    database.close();
    const read = (name: string): Buffer => (existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : none);
    return { open: [read("copy-db"), read("copy-db-wal")], closed: [read("db"), read("db-wal")] };
  };

  it("are the same while it is open, with all of them in the log, and once it is closed and the log is gone", () => {
    const { open, closed } = made();
    assert.ok(open[1].length > 0);
    assert.equal(closed[1].length, 0);
    const rows = rowsOf(...closed);
    assert.deepEqual(rows, [
      {
        table: "t",
        values: {
          id: 1,
          name: "one",
          body: '{"a":[1,true,null],"b":"x"}',
          raw: { blob: "00ff" },
          big: "9223372036854775807",
        },
      },
      { table: "t", values: { id: 2, name: null, body: "text", raw: null, big: -1 } },
    ]);
    assert.deepEqual(rowsOf(...open), rows);
    assert.notDeepEqual(rowsOf(open[0], none), rows, "without its log it is another database");
    assert.deepEqual(valuesOf(rows[0]!), ["00ff", "1", "1", "9223372036854775807", "one", "true", "x"]);
    assert.notEqual(rowText(rows[0]!), rowText(rows[1]!));
  });
  it("are of every table but virtual ones, whatever they are called", () => {
    const { closed } = made((database) =>
      database.exec(
        `CREATE TABLE "a""b c" (x); INSERT INTO "a""b c" VALUES (7); CREATE VIRTUAL TABLE f USING fts5(y); INSERT INTO f VALUES ('word')`,
      ),
    );
    const tables = new Set(rowsOf(...closed).map(({ table }) => table));
    assert.ok(tables.has('a"b c') && tables.has("f_content") && !tables.has("f"));
  });
  it("are lines of JSON or text in a file of another form, with its log behind it", () => {
    assert.deepEqual(rowsOf(Buffer.from('{"a":1}\nplain\n'), Buffer.from('{"a":2}\n')), [
      { table: "lines", values: { a: 1 } },
      { table: "lines", values: { text: "plain" } },
      { table: "lines", values: { a: 2 } },
    ]);
    assert.deepEqual(rowsOf(none, none), []);
  });
  it("are not known of one that is damaged, and nothing stays behind", () => {
    const { closed } = made();
    assert.throws(
      () => rowsOf(closed[0].subarray(0, 5000), none),
      /cannot be read as a database \(.*\), so that nothing is known/,
    );
    const damaged = Buffer.from(closed[0]);
    damaged.fill(0xff, 4096);
    assert.throws(() => rowsOf(damaged, none), /cannot be read as a database/);
  });
  it("leaves digests out of the values, for a chain of them is sealed anew", () => {
    assert.deepEqual(
      valuesOf({
        table: "t",
        values: {
          hash: "ab".repeat(32),
          raw: { blob: "ab".repeat(32) },
          name: "n",
          nested: `["${"0".repeat(64)}","m"]`,
        },
      }),
      ["m", "n"],
    );
  });
});
