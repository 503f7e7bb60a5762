import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packEntries } from "../../src/archive/index.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { renderInstaller } from "../../src/installer/index.ts";
import type { Product, Subject } from "../../src/products/index.ts";
import { nats } from "../../src/products/nats.ts";
import { recipeName, renderRecipe, type RecipeFile } from "../../src/recipes/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { Sandbox } from "../installer/sandbox.ts";

const subject: Subject = { product: "nats", kind: "server", version: "2.11.4", binaryVersions: {}, platform: "linux-x64", sha256: "a".repeat(64), base: "nats-server-2.11.4-linux-x64" };
const textOf = (files: RecipeFile[], path: string) => files.find((file) => file.path === path)!.text;

describe("the recipe's files", () => {
  const files = renderRecipe(nats, "server", subject);

  it("are these, in order, commands executable", () => {
    assert.deepEqual(
      files.map(({ path, mode }) => `${mode.toString(8)} ${path}`),
      ["644 README.md", "644 checksums.txt", "644 config/nats-server/nats-server.conf", "644 config/nats-server/nats-server.env", "755 deploy", "755 install.sh", "644 recipe.json", "755 remove", "755 status", "644 units/nats-server.service"],
    );
    assert.equal(recipeName(subject.base), "nats-server-2.11.4-linux-x64.recipe-single-vm.zip");
  });

  it("hold the installer itself, and pin the archive's digest", () => {
    assert.equal(textOf(files, "install.sh"), renderInstaller(nats, "server", subject));
    for (const path of ["deploy", "README.md", "recipe.json"]) assert.ok(textOf(files, path).includes(subject.sha256), path);
    assert.deepEqual(JSON.parse(textOf(files, "recipe.json")).archive, { name: "nats-server-2.11.4-linux-x64.zip", sha256: subject.sha256 });
    assert.doesNotMatch(textOf(files, "install.sh"), /a{64}/);
  });

  it("are all in checksums.txt", () => {
    const listed = textOf(files, "checksums.txt");
    assert.equal(listed, files.filter((f) => f.path !== "checksums.txt").map((f) => `${sha256(f.text)}  ${f.path}\n`).join(""));
  });

  it("change with the archive's digest, and not otherwise", () => {
    assert.deepEqual(renderRecipe(nats, "server", { ...subject }), files);
    const other = renderRecipe(nats, "server", { ...subject, sha256: "b".repeat(64) });
    assert.deepEqual(other.filter((f, i) => f.text !== files[i]!.text).map((f) => f.path), ["README.md", "checksums.txt", "deploy", "recipe.json"]);
  });

  it("are refused where nothing could be deployed", () => {
    const bare: Product = { ...nats, kinds: { server: { ...nats.kinds["server"]!, services: [] } } };
    for (const [render, sentence] of [
      [() => renderRecipe(nats, "server", { ...subject, platform: "windows-x64" }), /needs Linux with systemd/],
      [() => renderRecipe(bare, "server", subject), /has no service to deploy/],
      [() => renderRecipe(nats, "server", { ...subject, sha256: "" }), /pack the archive first/],
    ] as const) {
      assert.throws(render, (e: unknown) => e instanceof EdgeError && sentence.test(e.message));
    }
  });
});

describe("the recipe, executed", function () {
  this.timeout(30_000);
  let box: Sandbox;
  let archive: { file: string; sha256: string };
  let folder: string;
  let files: RecipeFile[];
  const run = (command: string, ...args: string[]) => box.run(join(folder, command), args);

  beforeEach(async () => {
    box = await new Sandbox("it's a $(machine)").open();
    archive = await box.archive("tool-server-1.0.0-linux-x64.zip");
    files = renderRecipe(box.product(), "server", { ...box.subject(), sha256: archive.sha256, platform: box.subject().platform }, box.layout);
    const zip = join(box.folder, "recipe.zip");
    await packEntries(files.map(({ path, mode, text }) => ({ path, mode, data: Buffer.from(text) })), zip);
    folder = join(box.folder, "-a recipe's $(folder)");
    execFileSync("unzip", ["-q", zip, "-d", folder]);
  });
  afterEach(() => box.close());

  it("deploys the archive beside it, says so, and changes nothing the second time", async () => {
    const first = await run("deploy");
    assert.equal(first.code, 0, first.stderr);
    assert.equal(first.keys["changed"], "yes");
    assert.equal(first.keys["sha256"], archive.sha256);
    const before = box.picture(true);
    const second = await run("deploy");
    assert.equal(second.keys["changed"], "no");
    assert.match(second.stderr, /nothing was changed/);
    assert.deepEqual(box.picture(true), before);
    assert.equal((await run("status")).code, 0);
  });

  it("installs the very units and configuration that it shows", async () => {
    await run("deploy");
    const compare = (shown: string, installed: string) => execFileSync("cmp", [join(folder, shown), join(box.machine, installed)]);
    compare("units/toold.service", "units/toold.service");
    compare("config/toold/toold.conf", "etc/tool/toold.conf");
    compare("config/toold/toold.env", "etc/tool/toold.env");
  });

  it("takes the archive from where it is told, from inside the folder, or from the working folder", async () => {
    const elsewhere = join(box.folder, "elsewhere.zip");
    copyFileSync(archive.file, elsewhere);
    rmSync(archive.file);
    const missing = await run("deploy");
    assert.equal(missing.code, 4);
    assert.match(missing.stderr, /tool-server-1\.0\.0-linux-x64\.zip is neither in/);
    assert.equal((await run("deploy", elsewhere)).code, 0);
    copyFileSync(elsewhere, join(folder, "tool-server-1.0.0-linux-x64.zip"));
    assert.equal((await run("deploy")).keys["changed"], "no");
    assert.equal((await run("deploy", "a", "b")).code, 2);
  });

  it("refuses any other archive and leaves the machine alone", async () => {
    const other = await box.archive("other.zip", { version: "1.0.1" });
    const before = box.picture();
    const answer = await run("deploy", other.file);
    assert.equal(answer.code, 4);
    assert.match(answer.stderr, new RegExp(`not ${archive.sha256}`));
    assert.deepEqual(box.picture(), before);
  });

  it("refuses to run when it is not as it was published", async () => {
    for (const path of ["units/toold.service", "install.sh"]) {
      const good = textOf(files, path);
      writeFileSync(join(folder, path), `${good}# mine\n`);
      for (const command of ["deploy", "status", "remove"]) {
        const answer = await run(command);
        assert.equal(answer.code, 4);
        assert.match(answer.stderr, new RegExp(`${path}: FAILED[^]*is not as it was published`));
      }
      writeFileSync(join(folder, path), good);
    }
    assert.equal((await run("deploy")).code, 0);
  });

  it("removes what it deployed", async () => {
    const before = box.picture();
    await run("deploy");
    const answer = await run("remove", "--remove-state");
    assert.equal(answer.code, 0, answer.stderr);
    assert.deepEqual(box.picture(), before);
    assert.equal((await run("status")).code, 7);
  });

  it("can be called from its own folder and through a path", async () => {
    mkdirSync(join(box.folder, "bin"));
    const env = { ...process.env, PATH: `${join(box.folder, "path")}:${process.env["PATH"]}`, BOOKS: box.books };
    for (const [cwd, command] of [[folder, "./status"], [folder, "status"], [dirname(folder), "./-a recipe's $(folder)/status"]] as const) {
      const { status, stderr } = spawnSync("dash", [command], { cwd, env, encoding: "utf8" });
      assert.equal(status, 7, stderr);
    }
  });
});
