/** Deployment folders that the product writes itself: made where this host can, and otherwise the command is said. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { checkCandidate, createCandidate } from "../../src/candidate/index.ts";
import { create } from "../../src/cli/candidate.ts";
import { hostPlatform, products, type Product } from "../../src/products/index.ts";
import { box, fillBox, knownBox } from "./box-candidate.ts";
import { put, temporaryFolder } from "./tiny-candidate.ts";

const product: Product = {
  ...box,
  payload: { ...box.payload!, recipeCommand: { binary: "box", args: "recipe --profile {profile} --to {folder}" } },
};
/** A script in the binary's place: what it is not is found by other checks. */
const script = (body: string): string =>
  `#!/bin/sh\n[ "$1 $2 $4" = "recipe --profile --to" ] || exit 9\nset -e\nmkdir -p "$5/systemd"\n${body}\n`;
const writes = script(
  'echo "{}" >"$5/profile.json"; echo "$3" >"$5/name"; env >"$5/env"; echo "ExecStart=/opt/box/box" >"$5/systemd/box.service"',
);

describe("deployment folders that the product writes itself", function () {
  const host = hostPlatform()!;
  const temporary = temporaryFolder();
  knownBox();
  before(() => void (products["box"] = product));
  let folder = "";
  let number = 0;
  beforeEach(() => {
    fillBox((folder = join(temporary.path, `deployment ${number++}`)), [host]);
    rmSync(join(folder, "deployment"), { recursive: true });
  });

  const seal = () => createCandidate({ folder, product, version: "1.2.0" });
  const about = (findings: { path: string; message: string }[]) =>
    findings.filter(({ path }) => path.includes("deployment")).map(({ message }) => message);

  it("are made by its command, with nothing of the user's around it, and said", async () => {
    put(folder, `${host}/box`, writes, 0o755);
    process.env["BOX_TOKEN"] = "secret";
    const { made, candidate, findings } = await seal().finally(() => delete process.env["BOX_TOKEN"]);
    assert.deepEqual(
      made.map(({ path, files }) => [path, files]),
      [
        ["deployment/one", 4],
        ["deployment/many", 4],
      ],
    );
    assert.equal(made[0]!.command, `'${folder}/${host}/box' recipe --profile one --to '${folder}/deployment/one'`);
    assert.equal(readFileSync(join(folder, "deployment/many/name"), "utf8"), "many\n");
    const seen = readFileSync(join(folder, "deployment/one/env"), "utf8");
    assert.doesNotMatch(seen, /BOX_TOKEN/);
    assert.doesNotMatch(seen, new RegExp(`^HOME=${process.env["HOME"]}$`, "m"));
    assert.ok(candidate.platforms[host]!.assets!["deployment/one/profile.json"]);
    assert.deepEqual(about(findings), []);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith(".")),
      [],
    );
  });

  it("are made though the program has lost its mode on its way here", async () => {
    put(folder, `${host}/box`, writes, 0o644);
    chmodSync(join(folder, host, "box"), 0o644);
    assert.equal((await seal()).made.length, 2);
  });

  it("are left alone where they are, also when they lack files, and where a platform brings its own", async () => {
    put(folder, `${host}/box`, writes, 0o755);
    put(folder, "deployment/one/mine", "mine");
    put(folder, `${host}/deployment/many/profile.json`, "{}");
    const { made, findings } = await seal();
    assert.deepEqual(made, []);
    assert.deepEqual(readdirSync(join(folder, "deployment/one")), ["mine"]);
    assert.ok(!existsSync(join(folder, "deployment/many")));
    assert.match(
      about(findings)[0]!,
      /need deployment\/one\/profile\.json.*have the product write it: run `'.*\/box' recipe --profile one --to '.*\/deployment\/one'`, then/,
    );
  });

  it("are a finding, with the exact command, when the command fails, writes nothing, or writes links", async () => {
    for (const [body, why] of [
      ["echo no such profile >&2; exit 3", /\(exit code 3: no such profile\)/],
      [":", /\(it wrote no file\)/],
      ['ln -s /etc/passwd "$5/x"; echo >"$5/y"', /\(it wrote something other than files and folders\)/],
      ["kill -9 $$", /\(it was ended by SIGKILL\)/],
    ] as const) {
      put(folder, `${host}/box`, script(body), 0o755);
      const { made, findings } = await seal();
      assert.deepEqual(made, []);
      const [first] = about(findings);
      assert.match(first!, why);
      assert.match(
        first!,
        /^`'.*\/box' recipe --profile one --to '.*\/deployment\/one'` did not make the deployment folder deployment\/one .*; run it by hand/,
      );
      assert.ok(!existsSync(join(folder, "deployment")));
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith(".")),
        [],
      );
    }
  });

  it("are left to a person where this host cannot run the program, with the command and the platform", async () => {
    const other = host === "macos-arm64" ? "linux-x64" : "macos-arm64";
    fillBox(folder, [other]);
    for (const path of ["deployment", host]) rmSync(join(folder, path), { recursive: true });
    const { made, findings } = await seal();
    assert.deepEqual(made, []);
    assert.match(
      about(findings)[0]!,
      new RegExp(
        `have the product write it: run \`'.*/${other}/box' recipe --profile one --to '.*/deployment/one'\` on ${other}, then`,
      ),
    );
    assert.deepEqual(about(await checkCandidate(folder, product, [other])), about(findings));
  });

  it("never come from a program that a link leads to", async () => {
    put(temporary.path, "elsewhere", writes, 0o755);
    mkdirSync(join(folder, host), { recursive: true });
    rmSync(join(folder, host, "box"));
    symlinkSync(join(temporary.path, "elsewhere"), join(folder, host, "box"));
    await seal().catch(() => {});
    assert.ok(!existsSync(join(folder, "deployment")));
  });

  it("are said on the command line", async () => {
    put(folder, `${host}/box`, writes, 0o755);
    const said: string[] = [];
    await create(folder, { product: "box", version: "1.2.0" }, (line) => said.push(line));
    assert.equal(
      said.filter((line) => /^made {6}deployment\/(one|many): 4 files, by '.*\/box' recipe --profile /.test(line))
        .length,
      2,
    );
  });
});
