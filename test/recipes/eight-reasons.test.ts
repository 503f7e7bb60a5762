/** What keeps the product's own recipe from running is not in ours: each reason is looked for in both. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { surveyBinaries } from "../../src/binaries/index.ts";
import { readCandidate } from "../../src/candidate/index.ts";
import { standinCandidate } from "../standin/candidate.ts";
import { reasons, variables, type Looked } from "./reasons.ts";
import { releasedStandin, recipeText, type Released } from "./released.ts";

describe("the eight reasons for which the product's own recipe does not run", function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), "greenlight-reasons-"));
  let release: Released;
  let ours: Looked;
  const theirs: Record<string, Looked> = {};

  before(async () => {
    release = await releasedStandin({ version: "0.1.0" });
    ours = { files: Object.fromEntries(release.recipe.map(({ path, text }) => [path, text])), archivePaths: release.archivePaths };
    const made = await standinCandidate({ version: "0.1.0", platforms: ["linux-x64"] });
    for (const profile of ["single-vm", "worker-enabled"]) {
      const to = join(folder, profile);
      execFileSync(made.binary("palyra"), ["deployment", "recipe", "--deployment-profile", profile, "--output-dir", to]);
      const paths = readdirSync(to, { recursive: true, encoding: "utf8" }).filter((path) => statSync(join(to, path)).isFile());
      theirs[profile] = { files: Object.fromEntries(paths.map((path) => [path, readFileSync(join(to, path), "utf8")])), archivePaths: release.archivePaths };
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const differ = (reason: keyof typeof reasons, found: RegExp, profile = "single-vm"): void => {
    assert.match(reasons[reason](theirs[profile]!).join("\n"), found);
    assert.deepEqual(reasons[reason](ours), []);
  };

  it("a: every file that is named lies in the recipe, and nothing is built from a context without binaries", () => {
    differ("namesWhatIsNotThere", /Dockerfile\.palyra[^]*palyrad/);
    assert.deepEqual(Object.keys(ours.files).filter((path) => /docker|compose/i.test(path)), []);
  });
  it("b: every environment file that a unit names is there, with real values", () => {
    differ("environmentFileMissing", /palyra\.env/);
    assert.deepEqual(Object.keys(ours.files).filter((path) => /example/.test(path)), []);
    // Nothing that the product's own recipe sets is left out or set otherwise.
    const own = variables(theirs["single-vm"]!.files["env/palyra.env.example"]!);
    const set = { ...variables(ours.files["env/palyra-browserd.env"]!), ...variables(ours.files["env/palyrad.env"]!) };
    assert.deepEqual(Object.fromEntries(Object.keys(own).map((name) => [name, set[name]])), own);
  });
  it("c: the configuration that the daemon insists on is made, with its admin token", () => differ("configurationMissing", /nothing makes \/etc\/palyra\/palyra\.toml/));
  it("d: the journal lies where the daemon may write, whatever its working directory is", () => differ("journalOutsideState", /the journal is \/data\/journal\.sqlite3/));
  it("e: what listens on the loopback is reached there", () => differ("portsReachNobody", /compose\/single-vm\.yml/));
  it("f: the system that it runs on has what the binaries need, and operators are told what they must bring", async () => {
    differ("systemLacksParts", /libssl3\n.*chromium/);
    const { targets, binaries } = await surveyBinaries(release.candidateFolder, readCandidate(release.candidateFolder), release.product, release.product.kinds["headless"]!.binaries, "linux-x64");
    assert.deepEqual(targets, ["linux-x64/debian-12"]);
    assert.deepEqual(binaries.map(({ name, faults }) => `${name}: ${faults.join()}`), ["palyrad: ", "palyra-browserd: ", "palyra: "]);
  });
  it("g: the user and the folders that units name are made", () => differ("nobodyMakesAccounts", /^palyra\n\/opt\/palyra\n\/etc\/palyra\n\/var\/lib\/palyra$/));
  it("h: every unit starts a program that the archive holds", () => {
    differ("programMissing", /palyra-workerd\.service: \/opt\/palyra\/palyra-workerd/, "worker-enabled");
    assert.deepEqual(Object.keys(ours.files).filter((path) => path.endsWith(".service")), ["systemd/palyra-browserd.service", "systemd/palyrad.service"]);
  });
  it("and the recipe holds no secret", () => {
    for (const { path, text } of release.recipe) assert.doesNotMatch(text, /palyra_admin_|STATE_ENCRYPTION_KEY="?[^"\s']/, path);
    assert.doesNotMatch(recipeText(release, "env/palyra-browserd.env"), /STATE_ENCRYPTION_KEY/);
  });
});
