/** Words are found wherever they stand, and nothing else is. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { beginningsOf, WordSearch } from "../../src/secret-search/word-search.ts";

describe("many words looked for at once", () => {
  it("takes from an expression what each of its matches begins with", () => {
    const cases: [string, string[]][] = [
      ["PRIVATE KEY-----", ["PRIVATE KEY-----"]],
      ["gh[po]_", ["ghp_", "gho_"]],
      ["npm_[A-Za-z0-9]{36}", ["npm_"]],
      ["\\[pypi\\]", ["[pypi]"]],
      ["hvs\\.", ["hvs."]],
      ["users:\\s", ["users:"]],
      ["url[ \\t]*=", ["url"]],
      ["[sS]ecret_?(?:x)?Key", ["secret", "Secret"]],
      ["url[ \\t=]x", ["url x", "url\tx", "url=x"]],
      ["hf_[A-C1]{34}", ["hf_A", "hf_B", "hf_C", "hf_1"]],
      ["hf_[A-C1]{0,34}", ["hf_"]],
      ["hf_[^A-C]{34}", ["hf_"]],
      ["abc?d", ["ab"]],
      ["ab[cd]*e", ["ab"]],
    ];
    for (const [expression, beginnings] of cases) assert.deepEqual(beginningsOf(expression), beginnings, expression);
  });

  it("finds what an expression of the same words finds, at any place", () => {
    const groups = [["abc"], ["bca", "aab"], ["cccc"], ["abcabc"]];
    const search = new WordSearch(groups);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "b", "c", "x"), maxLength: 40 }), (text) => {
        const expected = groups.flatMap((words, group) => (words.some((word) => text.includes(word)) ? [group] : []));
        assert.deepEqual([...search.groupsIn(Buffer.from(text))].sort(), expected);
      }),
      { numRuns: 2000 },
    );
  });

  it("finds words of bytes past ASCII, and none in what is shorter than a word", () => {
    const search = new WordSearch([["é\xff"], ["xyz"]]);
    assert.deepEqual([...search.groupsIn(Buffer.from("..é\xff", "latin1"))], [0]);
    assert.deepEqual([...search.groupsIn(Buffer.from("x"))], []);
    assert.deepEqual([...search.groupsIn(Buffer.alloc(0))], []);
    assert.throws(() => new WordSearch([["a"]]), /of one character/);
  });
});
