/** Palyra's judges on recorded outputs, short enough to be read here. */
import assert from "node:assert/strict";
import { Outputs } from "../../src/checks/outputs.ts";
import { judges } from "../../src/products/palyra/judges.ts";
import { record, stream } from "../suites/samples.ts";

/** What a judge observes in the outputs of a check, with files by their paths. */
function observed(name: string, given: unknown, files: Record<string, string>, stdout = ""): string[] {
  const streams = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, stream(text)]));
  const own = new Outputs(record("c", { stdout: stream(stdout), files: streams }));
  const of = (): never => assert.fail("no other check is asked");
  return judges[name]!(given, { own, of }).map((miss) => miss.observed);
}

const steps = (printed: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(printed).flatMap(([id, text]) => [
      [`${id}.out`, text],
      [`${id}.err`, ""],
      [`${id}.exit`, "0\n"],
    ]),
  );

describe("the judge of version and commit", () => {
  const hash = "1e2f4d1ff538";
  const given = { version: "0.1.0", stated: { json: "json", "health/http": "http" }, fields: ["name", "version"] };
  const said = (more: Record<string, string> = {}): Record<string, string> =>
    steps({
      manifest: `{"version":"0.1.0","source_sha":"${hash}${"a".repeat(28)}"}`,
      json: `{"name":"palyra","version":"0.1.0","git_hash":"${hash}"}`,
      health: `{"http":{"version":"0.1.0","git_hash":"${hash}"}}`,
      text: `name=palyra version=0.1.0 git_hash=${hash} profile=Local\n`,
      ...more,
    });
  const red = (more: Record<string, string>): string => observed("as-released", given, said(more)).join("; ");

  it("takes what agrees", () => assert.equal(red({}), ""));
  it("names each place that does not, and a manifest without a commit", () => {
    assert.equal(
      red({ health: '{"http":{"version":"9.9.9"}}' }),
      `http: version 9.9.9 and git hash undefined instead of ${hash} of the manifest`,
    );
    assert.equal(
      red({ text: "name=palyra version=0.1.0 version=0.1.0" }),
      "text: version is 0.1.0 and 0.1.0, and as JSON 0.1.0",
    );
    assert.match(
      red({ manifest: '{"version":"0.1.0","source_sha":null}' }),
      /seal the candidate with --source CHECKOUT/,
    );
  });
  it("reads nothing that is not there", () => {
    assert.throws(() => red({ json: "" }), /json is not JSON: ""/);
    assert.throws(() => red({ health: "{}" }), /What health\/http says/);
    assert.throws(() => observed("as-released", given, steps({})), /step manifest did not run/);
  });
});

describe("the judge of the doctor", () => {
  const check = (key: string, ok: boolean, required: boolean): object => ({ key, ok, required });
  const red = (checks: object[], total: number, failed: number): string[] => {
    const summary = {
      required_checks_total: total,
      required_checks_ok: total - failed,
      required_checks_failed: failed,
    };
    return observed("doctor", { mayFail: ["late"] }, {}, JSON.stringify({ diagnostics: { checks, summary } }));
  };

  it("takes checks of which none is required, and the one that may fail", () => {
    assert.deepEqual(red([check("a", false, false)], 0, 0), []);
    assert.deepEqual(red([check("late", false, true)], 1, 1), []);
  });
  it("names required checks that fail, and counts them", () => {
    assert.deepEqual(red([check("a", false, true), check("b", true, true)], 2, 0), [
      "required checks that fail: a",
      "required checks as counted: 2 2 0",
    ]);
    assert.throws(() => red([], 0, 0), /checks/);
  });
});

describe("the judge of help", () => {
  const listed = Array.from({ length: 20 }, (_, i) => `c${String.fromCharCode(97 + i)}`);
  const root = [
    "Usage: palyra <COMMAND>",
    "",
    "Commands:",
    ...listed.map((name) => `  ${name}   Does it`),
    "      more",
    "",
  ].join("\n");
  const page = (command: string, ...more: string[]): string => [`Usage: palyra ${command}`, ...more, ""].join("\n");
  const known = listed.slice(1).flatMap((name) => {
    const text = page(name);
    return [[`pages/${name}-help.txt`, text] as const, [`pages/${name}-help.txt.printed`, text] as const];
  });
  const given = { groups: [{ command: "ca", subcommands: ["one"] }], commands: listed };
  const files = {
    ...Object.fromEntries(known),
    "pages/ca-help.txt.printed": page("ca <COMMAND>", "Commands:", "  one  Does it", "  help  Helps"),
    "pages/root-help-unix.txt": root.replaceAll("\n\n", "\n"),
    "pages/root-help-unix.txt.printed": root,
    asked: `${listed.map((name) => `0 printed ${name}-help.txt ${name}\n`).join("")}0 printed root-help-unix.txt \n`,
  };
  const red = (more: Record<string, string>): string[] => observed("help", given, { ...files, ...more });

  it("takes pages that are packaged or described, without blank lines and blanks at their ends", () => {
    assert.deepEqual(red({}), []);
    assert.deepEqual(red({ "pages/cb-help.txt.printed": "Usage: palyra cb  \n   \n" }), []);
  });
  it("names each that is not", () => {
    assert.deepEqual(red({ "pages/cb-help.txt.printed": page("cb", "More") }), [
      "1 not as expected: palyra cb --help differs from the packaged page: > More",
    ]);
    assert.deepEqual(red({ asked: files.asked.replace("0 printed cb", "2 printed cb") }), [
      "1 not as expected: palyra cb --help: exit code 2",
    ]);
    assert.deepEqual(red({ "pages/ca-help.txt.printed": page("ca", "Commands:", "  two  Does it") }), [
      "1 not as expected: palyra ca has other subcommands: two",
    ]);
    assert.deepEqual(red({ "pages/notes.txt": "" }), [
      "1 not as expected: palyra has the page notes.txt, and nobody knows of which command",
    ]);
  });
  it("is red when nothing was asked for or packaged", () => {
    assert.match(observed("help", { groups: [], commands: listed }, { asked: "" }).join(), /has no packaged pages/);
    assert.throws(() => observed("help", given, {}), /the file asked is missing/);
  });
});
