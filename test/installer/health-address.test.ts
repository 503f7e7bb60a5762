/** Where a service is asked for its health: the operator's word, the product's own configuration, the definition; and what an upgrade makes of it. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EdgeError } from "../../src/edges/edges.ts";
import { renderInstaller } from "../../src/installer/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("where a service is asked for its health", function () {
  this.timeout(60_000);
  let box: Sandbox;
  let moved: Sandbox;
  let one: { script: string; args: string[] };
  let two: typeof one;
  const at = (...path: string[]) => join(box.machine, ...path);
  const product = () =>
    box.product({
      health: {
        url: `http://127.0.0.1:${box.port}/healthz`,
        json: [{ path: "status", equals: "ok" }],
        moved: { file: "toold.conf", settings: ["http", "http_port"] },
      },
    });
  const release = async (version: string) => {
    const archive = await box.archive(`${version}.zip`, { version });
    const script = box.script(renderInstaller(product(), "server", box.subject(version), box.layout), `${version}.sh`);
    return { script, args: ["install", "--archive", archive.file, "--sha256", archive.sha256, "--wait", "1"] };
  };
  const good = (run: Run): Run => (assert.equal(run.code, 0, run.stderr), run);
  const install = ({ script, args }: typeof one) => box.run(script, args);
  const configure = (text: string) => writeFileSync(at("etc/tool/toold.conf"), text);
  /** From now on the service answers at another port only, and so does nobody at the usual one. */
  const move = () => (box.healthy = false);
  const settled = () => {
    for (const left of ["transition", "restart-needed", "services-as-found"])
      assert.ok(!existsSync(at("opt/tool", left)), left);
  };

  beforeEach(async () => {
    [box, moved] = [await new Sandbox().open(), await new Sandbox().open()];
    box.answer = '{"status":"ok"}';
    moved.answer = '{"status": "ok"}';
    [one, two] = [await release("1.0.0"), await release("1.1.0")];
    good(await install(one));
    writeFileSync(at("state/tool/data"), "old\n");
  });
  afterEach(async () => {
    await box.close();
    await moved.close();
  });

  for (const [what, text] of [
    ["a host and a port", (port: number) => `listen: 1\nhttp: 127.0.0.1:${port}\n`],
    ["a port", (port: number) => `http_port = ${port} # moved\n`],
    ["a port without a mark", (port: number) => `  http_port ${port}\n`],
    ["every address", (port: number) => `HTTP: "0.0.0.0:${port}"\n`],
    ["no address", (port: number) => `http: ":${port}"\n`],
    ["JSON", (port: number) => `{\n  "http": "127.0.0.1:${port}",\n  "x": 1\n}\n`],
    ["the last of several", (port: number) => `#http: 1\nhttp: 127.0.0.1:9\nhttp: 127.0.0.1:${port}\n`],
  ] as const) {
    it(`is read from the product's configuration: ${what}`, async () => {
      move();
      configure(text(moved.port));
      assert.equal(good(await box.run(one.script, ["status"])).keys["healthy.toold"], "yes");
      assert.equal(good(await install(one)).keys["changed"], "no");
      assert.equal(good(await install(two)).keys["version"], "1.1.0");
      settled();
    });
  }

  it("is what the definition says where the configuration names no address that could be asked", async () => {
    for (const text of ["http: off\n", "http: $PORT\n", "httpx: 1\nx_http: 2\n", "http: 99999999\n", ""]) {
      configure(text);
      good(await box.run(one.script, ["status"]));
    }
  });

  it("is the operator's word before that, with a path of its own", async () => {
    move();
    configure("http: 127.0.0.1:9\n");
    writeFileSync(at("etc/tool/toold.health"), `# moved\n\n  http://127.0.0.1:${moved.port}/ready?full=1 \n`);
    good(await box.run(one.script, ["status"]));
    good(await install(two));
    good(await box.run(two.script, ["rollback"]));
    settled();
    moved.healthy = false;
    const status = await box.run(one.script, ["status"]);
    assert.equal(status.code, 6);
    assert.match(
      status.stderr,
      new RegExp(`where .*/toold\\.health says: http://127\\.0\\.0\\.1:${moved.port}/ready\\?full=1 answered with 503`),
    );
  });

  it("is refused where the operator's word is no address", async () => {
    good(await install(two));
    two = await release("1.2.0");
    for (const text of ["https://127.0.0.1/", "8222", "http://127.0.0.1:x/", "http://a b/", "http://127.0.0.1:1/a b"]) {
      writeFileSync(at("etc/tool/toold.health"), `${text}\n`);
      for (const args of [["status"], ["rollback"], two.args]) {
        const run = await box.run(two.script, args);
        assert.deepEqual([run.code, run.keys["changed"]], [2, undefined], run.stderr);
        assert.match(run.stderr, /toold\.health says .*, and an address such as/);
      }
    }
  });

  it("keeps an upgrade from beginning where the old version does not answer well there: nothing stops", async () => {
    box.log();
    for (const spoil of [() => (box.healthy = false), () => box.set("pid", "1\n"), () => box.set("state", "failed")]) {
      box.healthy = true;
      box.set("pid", `${process.pid}\n`);
      spoil();
      if (existsSync(join(box.books, "state"))) rmSync(join(box.books, "active.toold"));
      await box.refuses(
        install(two),
        /1\.0\.0, which is installed, is not healthy .*Nothing was stopped or changed/,
        6,
      );
      assert.deepEqual(
        box.log().filter((line) => /stop|restart|reload|enable/.test(line)),
        [],
      );
    }
    // Stopped by whoever upgrades, it is not asked.
    box.unset("state");
    assert.equal(good(await install(two)).keys["version"], "1.1.0");
  });

  it("keeps no upgrade from mending an installation that never was healthy", async () => {
    good(await box.run(one.script, ["uninstall", "--remove-state"]));
    box.healthy = false;
    assert.equal((await install(one)).code, 6);
    box.set("on-start", "#!/bin/sh\n");
    box.healthy = true;
    box.set("state", "failed");
    rmSync(join(box.books, "active.toold"));
    assert.equal(good(await install(two)).keys["version"], "1.1.0");
    settled();
  });

  it("that neither version answers well ends an upgrade with 8, all decided, and says where what clients wrote lies", async () => {
    const [script, args] = [two.script, two.args];
    // While the new version starts, clients write; from then on nothing answers.
    writeFileSync(
      join(box.books, "on-start"),
      `#!/bin/sh\n[ ! -e '${at("opt/tool/previous")}' ] || { echo client >>'${at("state/tool/data")}'; echo 1 >"$BOOKS/pid"; }\n`,
      { mode: 0o755 },
    );
    const run = await box.run(script, args);
    assert.equal(run.code, 8, run.stderr);
    assert.match(run.stderr, /1\.0\.0 and its data are back, but .*did not become healthy[^]*it lies in .*aside-/);
    assert.equal(readFileSync(at("state/tool/data"), "utf8"), "old\n");
    assert.equal(readFileSync(join(run.keys["kept_aside"]!, "1/data"), "utf8"), "old\nclient\n");
    settled();
    assert.ok(readdirSync(at("opt/tool/backups")).some((name) => name.startsWith("aside-")));
  });

  it("that the version before does not answer well ends the way back with 6, all decided", async () => {
    good(await install(two));
    writeFileSync(join(box.books, "on-start"), `#!/bin/sh\necho 1 >"$BOOKS/pid"\n`, { mode: 0o755 });
    const run = await box.run(two.script, ["rollback", "--wait", "1"]);
    assert.equal(run.code, 6, run.stderr);
    assert.match(run.stderr, /although the previous version and its data are back; what was written since lies in/);
    assert.equal(run.keys["version"], "1.0.0");
    settled();
  });

  it("can be looked for by names that a file can have, and no others", () => {
    const bad = box.product({
      health: { url: "http://127.0.0.1:1/", json: [], moved: { file: "toold.conf", settings: ["a|b"] } },
    });
    assert.throws(
      () => renderInstaller(bad, "server", box.subject(), box.layout),
      (e: unknown) => e instanceof EdgeError && /Setting "a\|b", which moves the health address/.test(e.message),
    );
  });
});
