import assert from "node:assert/strict";
import fc from "fast-check";
import { planRelease, suiteNames, suitesOfProfile, type Before, type SuiteName } from "../../src/plan/index.ts";
import { platforms, productNamed, type Product } from "../../src/products/index.ts";

const nats = productNamed("nats");
const target = "linux-x64/debian-12" as const;
const all = { targets: [target], suites: suiteNames };
/** A release before with one archive: the server's for linux-x64, with its recipe. */
const before = (archive: Partial<Before["archives"][number]> = {}): Before => ({
  version: "1.9.0",
  archives: [{ kind: "server", platform: "linux-x64", recipe: {}, ...archive }],
});

describe("plan", () => {
  it("proves an archive on one machine, its recipe on another, and withholds what nothing proves", () => {
    const plan = planRelease(
      nats,
      { version: "2.11.4", platforms: ["linux-x64", "macos-arm64"], before: undefined },
      all,
    );
    assert.deepEqual(
      plan.archives.map((a) => a.base),
      ["nats-server-2.11.4-linux-x64", "nats-server-2.11.4-macos-arm64"],
    );
    assert.deepEqual(
      plan.cells.map((c) => [c.name, c.suites]),
      [
        [
          "server-linux-x64-debian-12-lifecycle",
          ["install", "smoke", "service", "soak", "footprint", "reboot", "power-cut", "crash", "uninstall"],
        ],
        ["server-linux-x64-debian-12-recipe", ["recipe", "crash"]],
        ["server-linux-x64-debian-12-chaos", ["install", "service", "chaos", "chaos-power-cut"]],
      ],
    );
    assert.deepEqual(plan.withheld, [
      { base: "nats-server-2.11.4-macos-arm64", reason: "no target of the release set proves macos-arm64" },
    ]);
  });

  it("makes things go wrong in a full run only, on a machine of its own, and where there is a service to come back", () => {
    const groups = (suites: readonly SuiteName[], product = nats) =>
      planRelease(
        product,
        { version: "1.0.0", platforms: ["linux-x64"], before: undefined },
        { targets: [target], suites },
      ).cells.map((c) => c.group);
    assert.deepEqual(groups(suitesOfProfile("fast")), ["lifecycle", "recipe"]);
    assert.deepEqual(groups(suitesOfProfile("full")), ["lifecycle", "recipe", "chaos"]);
    assert.deepEqual(groups(["chaos-power-cut"]), ["lifecycle", "chaos"]);
    const tool: Product = { ...nats, kinds: { tool: { binaries: ["nats"], services: [] } } };
    assert.deepEqual(groups(suitesOfProfile("full"), tool), ["lifecycle"]);
    assert.deepEqual(
      suitesOfProfile("full").filter((name) => !suitesOfProfile("fast").includes(name)),
      ["chaos", "chaos-power-cut"],
    );
  });

  it("always installs, and leaves out service suites where there is no service", () => {
    const tool: Product = { ...nats, kinds: { tool: { binaries: ["nats"], services: [] } } };
    const plan = planRelease(
      tool,
      { version: "1.0.0", platforms: ["linux-x64"], before: undefined },
      { targets: [target], suites: ["smoke", "service", "reboot", "recipe"] },
    );
    assert.deepEqual(
      plan.cells.map((c) => c.suites),
      [["install", "smoke", "reboot"]],
    );
    assert.deepEqual(
      plan.notApplicable.filter((n) => n.suite === "service"),
      [{ base: "nats-tool-1.0.0-linux-x64", suite: "service", reason: "it has no service" }],
    );
  });

  it("proves an upgrade on a machine of its own where the channel has the same kind for the same platform", () => {
    const offer = { version: "2.0.0", platforms: ["linux-x64" as const] };
    const cells = (before: Before | undefined, suites: readonly SuiteName[] = suiteNames) =>
      planRelease(nats, { ...offer, before }, { targets: [target], suites })
        .cells.filter((c) => c.group === "upgrade")
        .map((c) => c.suites);
    assert.deepEqual(cells(before()), [["upgrade", "rollback", "crash", "failed-upgrade"]]);
    assert.deepEqual(cells(before(), ["rollback"]), [["upgrade", "rollback"]]);
    assert.deepEqual(cells(before(), ["install", "crash"]), []);
    for (const other of [before({ kind: "other" }), before({ platform: "linux-arm64" }), undefined])
      assert.deepEqual(cells(other), []);
  });

  it("says of every upgrade that is not proven, the recipe's too, what there is not to come from", () => {
    const idle = (before: Before | undefined) =>
      planRelease(nats, { version: "2.0.0", platforms: ["linux-x64"], before }, all)
        .notApplicable.filter(({ suite }) => suite !== "secrets")
        .map(({ base, suite, reason }) => `${base} ${suite}: ${reason}`);
    const each = (reason: string, ...suites: string[]) =>
      suites.map((suite) => `nats-server-2.0.0-linux-x64 ${suite}: ${reason}`);
    const upgrades = ["upgrade", "rollback", "recipe-upgrade", "failed-upgrade"];
    assert.deepEqual(idle(undefined), each("there is no release before it", ...upgrades));
    assert.deepEqual(
      idle(before({ kind: "other" })),
      each("the release before, 1.9.0, has no server for linux-x64", ...upgrades),
    );
    assert.deepEqual(
      idle(before({ platform: "linux-arm64" })),
      each("the release before, 1.9.0, has no server for linux-x64", ...upgrades),
    );
    assert.deepEqual(
      idle(before({ recipe: null })),
      each("the release before, 1.9.0, has no recipe of server for linux-x64", "recipe-upgrade"),
    );
    assert.deepEqual(idle(before()), []);
    const { notApplicable } = planRelease(nats, { version: "2.0.0", platforms: ["linux-x64"], before: before() }, all);
    assert.deepEqual(notApplicable, [
      { base: "nats-server-2.0.0-linux-x64", suite: "secrets", reason: "it keeps no secret" },
    ]);
  });

  it("refuses a release set that the candidate cannot fill", () => {
    assert.throws(
      () => planRelease(nats, { version: "2.11.4", platforms: ["windows-x64"], before: undefined }, all),
      /asks for linux-x64\/debian-12, but the candidate nats 2\.11\.4 has only windows-x64/,
    );
    assert.throws(
      () => planRelease(nats, { version: "2.11.4", platforms: [], before: undefined }, all),
      /has only no platform/,
    );
  });

  it("withholds by name, for every platform, the kinds that are left out, and packs and proves nothing of them", () => {
    const both: Product = {
      ...nats,
      kinds: { server: nats.kinds["server"]!, tool: { binaries: ["nats"], services: [] } },
    };
    const kinds = { kinds: ["tool"], left: [{ kind: "server", reason: "greenlight:kinds leaves out server" }] };
    const plan = planRelease(
      both,
      { version: "2.11.4", platforms: ["linux-x64", "macos-arm64"], before: undefined, kinds },
      all,
    );
    assert.deepEqual(
      plan.archives.map((archive) => archive.name),
      ["tool-linux-x64", "tool-macos-arm64"],
    );
    assert.deepEqual([...new Set(plan.cells.map((cell) => cell.kind))], ["tool"]);
    assert.deepEqual(
      plan.notApplicable.filter(({ base }) => base.includes("server")),
      [],
    );
    assert.deepEqual(plan.withheld, [
      { base: "nats-tool-2.11.4-macos-arm64", reason: "no target of the release set proves macos-arm64" },
      { base: "nats-server-2.11.4-linux-x64", reason: "greenlight:kinds leaves out server" },
      { base: "nats-server-2.11.4-macos-arm64", reason: "greenlight:kinds leaves out server" },
    ]);
  });

  it("loses no archive: each is proven or withheld, never both", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...platforms)),
        fc.subarray([...suiteNames], { minLength: 1 }),
        (others, suites) => {
          const plan = planRelease(
            nats,
            { version: "1.2.3", platforms: [...new Set(["linux-x64" as const, ...others])], before: undefined },
            { targets: [target], suites },
          );
          for (const archive of plan.archives) {
            const proven = plan.cells.some((cell) => cell.archive === archive.name && cell.suites.includes("install"));
            assert.equal(
              plan.withheld.some((w) => w.base === archive.base),
              !proven,
            );
          }
          assert.equal(new Set(plan.cells.map((c) => c.name)).size, plan.cells.length);
        },
      ),
    );
  });
});
