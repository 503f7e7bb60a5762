/** Texts read as what they are: what a comment says, or what is only data or printed, is not there. */
import assert from "node:assert/strict";
import { holds } from "../../src/readiness/holds.ts";
import { powershellStatements } from "../../src/readiness/powershell-text.ts";
import { rustCode } from "../../src/readiness/rust-text.ts";
import { shellCommands } from "../../src/readiness/shell-text.ts";
import { yamlHolds } from "../../src/readiness/yaml-text.ts";

const shell = (text: string): string[] => shellCommands(text).map((words) => words.join(" "));
const shellHas = (text: string): boolean => shell(text).some((each) => holds(each, "the_suite"));
const powershellHas = (text: string): boolean => powershellStatements(text).some((each) => holds(each, "the_suite"));
const rustHas = (text: string): boolean => holds(rustCode(text, false), "TheEnum");

/** Each text, and whether it has what is looked for. */
type Cases = Record<string, [string, boolean]>;

function each(what: string, has: (text: string) => boolean, cases: Cases): void {
  describe(`a ${what}`, () => {
    for (const [name, [text, expected]] of Object.entries(cases))
      it(`${expected ? "has" : "does not have"} it: ${name}`, () => assert.equal(has(text), expected, text));
  });
}

describe("a text", () => {
  it("holds another with other blanks, and not within a longer name", () => {
    assert.equal(holds("cargo  test\n--test the_suite", "test --test the_suite"), true);
    for (const longer of ["the_suite_old", "not_the_suite", "the_suite2"])
      assert.equal(holds(longer, "the_suite"), false);
    assert.equal(holds("the_suite_old the_suite", "the_suite"), true);
    assert.equal(holds("anything", " "), false);
  });
});

each("shell script", shellHas, {
  "a word of a command": ["set -e\ncargo test -p cli --test the_suite --locked\n", true],
  "a word in quotes": ["cargo test --test 'the_suite'", true],
  "a word in other quotes": ['cargo test --test "the_suite"', true],
  "a value": ["cargo test --test=the_suite", true],
  "a line that goes on": ["cargo test \\\n  --test \\\n  the_suite\n", true],
  "lines that end as on Windows": ["cargo test \\\r\n  --test the_suite\r\n", true],
  "an element of a list": ["suites=(\n  other # not this\n  the_suite\n)\n", true],
  "within a condition": ['if [ "$1" != "" ]; then cargo test --test the_suite; fi', true],
  "within a function": ["run() {\n  cargo test --test the_suite\n}\nrun", true],
  "within a substitution": ['out="$(cargo test --test "the_suite")"', true],
  "after a quote with # in it": ['say "a # b" && cargo test --test the_suite', true],
  "after a quote in a substitution": ['x="$(grep "a # b" file)"; cargo test --test the_suite', true],
  "after a number sign in a name": ["a=b#c; cargo test --test the_suite", true],
  "after a parameter that is cut": ['x=${y#*/}; z=${y##"# "}; n=$#; cargo test --test the_suite', true],
  "after a here-document": ["cat <<EOF >f\n# it's\nEOF\ncargo test --test the_suite", true],
  "after a here-string": ["cat <<<'# x'\ncargo test --test the_suite", true],
  "a comment": ["# cargo test --test the_suite\n", false],
  "a comment after a command": ["true; ls # cargo test --test the_suite", false],
  "a comment after blanks": ["\t  # cargo test --test the_suite\nls\n", false],
  "a comment after a bracket": ["(# the_suite\nls)", false],
  "a here-document that nobody runs": [": <<'OFF'\ncargo test --test the_suite\nOFF\nls\n", false],
  "a here-document with tabs": ["cat <<-\tEOF\n\tcargo test --test the_suite\n\tEOF\nls", false],
  "a here-document that does not end": ["cat <<EOF\ncargo test --test the_suite\n", false],
  "the second of two here-documents": ["cat <<A <<B\n1\nA\nthe_suite\nB\n", false],
  "a command that does nothing": [": cargo test --test the_suite", false],
  "a command that only prints": ["echo 'run the_suite later'; printf '%s' the_suite", false],
  "the words of one that prints, after a keyword": ["if x; then echo the_suite; fi", false],
  "a comment within a substitution": ['x="$(ls # the_suite\n)"', false],
  "a longer name": ["cargo test --test the_suite_old", false],
});

each("PowerShell script", powershellHas, {
  "a word of a statement": ["& cargo test --test the_suite --locked\r\n", true],
  "a word in quotes": ['Invoke-Cargo @("test", "--test", "the_suite")', true],
  "a line that goes on": ["cargo test `\n  --test `\n  the_suite\n", true],
  "within a block": ["if ($x) { cargo test --test the_suite }", true],
  "after quotes with # in them": ["$a = 'it''s # b'; $b = \"a # `\" # b\"; cargo test --test the_suite", true],
  "after a number sign in a name": ["$a = 'x'; Get-Item a#b; cargo test --test the_suite", true],
  "after a comment of many lines": ["<#\n off\n#>\ncargo test --test the_suite", true],
  "after a here-string": ["$t = @'\n# it's\n'@\ncargo test --test the_suite", true],
  "a comment": ["# cargo test --test the_suite\nls", false],
  "a comment after a statement": ["ls # the_suite", false],
  "a comment of many lines": ["<#\ncargo test --test the_suite\n#>\nls", false],
  "a comment of many lines that does not end": ["ls\n<#\ncargo test --test the_suite\n", false],
  "a here-string": ["$t = @'\ncargo test --test the_suite\n'@\nls", false],
  "a here-string with variables": ['$t = @"\ncargo test --test the_suite\n"@\nls', false],
  "a statement that only prints": ['Write-Host "the_suite"', false],
  "a longer name": ["cargo test --test the_suite_old", false],
});

each("Rust source", rustHas, {
  "a declaration": ["pub enum TheEnum {\n    A,\n}\n", true],
  "after a comment within a comment": ["/* a /* b */ c */ pub enum TheEnum {}", true],
  "after a string with marks of comments": ['const A: &str = "/* // \\" "; enum TheEnum {}', true],
  "after a raw string": ['const A: &str = r#"/* " "#; enum TheEnum {}', true],
  "after a character and a lifetime": ["fn f<'a>(c: char) -> bool { c == '\"' || c == '\\'' } enum TheEnum {}", true],
  "after a raw name": ["fn r#type() {} enum TheEnum {}", true],
  "a comment": ["// pub enum TheEnum {}\n", false],
  "a comment of documentation": ["/// TheEnum\n//! TheEnum\nstruct B;", false],
  "a comment of many lines": ["/*\npub enum TheEnum {}\n*/", false],
  "a comment within a comment": ["/* /* x */ pub enum TheEnum {} */", false],
  "a string": ['const A: &str = "TheEnum";', false],
  "a raw string": ['const A: &str = r##"TheEnum "# "##;', false],
  "a string of bytes": ['const A: &[u8] = b"TheEnum";', false],
  "a longer name": ["enum TheEnumOld {}", false],
});

const workflow = (step: string): string =>
  `name: CI\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n${step.replace(/^/gm, "      ")}\n`;
const run = "run: bash scripts/run.sh";
const setting = "THE_PROFILE: fast";
const yamlHas = (text: string): boolean => [run, setting].every((wanted) => yamlHolds(text, "ci.yml")(wanted));

each("YAML file", yamlHas, {
  "a step with its setting": [workflow("- run: bash scripts/run.sh\n  env:\n    THE_PROFILE: fast"), true],
  "in quotes": [workflow("- run: 'bash scripts/run.sh'\n  env:\n    THE_PROFILE: \"fast\""), true],
  "in one line": [workflow("- { run: bash scripts/run.sh, env: { THE_PROFILE: fast } }"), true],
  "one command of several": [
    workflow("- run: |\n    set -e\n    bash scripts/run.sh\n  env:\n    THE_PROFILE: fast"),
    true,
  ],
  "with an anchor": [workflow("- &a\n  run: bash scripts/run.sh\n  env: { THE_PROFILE: fast }\n- *a"), true],
  "a command that is a comment": [
    workflow("- run: |\n    # bash scripts/run.sh\n    ls\n  env:\n    THE_PROFILE: fast"),
    false,
  ],
  "a step that is a comment": [
    workflow("- run: ls\n# - run: bash scripts/run.sh\n  env:\n    THE_PROFILE: fast"),
    false,
  ],
  "a setting that is a comment": [
    workflow("- run: bash scripts/run.sh\n  env:\n    # THE_PROFILE: fast\n    A: b"),
    false,
  ],
  "a setting with another value": [workflow("- run: bash scripts/run.sh\n  env:\n    THE_PROFILE: faster"), false],
  "another script": [workflow("- run: bash scripts/run.sh.old\n  env:\n    THE_PROFILE: fast"), false],
  "a name instead of a step": [workflow("- name: 'run: bash scripts/run.sh'\n  env:\n    THE_PROFILE: fast"), false],
  "a text that is printed": [workflow("- run: echo bash scripts/run.sh\n  env:\n    THE_PROFILE: fast"), false],
  "a step that is switched off": [
    workflow("- run: bash scripts/run.sh\n  if: false\n  env:\n    THE_PROFILE: fast"),
    false,
  ],
  "a step that is switched off by an expression": [
    workflow("- run: bash scripts/run.sh\n  if: ${{ false }}\n  env:\n    THE_PROFILE: fast"),
    false,
  ],
});

describe("a YAML file", () => {
  it("is read by the shell that its step names", () => {
    const text = workflow(
      "- shell: pwsh\n  run: |\n    <#\n    bash scripts/run.sh\n    #>\n    bash scripts/other.sh",
    );
    assert.deepEqual([run, "run: bash scripts/other.sh"].map(yamlHolds(text, "ci.yml")), [false, true]);
  });
  it("has values as they are written", () => {
    const has = yamlHolds("version: 1.10\nnone: ~\nlist: [the first, b]\n", "a.yml");
    assert.deepEqual(["version: 1.10", "version: 1.1", "first", "version"].map(has), [true, false, true, false]);
  });
  it("is refused when it is none, with the line", () =>
    assert.throws(() => yamlHolds("a: b\nc: [d\n", "ci.yml"), /^EdgeError: ci\.yml:\d+ is no YAML \(/));
});
