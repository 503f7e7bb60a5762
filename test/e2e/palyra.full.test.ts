/** Palyra's stand-in from candidate to channel on the real engine and real machines: a first release, then one that upgrades it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { releasedFacts, verifyRelease } from "../../src/channel/index.ts";
import { loadEvidence, readCell } from "../../src/evidence/index.ts";
import { standinCandidate } from "../standin/candidate.ts";
import { assertNothingLeft } from "./inventory.ts";
import { revealed, secretsIn } from "../evidence/revealed.ts";
import { Workspace, type Ran } from "./workspace.ts";

const minute = 60_000;
const linux = ["linux-x64"] as const;
const cell = (kind: string, group: string): string => `${kind}-linux-x64-debian-12-${group}`;

/** Every file below a folder. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe("Palyra's stand-in, end to end", function () {
  this.timeout(20 * minute);
  this.bail(true);
  let workspace: Workspace;
  const said: Ran[] = [];
  before(() => (workspace = new Workspace()));
  after(() => workspace?.dispose());

  const up = async (version: string): Promise<Ran> => {
    const { folder } = await standinCandidate({ version, platforms: linux });
    const ran = await workspace.greenlight("up", "--product", "palyra", "--candidate", folder);
    said.push(ran);
    assert.equal(ran.code, 0, ran.text);
    console.log(`      ${version}: ${Math.round(ran.seconds)} s`);
    return ran;
  };
  const evidenceOf = (name: string) => loadEvidence(workspace.folder, readCell(workspace.folder, "dev", name)!.latest);
  const suites = (name: string): string[] => evidenceOf(name).suites.map(({ definition }) => definition.name);
  const published = async (version: string) => {
    const { folder, digest } = releasedFacts(workspace.folder, "dev", "palyra", version)!;
    assert.deepEqual(await verifyRelease(join(workspace.folder, folder), digest), []);
    return JSON.parse(readFileSync(join(workspace.folder, folder, "release.json"), "utf8")) as {
      notApplicable: { base: string; suite: string; reason: string }[];
    };
  };

  it("publishes a first release of both kinds; an upgrade is not applicable, since the channel was read and is empty", async () => {
    const { text } = await up("0.1.0");
    assert.match(text, /Published palyra 0\.1\.0 to channel dev/);
    assert.match(
      text,
      /palyra-headless-0\.1\.0-linux-x64\.zip: there is no release before it \(upgrade, rollback, recipe-upgrade, failed-upgrade\)/,
    );
    assert.match(text, /Controls: \d+ seeded faults/);
    const { notApplicable } = await published("0.1.0");
    assert.deepEqual(
      notApplicable.filter(({ base }) => base === "palyra-headless-0.1.0-linux-x64").map(({ suite }) => suite),
      ["upgrade", "rollback", "recipe-upgrade", "failed-upgrade"],
    );
    assert.deepEqual(suites(cell("headless", "lifecycle")), [
      "install",
      "smoke",
      "service",
      "soak",
      "footprint",
      "reboot",
      "power-cut",
      "crash",
      "secrets",
      "uninstall",
    ]);
    assert.deepEqual(suites(cell("headless", "recipe")), ["recipe", "secrets", "recipe-after-reboot", "crash"]);
    assert.deepEqual(suites(cell("desktop", "lifecycle")), [
      "install",
      "smoke",
      "footprint",
      "reboot",
      "power-cut",
      "crash",
      "secrets",
      "uninstall",
    ]);
  });

  it("publishes the next one after an upgrade from the first, a rollback to it, and an upgrade that was made to fail", async () => {
    await up("0.2.0");
    const { notApplicable } = await published("0.2.0");
    assert.deepEqual(
      notApplicable.filter(({ base }) => base === "palyra-headless-0.2.0-linux-x64"),
      [],
    );
    assert.deepEqual(suites(cell("headless", "upgrade")), [
      "upgrade",
      "rollback",
      "crash",
      "secrets",
      "failed-upgrade",
    ]);
    assert.deepEqual(suites(cell("desktop", "upgrade")), ["upgrade", "rollback", "crash", "secrets"]);
    const before = releasedFacts(workspace.folder, "dev", "palyra", "0.1.0")!.files[
      "palyra-headless-0.1.0-linux-x64.zip"
    ]!;
    assert.ok(evidenceOf(cell("headless", "upgrade")).companions.includes(before));
    assert.deepEqual(suites(cell("headless", "recipe")), [
      "recipe",
      "secrets",
      "recipe-after-reboot",
      "recipe-upgrade",
      "crash",
    ]);
  });

  it("starts no machine when nothing has changed, although the channel now holds the candidate itself", async () => {
    const again = await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "dev", "--expect-no-changes");
    assert.equal(again.code, 0, again.text);
  });

  it("shows no secret anywhere: not the planted one, no admin token, no key", async () => {
    const exported = await workspace.pulumi("stack", "export", "--stack", "dev");
    const texts: [string, string][] = [
      ["the state", exported.text],
      ...said.map((ran, i): [string, string] => [`what run ${i + 1} printed`, ran.text]),
      ...filesBelow(workspace.path(".greenlight"))
        .filter((file) => !file.endsWith(".zip"))
        .map((file): [string, string] => [file, readFileSync(file, "latin1")]),
    ];
    const planted = ["desktop", "headless"].flatMap((kind) =>
      ["0.1.0", "0.2.0"].map((version) => {
        const archive = releasedFacts(workspace.folder, "dev", "palyra", version)!.files[
          `palyra-${kind}-${version}-linux-x64.zip`
        ]!;
        return createHash("sha256").update(`planted in ${archive}\n`).digest("hex");
      }),
    );
    for (const [where, text] of texts) assert.deepEqual(secretsIn(text, planted), [], where);
    // What is searched holds what checks printed, and can be read.
    const evidence = texts.filter(([where, text]) => where.includes("evidence") && revealed(text).includes("planted"));
    assert.ok(evidence.length > 0, "no evidence says that anything was planted");
  });

  it("leaves the releases and their evidence, and nothing else, when it is destroyed", async () => {
    const { code, text } = await workspace.greenlight("destroy", "--stack", "dev");
    assert.equal(code, 0, text);
    await published("0.1.0");
    await published("0.2.0");
    await assertNothingLeft(workspace.folder);
  });
});
