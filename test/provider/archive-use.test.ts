import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { archiveIdentity, endAllUse, endUse, packForUse } from "../../src/provider/archive-use.ts";
import { forgetFailures, recordFailures, takeFailures } from "../../src/provider/failures.ts";
import { withLock } from "../../src/storage/lock.ts";

describe("use of packed archives", () => {
  let workspace: string;
  beforeEach(() => {
    workspace = mkdtempSync(join(tmpdir(), "archive-use-"));
    for (const stack of ["dev", "prod"]) state(stack, "{}");
  });
  afterEach(() => rmSync(workspace, { recursive: true }));

  const below = (...parts: string[]) => join(workspace, ".greenlight", ...parts);
  /** Digests that no other test has used: what this process uses is remembered. */
  let count = 0;
  const fresh = () => String(++count).padStart(64, "0");
  function put(file: string, data: string | Uint8Array = "x"): void {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, data);
  }
  const state = (stack: string, text: string | Uint8Array, suffix = "") =>
    put(below("state/.pulumi/stacks/greenlight", `${stack}.json${suffix}`), text);
  const archive = (identity: string) => below("archives", identity, "x.zip");
  /** As another process would have left it: packed and noted. */
  function used(identity: string, ...stacks: string[]): string {
    put(archive(identity));
    for (const stack of stacks) put(below("archives/.used", stack, identity), "");
    return identity;
  }
  const there = (...identities: string[]) => identities.map((identity) => existsSync(archive(identity)));

  it("ends with the stack that had it alone, and leaves every other", async () => {
    const own = used(fresh(), "prod");
    put(below("archives", `${own}.part`, "half.zip.part"));
    const shared = used(fresh(), "prod", "dev");
    const others = used(fresh(), "dev");
    // Somebody else has just packed it, or an earlier version did: in no state, and nobody's known.
    const unknown = used(fresh());
    await endAllUse(workspace, "prod");
    assert.deepEqual(there(own, shared, others, unknown), [false, true, true, true]);
    assert.equal(existsSync(below("archives", `${own}.part`)), false);
    await endAllUse(workspace, "dev");
    assert.deepEqual(there(shared, others, unknown), [false, false, true]);
    assert.deepEqual(readdirSync(below("archives")), [unknown]);
  });

  it("does not end while another stack's state names it, compressed or not", async () => {
    const named = used(fresh(), "prod");
    state("dev", `{"path":".greenlight/archives/${named}/x.zip"}`);
    const compressed = used(fresh(), "prod");
    state("staging", gzipSync(`{"path":".greenlight/archives/${compressed}/x.zip"}`), ".gz");
    await endAllUse(workspace, "prod");
    assert.deepEqual(there(named, compressed), [true, true]);
  });

  it("removes nothing when a state cannot be read", async () => {
    const own = used(fresh(), "prod");
    state("staging", "cut of", ".gz");
    await assert.rejects(endAllUse(workspace, "prod"));
    assert.deepEqual(there(own), [true]);
  });

  it("does not count notes of a stack that there is no more", async () => {
    const own = used(fresh(), "prod", "renamed");
    await endAllUse(workspace, "prod");
    assert.deepEqual(there(own), [false]);
  });

  it("waits for whoever packs that archive now, and then sees that it is used", async () => {
    const identity = used(fresh(), "prod");
    let ended = false;
    let end: Promise<void> | undefined;
    await withLock(below("archives", `${identity}.lock`), 10, async () => {
      end = endUse(workspace, "prod", identity).then(() => void (ended = true));
      await sleep(30);
      assert.equal(ended, false);
      put(below("archives/.used/dev", identity), "");
    });
    await end;
    assert.deepEqual(there(identity), [true]);
  });

  it("packs again what was removed before it was noted, and keeps it from then on", async () => {
    const identity = fresh();
    let packed = 0;
    const result = await packForUse(workspace, "dev", async () => {
      packed++;
      put(archive(identity));
      if (packed === 1) await endUse(workspace, "prod", used(identity, "prod"));
      return { identity, file: archive(identity) };
    });
    assert.deepEqual([packed, result.identity, ...there(identity)], [2, identity, true]);
    // A twin in this stack's state that is replaced goes without it.
    await endUse(workspace, "dev", identity);
    assert.deepEqual(there(identity), [true]);
  });

  it("knows an archive by its digest and place alone", () => {
    const digest = "a".repeat(64);
    assert.equal(archiveIdentity(`.greenlight/archives/${digest}/x.zip`), digest);
    const others = [
      "",
      "x.zip",
      "..",
      "/",
      `/etc/${digest}/x.zip`,
      `.greenlight/archives/${digest}`,
      `.greenlight/archives/${digest}/`,
      `.greenlight/archives/${digest}/..`,
      `.greenlight/archives/../channels/x.zip`,
      `.greenlight/archives/${digest}/../x.zip`,
      `../.greenlight/archives/${digest}/x.zip`,
      `.greenlight/archives/x.zip`,
      `.greenlight/channels/${digest}/x.zip`,
      `.greenlight/archives/${digest.toUpperCase()}/x.zip`,
      `.greenlight/archives/.used/x.zip`,
      `/.greenlight/archives/${digest}/x.zip`,
    ];
    assert.deepEqual(
      others.map(archiveIdentity),
      others.map(() => undefined),
    );
  });

  it("follows no link", async () => {
    const [own, target] = [fresh(), below("channels", "dev")];
    put(join(target, "release.json"));
    mkdirSync(below("archives/.used/prod"), { recursive: true });
    put(below("archives/.used/prod", own), "");
    symlinkSync(target, below("archives", own));
    await endAllUse(workspace, "prod");
    assert.ok(existsSync(join(target, "release.json")));
  });

  it("notes about machines that never came up go with their stack alone", () => {
    for (const stack of ["dev", "prod"]) recordFailures(workspace, stack, "cell", [`of ${stack}`]);
    forgetFailures(workspace, "prod");
    assert.deepEqual(
      [takeFailures(workspace, "dev", "cell"), takeFailures(workspace, "prod", "cell")],
      [["of dev"], []],
    );
    for (const stack of ["..", ".", "a/b"]) forgetFailures(workspace, stack);
    assert.ok(existsSync(below("state")));
  });
});
