/** Folders are as the product declares them; what a service has narrowed stays narrow, and a second install changes nothing. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { productNamed, type Kind, type Service } from "../../src/products/index.ts";
import { Sandbox } from "./sandbox.ts";

describe("the access to a service's folders", function () {
  this.timeout(30_000);
  let box: Sandbox;
  let archive: { file: string; sha256: string };
  const script = (service: Partial<Service> = {}, kind: Partial<Kind> = {}) =>
    box.script(renderInstaller(box.product(service, kind), "server", box.subject(), box.layout));
  const install = (text: string) => box.run(text, ["install", "--archive", archive.file, "--sha256", archive.sha256]);
  const at = (path: string): string => join(box.machine, path);
  const mode = (path: string): string => (statSync(at(path)).mode & 0o7777).toString(8);
  const private_ = { stateAccess: { owner: "{user}:{user}", mode: "0700" } };

  beforeEach(async () => {
    box = await new Sandbox().open();
    archive = await box.archive("tool.zip");
  });
  afterEach(() => box.close());

  it("is what the product declares, from the start", async () => {
    assert.equal((await install(script({ ...private_, configAccess: { owner: "root:root", mode: "0755" } }))).code, 0);
    assert.deepEqual([mode("state/tool"), mode("etc/tool")], ["700", "755"]);
    assert.match(readFileSync(join(box.books, "owners"), "utf8"), new RegExp(`^tool:tool\t${at("state/tool")}$`, "m"));
    assert.doesNotMatch(
      readFileSync(join(box.books, "owners"), "utf8"),
      new RegExp(`^root:tool\t${at("etc/tool")}$`, "m"),
    );
  });

  it("is closed to others where nothing is declared", async () => {
    assert.equal((await install(script())).code, 0);
    assert.deepEqual([mode("state/tool"), mode("etc/tool")], ["750", "750"]);
  });

  for (const narrowed of ["700", "500", "710"]) {
    it(`stays ${narrowed} when the service sets that as it starts: the second install changes nothing`, async () => {
      writeFileSync(join(box.books, "on-start"), `#!/bin/sh\nchmod ${narrowed} '${at("state/tool")}'\n`, {
        mode: 0o755,
      });
      const text = script();
      assert.equal((await install(text)).code, 0);
      assert.equal(mode("state/tool"), narrowed);
      const again = await install(text);
      assert.deepEqual([again.code, again.keys["changed"], mode("state/tool")], [0, "no", narrowed], again.stderr);
      const status = await box.run(text, ["status"]);
      assert.equal(status.code, 0, status.stderr);
      chmodSync(at("state/tool"), 0o700);
    });
  }

  it("is narrowed again where somebody opened it, and only by what is too much", async () => {
    const text = script();
    await install(text);
    for (const [opened, after] of [
      [0o757, "750"],
      [0o705, "700"],
      [0o2750, "750"],
      [0o1777, "750"],
    ] as const) {
      chmodSync(at("state/tool"), opened);
      const status = await box.run(text, ["status"]);
      assert.equal(status.code, 6);
      assert.match(status.stderr, /state\/tool has owner and mode .* instead of tool:tool 750/);
      assert.equal((await install(text)).keys["changed"], "yes");
      assert.equal(mode("state/tool"), after);
      assert.equal((await install(text)).keys["changed"], "no");
    }
  });

  it("of root's own folder is what is declared: its service could not read there otherwise", async () => {
    const text = script();
    await install(text);
    chmodSync(at("etc/tool"), 0o700);
    assert.equal((await install(text)).keys["changed"], "yes");
    assert.equal(mode("etc/tool"), "750");
  });

  it("of a configuration folder that was there before stays as its owner made it", async () => {
    mkdirSync(at("etc/tool"), { recursive: true });
    chmodSync(at("etc/tool"), 0o711);
    const text = script();
    assert.equal((await install(text)).code, 0);
    assert.equal(mode("etc/tool"), "711");
    assert.equal((await box.run(text, ["status"])).code, 0);
  });

  it("stays what a service made it over an upgrade, a rollback and a removal that keeps state", async () => {
    writeFileSync(
      join(box.books, "on-start"),
      `#!/bin/sh\nchmod 700 '${at("state/tool")}'\n: >'${at("state/tool")}/data'\n`,
      { mode: 0o755 },
    );
    await install(script());
    const newer = await box.archive("newer.zip", { version: "2.0.0" });
    const text = box.script(renderInstaller(box.product(), "server", box.subject("2.0.0"), box.layout), "newer.sh");
    const upgrade = await box.run(text, ["install", "--archive", newer.file, "--sha256", newer.sha256]);
    assert.deepEqual([upgrade.code, mode("state/tool")], [0, "700"], upgrade.stderr);
    assert.deepEqual([(await box.run(text, ["rollback"])).code, mode("state/tool")], [0, "700"]);
    assert.deepEqual([(await box.run(text, ["uninstall"])).code, mode("state/tool")], [0, "700"]);
    await install(script());
    assert.equal(mode("state/tool"), "700");
  });

  const wrong: [service: Partial<Service>, sentence: RegExp][] = [
    [{ stateAccess: { owner: "nobody:nogroup", mode: "0700" } }, /belongs to "nobody:nogroup"/],
    [{ stateAccess: { owner: "{user}:{user}", mode: "700" } }, /has the mode "700"; use four octal digits/],
    [{ stateAccess: { owner: "{user}:{user}", mode: "0600" } }, /has the mode 0600, in which its owner could not work/],
    [{ configAccess: { owner: "root:root", mode: "0777" } }, /has the mode 0777, in which everybody may write/],
  ];
  for (const [service, sentence] of wrong)
    it(`is refused in a definition that says ${sentence.source}`, () => assert.throws(() => script(service), sentence));

  it("is declared alike by services that share a folder", () => {
    const [service] = box.product().kinds["server"]!.services;
    const other = { ...service!, name: "other", ...private_ };
    assert.throws(
      () => script({}, { services: [service!, other] }),
      /declare one folder as tool:tool 0750 and as tool:tool 0700/,
    );
  });

  it("to Palyra's state is its user's alone", () => {
    for (const { stateAccess } of productNamed("palyra").kinds["headless"]!.services)
      assert.deepEqual(stateAccess, { owner: "{user}:{user}", mode: "0700" });
  });
});
