import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlLines, controlsOf, controlStates, forgetRed, sawRed } from "../../src/controls/index.ts";
import { suiteNames } from "../../src/plan/index.ts";
import { products } from "../../src/products/index.ts";

describe("negative controls", () => {
  let workspace: string;
  beforeEach(() => (workspace = mkdtempSync(join(tmpdir(), "greenlight-controls-"))));
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));
  const now = new Date("2026-05-06T07:08:09Z");
  const subject = "a".repeat(64);

  for (const product of Object.values(products)) {
    it(`of ${product.name} name kinds and suites that there are, and a check of their last suite`, () => {
      for (const control of controlsOf(product.name)) {
        assert.ok(product.kinds[control.kind], control.id);
        assert.deepEqual(
          control.suites.filter((suite) => !(suiteNames as readonly string[]).includes(suite)),
          [],
          control.id,
        );
        assert.ok(control.check.startsWith(`${control.suites.at(-1)}/`), control.id);
        assert.doesNotThrow(() => new RegExp(control.observed), control.id);
      }
    });
  }

  it("are never seen red in a workspace where none was, and of an unknown product there are none", () => {
    assert.ok(controlStates(workspace, "nats").every(({ seenRed }) => seenRed === null));
    assert.deepEqual(controlLines(controlStates(workspace, "none")), [
      "Controls: none is defined for this product, so that no check of it was ever seen red.",
    ]);
  });

  it("are remembered with the day on which they were seen red for their own check", () => {
    sawRed(workspace, "nats", "one-byte", { check: "install/received", subject, now });
    assert.equal(
      controlStates(workspace, "nats").find(({ id }) => id === "one-byte")!.seenRed,
      "2026-05-06T07:08:09.000Z",
    );
    const lines = controlLines(controlStates(workspace, "nats"));
    assert.equal(lines[0], `Controls: ${controlsOf("nats").length} seeded faults, 1 of them seen red.`);
    assert.ok(lines.includes("  seen red on 2026-05-06: one-byte"), lines.join("\n"));
    assert.match(lines.join("\n"), /never seen red here: executable-bit-lost, /);
  });

  it("do not count when another check was red, or the control is not known", () => {
    assert.throws(
      () => sawRed(workspace, "nats", "one-byte", { check: "install/install", subject, now }),
      /one-byte was red in install\/install, and its check is install\/received/,
    );
    assert.throws(
      () => sawRed(workspace, "nats", "no-such", { check: "install/install", subject, now }),
      /has no control no-such; name it in src\/controls\/nats\.json/,
    );
    assert.ok(controlStates(workspace, "nats").every(({ seenRed }) => seenRed === null));
  });

  it("are not seen red when what they are has changed since, and when they are tried again", () => {
    const seen = () => controlStates(workspace, "nats").find(({ id }) => id === "one-byte")!.seenRed;
    const file = join(workspace, ".greenlight/controls/nats/one-byte.json");
    sawRed(workspace, "nats", "one-byte", { check: "install/received", subject, now });
    assert.notEqual(seen(), null);
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace(/"definition": "[0-9a-f]{64}"/, `"definition": "${"0".repeat(64)}"`),
    );
    assert.equal(seen(), null);
    sawRed(workspace, "nats", "one-byte", { check: "install/received", subject, now });
    forgetRed(workspace, "nats", "one-byte");
    assert.equal(seen(), null);
  });

  it("are not seen red when the note is of no definition that is known, and a spoiled note is said", () => {
    const folder = join(workspace, ".greenlight/controls/nats");
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "one-byte.json"),
      JSON.stringify({
        schema: 1,
        product: "nats",
        control: "one-byte",
        seenRed: now.toISOString(),
        check: "smoke/other",
        subject: null,
      }),
    );
    assert.equal(controlStates(workspace, "nats").find(({ id }) => id === "one-byte")!.seenRed, null);
    writeFileSync(join(folder, "one-byte.json"), "{}");
    assert.throws(() => controlStates(workspace, "nats"), /one-byte\.json/);
  });
});
