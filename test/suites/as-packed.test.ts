/** What lies in an installation's folder without having been packed, on one that is laid out here. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { asPackedCheck } from "../../src/suites/as-packed.ts";
import { judgedHere } from "./judged.ts";

describe("an installation's folder", () => {
  let folder: string;
  const subject = {
    product: "tool",
    kind: "server",
    version: "1.0.0",
    binaryVersions: {},
    platform: "linux-x64",
    sha256: "d".repeat(64),
    base: "tool-server-1.0.0-linux-x64",
  };
  const release = "versions/1.0.0-dddddddd";
  const put = (path: string, text = ""): void => {
    mkdirSync(dirname(join(folder, "opt/tool", path)), { recursive: true });
    writeFileSync(join(folder, "opt/tool", path), text);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "greenlight-packed-"));
    for (const path of ["tool", "web/a file", "release-manifest.json", "install-metadata.json"])
      put(`${release}/${path}`);
    put(
      `${release}/checksums.txt`,
      ["tool", "web/a file", "release-manifest.json"].map((path) => `${"0".repeat(64)}  ${path}\n`).join(""),
    );
    for (const path of ["install-record", "install-metadata.json", "release-manifest.json", "backups/x/data"])
      put(path);
    symlinkSync(release, join(folder, "opt/tool/current"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const found = async (): Promise<string> => {
    const at = { root: join(folder, "opt/tool"), state: "/s", config: "/c", commands: "/b" };
    const [seen] = await judgedHere([asPackedCheck({ subject, at }, "install/install")]);
    return seen!.replaceAll(`${folder}/opt/tool/`, "");
  };

  it("holds what was packed and what the installer keeps", async () => assert.equal(await found(), "passed"));
  for (const path of [`${release}/data/journal.sqlite3`, `${release}/web/beside`, "data", ".cache"]) {
    it(`is not as it was packed with ${path}`, async () => {
      put(path);
      assert.equal(await found(), path);
    });
  }
  it("is not with a link or another release in it, nor without its list", async () => {
    symlinkSync("/nowhere", join(folder, "opt/tool", release, "a link"));
    mkdirSync(join(folder, "opt/tool/versions/0.9.0-00000000"));
    assert.equal(await found(), `versions/0.9.0-00000000; ${release}/a link`);
    rmSync(join(folder, "opt/tool", release, "checksums.txt"));
    assert.match(await found(), /packed: exit code 1; .*No such file.*; next to nothing was packed/);
  });
});
