/** Promotion judges by where the release goes: what that channel requires, and what it holds. */
import assert from "node:assert/strict";
import {
  checkPromotion,
  latestRelease,
  promoteRelease,
  publishRelease,
  readRelease,
  type FileToPublish,
  type PromotionQuestion,
} from "../../src/channel/index.ts";
import { Fixture, now } from "./fixture.ts";

const required = ["install", "smoke", "recipe", "upgrade", "rollback"];

describe("promotion into a channel with a history of its own", () => {
  let fixture: Fixture;
  beforeEach(() => (fixture = new Fixture()));
  afterEach(() => fixture.remove());

  /** Publishes 2.0.0 to dev as proven over `before`, or over nothing, and asks for its promotion. */
  const asked = async (
    before?: readonly FileToPublish[],
    more: Partial<PromotionQuestion> = {},
  ): Promise<PromotionQuestion> => {
    await publishRelease(fixture.release("2.0.0", { ...(before && { before }) }));
    const digests = Object.fromEntries(
      readRelease(fixture.workspace, "dev", "tool", "2.0.0")!
        .release.files.filter(({ role }) => role !== "evidence")
        .map(({ path, sha256 }) => [path, sha256]),
    );
    return {
      workspace: fixture.workspace,
      from: "dev",
      to: "stable",
      product: "tool",
      version: "2.0.0",
      digests,
      requires: [{ suites: required }],
      maxAgeHours: 168,
      now,
      ...more,
    };
  };
  const stable = async (version: string, salt = "") => (
    await publishRelease(fixture.release(version, { channel: "stable", salt })),
    fixture.files(version, salt)
  );
  const sentence = async (question: PromotionQuestion): Promise<string> => {
    const answer = await checkPromotion(question);
    return answer.verdict === "red" ? answer.sentence : "green";
  };

  it("does not believe what the source found not applicable: the destination has something to upgrade from", async () => {
    await stable("1.0.0");
    const question = await asked();
    const why =
      /linux-x64\.zip is not proven by upgrade, rollback, recipe-upgrade; .*channel stable holds 1\.0\.0, so prove the upgrade from it: `pulumi config set greenlight:previous stable\/1\.0\.0 --stack dev` and `greenlight up --stack dev` while 2\.0\.0 is that stack's candidate\.$/;
    assert.match(await sentence(question), why);
    await assert.rejects(promoteRelease(question), why);
    assert.equal(latestRelease(fixture.workspace, "stable", "tool")!.version, "1.0.0");
  });

  it("takes an upgrade for proven when its machine had the destination's own predecessor, by digest", async () => {
    const before = await stable("1.0.0");
    assert.equal(await sentence(await asked(before)), "green");
    assert.equal((await promoteRelease(await asked(before))).current, "2.0.0");
  });

  it("does not take it for proven over another release, of whatever name", async () => {
    await stable("1.0.0");
    const question = await asked(fixture.files("1.0.0", "other"));
    assert.match(
      await sentence(question),
      /linux-x64\.zip is not proven by upgrade, rollback on a machine that had the archive of the release before \([0-9a-f]{12}\); .*is not proven by recipe-upgrade on a machine that had the archive of the release before \([0-9a-f]{12}\) and the recipe of the release before/,
    );
  });

  it("asks for the upgrade from the newest that the destination holds, not from an earlier one", async () => {
    const before = await stable("1.0.0");
    await stable("1.5.0");
    assert.match(
      await sentence(await asked(before)),
      /not proven by upgrade, rollback on a machine that had .*channel stable holds 1\.5\.0/,
    );
  });

  it("asks for the upgrade by recipe wherever recipes are required and the destination has one to come from", async () => {
    await stable("1.0.0");
    assert.match(
      await sentence(await asked(undefined, { requires: [{ suites: ["install", "recipe"] }] })),
      /linux-x64\.zip is not proven by recipe-upgrade/,
    );
  });

  it("has nothing to upgrade from in an empty channel, which is found there and nowhere else", async () => {
    assert.equal(await sentence(await asked()), "green");
    assert.equal((await promoteRelease(await asked())).outcome, "published");
  });

  it("hears from the destination's side what has nothing to prove, archive by archive", async () => {
    const question = await asked(undefined, { requires: [{ suites: [...required, "soak"] }] });
    assert.match(
      await sentence(question),
      /linux-arm64\.zip is not proven by soak; tool-server-2\.0\.0-linux-x64\.zip is not proven by soak/,
    );
    const idle: PromotionQuestion["idle"] = ({ base, platform }) =>
      platform === "linux-x64"
        ? ["soak", "upgrade", "rollback", "recipe-upgrade"].map((suite) => ({
            base,
            suite: suite as "soak",
            reason: "it has no service",
          }))
        : [];
    assert.doesNotMatch(await sentence({ ...question, idle }), /linux-x64\.zip/);
    assert.match(
      await sentence({ ...question, idle }),
      /linux-arm64\.zip is not proven by upgrade, rollback; .*linux-arm64\.zip is not proven by soak/,
    );
  });

  it("asks each suite on each target that the release was proven on", async () => {
    const args = fixture.release("2.0.0");
    const [archive] = args.files;
    args.gates.push(fixture.gate("cell-0-trixie", archive!, ["install"], { target: "linux-x64/debian-13" }));
    await assert.rejects(publishRelease(args), /linux-x64\.zip on linux-x64\/debian-13 is not proven by smoke, recipe/);
  });

  it("is judged once more under the lock: what came into the channel meanwhile is its predecessor", async () => {
    const question = await asked();
    let came = false;
    const step = async (name: string): Promise<void> => {
      if (name !== "locked" || came) return;
      came = true;
      const { mkdirSync, cpSync } = await import("node:fs");
      await publishRelease(fixture.release("1.0.0", { channel: "elsewhere" }));
      const root = `${fixture.workspace}/.greenlight/channels`;
      mkdirSync(`${root}/stable`, { recursive: true });
      cpSync(`${root}/elsewhere`, `${root}/stable`, { recursive: true });
    };
    await assert.rejects(promoteRelease({ ...question, step }), /not proven by upgrade, rollback, recipe-upgrade/);
    assert.equal(latestRelease(fixture.workspace, "stable", "tool")!.version, "1.0.0");
  });

  it("leaves what the channel already holds where it is, however old its evidence has become", async () => {
    const question = await asked();
    await promoteRelease(question);
    const later = { ...question, now: new Date(now.getTime() + 1000 * 3_600_000) };
    assert.equal(await sentence(later), "green");
    assert.equal((await promoteRelease(later)).outcome, "adopted");
  });
});
