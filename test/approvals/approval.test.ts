/** Approvals: what counts, and every way in which one does not. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApprovalRulesSchema, isUsed, markUsed, revoke } from "../../src/approvals/index.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { approvalRules, later, now, People, release } from "./people.ts";

const minutes = (many: number): Date => new Date(now.getTime() + many * 60_000);

describe("an approval", () => {
  let people: People;
  beforeEach(() => (people = new People()));
  afterEach(() => people.remove());

  const file = (digest: string, end = ""): string => join(people.kept, `${digest}.json${end}`);
  const open = async (status: "missing" | "refused", said: RegExp, more: object = {}): Promise<void> => {
    const answer = await people.ask(more);
    assert.equal(answer.status, status, answer.sentence);
    assert.match(answer.sentence, said);
  };
  const throws = (work: () => Promise<unknown>, said: RegExp, code = "input"): Promise<void> =>
    assert.rejects(work, (e: unknown) => {
      assert.ok(e instanceof EdgeError);
      assert.match(e.message, said);
      assert.equal(e.code, code);
      return true;
    });

  it("lets a release through by the word of somebody whom policy names, until it expires", async () => {
    const digest = await people.approve("alice");
    assert.deepEqual(await people.ask(), {
      status: "approved",
      people: ["alice@example.com"],
      until: "2026-03-08T12:00:00.000Z",
      statements: [digest],
      sentence:
        "Gate people is approved: alice@example.com approved nats 1.2.3 for channel stable, until 2026-03-08T12:00:00.000Z.",
    });
  });

  it("is missing where nobody has said anything, and the command that gives it is said", async () => {
    const said =
      "Gate people is not approved: 1 person of alice@example.com, bob@example.com must approve nats 1.2.3 for channel stable, and nobody has; `greenlight approve people --release nats@1.2.3 --channel stable --key FILE` does it.";
    assert.deepEqual(await people.ask(), { status: "missing", people: [], statements: [], sentence: said });
  });

  it("can be verified by a stranger with ssh-keygen, the two files and the allowed signers alone", async () => {
    const digest = await people.approve("alice");
    const args = ["-f", people.signersFile, "-I", "alice@example.com", "-n", "greenlight-approval"];
    const said = execFileSync("ssh-keygen", ["-Y", "verify", ...args, "-s", file(digest, ".sig")], {
      input: readFileSync(file(digest)),
      encoding: "utf8",
    });
    assert.match(said, /^Good "greenlight-approval" signature for alice@example\.com with ED25519 key SHA256:/);
    assert.equal(sha256(readFileSync(file(digest))), digest);
  });

  it("of a stranger, and of a signer whom policy does not name, is refused", async () => {
    await people.approve("carol");
    await open(
      "refused",
      /approval [0-9a-f]{12} by carol@example\.com: policy does not let carol@example\.com approve here/,
    );
    await throws(
      () => people.approve("mallory"),
      /^The key .*\/mallory is not one of .*allowed-signers, or is not valid/,
    );
    // A key that is taken out of the file does not count any more, whatever it has signed.
    await people.approve("bob");
    people.allow("alice", `bob@example.com ${people.publicKey("carol")}`);
    await open(
      "refused",
      /by bob@example\.com: the key that signed it is not one of bob@example\.com in .*allowed-signers/,
    );
    people.allow(`bob@example.com valid-before="20260228" ${people.publicKey("bob")}`);
    await open("refused", /by bob@example\.com: the key of bob@example\.com has expired by .*allowed-signers/);
  });

  it("for another digest, channel, gate, version or product is refused, and said by name", async () => {
    for (const [asked, said] of [
      [{ release: "e".repeat(64) }, /alice@example\.com is for release dddddddddddd and not eeeeeeeeeeee/],
      [{ channel: "dev" }, /is for channel stable and not dev/],
      [{ gate: "lawyers" }, /is for gate people and not lawyers/],
      [{ version: "1.2.4" }, /is for version 1\.2\.3 and not 1\.2\.4/],
      [{ product: "palyra" }, /is for product nats and not palyra/],
    ] as const) {
      await people.approve("alice");
      await open("refused", said, asked);
    }
    await open("missing", /Not counted: .* is for gate people and not lawyers, is for channel stable and not dev/, {
      gate: "lawyers",
      channel: "dev",
    });
  });

  it("does not outlive its expiry, or what policy gives it, and does not come from the future", async () => {
    await people.approve("alice", {}, {}, 90);
    await open("refused", /it expired at 2026-03-31T12:00:00\.000Z, as policy lets it be valid for 30 days/, {
      now: later(31),
    });
    const { until } = await people.ask();
    assert.equal(until, later(30).toISOString());
    people.remove();
    people = new People();
    await people.approve("alice");
    assert.equal((await people.ask({ now: new Date(later(7).getTime() - 1) })).status, "approved");
    await open("refused", /it expired at 2026-03-08T12:00:00\.000Z\./, { now: later(7) });
    assert.equal((await people.ask({ now: minutes(-5) })).status, "approved");
    await open("refused", /it is from the future \(2026-03-01T12:00:00\.000Z\)/, { now: minutes(-6) });
  });

  it("that was tampered with does not count: statement, signature, or both", async () => {
    const digest = await people.approve("alice", { gate: "lawyers" });
    const text = readFileSync(file(digest), "utf8");
    const changed = text.replace("lawyers", "people");
    writeFileSync(file(digest), changed);
    await open("refused", /cannot be approved: .*\.json has been changed: its SHA-256 is [0-9a-f]{64}; restore it/);
    rmSync(file(digest));
    writeFileSync(file(sha256(changed)), changed);
    await open("refused", /by alice@example\.com: its signature is not one of this statement/);
    writeFileSync(file(sha256(changed), ".sig"), readFileSync(file(digest, ".sig")));
    await open("refused", /its signature is not one of this statement/);
    // A signature of the right text for another purpose is none.
    execFileSync(
      "ssh-keygen",
      ["-q", "-Y", "sign", "-f", join(people.folder, "alice"), "-n", "git", file(sha256(changed))],
      { input: "y\n", stdio: ["pipe", "ignore", "ignore"] },
    );
    await open("refused", /its signature is not one of this statement/);
  });

  it("that nobody can read blocks, whatever else was approved", async () => {
    await people.approve("alice");
    const put = async (name: string, make: (at: string) => void, said: RegExp): Promise<void> => {
      const at = join(people.kept, name);
      make(at);
      await open("refused", said);
      rmSync(at, { recursive: true });
      assert.equal((await people.ask()).status, "approved");
    };
    const text = '{"kind":"approval"}\n';
    await put(
      `${sha256(text)}.json`,
      (at) => writeFileSync(at, text),
      /is not usable: .*gate.*; restore it from a backup/,
    );
    await put("x.json", (at) => writeFileSync(at, text), /x\.json is not named by its digest/);
    await put("y.json", (at) => mkdirSync(at), /y\.json cannot be read \(EISDIR\)/);
    await put(
      "z.json",
      (at) => symlinkSync(file(people.statements()[0]!.slice(0, 64)), at),
      /z\.json cannot be read \(ELOOP\)/,
    );
    const spaced = readFileSync(join(people.kept, people.statements()[0]!), "utf8").replace(",", ", ");
    await put(`${sha256(spaced)}.json`, (at) => writeFileSync(at, spaced), /is not canonical JSON with one line feed/);
    people.allow("alice", `*@example.com ${people.publicKey("mallory")}`);
    await open(
      "refused",
      /Line 3 of .*allowed-signers gives a key every name like \*@example\.com; write out the names/,
    );
    rmSync(people.signersFile);
    await open("refused", /The allowed signers .* do not exist; docs\/approvals\.md/);
  });

  it("counts a person once where two are asked for, by name and by key", async () => {
    const rules = { ...approvalRules, people: 2 };
    await people.approve("alice");
    await people.approve("alice", { reason: "still good" });
    await open("missing", /2 people of .* must approve .*, and alice@example\.com has;/, { rules });
    // One key under two names is one person.
    people.allow("alice", `bob@example.com ${people.publicKey("alice")}`);
    await people.approve("alice", {}, { as: "bob@example.com" });
    assert.equal((await people.ask({ rules })).status, "missing");
    people.allow("alice", "bob");
    await people.approve("bob", {}, {}, 3);
    const { status, people: names, until } = await people.ask({ rules });
    assert.deepEqual(
      [status, names, until],
      ["approved", ["alice@example.com", "bob@example.com"], "2026-03-04T12:00:00.000Z"],
    );
  });

  it("can be revoked by any allowed signer, and by nobody else", async () => {
    const digest = await people.approve("alice");
    const id = digest.slice(0, 10);
    await throws(() => revoke(people.signer("mallory"), { id, reason: "no" }), /is not one of/);
    assert.equal((await people.ask()).status, "approved");
    await revoke(people.signer("carol", { now: minutes(1) }), { id, reason: "it leaks" });
    await open(
      "refused",
      /by alice@example\.com: carol@example\.com revoked it at 2026-03-01T12:01:00\.000Z: it leaks/,
    );
    await throws(
      () => markUsed(people.question(), digest, { channel: "stable", release }),
      /^The approval [0-9a-f]{12} does not hold any more: carol@example\.com revoked it/,
      "refused",
    );
    // Somebody who is no signer any more has revoked nothing, and that is said.
    people.allow("alice", "bob");
    const answer = await people.ask();
    assert.equal(answer.status, "approved");
    assert.match(
      answer.sentence,
      /Not counted: revocation [0-9a-f]{12} does not count: the key that signed it is not one/,
    );
  });

  it("stays revoked when the revocation's signature is spoiled", async () => {
    const digest = await people.approve("alice");
    const revocation = await revoke(people.signer("carol"), { id: digest, reason: "it leaks" });
    writeFileSync(file(revocation.digest, ".sig"), "nothing");
    await open("refused", /its revocation [0-9a-f]{12} is damaged: its signature is not one of this statement/);
    await throws(
      () => revoke(people.signer("bob"), { id: revocation.digest, reason: "no" }),
      /cannot be revoked; make/,
    );
  });

  it("that was used cannot be revoked, by command or by hand", async () => {
    const digest = await people.approve("alice");
    assert.equal(isUsed(people.workspace, digest), undefined);
    // A revocation that was signed in time but is put there too late.
    const other = new People();
    try {
      for (const end of ["", ".sig"]) {
        mkdirSync(other.kept, { recursive: true });
        writeFileSync(join(other.kept, `${digest}.json${end}`), readFileSync(file(digest, end)));
      }
      const late = { ...people.signer("bob", { now: minutes(2) }), workspace: other.workspace };
      const { digest: planted } = await revoke(late, { id: digest, reason: "too late" });
      await markUsed(people.question({ now: minutes(1) }), digest, { channel: "stable", release });
      await markUsed(people.question({ now: minutes(3) }), digest, { channel: "stable", release });
      assert.deepEqual(isUsed(people.workspace, digest), {
        ...{ schema: 1, statement: digest, channel: "stable", release, time: "2026-03-01T12:01:00.000Z" },
      });
      await throws(
        () => revoke(people.signer("bob", { now: minutes(2) }), { id: digest, reason: "no" }),
        /was used at 2026-03-01T12:01:00\.000Z for release dddddddddddd in channel stable, and what is out cannot be called back/,
        "refused",
      );
      assert.equal(people.statements().length, 1);
      for (const end of ["", ".sig"])
        writeFileSync(file(planted, end), readFileSync(join(other.kept, `${planted}.json${end}`)));
      const { status, sentence } = await people.ask();
      assert.equal(status, "approved");
      assert.match(
        sentence,
        /revocation [0-9a-f]{12} does not count: the statement was used at .*, before it was revoked/,
      );
    } finally {
      other.remove();
    }
    writeFileSync(join(people.kept, "used", `${digest}.json`), "{}");
    await open("refused", /used.*is not usable/);
  });

  it("is made by a key that can sign, and by one name of it", async () => {
    await throws(() => people.approve("nobody"), /nobody does not exist or is no key; name a private key/);
    people.key("dora", "secret");
    await throws(
      () => people.approve("dora"),
      /The key .*\/dora is encrypted, and no ssh agent holds it; add it with `ssh-add/,
    );
    people.allow("alice", `bob@example.com,al@example.com ${people.publicKey("bob")}`);
    await throws(
      () => people.approve("bob"),
      /stands for bob@example\.com, al@example\.com in .*; say which with --as/,
    );
    await throws(
      () => people.approve("alice", {}, { as: "carol" }),
      /alice cannot sign as carol: the key that signed it is not one of carol in /,
    );
    await throws(() => people.approve("alice", {}, {}, 0), /0 is no number of days/);
    await people.approve("bob", {}, { as: "bob@example.com" });
    assert.deepEqual((await people.ask()).people, ["bob@example.com"]);
  });

  it("takes an encrypted key from an ssh agent that holds it", async () => {
    const key = people.key("fred");
    const socket = join(people.folder, "agent");
    const said = execFileSync("ssh-agent", ["-s", "-a", socket], { encoding: "utf8" });
    const before = process.env["SSH_AUTH_SOCK"];
    try {
      process.env["SSH_AUTH_SOCK"] = socket;
      execFileSync("ssh-add", ["-q", key]);
      execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "secret", "-f", key]);
      people.allow("alice", `bob@example.com ${people.publicKey("fred")}`);
      await people.approve("fred");
    } finally {
      if (before === undefined) delete process.env["SSH_AUTH_SOCK"];
      else process.env["SSH_AUTH_SOCK"] = before;
      process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(said)![1]));
    }
    assert.deepEqual((await people.ask()).people, ["bob@example.com"]);
  });

  it("has rules that can be kept", () => {
    assert.deepEqual(ApprovalRulesSchema.parse(approvalRules), approvalRules);
    for (const bad of [
      { people: 0 },
      { people: 3 },
      { by: [] },
      { by: ["*"] },
      { by: ["a", "a"] },
      { days: 0 },
      { more: 1 },
    ])
      assert.equal(ApprovalRulesSchema.safeParse({ ...approvalRules, ...bad }).success, false, JSON.stringify(bad));
  });
});
