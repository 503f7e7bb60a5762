import assert from "node:assert/strict";
import fc from "fast-check";
import { planRelease, suiteNames } from "../../src/plan/index.ts";
import { platforms, productNamed, type Product } from "../../src/products/index.ts";

const nats = productNamed("nats");
const target = "linux-x64/debian-12" as const;
const all = { targets: [target], suites: suiteNames };

describe("plan", () => {
  it("proves an archive on one machine, its recipe on another, and withholds what nothing proves", () => {
    const plan = planRelease(nats, { version: "2.11.4", platforms: ["linux-x64", "macos-arm64"] }, all);
    assert.deepEqual(plan.archives.map((a) => a.base), ["nats-server-2.11.4-linux-x64", "nats-server-2.11.4-macos-arm64"]);
    assert.deepEqual(
      plan.cells.map((c) => [c.name, c.suites]),
      [
        ["server-linux-x64-debian-12-lifecycle", ["install", "smoke", "service", "soak", "footprint", "reboot", "power-cut", "crash", "secrets", "uninstall"]],
        ["server-linux-x64-debian-12-recipe", ["recipe"]],
      ],
    );
    assert.deepEqual(plan.withheld, [{ base: "nats-server-2.11.4-macos-arm64", reason: "no target of the release set proves macos-arm64" }]);
  });

  it("always installs, and leaves out service suites where there is no service", () => {
    const tool: Product = { ...nats, kinds: { tool: { binaries: ["nats"], services: [] } } };
    const plan = planRelease(tool, { version: "1.0.0", platforms: ["linux-x64"] }, { targets: [target], suites: ["smoke", "reboot", "recipe"] });
    assert.deepEqual(plan.cells.map((c) => c.suites), [["install", "smoke"]]);
  });

  it("refuses a release set that the candidate cannot fill", () => {
    assert.throws(() => planRelease(nats, { version: "2.11.4", platforms: ["windows-x64"] }, all), /asks for linux-x64\/debian-12, but the candidate nats 2\.11\.4 has only windows-x64/);
    assert.throws(() => planRelease(nats, { version: "2.11.4", platforms: [] }, all), /has only no platform/);
  });

  it("loses no archive: each is proven or withheld, never both", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...platforms)), fc.subarray([...suiteNames], { minLength: 1 }), (others, suites) => {
        const plan = planRelease(nats, { version: "1.2.3", platforms: [...new Set(["linux-x64" as const, ...others])] }, { targets: [target], suites });
        for (const archive of plan.archives) {
          const proven = plan.cells.some((cell) => cell.archive === archive.name && cell.suites.includes("install"));
          assert.equal(plan.withheld.some((w) => w.base === archive.base), !proven);
        }
        assert.equal(new Set(plan.cells.map((c) => c.name)).size, plan.cells.length);
      }),
    );
  });
});
