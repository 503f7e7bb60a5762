/** Many small files: packed with as few open files as an ordinary host allows, whatever their number. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { nats, put, temporaryFolder, tinyCandidate, tinyDraft } from "../candidate/tiny-candidate.ts";
import { inspectArchive, packArchive } from "../../src/archive/index.ts";
import { readCandidate } from "../../src/candidate/index.ts";

describe("packing many files", () => {
  const temporary = temporaryFolder();
  const most = 400;
  before(async () => {
    const draft = tinyDraft();
    const names = Array.from({ length: most }, (_, n) => `web/${n % 7}/${n}.js`);
    for (const name of names) put(temporary.path, `linux-x64/${name}`, `// ${name}\n`);
    const shared = draft.platforms["linux-x64"]!.assets;
    draft.platforms["linux-x64"]!.assets = {
      ...shared,
      ...Object.fromEntries(names.map((name) => [name, `linux-x64/${name}`])),
    };
    await tinyCandidate(temporary.path, ["linux-x64"], draft);
  });

  it("opens few of them at a time", async function () {
    if (process.platform === "win32") this.skip();
    const once = [
      process.execPath,
      "--disable-warning=ExperimentalWarning",
      join(import.meta.dirname, "pack-once.ts"),
      temporary.path,
      join(temporary.path, "few"),
      "linux-x64",
    ];
    const said = execFileSync("sh", ["-c", 'ulimit -n 100 && exec "$@"', "sh", ...once], { encoding: "utf8" });
    const few = JSON.parse(said) as { identity: string; sha256: string };
    const { identity, sha256, file } = await packArchive({
      candidateFolder: temporary.path,
      candidate: readCandidate(temporary.path),
      product: nats,
      kind: "server",
      platform: "linux-x64",
      outputFolder: join(temporary.path, "out"),
    });
    assert.deepEqual([few.identity, few.sha256], [identity, sha256]);
    assert.ok((await inspectArchive(file)).entries.length > most);
  }).timeout(60_000);
});
