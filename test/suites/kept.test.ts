/** What is said of looks at what an installation keeps: of bytes, files, records and certificates, from recorded outputs. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { Outputs } from "../../src/checks/outputs.ts";
import type { Miss } from "../../src/checks/judging.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import type { Kept } from "../../src/products/index.ts";
import { keptJudge, type KeptExpectation } from "../../src/suites/kept-judge.ts";
import { record, stream } from "./samples.ts";

type Files = Record<string, string | Buffer>;

const outputs = (files: Files): Outputs => {
  const known = Object.entries(files).map(([name, data]) => {
    const bytes = Buffer.from(data);
    return [name, { ...stream(""), bytes: bytes.length, head: bytes.toString("base64") }] as const;
  });
  return new Outputs(record("c", { files: Object.fromEntries(known) }));
};

/** What is wrong with one thing that is kept. */
function wrong(given: Omit<KeptExpectation, "what">, what: Kept, own: Files, earlier: Files = {}): string {
  const misses: Miss[] = keptJudge(
    { ...given, what: [what] },
    { own: outputs(own), of: (check) => (assert.equal(check, "s/noted"), outputs(earlier)) },
  );
  return misses.map(({ observed }) => observed).join();
}

const since = "s/noted";
const bytes: Kept = { how: "bytes", path: "/k" };
const rows = (folder: string, ...names: string[]): Files => ({
  [`${folder}/0.database.gz`]: gzipSync(names.map((name) => `${name}\n`).join("")),
  [`${folder}/0.log.gz`]: gzipSync(""),
});

describe("what is kept", () => {
  it("is what was noted earlier, by another check", () => {
    const noted = { "noted/0.bytes": "a  -\n" };
    assert.equal(wrong({ asked: "still", since }, bytes, { "now/0.bytes": "a  -\n" }, noted), "");
    assert.equal(wrong({ asked: "still", since }, bytes, { "now/0.bytes": "b  -\n" }, noted), "/k is not what it was");
    assert.equal(wrong({ asked: "still", since }, bytes, { "now/0.bytes": "" }, noted), "/k is gone");
    assert.equal(wrong({ asked: "removed", since }, bytes, { "now/0.bytes": "" }, noted), "/k is gone");
  });
  it("is there when it is noted", () =>
    assert.equal(
      wrong({ asked: "noted" }, bytes, { "before/0.bytes": "", "noted/0.bytes": "" }),
      "/k is not there to be noted",
    ));
  it("is not known where nobody looked, or a copy is damaged", () => {
    assert.equal(
      wrong({ asked: "still", since }, bytes, { "now/0.bytes": "a" }),
      "/k: the file noted/0.bytes is missing",
    );
    const records: Kept = { how: "records", path: "/d", service: "s" };
    const damaged = { ...rows("before", "a"), "before/0.database.gz": gzipSync("a\n").subarray(0, 12) };
    assert.match(
      wrong({ asked: "noted" }, records, { ...damaged, ...rows("noted", "a") }),
      /^\/d: its copy before\/0\.database\.gz is damaged/,
    );
    assert.match(wrong({ asked: "noted" }, records, rows("before", "a")), /noted\/0\.database\.gz is missing/);
    const missing = (): never => {
      throw new EdgeError("s/noted has no record");
    };
    assert.throws(
      () => keptJudge({ asked: "still", since, what: [bytes] }, { own: outputs({}), of: missing }),
      /s\/noted has no record/,
    );
  });
  it("holds what was there before the restart and after it, and nothing that came or went by it", () => {
    const records: Kept = { how: "records", path: "/d", service: "s", named: "id-[a-z]" };
    const noted = { ...rows("before", "id-a", "note"), ...rows("noted", "id-a", "id-b", "note") };
    const still = (...now: string[]): string => wrong({ asked: "still", since }, records, rows("now", ...now), noted);
    assert.equal(wrong({ asked: "noted" }, records, noted), "");
    assert.equal(still("id-a"), "");
    assert.equal(still("id-b", "note"), "/d has lost 1 of 1 records");
    assert.equal(still("id-a changed"), "/d has 1 of 1 records that are not what they were");
    assert.equal(
      wrong({ asked: "noted" }, records, { ...rows("before", "id-a"), ...rows("noted", "id-b") }),
      "/d lost 1 records by a restart",
    );
    assert.equal(
      wrong({ asked: "noted" }, records, { ...rows("before"), ...rows("noted") }),
      "/d holds nothing that could be looked for",
    );
  });
  it("loses by a rollback what was written since the upgrade, which must have been something", () => {
    const records: Kept = { how: "records", path: "/d", service: "s" };
    const later = { ...rows("earlier", "a"), ...rows("later", "a", "b") };
    assert.equal(wrong({ asked: "later" }, records, later), "");
    assert.equal(wrong({ asked: "gone", since }, records, rows("now", "a"), later), "");
    assert.match(wrong({ asked: "gone", since }, records, rows("now", "b"), later), /still has 1 records that were/);
    const none = { ...rows("earlier", "a"), ...rows("later", "a") };
    assert.match(wrong({ asked: "later" }, records, none), /was not written to by a restart after the upgrade/);
    assert.match(wrong({ asked: "gone", since }, records, rows("now", "a"), none), /never seen to be written to/);
  });
  it("must present something only where that is declared", () => {
    const nothing = { "before/0.presented": "", "noted/0.presented": "" };
    const presented: Kept = { how: "presented", address: "127.0.0.1", port: 7 };
    assert.equal(wrong({ asked: "noted" }, presented, nothing), "");
    assert.equal(
      wrong({ asked: "noted" }, { ...presented, always: true }, nothing),
      "127.0.0.1:7 presents no certificate",
    );
  });
});
