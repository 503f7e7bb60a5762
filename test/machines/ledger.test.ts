import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { EdgeError } from "../../src/edges/edges.ts";
import { amend, enter, entries, lookUp, spent, started, strike } from "../../src/machines/life/ledger.ts";
import type { Entry } from "../../src/machines/life/ledger.ts";

const fresh = (id = "0123456789", createdAt = "2025-01-01T00:00:00.000Z"): Entry => ({
  schema: 1,
  id,
  stack: "dev",
  urn: "urn:a",
  incarnation: 1,
  cell: "nats",
  subject: "0".repeat(64),
  image: "1".repeat(64),
  stage: "fresh",
  createdAt,
});

describe("the machine ledger", () => {
  let workspace: string;
  beforeEach(() => (workspace = mkdtempSync(join(tmpdir(), "ledger-"))));
  afterEach(() => rmSync(workspace, { recursive: true }));

  it("never goes back, and keeps the first evidence, whatever is done in whatever order", () => {
    const order = ["fresh", "started", "spent"];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant("start"), fc.constantFrom("a", "b")), { maxLength: 12 }), (steps) => {
        let entry = fresh();
        let first: string | undefined;
        for (const step of steps) {
          const before = entry;
          try {
            entry = step === "start" ? started(entry, "t") : spent(entry, step, "t");
          } catch (e) {
            assert.ok(e instanceof EdgeError);
            assert.ok(
              before.stage === "spent" && step !== before.evidence,
              "only other evidence for a spent machine is refused",
            );
          }
          if (step !== "start") first ??= step;
          assert.ok(order.indexOf(entry.stage) >= order.indexOf(before.stage));
          assert.equal(entry.evidence, first);
          assert.equal(entry.stage === "spent", first !== undefined);
        }
      }),
    );
  });

  it("reads an entry from before, which calls the stage a phase", () => {
    const { stage, ...rest } = fresh();
    enter(workspace, fresh());
    writeFileSync(join(workspace, ".greenlight/machines/0123456789.json"), JSON.stringify({ ...rest, phase: stage }));
    assert.deepEqual(lookUp(workspace, "0123456789"), fresh());
  });

  it("keeps a machine on disk and strikes it out", async () => {
    enter(workspace, fresh());
    await amend(workspace, "0123456789", (e) => spent(e, "e".repeat(64), "now"));
    assert.equal(lookUp(workspace, "0123456789")?.evidence, "e".repeat(64));
    assert.doesNotMatch(
      readFileSync(join(workspace, ".greenlight/machines/0123456789.json"), "utf8"),
      /PRIVATE|privateKey/,
    );
    await strike(workspace, "0123456789");
    assert.equal(lookUp(workspace, "0123456789"), undefined);
    await assert.rejects(
      amend(workspace, "0123456789", (e) => e),
      EdgeError,
    );
    assert.deepEqual(readdirSync(join(workspace, ".greenlight/machines")), []);
  });

  it("loses no change when many come at once", async () => {
    enter(workspace, fresh());
    await Promise.all(
      Array.from({ length: 10 }, () =>
        amend(workspace, "0123456789", (e) => ({ ...e, incarnation: e.incarnation + 1 })),
      ),
    );
    assert.equal(lookUp(workspace, "0123456789")?.incarnation, 11);
  });

  it("lists oldest first, and is not stopped by a spoiled entry", () => {
    enter(workspace, fresh("bbbbbbbbbb", "2025-01-02T00:00:00.000Z"));
    enter(workspace, fresh("aaaaaaaaaa", "2025-01-03T00:00:00.000Z"));
    writeFileSync(join(workspace, ".greenlight/machines/cccccccccc.json"), "{");
    assert.deepEqual(
      entries(workspace).map((e) => e.id),
      ["bbbbbbbbbb", "aaaaaaaaaa"],
    );
    assert.throws(() => lookUp(workspace, "cccccccccc"), EdgeError);
  });
});
