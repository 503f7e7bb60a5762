/** Every seeded defect is reported by exactly the rules that it names, and every rule is needed for that. */
import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import * as yauzl from "yauzl";
import { deflateAsWritten, packEntries } from "../../src/archive/index.ts";
import { rules, validate, validateBytes, type Validation } from "../../src/validator/index.ts";
import { platforms, products as realProducts } from "../../src/products/index.ts";
import { noise, temporaryFolder } from "../candidate/tiny-candidate.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { corpus, type Defect } from "./corpus.ts";
import { judgeDefect } from "./judge-defect.ts";
import { build, goodRelease, plain, strict, testProducts } from "./release.ts";

const ids = ({ findings }: Validation): string[] => [...new Set(findings.map((f) => f.rule))].sort();
const possible = corpus.filter(({ when }) => when?.() ?? true);

describe("validation rules", () => {
  const temporary = temporaryFolder();

  for (const [product, products] of [
    [strict, testProducts],
    [plain, testProducts],
    ...Object.values(realProducts).map((real) => [real, realProducts] as const),
  ] as const) {
    for (const kind of Object.keys(product.kinds)) {
      for (const platform of platforms) {
        it(`find nothing in a good archive of ${products === testProducts ? "a product like " : ""}${product.name} ${kind} for ${platform}`, async () => {
          const { base, bytes } = build(goodRelease(product, platform, kind));
          assert.deepEqual((await validateBytes(`${base}.zip`, bytes, { products })).findings, []);
        });
      }
    }
  }

  it("start from the very bytes that our packer writes", async () => {
    const release = goodRelease();
    const { files } = build(release);
    const packed = join(temporary.path, "packed.zip");
    await packEntries(
      [...files].map(([path, { mode, data }]) => ({ path, mode, data })),
      packed,
      release.date,
    );
    // How well a packer compresses is its own affair: its compressed data within our headers.
    const zip = await yauzl.openPromise(packed, { autoClose: false });
    const data = new Map<string, Buffer>();
    for await (const entry of zip.eachEntry())
      data.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry, { decodeFileData: false })));
    zip.close();
    const { bytes } = build(release, {
      zip: ({ entries }) => entries.forEach((entry) => (entry.packed = data.get(entry.path as string)!)),
    });
    assert.ok(readFileSync(packed).equals(bytes));
  });

  it("find nothing in what our packer writes, also beside what it would write again", async () => {
    const { base, files } = build(goodRelease(), {
      release: (r) => void r.files.set("web/large.bin", { mode: 0o644, data: noise(7, 3_500_000) }),
    });
    const packed = join(temporary.path, `${base}.zip`);
    await packEntries(
      [...files].map(([path, { mode, data }]) => ({ path, mode, data })),
      packed,
      goodRelease().date,
    );
    assert.deepEqual((await validate(packed, { products: testProducts, deflate: deflateAsWritten })).findings, []);
  });

  it("are at least sixty seeded defects, with names of their own", () => {
    assert.ok(corpus.length >= 60, `${corpus.length}`);
    assert.equal(new Set(corpus.map(({ name }) => name)).size, corpus.length);
  });

  for (const defect of corpus) {
    (possible.includes(defect) ? it : it.skip)(`report ${defect.name}: ${defect.rules.join(", ")}`, async () => {
      const validation = await judgeDefect(defect);
      assert.deepEqual(
        ids(validation),
        [...defect.rules].sort(),
        JSON.stringify(validation.findings.slice(0, 8), undefined, 1),
      );
      for (const { found, remedy } of validation.findings) assert.ok(found.length > 0 && remedy.length > 0);
    });
  }

  it("have ids of their own, and say what they protect and what to do", () => {
    assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
    for (const rule of rules)
      for (const field of ["title", "protects", "remedy"] as const)
        assert.match(rule[field], /\S.{8,}[^.]$/, `${rule.id}: ${field}`);
    assert.deepEqual(
      [...new Set(rules.flatMap(({ upstream }) => upstream ?? []))].sort((a, b) => a - b),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    );
  });

  for (const rule of rules) {
    it(`need ${rule.id}: without it, a seeded defect is not reported as it should be`, async () => {
      const without = rules.filter((other) => other !== rule);
      const fails = async (defect: Defect): Promise<boolean> =>
        JSON.stringify(ids(await judgeDefect(defect, { rules: without }))) !== JSON.stringify([...defect.rules].sort());
      // Those that name the rule first: the first that fails is enough.
      const order = [...possible].sort((a, b) => Number(b.rules.includes(rule.id)) - Number(a.rules.includes(rule.id)));
      for (const defect of order) if (await fails(defect)) return;
      assert.fail(`no seeded defect needs ${rule.id}`);
    });
  }
});
