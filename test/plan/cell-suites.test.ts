/** What a recipe's machine is asked, held against what the plan says that it is not. */
import assert from "node:assert/strict";
import { cellSuites, planRelease, suiteNames, workLoad } from "../../src/plan/index.ts";
import { productNamed } from "../../src/products/index.ts";

const version = "0.2.0";
const base = `palyra-headless-${version}-linux-x64`;
const recipe = { path: `/work/${base}.recipe-single-vm.zip`, sha256: "c".repeat(64) };
const archive = {
  kind: "headless",
  platform: "linux-x64" as const,
  path: "/work/before.zip",
  sha256: "b".repeat(64),
  binaryVersions: {},
};
const older = { path: "/work/before.recipe-single-vm.zip", sha256: "d".repeat(64) };

/** The suites of the recipe's machine, and those that the plan calls not applicable, with a release before that has these archives. */
function recipeCell(archives: (typeof archive & { recipe: typeof recipe | null })[] | undefined): {
  asked: string[];
  idle: string[];
} {
  const product = productNamed("palyra");
  const before = archives && { version: "0.1.0", archives };
  const plan = planRelease(
    product,
    { version, platforms: ["linux-x64"], before },
    { targets: ["linux-x64/debian-12"], suites: suiteNames },
  );
  const cell = plan.cells.find(({ kind, group }) => kind === "headless" && group === "recipe")!;
  const subject = {
    product: "palyra",
    kind: "headless",
    version,
    binaryVersions: {},
    platform: "linux-x64" as const,
    sha256: "a".repeat(64),
    base,
  };
  const previous = archives?.[0] ? { ...archives[0], version: "0.1.0" } : null;
  const asked = cellSuites({ cell, product, subject, soakSeconds: 0, recipe, previous }).map(({ name }) => name);
  return { asked, idle: plan.notApplicable.filter((each) => each.base === base).map(({ suite }) => suite) };
}

describe("how long a machine will be busy", () => {
  const check = (name: string) => ({ name, run: "true", expect: {} });

  it("is told by its checks and reboots, without what the host observes", () => {
    assert.equal(workLoad([]), 0);
    assert.equal(
      workLoad([
        { name: "install", checks: [check("a"), check("b")] },
        { name: "crash", checks: [{ ...check("c"), on: "host" }] },
      ]),
      2,
    );
    // The reboot's own check, and a dozen for the time in which there is no machine.
    assert.equal(
      workLoad([
        { name: "install", checks: [check("a")] },
        { name: "reboot", afterReboot: "clean", checks: [check("b")] },
      ]),
      1 + 12 + 2,
    );
  });
});

describe("the suites of a recipe's machine", () => {
  it("go over the release before where that has a recipe", () => {
    const { asked, idle } = recipeCell([{ ...archive, recipe: older }]);
    assert.deepEqual(asked, ["recipe", "secrets", "recipe-after-reboot", "recipe-upgrade", "crash"]);
    assert.deepEqual(idle, []);
  });

  it("leave out no upgrade of which the plan does not say so", () => {
    for (const archives of [undefined, [], [{ ...archive, recipe: null }]]) {
      const { asked, idle } = recipeCell(archives);
      assert.deepEqual(asked, ["recipe", "secrets", "recipe-after-reboot", "crash"]);
      assert.ok(idle.includes("recipe-upgrade"), JSON.stringify(archives));
    }
  });
});

describe("a machine that is asked for few suites", () => {
  it("is not asked to compare with what another suite would have noted", () => {
    const product = productNamed("palyra");
    const subject = {
      product: "palyra",
      kind: "headless",
      version,
      binaryVersions: {},
      platform: "linux-x64" as const,
      sha256: "a".repeat(64),
      base,
    };
    const checksOf = (suites: ("install" | "smoke" | "uninstall")[]): string[] =>
      cellSuites({
        cell: { group: "lifecycle", kind: "headless", suites },
        ...{ product, subject, soakSeconds: 0, recipe: null, previous: null },
      })
        .find(({ name }) => name === "uninstall")!
        .checks.map(({ name }) => name);
    assert.ok(checksOf(["install", "smoke", "uninstall"]).includes("data-left"));
    assert.ok(!checksOf(["install", "uninstall"]).includes("data-left"));
    assert.ok(checksOf(["install", "uninstall"]).includes("nothing-left"));
  });
});
