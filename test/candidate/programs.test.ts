/** Scripts, bundled libraries and names of programs, from the candidate's check to its archive. */
import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { packArchive, validateArchive } from "../../src/archive/index.ts";
import { checkCandidate, createCandidate, writeCandidate } from "../../src/candidate/index.ts";
import type { Platform } from "../../src/products/index.ts";
import { dynamicElf } from "../binaries/samples.ts";
import { nats, put, temporaryFolder, tinyCandidate, tinyDraft } from "./tiny-candidate.ts";

describe("programs of a candidate", () => {
  const temporary = temporaryFolder();
  let number = 0;
  const tiny = async (platforms: Platform[] = ["linux-x64"]): Promise<string> => {
    const folder = join(temporary.path, `candidate-${number++}`);
    await tinyCandidate(folder, platforms);
    return folder;
  };
  const said = async (folder: string, platforms: Platform[] = ["linux-x64"]): Promise<string[]> =>
    (await checkCandidate(folder, nats, platforms)).map(({ message }) => message.replaceAll(folder, "."));
  const pack = async (folder: string) =>
    packArchive({
      candidateFolder: folder,
      candidate: await writeCandidate(folder, tinyDraft()),
      product: nats,
      kind: "server",
      platform: "linux-x64",
      outputFolder: `${folder}-out`,
    });

  const scripts: [string, string, RegExp][] = [
    [
      "a carriage return in its first line",
      "#!/bin/sh\r\necho\r\n",
      /^\.\/shared\/check\.sh has a carriage return in its first line/,
    ],
    ["an interpreter that is not absolute", "#!sh\n", /^\.\/shared\/check\.sh names "sh"/],
    [
      "an interpreter that no target has",
      "#!/usr/bin/env ruby\n",
      /^\.\/shared\/check\.sh is run by "ruby", which linux-x64\/debian-12 does not have/,
    ],
    ["a byte order mark before it", "\ufeff#!/bin/sh\n", /^\.\/shared\/check\.sh has a byte order mark/],
  ];
  for (const [name, text, pattern] of scripts) {
    it(`are not sealed, checked or packed in silence when a script has ${name}`, async () => {
      const folder = await tiny(["linux-x64", "windows-x64"]);
      put(folder, "shared/check.sh", text);
      await writeCandidate(folder, tinyDraft(["windows-x64", "linux-x64"]));
      assert.deepEqual(await said(folder, ["windows-x64"]), []);
      const found = await said(folder, ["windows-x64", "linux-x64"]);
      assert.equal(found.length, 1);
      assert.match(found[0]!, pattern);
      const { findings } = await createCandidate({
        folder,
        product: nats,
        version: "2.11.4",
        repository: "https://example.org",
      });
      assert.equal(findings.filter(({ message }) => message.includes("shared/check.sh")).length, 1);
      await assert.rejects(pack(folder), {
        name: "EdgeError",
        message: /shared\/check\.sh .*; mend its first line, then seal the candidate again\.$/,
      });
    });
  }

  it("may be scripts only with a first line that starts them", async () => {
    const folder = await tiny();
    put(folder, "linux-x64/nats", "#!/bin/sh\r\n");
    await writeCandidate(folder, tinyDraft());
    assert.match((await said(folder)).join("\n"), /^\.\/linux-x64\/nats has a carriage return in its first line/);
    await assert.rejects(pack(folder), /linux-x64\/nats has a carriage return/);
  });

  it("find libraries that their archive brings, and the archive validates", async () => {
    const folder = await tiny();
    const draft = tinyDraft();
    draft.platforms["linux-x64"]!.assets!["lib/libown.so.1"] = "linux-x64/lib/libown.so.1";
    put(folder, "linux-x64/nats", dynamicElf({ needed: ["libown.so.1", "libc.so.6"], runpath: "$ORIGIN/lib" }));
    put(folder, "linux-x64/lib/libown.so.1", dynamicElf({ shared: true }));
    const candidate = await writeCandidate(folder, draft);
    assert.deepEqual(await said(folder), []);
    const { file } = await packArchive({
      candidateFolder: folder,
      candidate,
      product: nats,
      kind: "server",
      platform: "linux-x64",
      outputFolder: `${folder}-out`,
    });
    assert.deepEqual(await validateArchive(file), []);
    delete draft.platforms["linux-x64"]!.assets!["lib/libown.so.1"];
    await writeCandidate(folder, draft);
    assert.match((await said(folder)).join("\n"), /^\.\/linux-x64\/nats needs the library libown\.so\.1/);
  });

  const names: [Platform, string, string, RegExp][] = [
    [
      "windows-x64",
      "nats.exe",
      "nats",
      /^windows-x64\/nats lies where the binary nats\.exe belongs, .*: Windows starts no program whose name does not end in \.exe; name it nats\.exe/,
    ],
    ["linux-x64", "nats", "nats.exe", /^linux-x64\/nats\.exe lies where the binary nats belongs/],
    ["linux-x64", "nats", "NATS", /^linux-x64\/NATS lies where the binary nats belongs/],
  ];
  for (const [platform, name, other, pattern] of names) {
    it(`are named when ${platform} has ${other} for ${name}`, async () => {
      const folder = await tiny([platform]);
      renameSync(join(folder, platform, name), join(folder, platform, other));
      const { findings } = await createCandidate({
        folder,
        product: nats,
        version: "2.11.4",
        repository: "https://example.org",
      });
      const found = findings
        .filter(({ path }) => path === `platforms.${platform}.binaries.nats`)
        .map(({ message }) => message);
      assert.equal(found.length, 1);
      assert.match(found[0]!, pattern);
    });
  }
});
