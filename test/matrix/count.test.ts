import assert from "node:assert/strict";
import { countTests, whyNone, type Counting } from "../../src/matrix/count.ts";

/** Outputs as the programs print them, and what is in them: executed, passed, failed, skipped. */
const outputs: [Counting, string, string, [number, number, number, number]][] = [
  [
    "cargo",
    "one program",
    "running 1 test\ntest a ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.00s\n",
    [1, 1, 0, 0],
  ],
  [
    "cargo",
    "two programs, one with a failure",
    "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\ntest result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n",
    [4, 3, 1, 1],
  ],
  [
    "cargo",
    "a filter that fits nothing",
    "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 412 filtered out; finished in 0.00s\n",
    [0, 0, 0, 0],
  ],
  [
    "cargo",
    "colours",
    "\u001b[1mtest result: \u001b[32mok\u001b[0m. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n",
    [3, 3, 0, 0],
  ],
  ["cargo", "nextest", "     Summary [   0.012s] 3 tests run: 2 passed, 1 failed, 4 skipped\n", [3, 2, 1, 4]],
  ["cargo", "no summary", "error: could not compile\n", [0, 0, 0, 0]],
  [
    "go",
    "verbose, with parts of a test",
    "=== RUN   TestA\n=== RUN   TestA/part\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/part (0.00s)\n--- FAIL: TestB (0.10s)\n--- SKIP: TestC (0.00s)\nFAIL\n",
    [2, 1, 1, 1],
  ],
  [
    "go",
    "events",
    '{"Action":"run","Test":"TestA"}\n{"Action":"output","Test":"TestA","Output":"--- PASS: TestA (0.00s)\\n"}\n{"Action":"pass","Test":"TestA/part"}\n{"Action":"pass","Package":"p","Test":"TestA"}\n{"Action":"pass","Package":"p"}\n{"broken\n',
    [1, 1, 0, 0],
  ],
  ["go", "no test fits", "ok  \tp\t0.010s [no tests to run]\n", [0, 0, 0, 0]],
  [
    "mocha",
    "passing, failing, pending",
    "\n  12 passing (3s)\n  1 pending\n  2 failing\n\n  1) passing by\n",
    [14, 12, 2, 1],
  ],
  ["mocha", "none", "\n  0 passing (1ms)\n", [0, 0, 0, 0]],
  [
    "node",
    "for people",
    "✔ a (1ms)\nℹ tests 4\nℹ suites 0\nℹ pass 2\nℹ fail 1\nℹ cancelled 0\nℹ skipped 1\nℹ todo 0\n",
    [3, 2, 1, 1],
  ],
  [
    "node",
    "for programs",
    "TAP version 13\n# tests 1\n# pass 1\n# fail 0\n# cancelled 0\n# skipped 0\n# todo 0\n",
    [1, 1, 0, 0],
  ],
];

describe("the number of tests that were executed", () => {
  for (const [counting, what, output, [executed, passed, failed, skipped]] of outputs) {
    it(`is read from the output of ${counting}: ${what}`, async () => {
      assert.deepEqual(await countTests(counting, output.split("\n")), { executed, passed, failed, skipped });
    });
  }
  it("is explained where it is none", () => {
    assert.match(whyNone("cargo", { executed: 0, passed: 0, failed: 0, skipped: 3 }), /all of 3 were skipped/);
    for (const counting of ["cargo", "go", "mocha", "node", "junit"] as const)
      assert.match(whyNone(counting, { executed: 0, passed: 0, failed: 0, skipped: 0 }), /^no test fits; see that /);
  });
});
