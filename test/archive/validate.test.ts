/** The face of validation that packing and the provider use; the rules themselves are tested in test/validator. */
import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { inspectArchive, packArchive, packEntries, validateArchive } from "../../src/archive/index.ts";
import { nats, program, temporaryFolder, tinyCandidate } from "../candidate/tiny-candidate.ts";
import { repack } from "../repacked.ts";

const expect = { product: "nats", kind: "server", version: "2.11.4", platform: "linux-x64" } as const;

describe("validating an archive", () => {
  const temporary = temporaryFolder();
  let packed = "";
  before(async () => {
    const folder = join(temporary.path, "candidate");
    const candidate = await tinyCandidate(folder);
    packed = (
      await packArchive({
        candidateFolder: folder,
        candidate,
        product: nats,
        kind: "server",
        platform: "linux-x64",
        outputFolder: join(temporary.path, "out"),
      })
    ).file;
  });

  it("finds nothing in a packed archive, and answers what is in it", async () => {
    const { findings, entries, manifest } = await inspectArchive(packed, { expect });
    assert.deepEqual(findings, []);
    assert.deepEqual(entries.find((e) => e.path === "nats")?.mode, 0o755);
    assert.equal(manifest?.artifact_name, "nats-server-2.11.4-linux-x64");
  });

  it("says what differs from what was expected", async () => {
    for (const [field, value] of [
      ["product", "palyra"],
      ["kind", "desktop"],
      ["version", "2.11.5"],
      ["platform", "linux-arm64"],
    ] as const) {
      const found = await validateArchive(packed, { expect: { ...expect, [field]: value } });
      assert.deepEqual(
        found.map(({ path, message }) => [path, message.includes(value)]),
        [["release-manifest.json", true]],
        field,
      );
    }
  });

  it("names the entry, what was found, the remedy and the rule", async () => {
    const copy = join(temporary.path, "nats-server-2.11.4-linux-x64.zip");
    copyFileSync(packed, copy);
    appendFileSync(copy, "!");
    assert.deepEqual(await validateArchive(copy, { expect }), [
      {
        path: "",
        message:
          "has 1 bytes after its end (rule trailing-bytes; pack it again with `greenlight`, and transfer it as binary data)",
      },
    ]);
    renameSync(copy, join(temporary.path, "other.zip"));
    assert.equal((await validateArchive(join(temporary.path, "other.zip"), { expect })).length, 2);
    assert.match((await validateArchive(copy))[0]!.message, /does not exist/);
  });

  it("says of a program that nobody may execute, or that is for another processor, that the archive is unfit", async () => {
    const copy = join(temporary.path, "nats-server-2.11.4-linux-x64.zip");
    const rulesAfter = async (spoil: Parameters<typeof repack>[1]): Promise<[string, string][]> => {
      copyFileSync(packed, copy);
      await repack(copy, spoil);
      return (await validateArchive(copy, { expect })).map(({ path, message }) => [
        path,
        /rule ([a-z-]+)/.exec(message)![1]!,
      ]);
    };
    assert.deepEqual(await rulesAfter(() => undefined), []);
    assert.deepEqual(await rulesAfter((files) => (files.get("nats")!.mode = 0o644)), [["nats", "executable-bit"]]);
    assert.deepEqual(
      await rulesAfter((files) => void files.set("nats", { mode: 0o755, data: program("linux-arm64") })),
      [["nats", "binary-platform"]],
    );
  });

  it("says all that an archive of something else lacks", async () => {
    const other = join(temporary.path, "something.zip");
    await packEntries([{ path: "a.txt", mode: 0o644, data: Buffer.from("a") }], other);
    const found = (await validateArchive(other)).map(({ path, message }) => [
      path,
      /rule ([a-z-]+)/.exec(message)![1]!,
    ]);
    assert.deepEqual(found, [
      ["release-manifest.json", "manifest-present"],
      ["README.txt", "required-files"],
      ["checksums.txt", "checksums-present"],
      ["", "licence"],
    ]);
  });
});
