/** A broken definition is refused when it is asked for, with exit code 2 and every fault, and breaks no other. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { productNamed, products } from "../../src/products/index.ts";
import { validateBytes } from "../../src/validator/index.ts";
import { temporaryFolder } from "../candidate/tiny-candidate.ts";
import { build, goodRelease } from "../validator/release.ts";
import { broken } from "./broken-definition.ts";

const root = join(import.meta.dirname, "../..");

describe("products that are asked for", () => {
  it("are whole as well where an archive of theirs is judged", async () => {
    const paper = broken("nats", [["name"], "paper"], [["license"], "MIT"]) as never;
    const bytes = build(goodRelease(paper)).bytes;
    products["paper"] = paper;
    try {
      await assert.rejects(
        validateBytes("paper.zip", bytes),
        /^EdgeError: src\/products\/paper\.ts: license: there is/,
      );
    } finally {
      delete products["paper"];
    }
  });

  it("are refused with every fault, the file before each", () => {
    products["paper"] = { ...broken("nats", [["name"], "paper"], [["license"], "MIT"], [["title"], ""]) } as never;
    try {
      assert.throws(() => productNamed("paper"), {
        name: "EdgeError",
        code: "input",
        message:
          /^src\/products\/paper\.ts: title: "" is not one line of text\.\nsrc\/products\/paper\.ts: license: there .*\?$/,
      });
      assert.equal(productNamed("nats").name, "nats");
    } finally {
      delete products["paper"];
    }
  });

  describe("in a checkout", function () {
    this.timeout(60_000);
    const temporary = temporaryFolder();
    let checkout: string;
    before(() => {
      checkout = join(temporary.path, "checkout");
      cpSync(join(root, "src"), join(checkout, "src"), { recursive: true });
      for (const each of ["node_modules", "package.json", "infra"]) symlinkSync(join(root, each), join(checkout, each));
    });
    const file = () => join(checkout, "src/products/nats.ts");
    const check = (name: string) =>
      new Promise<{ code: unknown; text: string }>((resolve) => {
        const args = [join(checkout, "src/cli/main.ts"), "product", "check", name];
        execFile(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], (error, stdout, stderr) =>
          resolve({ code: error ? error.code : 0, text: stdout + stderr }),
        );
      });
    const change = (from: string, to: string): void => {
      const text = readFileSync(join(root, "src/products/nats.ts"), "utf8");
      assert.ok(text.includes(from), from);
      writeFileSync(file(), text.replace(from, to));
    };

    it("are whole, or end with 2 and their faults, or with 2 because there are none", async () => {
      assert.deepEqual(await check("nats"), { code: 0, text: "src/products/nats.ts is whole: 1 kind, 2 binaries.\n" });
      change("licence:", "license:");
      const { code, text } = await check("nats");
      assert.equal(code, 2);
      assert.match(text, /^src\/products\/nats\.ts: license: there is no such field; .*; did you mean "licence"\?\n$/);
      const unknown = await check("palyr");
      assert.equal(unknown.code, 2);
      assert.match(unknown.text, /^Product "palyr" is not known; .*; did you mean "palyra"\?\n$/);
    });

    it("stand while another one cannot even be read, and that one ends with 2, its file and its line", async () => {
      change('title: "NATS",', 'title: "NATS"');
      assert.deepEqual(await check("nats"), {
        code: 2,
        text: "src/products/nats.ts cannot be loaded: Expected ',', got 'ident' (src/products/nats.ts:27); mend it there.\n",
      });
      change('title: "NATS",', "title: NATS,");
      assert.deepEqual(await check("nats"), {
        code: 2,
        text: "src/products/nats.ts cannot be loaded: NATS is not defined (src/products/nats.ts:26); mend it there.\n",
      });
      change("export const nats", "export const natz");
      const gone = await check("nats");
      assert.deepEqual(gone, {
        code: 2,
        text: "src/products/nats.ts does not export the definition that src/products/index.ts names.\n",
      });
      assert.deepEqual(await check("palyra"), {
        code: 0,
        text: "src/products/palyra/definition.ts is whole: 2 kinds, 4 binaries.\n",
      });
    });
  });
});
