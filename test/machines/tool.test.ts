/** Tools of the host: their output, their failures as sentences, and their end. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, processIdentity } from "../../src/storage/process-identity.ts";
import { runTool } from "../../src/machines/host/index.ts";

const sh = (script: string, options?: Parameters<typeof runTool>[2]): Promise<string> =>
  runTool("sh", ["-c", script], options);

describe("tools of the host", function () {
  before(function () {
    if (process.platform !== "linux") this.skip();
  });

  it("give all that they print, and each line of what they say of themselves as it comes", async () => {
    const lines: string[] = [];
    const script = "printf 'one\\n\\ntwo\\n'; echo a >&2; echo >&2; printf b >&2; echo $LC_ALL";
    assert.equal(await sh(script, { onLine: (line) => lines.push(line) }), "one\n\ntwo\nC.UTF-8\n");
    assert.deepEqual(lines, ["a", "", "b"]);
  });

  it("that fail are named with their last words", async () => {
    await assert.rejects(sh("echo no such image >&2; exit 3"), {
      message: "sh failed (exit code 3): no such image; mend that and run the same command again.",
    });
    await assert.rejects(sh("kill -KILL $$"), /^EdgeError: sh failed \(SIGKILL\): it said nothing;/);
  });

  it("that are missing are named with their package", async () => {
    await assert.rejects(runTool("greenlight-no-tool", [], { from: "no-package" }), {
      message: "greenlight-no-tool is not on PATH; install the package no-package.",
    });
  });

  it("end at once when they are told to, with the reason", async () => {
    const stop = new AbortController();
    const begun = Promise.withResolvers<number>();
    const running = sh("echo $$ >&2; exec sleep 60", {
      signal: stop.signal,
      onLine: (line) => begun.resolve(Number(line)),
    });
    running.catch(() => undefined);
    const tool = processIdentity(await begun.promise);
    assert.ok(tool);
    stop.abort(new Error("the person said so"));
    await assert.rejects(running, /^Error: the person said so$/);
    for (let turn = 0; turn < 100 && isAlive(tool); turn++) await sleep(20);
    assert.ok(!isAlive(tool));
    await assert.rejects(sh("true", { signal: stop.signal }), /the person said so/);
  });
});
