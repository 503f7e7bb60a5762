/** Every control of Palyra has a seed that is really one, and every seed is a control. That each is seen red is shown on machines. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { controlsOf } from "../../src/controls/index.ts";
import { renderInstaller } from "../../src/installer/index.ts";
import { productNamed } from "../../src/products/index.ts";
import type { File } from "../validator/release.ts";
import { seeds, wanted } from "./seeds.ts";

const standinFaults = Object.keys(
  JSON.parse(readFileSync(join(import.meta.dirname, "../standin/faults.json"), "utf8")) as Record<string, string>,
);
const controls = controlsOf("palyra");

describe("the controls of palyra", () => {
  it("are seeded, each by a seed of its name, and there is no seed besides", () => {
    assert.deepEqual(Object.keys(seeds).sort(), controls.map(({ id }) => id).sort());
    assert.ok(controls.length >= 34, String(controls.length));
  });

  it("hold every fault that is wanted among them", () => {
    for (const [fault, ids] of Object.entries(wanted))
      assert.deepEqual(
        ids.filter((id) => !seeds[id]),
        [],
        fault,
      );
  });

  it("are seeded in one place each, and by faults that the stand-in knows", () => {
    for (const [id, { standin = [], archive, previous, onTheWay, told }] of Object.entries(seeds)) {
      assert.equal([standin.length > 0, archive, previous, onTheWay, told].filter(Boolean).length, 1, id);
      assert.deepEqual(
        standin.filter((fault) => !standinFaults.includes(fault)),
        [],
        id,
      );
    }
  });

  it("are of an upgrade when the release before is seeded, and of a soak when seconds of one are asked for", () => {
    for (const { id, suites } of controls) {
      if (seeds[id]!.previous) assert.equal(suites[0], "upgrade", id);
      assert.equal(seeds[id]!.soakSeconds !== undefined, suites.includes("soak"), id);
    }
  });

  for (const { id, kind } of controls) {
    const change = seeds[id]!.archive ?? seeds[id]!.previous;
    if (!change) continue;
    it(`${id} changes what is in the archive, and leaves the installer a script`, () => {
      const script = renderInstaller(productNamed("palyra"), kind, {
        product: "palyra",
        kind,
        version: "0.1.0",
        binaryVersions: {},
        platform: "linux-x64",
        base: `palyra-${kind}-0.1.0-linux-x64`,
      });
      const files = new Map<string, File>([["install.sh", { mode: 0o755, data: Buffer.from(script) }]]);
      change(files);
      const after = files.get("install.sh")!.data.toString();
      assert.ok(files.size > 1 || after !== script);
      execFileSync("sh", ["-n"], { input: after });
    });
  }
});
