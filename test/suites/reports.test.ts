/** What the prelude has for reports: JSON read by awk, against a reader of another make. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { temporaryFolder } from "./on-host.ts";

const prelude = readFileSync(join(import.meta.dirname, "../../src/suites/guest/prelude.sh"), "utf8");

function sh(text: string, input = "", cwd?: string): { code: number | null; out: string } {
  const { status, stdout } = spawnSync("sh", ["-c", `${prelude}\n${text}`], { input, encoding: "utf8", cwd });
  return { code: status, out: stdout };
}

/** The lines that a value must give. */
function lines(value: unknown, path = ""): string[] {
  if (value === null || typeof value !== "object")
    return [path === "" ? JSON.stringify(value) : `${path}=${JSON.stringify(value)}`];
  const items = Object.entries(value);
  if (items.length === 0) return [`${path}${path === "" ? "" : "="}${Array.isArray(value) ? "[]" : "{}"}`];
  return items.flatMap(([key, item]) =>
    lines(item, path === "" ? JSON.stringify(key).slice(1, -1) : `${path}.${JSON.stringify(key).slice(1, -1)}`),
  );
}

describe("reports in the prelude", function () {
  this.timeout(120_000);

  it("are read as any JSON is, pretty or not", () => {
    const key = fc.string({ minLength: 1, maxLength: 6 }).filter((name) => name !== "__proto__" && !/^\d+$/.test(name));
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("any"), { maxLength: 4 }),
        fc.dictionary(key, tie("any"), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).any;
    fc.assert(
      fc.property(value, fc.constantFrom(0, 2), (sample, indent) => {
        const { code, out } = sh("json_paths", JSON.stringify(sample, null, indent));
        assert.equal(code, 0);
        assert.deepEqual(out.split("\n").slice(0, -1), lines(sample));
      }),
      { numRuns: 150 },
    );
  });

  for (const text of [
    "",
    " ",
    "{",
    "[1",
    '{"a":1',
    '{"a":1,}',
    "[1,]",
    '{"a" 1}',
    '{"a":}',
    "{1:2}",
    "[1] 2",
    '{"a":1]',
    "tru",
    "nul",
    '"x',
    "[,1]",
    '{"a":1 "b":2}',
    "}",
    "not JSON at all",
    "[1 2]",
    "+1",
  ]) {
    it(`are none when the text is ${JSON.stringify(text)}`, () =>
      assert.equal(sh("json_paths >/dev/null", text).code, 1));
  }

  describe("are asked for by path", () => {
    const folder = temporaryFolder();
    after(() => rmSync(folder, { recursive: true, force: true }));
    const ask = (json: string, text: string): string => sh(`cat >file; read_report file; ${text}`, json, folder).out;
    const report = JSON.stringify({
      status: "blocked",
      gates: [{ status: "manual", required: true, detail: "a = b * [x] $(id)" }],
      n: 3,
      empty: [],
    });

    it("without quotes, whatever is in them", () => {
      assert.equal(ask(report, "facts status gates.0.status gates.0.required n empty"), "blocked manual true 3 []\n");
      assert.equal(ask(report, 'fact gates.0.detail; echo "$fact"'), "a = b * [x] $(id)\n");
    });
    it("and only that path: neither the end of another nor a part of it", () =>
      assert.equal(
        ask(report, "facts tatus gates.0 gates.1.status 0.status gates"),
        "(none) (none) (none) (none) (none)\n",
      ));
    it("as rows of a list, of all its items, whatever each lacks", () => {
      const listed = JSON.stringify({
        gates: [{ id: "a", required: true }, { required: false }, {}, { id: "d", required: null, more: { id: "x" } }],
        names: ["b c", 2],
        others: [{ id: "z" }],
      });
      assert.equal(
        ask(listed, "rows gates required id more.id"),
        "true a (none)\nfalse (none) (none)\n(none) (none) (none)\nnull d x\n",
      );
      assert.equal(ask(listed, "rows names ."), "b c\n2\n");
      assert.equal(ask(listed, "rows gate id; rows nothing id"), "");
      assert.equal(
        ask(JSON.stringify({ list: Array.from({ length: 12 }, (_, id) => ({ id })) }), "rows list id"),
        Array.from({ length: 12 }, (_, id) => `${id}\n`).join(""),
      );
    });
    it("and say what is no report", () =>
      assert.match(ask("oops", "facts status"), /^file is not JSON: oops\n\(none\)\n$/));
    it("and fail with the command that should print one", () => {
      assert.match(
        sh("report sh -c 'echo half >&2; exit 3' || echo red; facts a", "", folder).out,
        /^exit code 3 of sh -c .*: half\nred\n\(none\)\n$/,
      );
      assert.equal(sh("report echo '{\"a\":1}' && facts a", "", folder).out, "1\n");
    });
    it("and leave word splitting and patterns as they were", () =>
      assert.equal(ask(report, 'fact n; set -- $(echo "x y"); echo $#; cd / && echo /et[c]'), "2\n/etc\n"));
  });
});
