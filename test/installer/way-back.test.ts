/** A way back whose release or backup is damaged: nothing is destroyed on it, what runs runs on, and installing again gets out of it. */
import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import type { Kind } from "../../src/products/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

interface Release {
  script: string;
  args: string[];
  folder: string;
}

describe("the way back", function () {
  this.timeout(60_000);
  let box: Sandbox;
  let root: string;
  let one: Release, two: Release, three: Release;
  const at = (...path: string[]) => join(box.machine, ...path);
  const good = (run: Run) => assert.equal(run.code, 0, run.stderr);
  const release = async (version: string, kind: Partial<Kind> = {}): Promise<Release> => {
    const archive = await box.archive(`${version}.zip`, { version });
    const script = box.script(
      renderInstaller(box.product({}, kind), "server", box.subject(version), box.layout),
      `${version}.sh`,
    );
    return {
      script,
      args: ["install", "--archive", archive.file, "--sha256", archive.sha256, "--wait", "1"],
      folder: `${version}-${archive.sha256.slice(0, 8)}`,
    };
  };
  const open = async (kind: Partial<Kind> = {}) => {
    box = await new Sandbox().open();
    root = join(box.layout.roots, "tool");
    [one, two, three] = [await release("1.0.0", kind), await release("1.1.0", kind), await release("1.2.0", kind)];
  };
  const install = ({ script, args }: Release) => box.run(script, args);
  const rollback = () => box.run(two.script, ["rollback", "--wait", "1"]);
  const current = () => readlinkSync(join(root, "current")).replace("versions/", "");
  const data = () => readFileSync(at("state/tool/data"), "utf8");
  const runs = () => existsSync(join(box.books, "active.toold"));
  const backup = () =>
    join(
      root,
      "backups",
      readdirSync(join(root, "backups")).find((name) => !name.startsWith("aside-"))!,
    );
  /** No raw word of a tool, and one sentence at the end. */
  const says = (run: Run, code: number, sentence: RegExp) => {
    assert.deepEqual([run.code, run.stdout], [code, ""], run.stderr);
    assert.match(run.stderr, sentence);
    assert.doesNotMatch(run.stderr, /cannot stat|^(cp|cat|mv|sh|dash):/m);
  };
  const upgraded = async () => {
    good(await install(one));
    box.write("state/tool/data", "one");
    good(await install(two));
    box.write("state/tool/data", "two");
    box.log();
  };
  afterEach(() => box.close());

  const spoils: [string, () => void][] = [
    ["gone", () => rmSync(join(root, "versions", one.folder), { recursive: true })],
    ["spoiled", () => writeFileSync(join(root, "versions", one.folder, "toold"), "not a program")],
    ["not executable", () => chmodSync(join(root, "versions", one.folder, "toold"), 0o644)],
    ["without its checksums", () => rmSync(join(root, "versions", one.folder, "checksums.txt"))],
  ];
  for (const [kind, change] of [
    ["services", {}],
    ["no services", { services: [], state: "{home}/state", config: "{home}/config" }],
  ] as [string, Partial<Kind>][]) {
    for (const [what, spoil] of spoils) {
      it(`to a release that is ${what} is refused, and nothing is changed (${kind})`, async () => {
        await open(change);
        await upgraded();
        spoil();
        const before = box.picture(true);
        says(await rollback(), 7, /versions\/1\.0\.0-\S+ is missing or damaged/);
        assert.deepEqual(box.picture(true), before);
        assert.ok(!box.log().some((line) => /stop|restart/.test(line)));
        assert.equal((await box.run(two.script, ["status"])).code, 0);
        assert.equal((await install(two)).keys["changed"], "no");
      });
    }
  }

  const losses: [string, () => void, RegExp][] = [
    ["part of its data", () => rmSync(join(backup(), "data/2"), { recursive: true }), /holds nothing of .*etc\/tool/],
    ["all of its data", () => rmSync(join(backup(), "data"), { recursive: true }), /holds nothing of .*state\/tool/],
    ["its list", () => rmSync(join(backup(), "paths")), /without its list/],
    ["its record", () => rmSync(join(backup(), "record")), /without its record/],
    ["its checksums", () => rmSync(join(backup(), "checksums")), /without its checksums/],
    [
      "a byte of its data",
      () => appendFileSync(join(backup(), "data/1/data"), "!"),
      /data\/1\/data in the backup .* is not what was written/,
    ],
    ["a unit", () => rmSync(join(backup(), "units/toold.service")), /without toold\.service/],
  ];
  for (const [what, lose, sentence] of losses) {
    it(`over a backup that lost ${what} is refused before anything stops`, async () => {
      await open();
      await upgraded();
      lose();
      const before = box.picture(true);
      says(await rollback(), 7, sentence);
      assert.deepEqual(box.picture(true), before);
      assert.ok(runs() && !box.log().some((line) => /stop|restart/.test(line)));
    });

    for (const phase of ["rollback", "upgrade"]) {
      it(`that was cut off (${phase}) and whose backup lost ${what} is given up: what is in use runs, and installing gets on`, async () => {
        await open();
        await upgraded();
        const name = backup().split("/").at(-1);
        const cut = () => {
          box.write(
            "opt/tool/transition",
            `greenlight-transition 1\nphase=${phase}\nfrom=${one.folder}\nto=${two.folder}\nbackup=${name}\nwhy=\naside=\nprevious=\n`,
          );
          box.unset("active.toold");
        };
        lose();
        for (const next of [rollback, () => install(three)]) {
          cut();
          says(await next(), 10, sentence);
          assert.ok(runs());
          assert.deepEqual([current(), data()], [two.folder, "two"]);
          assert.ok(!existsSync(join(root, "transition")));
        }
        const run = await install(three);
        good(run);
        assert.equal(run.keys["version"], "1.2.0");
        good(await box.run(three.script, ["status"]));
        good(await box.run(three.script, ["rollback"]));
        assert.deepEqual([current(), data()], [two.folder, "two"]);
      });
    }
  }

  it("that was cut off, to a release that is gone, is given up, and nothing that is whole is pruned", async () => {
    await open();
    await upgraded();
    box.write(
      "opt/tool/transition",
      `greenlight-transition 1\nphase=rollback\nfrom=${one.folder}\nto=${two.folder}\nbackup=${backup().split("/").at(-1)}\nwhy=asked\naside=\nprevious=\n`,
    );
    rmSync(join(root, "versions", one.folder), { recursive: true });
    says(await rollback(), 10, /versions\/1\.0\.0-\S+ is missing or damaged[^]*1\.1\.0-\S+ stays in use/);
    assert.deepEqual([current(), data(), runs()], [two.folder, "two", true]);
    good(await install(two));
    good(await box.run(two.script, ["status"]));
  });

  it("of an upgrade that is not healthy, to a release that was damaged all along, is not gone", async () => {
    await open();
    good(await install(one));
    box.write("state/tool/data", "one");
    writeFileSync(join(root, "versions", one.folder, "toold"), "spoiled");
    // Whatever is started from now on is not what answers.
    writeFileSync(join(box.books, "on-start"), `#!/bin/sh\necho 1 >"$BOOKS/pid"\n`, { mode: 0o755 });
    says(await install(two), 10, /1\.0\.0-\S+ is missing or damaged[^]*1\.1\.0-\S+ stays in use/);
    assert.deepEqual([current(), data(), runs()], [two.folder, "one", true]);
    box.unset("on-start");
    box.set("pid", `${process.pid}\n`);
    good(await install(two));
    good(await box.run(two.script, ["status"]));
  });

  it("that was given up half way leads to no older version by the record alone", async () => {
    await open();
    await upgraded();
    writeFileSync(join(root, "install-record"), readFileSync(join(backup(), "record")));
    box.write(
      "opt/tool/transition",
      `greenlight-transition 1\nphase=rollback\nfrom=${one.folder}\nto=${two.folder}\nbackup=${backup().split("/").at(-1)}\nwhy=asked\naside=\nprevious=\n`,
    );
    rmSync(join(backup(), "data/1"), { recursive: true });
    says(await install(one), 10, /holds nothing of/);
    says(await install(one), 9, /1\.0\.0 is older than 1\.1\.0/);
    good(await install(two));
    good(await box.run(two.script, ["status"]));
  });

  for (const text of ["", "garbage\n"]) {
    it(`of a transition that says ${text === "" ? "nothing" : "garbage"} leads nowhere, and is over`, async () => {
      await open();
      await upgraded();
      box.write("opt/tool/transition", text);
      says(await install(two), 10, /does not say where it led from/);
      good(await install(two));
      assert.equal(current(), two.folder);
      good(await box.run(two.script, ["status"]));
      assert.ok(existsSync(join(root, "versions", one.folder)));
    });
  }

  it("is no place to prune from: where what is in use is damaged, other releases stay", async () => {
    await open();
    await upgraded();
    good(await rollback());
    // The newer one is no longer needed once the older one is back.
    assert.deepEqual(readdirSync(join(root, "versions")), [one.folder]);
    good(await install(two));
    writeFileSync(join(root, "versions", two.folder, "toold"), "spoiled");
    const pruned = box.script(
      readFileSync(two.script, "utf8").replace('"${command}_release"', "load_record; prune"),
      "prune.sh",
    );
    const other = join(root, "versions", "0.9.0-00000000");
    box.write("opt/tool/versions/0.9.0-00000000/toold", "x");
    good(await box.run(pruned, ["status"]));
    assert.ok(existsSync(other));
    rmSync(join(root, "versions", two.folder), { recursive: true });
    good(await box.run(pruned, ["status"]));
    assert.ok(existsSync(other));
    good(await install(two));
    assert.ok(!existsSync(other));
  });
});
