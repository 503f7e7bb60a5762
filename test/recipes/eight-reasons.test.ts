/** What keeps the product's own recipe from running is not in ours: each reason is looked for in both. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { surveyBinaries } from "../../src/binaries/index.ts";
import { readCandidate } from "../../src/candidate/index.ts";
import type { Product } from "../../src/products/index.ts";
import { packagedRecipe, renderRecipe } from "../../src/recipes/index.ts";
import { Sandbox } from "../installer/sandbox.ts";
import { standinCandidate } from "../standin/candidate.ts";
import { directive, reasons, variables, type Looked } from "./reasons.ts";
import { releasedStandin, recipeText, type Released } from "./released.ts";

/** The product on a pretend machine: every path and every health address is there. */
function moved(product: Product, box: Sandbox): Product {
  const there = (text: string): string =>
    text.replaceAll(/\/(var\/lib|etc)\/palyra/g, (path) => join(box.machine, path));
  const headless = product.kinds["headless"]!;
  const services = headless.services.map((service) => ({
    ...service,
    stateFolder: there(service.stateFolder),
    configFolder: there(service.configFolder),
    environment: Object.fromEntries(Object.entries(service.environment).map(([name, value]) => [name, there(value)])),
    health: { json: [], url: `http://127.0.0.1:${box.port}/healthz` },
  }));
  return {
    ...product,
    kinds: { headless: { ...headless, state: there(headless.state!), config: there(headless.config!), services } },
  };
}

describe("the eight reasons for which the product's own recipe does not run", function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), "greenlight-reasons-"));
  let release: Released;
  let ours: Looked;
  const theirs: Record<string, Looked> = {};
  let box: Sandbox;
  const onMachine = (path: string): string => join(box.machine, path);
  const unitOf = (service: string): string => readFileSync(onMachine(`units/${service}.service`), "utf8");

  before(async () => {
    release = await releasedStandin({ version: "0.1.0" });
    ours = {
      files: Object.fromEntries(release.recipe.map(({ path, text }) => [path, text])),
      archivePaths: release.archivePaths,
    };
    const made = await standinCandidate({ version: "0.1.0", platforms: ["linux-x64"] });
    for (const profile of ["single-vm", "worker-enabled"]) {
      const to = join(folder, profile);
      execFileSync(made.binary("palyra"), [
        "deployment",
        "recipe",
        "--deployment-profile",
        profile,
        "--output-dir",
        to,
      ]);
      const paths = readdirSync(to, { recursive: true, encoding: "utf8" }).filter((path) =>
        statSync(join(to, path)).isFile(),
      );
      theirs[profile] = {
        files: Object.fromEntries(paths.map((path) => [path, readFileSync(join(to, path), "utf8")])),
        archivePaths: release.archivePaths,
      };
    }
  });
  // What is left to be seen only when it is executed: deployed on a pretend machine, by the recipe's own command.
  before(async () => {
    box = await new Sandbox().open();
    const packaged = await packagedRecipe(
      release.candidateFolder,
      readCandidate(release.candidateFolder),
      release.product,
      "linux-x64",
    );
    const files = renderRecipe(moved(release.product, box), "headless", release.subject, {
      packaged,
      layout: box.layout,
    });
    for (const { path, mode, text } of files) {
      mkdirSync(dirname(join(folder, "recipe", path)), { recursive: true });
      writeFileSync(join(folder, "recipe", path), text, { mode });
    }
    const deployed = await box.run(join(folder, "recipe", "deploy"), [release.archiveFile]);
    assert.equal(deployed.code, 0, deployed.stderr);
  });
  after(async () => {
    await box?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const differ = (reason: keyof typeof reasons, found: RegExp, profile = "single-vm"): void => {
    assert.match(reasons[reason](theirs[profile]!).join("\n"), found);
    assert.deepEqual(reasons[reason](ours), []);
  };

  it("a: every file that is named lies in the recipe, and nothing is built from a context without binaries", () => {
    differ("namesWhatIsNotThere", /Dockerfile\.palyra[^]*palyrad/);
    assert.deepEqual(
      Object.keys(ours.files).filter((path) => /docker|compose/i.test(path)),
      [],
    );
  });
  it("b: every environment file that a unit names is there, with real values", () => {
    differ("environmentFileMissing", /palyra\.env/);
    assert.deepEqual(
      Object.keys(ours.files).filter((path) => /example/.test(path)),
      [],
    );
    // Nothing that the product's own recipe sets is left out or set otherwise.
    const own = variables(theirs["single-vm"]!.files["env/palyra.env.example"]!);
    const set = { ...variables(ours.files["env/palyra-browserd.env"]!), ...variables(ours.files["env/palyrad.env"]!) };
    assert.deepEqual(Object.fromEntries(Object.keys(own).map((name) => [name, set[name]])), own);
  });
  /** Runs the daemon up to its journal, with an environment and nothing else. */
  const daemon = (environment: Record<string, string>, cwd: string) =>
    spawnSync(onMachine("opt/palyra/current/palyrad"), ["--journal-migrate-only"], {
      cwd,
      env: environment,
      encoding: "utf8",
      timeout: 20_000,
    });
  const installedEnvironment = (): Record<string, string> =>
    variables(readFileSync(onMachine("etc/palyra/palyrad.env"), "utf8"));

  it("c: the configuration that the daemon insists on is made, with its admin token", () => {
    differ("configurationMissing", /nothing makes \/etc\/palyra\/palyra\.toml/);
    const config = installedEnvironment()["PALYRA_CONFIG"]!;
    assert.equal(config, onMachine("etc/palyra/palyra.toml"));
    assert.match(readFileSync(config, "utf8"), /^auth_token = "palyra_admin_[0-9A-Z]{26}_[0-9A-Z]{26}"$/m);
    assert.equal(statSync(config).mode & 0o777, 0o600);
    assert.equal(daemon(installedEnvironment(), onMachine("var/lib/palyra")).status, 0);
    const without = daemon({ ...installedEnvironment(), PALYRA_CONFIG: join(folder, "nothing.toml") }, folder);
    assert.notEqual(without.status, 0);
    assert.match(without.stderr, /does not exist/);
  });
  it("d: the journal lies where the daemon may write, whatever its working directory is", () => {
    differ("journalOutsideState", /the journal is \/data\/journal\.sqlite3/);
    const { PALYRA_JOURNAL_DB_PATH: journal, ...others } = installedEnvironment();
    assert.ok(directive(unitOf("palyrad"), "ReadWritePaths")!.split(" ").includes(onMachine("var/lib/palyra")));
    const elsewhere = mkdtempSync(join(folder, "elsewhere-"));
    assert.match(
      daemon({ ...others, PALYRA_JOURNAL_DB_PATH: journal! }, elsewhere).stdout,
      new RegExp(`db_path=${onMachine("var/lib/palyra/data/journal.sqlite3")} `),
    );
    assert.deepEqual(readdirSync(elsewhere), []);
    // Without that variable the trap is real: the journal follows the working directory.
    assert.equal(daemon(others, elsewhere).status, 0);
    assert.ok(existsSync(join(elsewhere, "data", "journal.sqlite3")));
  });
  it("e: what listens on the loopback is reached there", () => differ("portsReachNobody", /compose\/single-vm\.yml/));
  it("f: the system that it runs on has what the binaries need, and operators are told what they must bring", async () => {
    differ("systemLacksParts", /libssl3\n.*chromium/);
    const { targets, binaries } = await surveyBinaries(
      release.candidateFolder,
      readCandidate(release.candidateFolder),
      release.product,
      release.product.kinds["headless"]!.binaries,
      "linux-x64",
    );
    assert.deepEqual(targets, ["linux-x64/debian-12"]);
    assert.deepEqual(
      binaries.map(({ name, faults }) => `${name}: ${faults.join()}`),
      ["palyrad: ", "palyra-browserd: ", "palyra: "],
    );
  });
  it("g: the user and the folders that units name are made", () => {
    differ("nobodyMakesAccounts", /^palyra\n\/opt\/palyra\n\/etc\/palyra\n\/var\/lib\/palyra$/);
    for (const service of ["palyrad", "palyra-browserd"]) {
      const unit = unitOf(service);
      assert.ok(readFileSync(join(box.books, "users"), "utf8").split("\n").includes(directive(unit, "User")!));
      for (const path of [directive(unit, "WorkingDirectory")!, ...directive(unit, "ReadWritePaths")!.split(" ")])
        assert.ok(statSync(path).isDirectory(), path);
      assert.ok(statSync(directive(unit, "ExecStart")!.split(" ")[0]!).mode & 0o100);
      for (const [, file] of unit.matchAll(/^EnvironmentFile=(.*)$/gm)) assert.ok(existsSync(file!), file);
    }
  });
  it("h: every unit starts a program that the archive holds", () => {
    differ("programMissing", /palyra-workerd\.service: \/opt\/palyra\/palyra-workerd/, "worker-enabled");
    assert.deepEqual(
      Object.keys(ours.files).filter((path) => path.endsWith(".service")),
      ["systemd/palyra-browserd.service", "systemd/palyrad.service"],
    );
  });
  it("and the recipe holds no secret", () => {
    for (const { path, text } of release.recipe)
      assert.doesNotMatch(text, /palyra_admin_|STATE_ENCRYPTION_KEY="?[^"\s']/, path);
    assert.doesNotMatch(recipeText(release, "env/palyra-browserd.env"), /STATE_ENCRYPTION_KEY/);
    const secrets = onMachine("etc/palyra/palyra-browserd.secrets");
    assert.match(readFileSync(secrets, "utf8"), /^PALYRA_BROWSERD_STATE_ENCRYPTION_KEY=[A-Za-z0-9+\/]{43}=$/m);
    assert.equal(statSync(secrets).mode & 0o777, 0o600);
  });
});
