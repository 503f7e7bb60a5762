import assert from "node:assert/strict";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  channelFolder,
  checkPromotion,
  latestRelease,
  promoteRelease,
  publishRelease,
  readChannel,
  publishedFolder,
  verifyRelease,
  type FileToPublish,
  type PromotionQuestion,
} from "../../src/channel/index.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { Fixture, now } from "./fixture.ts";

const digestsOf = ({ files }: { files: FileToPublish[] }) =>
  Object.fromEntries(files.map(({ name, sha256 }) => [name, sha256]));

describe("promotion", () => {
  let fixture: Fixture;
  let question: PromotionQuestion;
  let folder: string;
  beforeEach(async () => {
    fixture = new Fixture();
    const args = fixture.release();
    folder = (await publishRelease(args)).folder;
    question = {
      workspace: fixture.workspace,
      from: "dev",
      to: "stable",
      product: "tool",
      version: "1.0.0",
      digests: digestsOf(args),
      now,
    };
  });
  afterEach(() => fixture.remove());

  it("publishes the same bytes to the last file, and says where they came from", async () => {
    assert.equal((await checkPromotion(question)).verdict, "green");
    const placed = await promoteRelease(question);
    assert.equal(placed.outcome, "published");
    assert.deepEqual(await verifyRelease(placed.folder, placed.digest), []);
    const [dev, stable] = ["dev", "stable"].map((channel) => latestRelease(fixture.workspace, channel, "tool")!);
    assert.equal(stable!.digest, dev!.digest);
    assert.deepEqual(stable!.files, dev!.files);
    assert.equal(readChannel(fixture.workspace, "stable")["tool"]!.releases[0]!.promotedFrom, "dev");
    assert.equal((await promoteRelease(question)).outcome, "adopted");
  });

  it("does not bring an older release into a channel that holds only newer ones, as a publication does not", async () => {
    const newer = fixture.release("1.1.0");
    await publishRelease(newer);
    await promoteRelease({ ...question, version: "1.1.0", digests: digestsOf(newer) });
    await assert.rejects(promoteRelease(question), /Channel stable holds tool 1\.1\.0, and none is older than 1\.0\.0/);
    assert.deepEqual(
      readChannel(fixture.workspace, "stable")["tool"]!.releases.map(({ version }) => version),
      ["1.1.0"],
    );
  });

  it("takes a release of exactly the kinds that the stack asks for", async () => {
    const answer = async (...kinds: string[]): Promise<string> => {
      const said = await checkPromotion({ ...question, kinds });
      return said.verdict === "green" ? "green" : said.sentence;
    };
    assert.equal(await answer(), "green");
    assert.equal(await answer("server"), "green");
    const refused = "tool 1.0.0 cannot be promoted from dev: greenlight:kinds asks for";
    assert.equal(await answer("server", "desktop"), `${refused} server, desktop, and the release lacks desktop.`);
    assert.equal(await answer("desktop"), `${refused} desktop, and the release lacks desktop and has server too.`);
  });

  const zip = "tool-server-1.0.0-linux-x64.zip";
  const write = (path: string, text: string) => {
    const file = join(folder, path);
    try {
      chmodSync(file, 0o644);
    } catch {
      // A new file.
    }
    writeFileSync(file, text);
  };
  /** Changes release.json and lets the index name what it has become, as somebody who can write to the channel would. */
  const rewrite = (
    change: (release: {
      gates: { verdict: string; suites: string[]; evidence: string }[];
      requiredSuites: string[];
      notExecuted?: unknown[];
    }) => void,
  ) => {
    const release = JSON.parse(readFileSync(join(folder, "release.json"), "utf8"));
    change(release);
    const text = `${JSON.stringify(release, null, 2)}\n`;
    write("release.json", text);
    const file = join(channelFolder(fixture.workspace, "dev"), "tool.json");
    const index = JSON.parse(readFileSync(file, "utf8"));
    index.releases[0].release = sha256(text);
    writeFileSync(file, JSON.stringify(index));
  };

  it("reads and verifies a release from before files were listed that no machine has used", async () => {
    rewrite((r) => delete r.notExecuted);
    assert.equal((await checkPromotion(question)).verdict, "green");
    const placed = await promoteRelease(question);
    assert.deepEqual(await verifyRelease(placed.folder, placed.digest), []);
    assert.equal(
      readFileSync(join(placed.folder, "release.json"), "utf8"),
      readFileSync(join(folder, "release.json"), "utf8"),
    );
  });

  const refusals: [string, () => Partial<PromotionQuestion> | void, RegExp][] = [
    [
      "no such version",
      () => ({ version: "1.0.1" }),
      /^tool 1\.0\.1 cannot be promoted from dev: channel dev holds no such release\.$/,
    ],
    ["no version", () => ({ version: "" }), /channel dev holds no such release/],
    ["no such product", () => ({ product: "other" }), /channel dev holds no such release/],
    ["no such channel", () => ({ from: "nightly" }), /channel nightly holds no such release/],
    [
      "another release.json than the stack has exported",
      () => ({ release: "0".repeat(64) }),
      /its release\.json has SHA-256 [0-9a-f]{64}, and 0{64} was released/,
    ],
    [
      "a digest that differs from the asked",
      () => ({ digests: { ...question.digests, [zip]: "0".repeat(64) } }),
      /linux-x64\.zip is released with SHA-256 [0-9a-f]{64}, and 0{64} was asked for/,
    ],
    [
      "a file that was not asked for",
      () => ({ digests: Object.fromEntries(Object.entries(question.digests).slice(1)) }),
      /and none was asked for/,
    ],
    [
      "a file that is not released",
      () => ({ digests: { ...question.digests, more: "0".repeat(64) } }),
      /more was asked for and is no file of the release/,
    ],
    ["no digests", () => ({ digests: {} }), /no digests were asked for/],
    [
      "a verdict that is not green",
      () => rewrite((r) => (r.gates[0]!.verdict = "red")),
      /gate cell-0-lifecycle is red/,
    ],
    [
      "a verdict that is taken away",
      () => rewrite((r) => r.gates.shift()),
      /linux-x64\.zip is not proven by install, smoke/,
    ],
    [
      "a gate that claims the evidence of another",
      () => rewrite((r) => (r.gates[0]!.evidence = r.gates[1]!.evidence)),
      /the evidence of gate cell-0-lifecycle is that of cell-0-recipe/,
    ],
    [
      "suites that the evidence does not hold",
      () => (rewrite((r) => r.gates.forEach((g) => g.suites.push("soak"))), { requires: [{ suites: ["soak"] }] }),
      /is not proven by soak/,
    ],
    [
      "a file that is neither proven nor listed as not executed",
      () => rewrite((r) => r.notExecuted!.pop()),
      /linux-arm64\.zip\.sha256 was on no machine that proved it|linux-x64\.zip\.sha256 was on no machine that proved it/,
    ],
    [
      "a requirement that is taken away",
      () => (
        rewrite((r) => ((r.requiredSuites = ["install"]), r.gates.forEach((g) => (g.suites = ["install"])))),
        { requires: [{ suites: ["install", "recipe"] }] }
      ),
      /not proven by recipe/,
    ],
    ["evidence that is older than this channel's policy", () => ({ maxAgeHours: 0.5 }), /is 1 h old and may be 0\.5/],
    [
      "one byte that is different",
      () => write(zip, `${readFileSync(join(folder, zip), "utf8").slice(0, -1)}y`),
      /linux-x64\.zip has SHA-256 [0-9a-f]{64}, not the released/,
    ],
    ["a missing file", () => rmSync(join(folder, `${zip}.sha256`)), /linux-x64\.zip\.sha256 is missing/],
    [
      "missing evidence",
      () => rmSync(join(folder, "evidence"), { recursive: true }),
      /evidence\/[0-9a-f]{64}\.json is missing/,
    ],
    ["an extra file", () => write("extra", ""), /extra is there and was not released/],
    [
      "a changed release.json",
      () => write("release.json", `${readFileSync(join(folder, "release.json"), "utf8")} `),
      /but channel dev names [0-9a-f]{64}; restore the release from a backup/,
    ],
    [
      "a missing release.json",
      () => rmSync(join(folder, "release.json")),
      /cannot be read \(ENOENT\), though channel dev names it/,
    ],
    [
      "a spoiled index",
      () => writeFileSync(join(channelFolder(fixture.workspace, "dev"), "tool.json"), "{"),
      /tool\.json is not JSON/,
    ],
    [
      "an index that contradicts itself",
      () =>
        writeFileSync(
          join(channelFolder(fixture.workspace, "dev"), "tool.json"),
          JSON.stringify({ ...readChannel(fixture.workspace, "dev")["tool"], current: "3.0.0" }),
        ),
      /contradicts itself/,
    ],
  ];
  for (const [what, change, sentence] of refusals) {
    it(`refuses ${what}, in one sentence, and publishes nothing`, async () => {
      const asked = { ...question, ...change() };
      const answer = await checkPromotion(asked);
      assert.ok(answer.verdict === "red");
      assert.match(answer.sentence, sentence);
      assert.doesNotMatch(answer.sentence, /\n/);
      await assert.rejects(promoteRelease(asked), (e: unknown) => e instanceof EdgeError && sentence.test(e.message));
      assert.deepEqual(readChannel(fixture.workspace, "stable"), {});
    });
  }

  it("refuses a channel's promotion to itself", async () => {
    await assert.rejects(promoteRelease({ ...question, to: "dev" }), /cannot be promoted to itself/);
  });

  it("refuses what the next channel holds with other bytes", async () => {
    await publishRelease(fixture.release("1.0.0", { salt: "other", channel: "stable" }));
    await assert.rejects(promoteRelease(question), /already holds tool 1\.0\.0 with other bytes/);
    assert.notEqual(
      readFileSync(join(publishedFolder(fixture.workspace, "stable", "tool", "1.0.0"), zip), "utf8"),
      readFileSync(join(folder, zip), "utf8"),
    );
  });
});
