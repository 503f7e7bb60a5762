/** Waivers: one requirement of one gate, for one archive and one failure, and every way in which one is void. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprintOf, overLimit, revoke, waive, WaiverRulesSchema } from "../../src/approvals/index.ts";
import { RequirementSchema } from "../../src/gates/index.ts";
import { failed, later, People, satisfied, waiverRules } from "./people.ts";

describe("a waiver", () => {
  let people: People;
  beforeEach(() => (people = new People()));
  afterEach(() => people.remove());

  /** Nothing is waived, and one sentence says why. */
  const isVoid = async (said: RegExp, more: object = {}): Promise<void> => {
    const question = people.waiverQuestion(more);
    const { requirements, used, refused } = await waive(question);
    assert.deepEqual([requirements, used], [question.requirements, []]);
    assert.equal(refused.length, 1, refused.join("\n"));
    assert.match(refused[0]!, said);
  };

  it("lets one requirement pass, and is shown beside it", async () => {
    const digest = await people.waive("alice");
    const { requirements, used, refused } = await waive(people.waiverQuestion());
    const [by, reason, expires] = ["alice@example.com", "known, mended next", "2026-03-08T12:00:00.000Z"];
    assert.deepEqual(requirements, [satisfied, { ...failed, status: "waived", waiver: { by, reason, expires } }]);
    assert.deepEqual(RequirementSchema.parse(requirements[1]), requirements[1]);
    assert.deepEqual(used, [{ digest, gate: "server-lifecycle", requirement: "smoke", by, reason, expires }]);
    assert.deepEqual(refused, []);
  });

  it("covers what is missing or stale as it was seen, and never what was lost with its machine", async () => {
    for (const status of ["missing", "stale", "errored"] as const) {
      const requirement = { ...failed, status };
      await people.waive("alice", { fingerprint: fingerprintOf(requirement) }, { now: later(-1) });
      const { requirements } = await waive(people.waiverQuestion({ requirements: [requirement] }));
      assert.equal(requirements[0]!.status, status === "errored" ? "errored" : "waived");
    }
  });

  it("is void for another failure, and says what it was and what it is", async () => {
    await people.waive("alice");
    const was = /is void, since the failure is another one: it was "it does not answer" and is "/;
    for (const more of [
      { check: "smoke/version" },
      { expected: "another answer within 5 s" },
      { observed: "a refusal from 10.0.2.15:4222" },
      { observed: undefined },
      { status: "missing" as const },
      { open: { checks: 2, of: 9 } },
    ])
      await isVoid(was, { requirements: [{ ...failed, ...more }] });
    const again = { ...failed, observed: "none from 10.0.2.77:41222 at 2026-03-02T01:02:03.456Z" };
    const { requirements } = await waive(people.waiverQuestion({ requirements: [again] }));
    assert.equal(requirements[0]!.status, "waived");
  });

  it("is void when the requirement is satisfied, or the gate does not ask for it", async () => {
    await people.waive("alice");
    await isVoid(
      /of server-lifecycle\/smoke by alice@example\.com does not count: it is void, since the requirement is satisfied/,
      { requirements: [{ name: "smoke", status: "satisfied" }] },
    );
    await isVoid(/the gate does not require that/, { requirements: [satisfied] });
    await isVoid(/the machine was lost/, { requirements: [{ ...failed, status: "errored" }] });
  });

  it("for another archive, version or channel is refused by name; another gate's or release's is not looked at", async () => {
    await people.waive("alice");
    await isVoid(/it is for archive aaaaaaaaaaaa and not bbbbbbbbbbbb/, { archive: "b".repeat(64) });
    await isVoid(/it is for version 1\.2\.3 and not 1\.2\.4/, { version: "1.2.4" });
    await isVoid(/it is for channel stable and not dev/, { channel: "dev" });
    for (const more of [
      { gate: "server-upgrade" },
      { product: "palyra" },
      { archive: "b".repeat(64), version: "1.2.4" },
    ]) {
      const { used, refused } = await waive(people.waiverQuestion(more));
      assert.deepEqual([used, refused], [[], []]);
    }
  });

  it("of a stranger, of a signer whom policy does not name, or of what policy keeps is refused", async () => {
    await people.waive("bob");
    await isVoid(/policy does not let bob@example\.com waive here/);
    people.allow("alice", `bob@example.com ${people.publicKey("carol")}`);
    const rules = { ...waiverRules, by: ["bob@example.com"] };
    await isVoid(/the key that signed it is not one of bob@example\.com/, { rules });
    for (const may of [["server-*/install"], ["*/smok"], ["server/*"], ["server-lifecycle/smoke/*"]])
      await isVoid(/policy does not let server-lifecycle\/smoke be waived/, { rules: { ...rules, may } });
    await assert.rejects(() => people.waive("mallory"), /is not one of/);
  });

  it("that is expired, from the future, revoked or damaged is refused", async () => {
    const digest = await people.waive("alice", {}, {}, 90);
    const rules = { ...waiverRules, days: 60 };
    await isVoid(/it expired at 2026-03-31T12:00:00\.000Z, as policy lets it be valid for 30 days/, { now: later(30) });
    await isVoid(/it expired at 2026-04-30T12:00:00\.000Z/, { now: later(60), rules });
    await isVoid(/it is from the future/, { now: later(-1) });
    await revoke(people.signer("carol"), { id: digest, reason: "it leaks" });
    await isVoid(/carol@example\.com revoked it at 2026-03-01T12:00:00\.000Z: it leaks/);
    writeFileSync(join(people.kept, `${digest}.json.sig`), "nothing");
    await isVoid(/its signature is not one of this statement/);
    writeFileSync(join(people.kept, `${digest}.json`), "nothing");
    await isVoid(/has been changed: its SHA-256 is/);
  });

  it("says that it could not be asked where there are no allowed signers", async () => {
    await people.waive("alice");
    await isVoid(/^The allowed signers .*nowhere do not exist/, { signersFile: join(people.folder, "nowhere") });
  });

  it("is counted once for a requirement, over all gates, and the channel's limit holds", async () => {
    await people.waive("alice");
    await people.waive("alice", {}, { now: later(-1) });
    const { used, refused } = await waive(people.waiverQuestion());
    assert.deepEqual([used.length, refused], [1, []]);
    assert.equal(overLimit(used, waiverRules), undefined);
    assert.equal(overLimit([...used, ...used], waiverRules), undefined);
    const two = [...used, { ...used[0]!, gate: "server-upgrade" }];
    assert.match(
      overLimit(two, waiverRules)!,
      /^The release needs 2 waivers \(server-lifecycle\/smoke, server-upgrade\/smoke\), and policy allows 1 at once; /,
    );
    assert.match(overLimit(used, { ...waiverRules, atMost: 0 })!, /needs 1 waiver .* policy allows none at once/);
  });

  it("has rules that can be kept, and says why in its own words", async () => {
    assert.deepEqual(WaiverRulesSchema.parse(waiverRules), waiverRules);
    for (const bad of [
      { atMost: -1 },
      { by: [] },
      { may: ["*"] },
      { may: ["!a/b"] },
      { may: [] },
      { days: 0 },
      { more: 1 },
    ])
      assert.equal(WaiverRulesSchema.safeParse({ ...waiverRules, ...bad }).success, false, JSON.stringify(bad));
    await assert.rejects(() => people.waive("alice", { reason: "" }), /reason: must say why/);
  });
});
