/** What may steer the engine, and what it leaves as it was: the real engine, and no machine. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { environmentChanges, exportLines } from "../../src/setup/environment.mjs";
import { goodCandidate } from "../good-candidate.ts";
import { Workspace } from "./workspace.ts";

describe("the engine, steered by nothing but settings and the command line", function () {
  this.timeout(10 * 60_000);
  let workspace: Workspace;
  let good: string;
  before(async () => {
    good = await goodCandidate();
    workspace = new Workspace();
  });
  after(() => workspace.dispose());

  const state = () => workspace.path(".greenlight/state/.pulumi/stacks/greenlight/dev.json");
  /** Every file of the workspace but packed archives, with what is in it. */
  const everything = () =>
    readdirSync(workspace.folder, { recursive: true, encoding: "utf8" })
      .filter((name) => !name.startsWith(".greenlight/archives") && statSync(workspace.path(name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(workspace.path(name)).toString("base64")]);

  it("previews a stack that was never made, and makes none", async () => {
    const before = everything();
    const { code, text } = await workspace.greenlight("preview", "--candidate", good, "--product", "nats");
    assert.equal(code, 0, text);
    assert.match(text, /create +Publication +dev/);
    assert.deepEqual(everything(), before);
  });

  it("previews under a dead lock and past what a killed engine had begun, and leaves both to the update", async () => {
    await workspace.make();
    const checkpoint = JSON.parse(readFileSync(state(), "utf8"));
    const urn = "urn:pulumi:dev::greenlight::greenlight:index:MachineImage::x";
    checkpoint.checkpoint.latest.pending_operations = [
      { resource: { urn, custom: true, type: "greenlight:index:MachineImage" }, type: "creating" },
    ];
    writeFileSync(state(), JSON.stringify(checkpoint));
    const locks = workspace.path(".greenlight/state/.pulumi/locks/organization/greenlight/dev");
    mkdirSync(locks, { recursive: true });
    writeFileSync(
      join(locks, "one.json"),
      JSON.stringify({ pid: 2 ** 22 + 1, username: "u", hostname: hostname(), timestamp: new Date().toISOString() }),
    );
    const before = everything();
    const { code, text } = await workspace.greenlight("preview", "--candidate", good);
    assert.equal(code, 0, text);
    assert.deepEqual(everything(), before);
    rmSync(locks, { recursive: true });
    delete checkpoint.checkpoint.latest.pending_operations;
    writeFileSync(state(), JSON.stringify(checkpoint));
  });

  it("says in one sentence that a release is not made of what --target or --exclude leaves out", async () => {
    await workspace.set("candidate", good);
    for (const options of [
      ["--target", "**Archives::archives"],
      ["--exclude", "**VirtualMachine**", "--exclude-dependents"],
    ]) {
      const { code, text } = await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "dev", ...options);
      assert.notEqual(code, 0, text);
      assert.match(
        text,
        /--target or --exclude leaves out resources .* nothing was published; run the update without them\./,
      );
      assert.doesNotMatch(text, /TypeError|Invalid input|^\s+at /m);
    }
  });

  it("works from a sub folder once a shell has what `env` prints", async () => {
    mkdirSync(workspace.path("sub/deep"), { recursive: true });
    const base = { ...process.env, PULUMI_OPTION_NON_INTERACTIVE: "false", PULUMI_DIY_BACKEND_GZIP: "true" };
    const lines = exportLines(environmentChanges({ workspace: workspace.folder, base }));
    const script = `${lines}cd "${workspace.path("sub/deep")}" && pulumi --non-interactive stack tag ls --stack dev && pulumi --non-interactive stack output channel --stack dev; env | grep -c GZIP`;
    const said = await new Promise<string>((done) =>
      execFile("sh", ["-c", script], { env: base }, (_, stdout, stderr) => done(stdout + stderr)),
    );
    assert.match(said, /^dev$/m, said);
    assert.match(said, /^0$/m, said);
    assert.deepEqual(readdirSync(workspace.path("sub/deep")), []);
  });

  it("updates a stack whose state another engine run has compressed, and tells a stack that was renamed from one that is gone", async () => {
    const env = {
      ...process.env,
      ...environmentChanges({ workspace: workspace.folder, base: process.env }),
      PULUMI_DIY_BACKEND_GZIP: "true",
    };
    const renamed = await new Promise<string>((done) =>
      execFile(
        "pulumi",
        ["--non-interactive", "stack", "rename", "-s", "dev", "eu.west"],
        { cwd: workspace.folder, env },
        (_, stdout, stderr) => done(stdout + stderr),
      ),
    );
    assert.match(renamed, /Renamed dev to eu\.west/);
    const preview = await workspace.greenlight("preview", "--stack", "eu.west");
    assert.equal(preview.code, 0, preview.text);
    const output = await workspace.pulumi("stack", "output", "channel", "--stack", "eu.west");
    assert.equal(output.text.trim(), "dev");
    const promoted = await workspace.greenlight("up", "--stack", "prod");
    assert.equal(promoted.code, 2, promoted.text);
    assert.match(
      promoted.text,
      /^Stack prod promotes from stack dev, which does not exist; there are eu\.west: set greenlight:promoteFrom in Pulumi\.prod\.yaml to the one that is meant\.$/m,
    );
    const back = await workspace.pulumi("stack", "rename", "-s", "eu.west", "dev");
    assert.equal(back.code, 0, back.text);
  });

  it("starts nothing on a state that is missing with its backup, or cut off", async () => {
    copyFileSync(state(), `${state()}.bak`);
    renameSync(state(), workspace.path("kept"));
    const before = everything();
    for (const command of [["up"], ["preview"], ["destroy"], ["rerun", "x"]]) {
      const { code, text } = await workspace.greenlight(...command);
      assert.equal(code, 2, text);
      assert.match(
        text,
        /^The state of stack dev, .*dev\.json, is missing; its backup .* is usable: put it back with `cp -p .*\n$/,
      );
    }
    copyFileSync(workspace.path("kept"), state());
    truncateSync(state(), 200);
    assert.match(
      (await workspace.greenlight("up")).text,
      /^The state of stack dev, .*dev\.json, is cut off or damaged; its backup .*\n$/,
    );
    for (const command of ["up", "preview"]) {
      assert.match(
        (await workspace.greenlight(command, "--stack", "prod")).text,
        /^The state of stack dev, .*dev\.json, is cut off or damaged; its backup .*\n$/,
      );
    }
    rmSync(state());
    assert.deepEqual(everything(), before);
    renameSync(workspace.path("kept"), state());
  });
});
