/** Later proofs of the same bytes are kept beside the release, and count when it is promoted. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  checkPromotion,
  keptProofs,
  promoteRelease,
  proofsFolder,
  publishRelease,
  readRelease,
  verifyRelease,
  type PromotionQuestion,
} from "../../src/channel/index.ts";
import { evidenceFile, loadEvidence, pointCell, storeEvidence, type Evidence } from "../../src/evidence/index.ts";
import { Fixture } from "./fixture.ts";

const later = new Date("2026-03-10T12:00:00Z");
const lately = new Date("2026-03-10T11:00:00Z");

describe("later proofs of a release", () => {
  let fixture: Fixture;
  let question: PromotionQuestion;
  beforeEach(async () => {
    fixture = new Fixture();
    const args = fixture.release();
    await publishRelease(args);
    question = {
      workspace: fixture.workspace,
      from: "dev",
      to: "stable",
      product: "tool",
      version: "1.0.0",
      digests: Object.fromEntries(args.files.map(({ name, sha256 }) => [name, sha256])),
      maxAgeHours: 168,
      now: later,
    };
  });
  afterEach(() => fixture.remove());
  const again = () => fixture.release("1.0.0", { run: "again", time: lately });
  const folder = (channel = "dev") => proofsFolder(fixture.workspace, channel, "tool", "1.0.0");
  const names = (channel = "dev") => (existsSync(folder(channel)) ? readdirSync(folder(channel)).sort() : []);
  const sentence = async (): Promise<string> => {
    const answer = await checkPromotion(question);
    return answer.verdict === "red" ? answer.sentence : "green";
  };

  it("are what a release needs whose evidence is too old; the refusal names the command for each cell", async () => {
    const text = await sentence();
    for (const cell of ["cell-0-lifecycle", "cell-0-recipe", "cell-1-lifecycle", "cell-1-recipe"]) {
      assert.match(
        text,
        new RegExp(
          `the evidence of gate ${cell} is 217 h old and may be 168; \`greenlight rerun ${cell} --stack dev\` proves it again`,
        ),
      );
    }
    assert.match(text, /; run these while 1\.0\.0 is that stack's candidate\.$/);
  });

  it("are kept beside the release, which stays as it is, and make it promotable again", async () => {
    const before = readRelease(fixture.workspace, "dev", "tool", "1.0.0")!;
    const args = again();
    const adopted = await publishRelease({ ...args, now: later });
    assert.deepEqual(
      [adopted.outcome, adopted.sentence],
      ["adopted", "Channel dev already holds these bytes of tool 1.0.0; 4 later proofs are kept beside them."],
    );
    assert.deepEqual(names(), args.gates.map(({ evidence }) => `${evidence}.json`).sort());
    assert.deepEqual(await verifyRelease(before.folder, before.digest), []);
    assert.deepEqual(readRelease(fixture.workspace, "dev", "tool", "1.0.0"), before);
    assert.equal(await sentence(), "green");
    const placed = await promoteRelease(question);
    assert.deepEqual([placed.outcome, placed.digest, names("stable")], ["published", before.digest, names()]);
    assert.deepEqual(await verifyRelease(placed.folder, placed.digest), []);
  });

  it("are also what a promotion finds that the destination has these bytes without", async () => {
    await publishRelease(fixture.release("1.0.0", { channel: "stable", run: "its own" }));
    question = { ...question, now: new Date("2026-03-01T12:00:00Z") };
    const placed = await promoteRelease(question);
    const { gates } = readRelease(fixture.workspace, "dev", "tool", "1.0.0")!.release;
    assert.equal(placed.outcome, "adopted");
    assert.deepEqual(names("stable"), gates.map(({ evidence }) => `${evidence}.json`).sort());
  });

  it("come one cell at a time: those of the others may be old by then, since nothing new is published", async () => {
    const old = fixture.release().gates;
    const fresh = again().gates;
    for (let i = 0; i < old.length; i++) {
      assert.notEqual(await sentence(), "green");
      const gates = old.map((gate, at) => (at === i ? fresh[at]! : gate));
      assert.equal((await publishRelease({ ...fixture.release(), gates, now: later })).outcome, "adopted");
      assert.equal(names().length, i + 1);
    }
    assert.equal(await sentence(), "green");
  });

  it("do not let a release be published that is not there and whose evidence is too old", async () => {
    await assert.rejects(
      publishRelease({ ...fixture.release("1.0.1"), now: later, before: undefined }),
      /is 217 h old and may be 24; `greenlight rerun cell-0-lifecycle --stack dev` proves it again/,
    );
  });

  it("are only added: each stays, and the same again changes nothing", async () => {
    for (const run of ["b", "c", "b"])
      await publishRelease({ ...fixture.release("1.0.0", { run, time: lately }), now: later });
    assert.equal(names().length, 8);
    for (const name of names()) assert.throws(() => writeFileSync(join(folder(), name), "", { flag: "wx" }));
  });

  const useless: [string, (file: string) => void][] = [
    ["was changed", (file) => (chmodSync(file, 0o644), writeFileSync(file, `${readFileSync(file, "utf8")} `))],
    ["is empty", (file) => (chmodSync(file, 0o644), writeFileSync(file, ""))],
    ["is no evidence", (file) => (chmodSync(file, 0o644), writeFileSync(file, "{}"))],
  ];
  for (const [what, change] of useless) {
    it(`count for nothing when one ${what}`, async () => {
      await publishRelease({ ...again(), now: later });
      change(join(folder(), names()[0]!));
      assert.match(await sentence(), /is 217 h old and may be 168/);
      assert.equal(keptProofs(fixture.workspace, "dev", "tool", "1.0.0").length, 3);
      await publishRelease({ ...again(), now: later });
      assert.equal(await sentence(), "green");
    });
  }

  it("count for nothing when they are about other bytes, whatever cell and folder they are in", async () => {
    for (const gate of fixture.release("1.0.0", { salt: "other", time: lately }).gates) {
      mkdirSync(folder(), { recursive: true });
      writeFileSync(join(folder(), `${gate.evidence}.json`), readFileSync(gate.evidenceFile));
    }
    assert.equal(keptProofs(fixture.workspace, "dev", "tool", "1.0.0").length, 4);
    assert.match(await sentence(), /gate cell-0-lifecycle is 217 h old .* gate cell-1-recipe is 217 h old/);
  });

  describe("that failed", () => {
    const soon = new Date("2026-03-01T11:30:00Z");
    const failed = async (more: { time?: Date; exit?: number; companions?: string[]; salt?: string } = {}) => {
      const [archive] = fixture.files("1.0.0", more.salt);
      const gate = fixture.gate("cell-0-lifecycle", archive!, ["install", "smoke"], {
        run: "failed",
        time: soon,
        exit: 1,
        ...more,
      });
      await pointCell(fixture.workspace, "dev", "cell-0-lifecycle", gate.evidence);
      return gate.evidence;
    };
    beforeEach(() => (question = { ...question, now: new Date("2026-03-01T12:00:00Z") }));

    it("block, until the cell has passed again", async () => {
      const evidence = await failed();
      assert.equal(
        await sentence(),
        `tool 1.0.0 cannot be promoted from dev: gate cell-0-lifecycle has failed since for the same bytes (evidence ${evidence}).`,
      );
      await publishRelease({ ...again(), now: later });
      assert.match(await sentence(), /gate cell-0-lifecycle is dated 2026-03-10T11:00:00\.000Z, which is not yet/);
      question = { ...question, now: later };
      assert.equal(await sentence(), "green");
    });

    const pointer = () => join(fixture.workspace, ".greenlight", "evidence", "cells", "dev", "cell-0-lifecycle.json");

    it("block too when they cannot be read any more, or when it cannot be read which there were", async () => {
      await pointCell(fixture.workspace, "dev", "cell-0-lifecycle", fixture.release().gates[0]!.evidence);
      const file = evidenceFile(fixture.workspace, await failed());
      rmSync(file);
      const why =
        /: nobody can say whether gate cell-0-lifecycle has failed since: Evidence \S+ does not exist; prove the cell again with `greenlight rerun`\.$/;
      assert.match(await sentence(), why);
      writeFileSync(file, "{}");
      assert.match(
        await sentence(),
        /nobody can say whether gate cell-0-lifecycle has failed since: .* has been changed/,
      );
      const fresh = fixture.gate("cell-0-lifecycle", fixture.files("1.0.0")[0]!, ["install", "smoke"], { time: soon });
      await pointCell(fixture.workspace, "dev", "cell-0-lifecycle", fresh.evidence);
      const { gates, ...args } = fixture.release();
      await publishRelease({ ...args, gates: [fresh, ...gates.slice(1)] });
      assert.equal(await sentence(), "green");
      writeFileSync(pointer(), "{");
      assert.match(
        await sentence(),
        /nobody can say whether gate cell-0-lifecycle has failed since: .*cell-0-lifecycle\.json is not JSON/,
      );
    });

    it("do not block by what cannot be read of the time before", async () => {
      await pointCell(fixture.workspace, "dev", "cell-0-lifecycle", "a".repeat(64));
      await pointCell(fixture.workspace, "dev", "cell-0-lifecycle", fixture.release().gates[0]!.evidence);
      assert.equal(await sentence(), "green");
    });

    it("are also those whose output was no evidence, or left a check out; a lost machine says nothing", async () => {
      const [archive] = fixture.files("1.0.0");
      const { evidence: digest } = fixture.gate("cell-0-lifecycle", archive!, ["install", "smoke"], { time: soon });
      const passed = loadEvidence(fixture.workspace, digest);
      const lost = { ...passed, errors: ["the machine was lost"], phases: [] };
      const [phase] = passed.phases;
      const cases: [Evidence, "green" | "red"][] = [
        [lost, "green"],
        [{ ...passed, faults: ["phase 1 printed no evidence"] }, "red"],
        [{ ...passed, phases: [{ ...phase!, checks: phase!.checks.slice(1) }] }, "red"],
      ];
      for (const [evidence, verdict] of cases) {
        await pointCell(fixture.workspace, "dev", "cell-0-lifecycle", storeEvidence(fixture.workspace, evidence));
        assert.match(await sentence(), verdict === "green" ? /^green$/ : /cell-0-lifecycle has failed since/);
        rmSync(pointer());
      }
    });

    it("say nothing of other bytes, of other companions, or of a proof that is newer; nor does a machine that passed", async () => {
      await failed({ salt: "other" });
      await failed({ companions: ["c".repeat(64)] });
      await failed({ time: new Date("2026-03-01T10:00:00Z") });
      await failed({ exit: 0 });
      assert.equal(await sentence(), "green");
    });
  });
});
