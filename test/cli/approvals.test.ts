/** `greenlight approve`, `waive`, `revoke`, `approvals`: as docs/approvals.md says them, and what they refuse. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Command } from "commander";
import { approvalOf, isUsed, markUsed, waive } from "../../src/approvals/index.ts";
import { publishRelease, releasedFacts } from "../../src/channel/index.ts";
import { addApprovalCommands } from "../../src/cli/approval-commands.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { loadEvidence, pointCell } from "../../src/evidence/index.ts";
import { judgeGate } from "../../src/gates/index.ts";
import { approvalRules, now, People, waiverRules } from "../approvals/people.ts";
import { Fixture, publishBefore } from "../channel/fixture.ts";

const root = join(import.meta.dirname, "../..");
const cell = "server-linux-x64-debian-12-lifecycle";

describe("deciding by command", () => {
  let people: People;
  let fixture: Fixture;
  let archive = { name: "", sha256: "" };
  const before = process.env["GREENLIGHT_WORKSPACE"];
  beforeEach(async () => {
    people = new People();
    fixture = new Fixture();
    process.env["GREENLIGHT_WORKSPACE"] = fixture.workspace;
    const files = await publishBefore(fixture, { version: "2.10.18", channel: "dev" });
    archive = files[0]!;
    await prove(1);
  });
  afterEach(() => {
    if (before === undefined) delete process.env["GREENLIGHT_WORKSPACE"];
    else process.env["GREENLIGHT_WORKSPACE"] = before;
    people.remove();
    fixture.remove();
  });

  /** Evidence of the cell, in which every check ended with this code. */
  async function prove(exit: number, run = "1"): Promise<string> {
    const file = { name: archive.name, role: "archive" as const, file: "", sha256: archive.sha256 };
    const { evidenceFile } = fixture.gate(cell, file, ["install", "smoke"], { exit, run });
    const digest = basename(evidenceFile, ".json");
    await pointCell(fixture.workspace, "dev", cell, digest);
    return digest;
  }

  /** Runs a command in this process, by people whose keys were made for the test. */
  async function greenlight(...args: string[]): Promise<{ code: number; text: string }> {
    const lines: string[] = [];
    let code = -1;
    const write = (line: string): unknown => lines.push(line);
    const program = new Command("greenlight").exitOverride();
    const surroundings = { signersFile: people.signersFile, now };
    addApprovalCommands(program, { write, note: write }, (given) => (code = given), surroundings);
    try {
      await program.parseAsync(args, { from: "user" });
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      return { code: e.code === "refused" ? 1 : 2, text: e.message };
    }
    return { code, text: lines.join("\n") };
  }
  const key = (name = "alice"): string[] => ["--key", join(people.folder, name)];
  const about = ["--release", "nats@2.10.18", "--channel", "stable"];
  const refused = async (said: RegExp, ...args: string[]): Promise<void> => {
    const { code, text } = await greenlight(...args);
    assert.equal(code, 2, text);
    assert.match(text, said);
    assert.doesNotMatch(text, /\n/);
  };
  const idIn = (text: string): string => /^ {2}id: ([0-9a-f]{64})$/m.exec(text)![1]!;

  /** The words of each command in the manual, with a key of the test's own. */
  const manual = readFileSync(join(root, "docs/approvals.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("    npm start -- "))
    .map((line) =>
      [...line.slice("    npm start -- ".length).matchAll(/"([^"]*)"|(\S+)/g)].map(([, text, plain]) => text ?? plain!),
    );

  it("works as the manual says it, from approval to revocation", async () => {
    assert.deepEqual(
      manual.map(([command]) => command),
      ["approve", "waive", "approvals", "revoke"],
    );
    let id = "";
    const said: string[] = [];
    for (const words of manual) {
      const own = words.map((each) =>
        each === "~/.ssh/id_ed25519" ? join(people.folder, "alice") : each === "3f2a9bc1" ? id.slice(0, 8) : each,
      );
      const { code, text } = await greenlight(...own);
      assert.equal(code, 0, text);
      if (words[0] === "approve") id = idIn(text);
      said.push(text);
    }
    const release = releasedFacts(fixture.workspace, "dev", "nats", "2.10.18")!.digest;
    assert.match(
      said[0]!,
      new RegExp(
        `^alice@example\\.com approved nats@2\\.10\\.18 \\(release ${release.slice(0, 12)}\\) at gate people for channel stable, until 2026-03-08T12:00:00\\.000Z\\.$`,
        "m",
      ),
    );
    assert.match(
      said[0]!,
      /anybody can verify it: ssh-keygen -Y verify -f \S+ -I alice@example\.com -n greenlight-approval -s/,
    );
    assert.match(
      said[1]!,
      /until 2026-03-04T12:00:00\.000Z, as long as it fails like this:\n {2}check smoke\/ok is failed: /,
    );
    assert.match(
      said[2]!,
      /^✓ approval [0-9a-f]{12} {2}people of nats@2\.10\.18 for stable by alice@example\.com, until /m,
    );
    assert.match(said[2]!, /^ {4}because: soaked for a week$/m);
    assert.match(said[2]!, /^ {4}waived: check smoke\/ok is failed: /m);
    assert.match(
      (await greenlight("approvals")).text,
      /^✗ approval .*: alice@example\.com revoked it at 2026-03-01T12:00:00\.000Z: it leaks$/m,
    );
  });

  it("verifies by the command that is said", async () => {
    const { text } = await greenlight("approve", "people", ...about, ...key());
    const command = /verify it: (.*)$/m.exec(text)![1]!;
    const said = await new Promise<string>((resolve) =>
      execFile("sh", ["-c", command], (_, stdout) => resolve(stdout)),
    );
    assert.match(said, /^Good "greenlight-approval" signature for alice@example\.com/);
  });

  it("approves what the gate will ask for", async () => {
    await greenlight("approve", "people", ...about, ...key(), "--days", "1");
    const { digest: release } = releasedFacts(fixture.workspace, "dev", "nats", "2.10.18")!;
    const subject = { gate: "people", product: "nats", version: "2.10.18", release, channel: "stable" };
    const at = { workspace: fixture.workspace, signersFile: people.signersFile, now };
    const { status, until, statements } = await approvalOf({ ...at, ...subject, rules: approvalRules });
    assert.deepEqual([status, until], ["approved", "2026-03-02T12:00:00.000Z"]);
    await markUsed(at, statements[0]!, { channel: "stable", release });
    assert.equal(isUsed(fixture.workspace, statements[0]!)?.release, release);
    assert.match(
      (await greenlight("approvals")).text,
      /^ {4}used at 2026-03-01T12:00:00\.000Z for release [0-9a-f]{12} in stable$/m,
    );
    const { code, text } = await greenlight("revoke", statements[0]!, ...key("bob"), "--reason", "no");
    assert.equal(code, 1);
    assert.match(text, /what is out cannot be called back/);
  });

  it("waives what the gate will find, until it finds something else", async () => {
    const { code, text } = await greenlight("waive", `${cell}/smoke`, ...about, ...key(), "--reason", "known");
    assert.equal(code, 0, text);
    const statusAfter = async (digest: string): Promise<string> => {
      const evidence = loadEvidence(fixture.workspace, digest);
      const { requirements } = judgeGate({
        ...{ gate: cell, target: evidence.target, subject: evidence.subject, evidence, now },
        suites: evidence.suites.map(({ definition }) => definition),
        policy: { schema: 1, suites: ["smoke"], maxAgeHours: 24 },
      });
      const subject = { gate: cell, product: "nats", version: "2.10.18", archive: archive.sha256, channel: "stable" };
      const at = { workspace: fixture.workspace, signersFile: people.signersFile, now };
      const answer = await waive({
        ...at,
        ...subject,
        requirements,
        rules: { ...waiverRules, may: ["server-*/smoke"] },
      });
      return answer.requirements[0]!.status;
    };
    assert.equal(await statusAfter(await prove(1, "2")), "waived");
    assert.equal(await statusAfter(await prove(0, "3")), "satisfied");
  });

  it("asks which release is meant where channels hold different ones, and refuses one that is not there", async () => {
    await publishRelease(fixture.release("1.0.0"));
    await publishRelease(fixture.release("1.0.0", { channel: "stable", salt: "x" }));
    const of = ["approve", "people", "--release", "tool@1.0.0", "--channel", "stable", ...key()];
    await refused(
      /^Channels hold different releases tool@1\.0\.0: dev [0-9a-f]{12}, stable [0-9a-f]{12}; say .* --from CHANNEL\.$/,
      ...of,
    );
    const { code, text } = await greenlight(...of, "--from", "dev");
    assert.equal(code, 0, text);
    const { digest } = releasedFacts(fixture.workspace, "dev", "tool", "1.0.0")!;
    assert.ok(text.includes(digest.slice(0, 12)));
    await refused(
      /^There is no channel "dve" here; there is dev, stable; did you mean "dev"\?$/,
      ...of,
      "--from",
      "dve",
    );
    await refused(
      /^Channel stable holds no nats@2\.10\.18; release it first/,
      "approve",
      "people",
      ...about,
      ...key(),
      "--from",
      "stable",
    );
    await refused(
      /^No channel here holds nats@9\.9\.9; release it first/,
      "approve",
      "people",
      "--release",
      "nats@9.9.9",
      "--channel",
      "stable",
      ...key(),
    );
    await refused(
      /^"nats" is no release; name it as PRODUCT@VERSION/,
      "approve",
      "people",
      "--release",
      "nats",
      "--channel",
      "stable",
      ...key(),
    );
    await refused(/channel.*is no name/, "approve", "people", "--release", "nats@2.10.18", "--channel", "No", ...key());
  });

  it("says of a key what is wrong with it", async () => {
    people.key("dora", "secret");
    people.key("erin");
    chmodSync(join(people.folder, "erin"), 0o644);
    writeFileSync(join(people.folder, "text"), "no key");
    for (const [name, said] of [
      ["nobody", /nobody does not exist or is no key; name a private key of OpenSSH with --key\.$/],
      ["text", /text does not exist or is no key/],
      ["dora", /dora is encrypted, and no ssh agent holds it; add it with `ssh-add .*dora` and try again\.$/],
      ["erin", /erin can be read by others; `chmod 600 .*erin`, and try again\.$/],
      ["mallory", /mallory is not one of .*allowed-signers, or is not valid now; have its public half added there/],
    ] as const) {
      await refused(said, "approve", "people", ...about, ...key(name));
      await refused(said, "waive", `${cell}/smoke`, ...about, ...key(name), "--reason", "known");
    }
    assert.equal((await greenlight("approvals")).text, "Nothing was approved or waived here.");
  });

  it("waives nothing that is satisfied, lost, of something else, or not there", async () => {
    const waiving = (what: string, ...more: string[]) => [
      "waive",
      what,
      ...about,
      ...key(),
      "--reason",
      "known",
      ...more,
    ];
    await refused(/^"smoke" is no requirement of a gate; name it as GATE\/REQUIREMENT\.$/, ...waiving("smoke"));
    await refused(
      /^Stack dev has no evidence of a gate server; it has server-linux.*did you mean/,
      ...waiving("server/smoke"),
    );
    await refused(/knows no smok; it has install, smoke; did you mean "smoke"\?$/, ...waiving(`${cell}/smok`));
    await refused(
      /^Stack prod has no evidence of a gate .*; run `npm start -- up` first/,
      ...waiving(`${cell}/smoke`, "--stack", "prod"),
    );
    await refused(
      /is of archive [0-9a-f]{64} and not of b{64}; leave out --archive/,
      ...waiving(`${cell}/smoke`, "--archive", "b".repeat(64)),
    );
    await refused(/^"b" is no SHA-256/, ...waiving(`${cell}/smoke`, "--archive", "b"));
    await refused(
      /is of nats@2\.10\.18 and not of nats@2\.10\.19; prove that first/,
      ...waiving(`${cell}/smoke`, "--release", "nats@2.10.19"),
    );
    await prove(0, "2");
    await refused(/\/smoke is satisfied, so that there is nothing to waive\.$/, ...waiving(`${cell}/smoke`));
  });

  it("lists as JSON, and says what cannot be read", async () => {
    await greenlight("approve", "people", ...about, ...key());
    const { text } = await greenlight("approvals", "--json");
    const { schema, statements, faults } = JSON.parse(text) as {
      schema: number;
      statements: object[];
      faults: string[];
    };
    assert.deepEqual([schema, statements.length, faults], [1, 1, []]);
    writeFileSync(join(fixture.workspace, ".greenlight/approvals/x.json"), "{}");
    const { code, text: said } = await greenlight("approvals");
    assert.equal(code, 2);
    assert.match(said, /^✗ .*x\.json is not named by its digest/m);
    await refused(
      /^There is no approval or waiver "abc";.*x\.json is not named by its digest/,
      "revoke",
      "abc",
      ...key(),
      "--reason",
      "no",
    );
  });

  it("ships with no signer, and says so in one sentence, with exit code 2", async () => {
    const main = join(root, "src/cli/main.ts");
    const { code, text } = await new Promise<{ code: unknown; text: string }>((resolve) =>
      execFile(process.execPath, [main, "approve", "people", ...about, ...key()], (error, stdout, stderr) =>
        resolve({ code: error ? error.code : 0, text: stdout + stderr }),
      ),
    );
    assert.equal(code, 2, text);
    assert.match(text, /^The key .*alice is not one of .*infra\/release\/allowed-signers, or is not valid now;.*\n$/);
    const shipped = readFileSync(join(root, "infra/release/allowed-signers"), "utf8");
    assert.match(shipped, /^(#.*\n)+$/);
  });
});
