/** A command loads zod with English alone, and its messages are what they are with all languages. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { execaSync } from "execa";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const facts =
  'const { z } = await import("zod"); console.log(JSON.stringify([Object.keys(z.locales).length, z.string().safeParse(1).error.issues[0].message]));';

function factsAfter(before: string): unknown {
  return JSON.parse(
    execaSync(process.execPath, ["--input-type=module", "-e", before + facts], { cwd: checkout }).stdout,
  );
}

describe("zod's languages", () => {
  const message = "Invalid input: expected string, received number";

  it("are not loaded, and its messages are English", () => {
    const hooked =
      'const { withoutOtherLanguages } = await import("./src/setup/languages.mjs"); withoutOtherLanguages(); ';
    assert.deepEqual(factsAfter(hooked), [0, message]);
  });

  it("are many otherwise: the place that is left out is where they come from", () => {
    const [count, said] = factsAfter("") as [number, string];
    assert.ok(count > 40, `${count}`);
    assert.equal(said, message);
  });
});
