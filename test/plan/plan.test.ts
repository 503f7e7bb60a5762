import assert from "node:assert/strict";
import fc from "fast-check";
import { planRelease, suiteNames, type SuiteName } from "../../src/plan/index.ts";
import { platforms, productNamed, type Product } from "../../src/products/index.ts";

const nats = productNamed("nats");
const target = "linux-x64/debian-12" as const;
const all = { targets: [target], suites: suiteNames };

describe("plan", () => {
  it("proves an archive on one machine, its recipe on another, and withholds what nothing proves", () => {
    const plan = planRelease(nats, { version: "2.11.4", platforms: ["linux-x64", "macos-arm64"], previous: [] }, all);
    assert.deepEqual(plan.archives.map((a) => a.base), ["nats-server-2.11.4-linux-x64", "nats-server-2.11.4-macos-arm64"]);
    assert.deepEqual(
      plan.cells.map((c) => [c.name, c.suites]),
      [
        ["server-linux-x64-debian-12-lifecycle", ["install", "smoke", "service", "soak", "footprint", "reboot", "power-cut", "crash", "uninstall"]],
        ["server-linux-x64-debian-12-recipe", ["recipe", "crash"]],
      ],
    );
    assert.deepEqual(plan.withheld, [{ base: "nats-server-2.11.4-macos-arm64", reason: "no target of the release set proves macos-arm64" }]);
  });

  it("always installs, and leaves out service suites where there is no service", () => {
    const tool: Product = { ...nats, kinds: { tool: { binaries: ["nats"], services: [] } } };
    const plan = planRelease(tool, { version: "1.0.0", platforms: ["linux-x64"], previous: [] }, { targets: [target], suites: ["smoke", "service", "reboot", "recipe"] });
    assert.deepEqual(plan.cells.map((c) => c.suites), [["install", "smoke", "reboot"]]);
    assert.deepEqual(plan.notApplicable.filter((n) => n.suite === "service"), [{ base: "nats-tool-1.0.0-linux-x64", suite: "service", reason: "it has no service" }]);
  });

  it("proves an upgrade on a machine of its own where the channel has the same kind for the same platform", () => {
    const offer = { version: "2.0.0", platforms: ["linux-x64" as const], previous: [{ kind: "server", platform: "linux-x64" as const }] };
    const cells = (previous: typeof offer.previous, suites: readonly SuiteName[] = suiteNames) =>
      planRelease(nats, { ...offer, previous }, { targets: [target], suites }).cells.filter((c) => c.group === "upgrade").map((c) => c.suites);
    assert.deepEqual(cells(offer.previous), [["upgrade", "rollback", "crash", "failed-upgrade"]]);
    assert.deepEqual(cells(offer.previous, ["rollback"]), [["upgrade", "rollback"]]);
    assert.deepEqual(cells(offer.previous, ["install", "crash"]), []);
    assert.deepEqual(cells([{ kind: "other", platform: "linux-x64" }]), []);
    assert.deepEqual(
      planRelease(nats, { ...offer, previous: [] }, all).notApplicable,
      [...["upgrade", "rollback"].map((suite) => ({ suite, reason: "there is no release before it" })), { suite: "secrets", reason: "it keeps no secret" }, { suite: "failed-upgrade", reason: "there is no release before it" }].map((each) => ({ base: "nats-server-2.0.0-linux-x64", ...each })),
    );
    assert.deepEqual(planRelease(nats, offer, all).notApplicable.map(({ suite }) => suite), ["secrets"]);
  });

  it("refuses a release set that the candidate cannot fill", () => {
    assert.throws(() => planRelease(nats, { version: "2.11.4", platforms: ["windows-x64"], previous: [] }, all), /asks for linux-x64\/debian-12, but the candidate nats 2\.11\.4 has only windows-x64/);
    assert.throws(() => planRelease(nats, { version: "2.11.4", platforms: [], previous: [] }, all), /has only no platform/);
  });

  it("loses no archive: each is proven or withheld, never both", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...platforms)), fc.subarray([...suiteNames], { minLength: 1 }), (others, suites) => {
        const plan = planRelease(nats, { version: "1.2.3", platforms: [...new Set(["linux-x64" as const, ...others])], previous: [] }, { targets: [target], suites });
        for (const archive of plan.archives) {
          const proven = plan.cells.some((cell) => cell.archive === archive.name && cell.suites.includes("install"));
          assert.equal(plan.withheld.some((w) => w.base === archive.base), !proven);
        }
        assert.equal(new Set(plan.cells.map((c) => c.name)).size, plan.cells.length);
      }),
    );
  });
});
