/** Healthy is what the service's own process answers, and goes on answering: nobody else on its port counts, and no process that is about to end. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import type { Product } from "../../src/products/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("health, of the service's own process", function () {
  this.timeout(60_000);
  let box: Sandbox;
  let other: ChildProcess;
  let archive: { file: string; sha256: string };
  const script = (product: Product = box.product()) =>
    box.script(renderInstaller(product, "server", box.subject(), box.layout));
  const install = (product?: Product): Promise<Run> =>
    box.run(script(product), ["install", "--archive", archive.file, "--sha256", archive.sha256, "--wait", "1"]);
  /** Who answers is this process: from now on it is not the service's. */
  const answeredByAnother = () => box.set("pid", `${other.pid}\n`);
  const duringWatch = (text: string) =>
    writeFileSync(join(box.books, "on-watch"), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

  beforeEach(async () => {
    box = await new Sandbox().open();
    archive = await box.archive("tool.zip");
    other = spawn("sleep", ["600"], { stdio: "ignore" });
  });
  afterEach(async () => {
    other.kill();
    await box.close();
  });

  it("is not what another process answers on the port: the sentence names the port and whose process it is", async () => {
    answeredByAnother();
    const run = await install();
    assert.equal(run.code, 6, run.stderr);
    assert.match(
      run.stderr,
      new RegExp(`127\\.0\\.0\\.1:${box.port}/healthz .*process ${process.pid} \\(node of user .+\\) listens there`),
    );
    assert.doesNotMatch(run.stdout, /changed=/);
  });

  it("is not so in status either", async () => {
    assert.equal((await install()).code, 0);
    answeredByAnother();
    const run = await box.run(script(), ["status"]);
    assert.deepEqual([run.code, run.keys["healthy.toold"]], [6, "no"], run.stderr);
    assert.match(run.stderr, new RegExp(`process ${process.pid} `));
  });

  it("is what a process of its control group answers, whichever of them is the main one", async function () {
    const group = /^0::(\/.+)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1];
    if (group === undefined) return this.skip();
    answeredByAnother();
    box.set("group", group);
    assert.equal((await install()).code, 0);
  });

  it("is watched at the first installation, too: a service that dies meanwhile is not healthy", async () => {
    duringWatch('echo 1 >"$BOOKS/restarts.toold"');
    const run = await install();
    assert.deepEqual([run.code, run.stdout], [6, ""], run.stderr);
    assert.match(run.stderr, /has died and was started again/);
  });

  it("is watched where nothing was started and systemd has only just started it again", async () => {
    assert.equal((await install()).code, 0);
    const [seconds] = readFileSync("/proc/uptime", "utf8").split(" ");
    box.set("since.toold", String(Math.round((Number(seconds) - 1) * 1e6)));
    duringWatch('rm -f "$BOOKS/active.toold"');
    const run = await install();
    assert.equal(run.code, 6, run.stderr);
    assert.match(run.stderr, /ended instead of becoming healthy/);
  });

  it("is that of one process: another one, after the watch, was started again by somebody", async () => {
    duringWatch(`echo ${process.ppid} >"$BOOKS/pid"`);
    const run = await install();
    assert.equal(run.code, 6, run.stderr);
    assert.match(run.stderr, /was started again|listens there/);
  });

  it("that fails names whoever holds another of its ports", async () => {
    const held: Server = createServer();
    await new Promise<void>((resolve) => held.listen(0, "127.0.0.1", resolve));
    const { port } = held.address() as AddressInfo;
    try {
      answeredByAnother();
      box.healthy = false;
      const run = await install(box.product({ listens: [{ address: "127.0.0.1", port }] }));
      assert.equal(run.code, 6, run.stderr);
      assert.match(run.stderr, new RegExp(`port ${port} of 127\\.0\\.0\\.1, .*is held by process ${process.pid} `));
    } finally {
      held.close();
    }
  });

  it("that fails says what was asked, what answered, and the service's last lines", async () => {
    box.healthy = false;
    box.answer = '{"status":"no disk"}';
    const run = await install();
    assert.equal(run.code, 6, run.stderr);
    assert.match(run.stderr, new RegExp(`http://127\\.0\\.0\\.1:${box.port}/healthz .*503.*"status":"no disk"`));
    assert.match(run.stderr, /a line of the journal/);
    const status = await box.run(script(), ["status"]);
    assert.equal(status.code, 6);
    assert.match(status.stderr, /a line of the journal[^]*503.*"status":"no disk"/);
  });

  it("that answers without what the definition says names what its answer lacks", async () => {
    box.answer = '{"status":"starting"}';
    const product = box.product({
      health: { url: `http://127.0.0.1:${box.port}/healthz`, json: [{ path: "status", equals: "ok" }] },
    });
    const run = await install(product);
    assert.equal(run.code, 6, run.stderr);
    assert.match(run.stderr, /answered without "status":"ok": .*"status":"starting"/);
  });
});
