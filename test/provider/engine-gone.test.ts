import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { whenEngineIsGone } from "../../src/plugins/engine-gone.ts";

describe("a plugin's watch on its engine", () => {
  it("says nothing while the engine answers", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    let gone = 0;
    whenEngineIsGone(`127.0.0.1:${(server.address() as AddressInfo).port}`, () => gone++);
    whenEngineIsGone(undefined, () => gone++);
    await sleep(300);
    server.close();
    assert.equal(gone, 0);
  });

  it("says once that the engine was gone before the plugin had started", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    let gone = 0;
    whenEngineIsGone(`127.0.0.1:${port}`, () => gone++);
    await sleep(300);
    assert.equal(gone, 1);
  });
});
