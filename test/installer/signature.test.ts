/** Who signed, and what the archive says of itself: all of it before anything is touched. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { Sandbox } from "./sandbox.ts";

describe("verification before anything is touched", function () {
  this.timeout(30_000);
  let box: Sandbox;
  let archive: { file: string; sha256: string };
  let before: string[];
  const key = (name: string) => {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(box.folder, name)]);
    return `release namespaces="greenlight-release" ${readFileSync(join(box.folder, `${name}.pub`), "utf8").trim()}`;
  };
  const sign = (name: string, file: string, namespace = "greenlight-release") => {
    const signature = join(box.folder, `${name}-${namespace}.sig`);
    writeFileSync(
      signature,
      execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-f", join(box.folder, name), "-n", namespace], {
        input: readFileSync(file),
        stdio: ["pipe", "pipe", "ignore"],
      }),
    );
    return signature;
  };
  const rendered = (signer?: string) =>
    box.script(
      renderInstaller(box.product(), "server", box.subject(), box.layout, signer === undefined ? {} : { signer }),
    );
  const install = (script: string, ...more: string[]) =>
    box.run(script, ["install", "--archive", archive.file, "--sha256", archive.sha256, ...more]);
  const refused = async (run: ReturnType<typeof install>, code: number, sentence: RegExp) => {
    const { code: found, stdout, stderr } = await run;
    assert.deepEqual([found, stdout], [code, ""], stderr);
    assert.match(stderr, sentence);
    assert.deepEqual(box.picture(), before);
    assert.deepEqual(box.log(), []);
  };

  beforeEach(async () => {
    box = await new Sandbox().open();
    archive = await box.archive("tool.zip");
    before = box.picture();
  });
  afterEach(() => box.close());

  it("a signature by the signer that was named is enough, and nothing else is", async () => {
    const script = rendered();
    const signers = join(box.folder, "allowed signers");
    writeFileSync(signers, `${key("mine")}\n`);
    key("other");
    const signature = sign("mine", archive.file);
    await refused(
      install(script, "--signature", sign("other", archive.file), "--signer", signers),
      4,
      /is no signature of .* by its signer/,
    );
    await refused(
      install(script, "--signature", sign("mine", archive.file, "file"), "--signer", signers),
      4,
      /is no signature/,
    );
    await refused(install(script, "--signature", sign("mine", script), "--signer", signers), 4, /is no signature/);
    await refused(
      install(script, "--signature", join(box.folder, "none"), "--signer", signers),
      4,
      /not a readable file/,
    );
    await refused(install(script, "--signature", signature), 2, /say whose signature/);
    await refused(install(script, "--signer", signers), 2, /no --signature was given/);
    const good = sign("mine", archive.file);
    assert.equal((await install(script, "--signature", good, "--signer", signers)).code, 0);
  });

  it("a pinned signer must have signed, whoever else is named", async () => {
    const script = rendered(key("mine"));
    const others = join(box.folder, "others");
    writeFileSync(others, `${key("other")}\n`);
    await refused(install(script), 4, /no signature was given/);
    await refused(
      install(script, "--signature", sign("other", archive.file), "--signer", others),
      4,
      /is no signature/,
    );
    assert.equal((await install(script, "--signature", sign("mine", archive.file))).code, 0);
    assert.throws(() => rendered("somebody"), /is no line of an allowed-signers file/);
  });

  for (const [what, manifest, sentence] of [
    ["another kind", { artifact_kind: "desktop" }, /artifact_kind 'desktop', and this installer is for 'server'/],
    ["another platform", { platform: "macos-arm64" }, /platform 'macos-arm64'/],
    ["another version", { version: "9.9.9" }, /version '9\.9\.9'/],
    ["another product", { artifact_name: "other-server-1.0.0-linux-x64" }, /artifact_name 'other-/],
    ["a kind that is hidden in a text", { artifact_kind: 'x",\n  "artifact_kind": "server' }, /artifact_kind ''/],
  ] as const) {
    it(`an archive of ${what} is refused by its manifest`, async () => {
      archive = await box.archive("other.zip", { manifest });
      await refused(install(rendered()), 4, sentence);
    });
  }

  it("an archive without a manifest is refused", async () => {
    archive = await box.archive("other.zip", { without: "release-manifest.json" });
    await refused(install(rendered()), 4, /holds no release-manifest\.json/);
  });
});
