/** The documentation is what the rules say of themselves. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { documentRules, rules } from "../../src/validator/index.ts";

describe("docs/validation-rules.md", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/validation-rules.md"), "utf8");

  it("is the text that `greenlight validate --rules` prints", () => {
    assert.equal(
      text,
      documentRules(),
      "write it anew: npm run -s start -- validate --rules >docs/validation-rules.md",
    );
  });

  it("names every rule", () => {
    for (const { id } of rules) assert.ok(text.includes(`| \`${id}\` |`), id);
  });
});
