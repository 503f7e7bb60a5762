/** Files of a commit, looked at by the readiness checklist. */
import assert from "node:assert/strict";
import type { EvidenceItem, ProductPolicy, SourceContract } from "../../src/matrix/index.ts";
import { lookAtSources, type SourceFile } from "../../src/readiness/index.ts";
import { commit, now, palyra } from "./samples.ts";

/** What is found of one item that looks at this path. */
async function look(
  path: string,
  text: string | SourceFile,
  wanted = "wanted",
): Promise<SourceContract["items"][number]> {
  const item = palyra.checklist!.value.evidence.find(({ kind }) => kind === "source_contract")!;
  const evidence = [{ ...item, path, must_contain: [wanted] }] as EvidenceItem[];
  const policy: ProductPolicy = {
    ...palyra,
    checklist: { ...palyra.checklist!, value: { ...palyra.checklist!.value, evidence } },
  };
  const file = typeof text === "string" ? { bytes: Buffer.from(text) } : text;
  const looked = await lookAtSources({ policy, product: "palyra", commit, now, file: () => Promise.resolve(file) });
  return looked.items[0]!;
}

describe("a look at sources", () => {
  it("reads each kind of file as what it is", async () => {
    for (const [path, text] of [
      ["a.sh", "run wanted"],
      ["a.bash", "run wanted"],
      ["a.ps1", "\uFEFFrun wanted"],
      ["a.yaml", "key: wanted"],
      ["a.yml", "- run: run wanted"],
      ["a.rs", "fn wanted() {}"],
    ] as const)
      assert.equal((await look(path, text)).status, "declared_contract", path);
  });

  it("refuses a kind that nobody can read, and says which can be", async () => {
    const { status, details, read_as, must_contain } = await look("Makefile", "wanted");
    assert.deepEqual([status, read_as, must_contain], ["invalid_reference", null, [{ text: "wanted", found: false }]]);
    assert.equal(
      details,
      "Makefile is of a kind that nobody can read here; name a file with .sh, .bash, .ps1, .psm1, .yml, .yaml, .rs.",
    );
  });

  it("says of a file that cannot be had why", async () => {
    for (const [fault, status, says] of [
      ["absent", "invalid_reference", "a.sh is no file of the commit."],
      ["unreadable", "pending_other_profile", "a.sh cannot be read in the checkout; make it readable."],
    ] as const) {
      const found = await look("a.sh", { fault });
      assert.deepEqual([found.status, found.details, found.sha256], [status, says, null]);
    }
  });

  it("looks for what is wanted as the script would read it, and for a string in Rust in its strings", async () => {
    assert.equal((await look("a.sh", "run 'two words' # x", 'run "two words"')).status, "declared_contract");
    assert.equal((await look("a.sh", "run x", "# nothing")).status, "failed");
    assert.equal((await look("a.rs", 'const A: &str = "b";', 'A: &str = "b"')).status, "declared_contract");
    assert.equal((await look("a.rs", '// const A: &str = "b";', 'A: &str = "b"')).status, "failed");
  });
});
