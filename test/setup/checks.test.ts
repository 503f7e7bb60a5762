import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checksOf, reportOf, runChecks, shellFiles } from "../../src/setup/checks.mjs";
import { checkout } from "../../src/setup/places.mjs";
import { scratch } from "./scratch.ts";

const quiet = { started() {}, progress() {}, noted() {}, done() {}, failed() {} };

describe("checks of the sources", function () {
  this.timeout(300_000);
  const { path } = scratch();
  const write = (file: string, text: string) => {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), text);
  };

  /** A project of two sources and a script that all checks pass, with this checkout's own settings. */
  function project() {
    for (const file of [".editorconfig", ".prettierrc.json", ".prettierignore", "eslint.config.mjs", "tsconfig.json"])
      copyFileSync(join(checkout, file), path(file));
    symlinkSync(join(checkout, "node_modules"), path("node_modules"));
    write("package.json", `${JSON.stringify({ name: "project", type: "module", private: true }, null, 2)}\n`);
    write("knip.json", '{ "entry": ["src/main.ts"], "project": ["src/**/*.ts"] }\n');
    write("src/main.ts", 'import { one } from "./one.ts";\n\nprocess.stdout.write(String(one));\n');
    write("src/one.ts", "/** The first. */\nexport const one = 1;\n");
    write("bin/run", '#!/bin/sh\nexec "$@"\n');
  }
  const check = (names?: string[]) => {
    const all = checksOf(path(), process.execPath);
    const some = names ? all.filter(({ name }) => names.includes(name)) : all;
    return runChecks(some, { root: path(), env: process.env, display: quiet });
  };

  it("are green for sources that nothing is wrong with", async () => {
    project();
    const results = await check();
    assert.deepEqual(
      results.map(({ name, passed }) => ({ name, passed })),
      ["eslint", "tsc", "prettier", "knip", "shellcheck", "shfmt"].map((name) => ({ name, passed: true })),
      JSON.stringify(results, null, 2),
    );
  });

  const faults: [name: string, files: Record<string, string>, findings: RegExp[]][] = [
    [
      "eslint",
      {
        "src/main.ts": 'import { one } from "./one.ts";\n\nPromise.resolve(one);\n',
        "src/one.ts": 'import "./main.ts";\n\n/** The first. */\nexport const one = 1;\n',
      },
      [
        /src\/main\.ts\s+1:1 .*import-x\/no-cycle\s+3:1 .*no-floating-promises/,
        /src\/one\.ts\s+1:1 .*import-x\/no-cycle/,
      ],
    ],
    ["tsc", { "src/one.ts": 'export const one: number = "1";\n' }, [/src\/one\.ts\(1,14\): error TS2322/]],
    ["prettier", { "src/one.ts": "export const one = '1'\n" }, [/\[warn\] src\/one\.ts/]],
    [
      "knip",
      {
        "src/one.ts": 'import { z } from "zod";\nexport const one = z.string();\nexport const more = 2;\n',
        "src/two.ts": "export const two = 2;\n",
      },
      [/Unused files[^]*src\/two\.ts/, /Unlisted dependencies[^]*zod/, /Unused exports[^]*more .*src\/one\.ts/],
    ],
    ["shellcheck", { "bin/run": "#!/bin/sh\necho $1\n" }, [/SC2086/]],
    ["shfmt", { "bin/run": "#!/bin/sh\nif true; then\n        exec true\nfi\n" }, [/\+ {2}exec true/]],
  ];
  for (const [name, files, findings] of faults) {
    it(`are red by ${name}, with everything that it finds`, async () => {
      project();
      for (const [file, text] of Object.entries(files)) write(file, text);
      const [result] = await check([name]);
      assert.equal(result?.passed, false);
      for (const each of findings) assert.match(result.findings, each);
    });
  }

  it("say what they found without colours, also where a tool would colour it", async () => {
    const args = ["-c", "printf '[\\033[33mwarn\\033[39m] one'; exit 1"];
    const red = { name: "coloured", purpose: "", program: "sh", args };
    const [result] = await runChecks([red], { root: path(), env: process.env, display: quiet });
    assert.equal(result?.findings, "[warn] one");
  });

  it("are red for a tool that is not there, and name it", async () => {
    const absent = { name: "absent", purpose: "", program: "greenlight-absent", args: [] };
    const [result] = await runChecks([absent], { root: path(), env: process.env, display: quiet });
    assert.equal(result?.passed, false);
    assert.match(result.findings, /^greenlight-absent is not installed; install the Debian package greenlight-absent/);
  });

  it("look at scripts by their name and by their first line, and at nothing that was downloaded or made", () => {
    write("a.sh", "");
    write("bin/run", "#!/usr/bin/env bash\n");
    write("bin/other", "#!/usr/bin/env node\n");
    write("notes.md", "#!/bin/sh\n");
    write("node_modules/x/b.sh", "");
    write(".greenlight/c.sh", "");
    assert.deepEqual(shellFiles(path()), ["a.sh", "bin/run"]);
  });

  it("say every finding, and end in 1 when one is red or none ran", () => {
    const green = { name: "a", passed: true, findings: "" };
    const red = { name: "b", passed: false, findings: "one\ntwo" };
    assert.deepEqual(reportOf([green]), { text: "Checks: 1 green", code: 0 });
    assert.deepEqual(reportOf([green, red]), { text: "\nb:\none\ntwo\nChecks: 1 of 2 red", code: 1 });
    assert.equal(reportOf([]).code, 1);
  });
});
