/** How the engine is run and heard; a script stands in for it. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { parseEvent, pulumi, pulumiEvents, pulumiOrFail } from "../../src/cli/engine.ts";
import { requireTemporaryFolder } from "../../src/cli/temporary-folder.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { scratch } from "../setup/scratch.ts";

describe("the engine as a child", () => {
  const { path, program } = scratch();
  /** A `pulumi` that is new enough for everybody and otherwise does what `script` says. */
  function engine(script: string): string {
    program("bin/pulumi", `#!/bin/sh\nif [ "$1" = version ]; then echo v3.300.0; exit; fi\n${script}\n`);
    program("bin/pulumi-language-nodejs", "#!/bin/sh\n");
    process.env["PATH"] = [path("bin"), dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
    process.env["XDG_CACHE_HOME"] = path("cache");
    mkdirSync(path("w"), { recursive: true });
    return path("w");
  }

  it("is understood when a character arrives in two pieces", async () => {
    // ✓ is e2 9c 93
    const workspace = engine(
      "printf 'a\\342'; printf 'b\\342' >&2; sleep 0.3; printf '\\234\\223'; printf '\\234\\223' >&2",
    );
    assert.deepEqual(await pulumi(workspace, []), { code: 0, interrupted: false, stdout: "a✓", stderr: "b✓" });
  });

  it("hands on events, and only those: other lines are what it printed", async () => {
    const event = { timestamp: 1, diagnosticEvent: { message: "x\u2028y", severity: "info", color: "never" } };
    const lines = [
      JSON.stringify(event),
      "null",
      "7",
      "[]",
      '{"timestamp":"now"}',
      '{"timestamp":1,"resourcePreEvent":{}}',
      "panic: x",
      '{"half',
    ];
    writeFileSync(join(engine('cat "$0.out"'), "x"), "");
    writeFileSync(path("bin/pulumi.out"), lines.join("\n"));
    const heard: unknown[] = [];
    const { stdout } = await pulumiEvents(path("w"), [], (e) => heard.push(e));
    assert.deepEqual(heard, [event]);
    assert.deepEqual(stdout.trim().split("\n"), lines.slice(1));
    assert.equal(parseEvent(""), undefined);
  });

  it("that is killed is said to be, with the signal", async () => {
    const workspace = engine("kill -9 $$");
    const finished = await pulumi(workspace, []);
    assert.deepEqual([finished.code, finished.killed, finished.interrupted], [137, "SIGKILL", false]);
    await assert.rejects(
      pulumiOrFail(workspace, ["config"]),
      /^EdgeError: The engine was killed from outside \(SIGKILL, .*\), so nothing is known/,
    );
  });

  it("sees nothing of the person's that would steer it, and another state only when asked to", async () => {
    const workspace = engine('echo "$PULUMI_OPTION_TARGET|$NODE_OPTIONS|$GREENLIGHT_SEEN|$PULUMI_BACKEND_URL"');
    Object.assign(process.env, {
      PULUMI_OPTION_TARGET: "x",
      NODE_OPTIONS: "--no-warnings",
      GREENLIGHT_SEEN: "yes",
      PULUMI_BACKEND_URL: "file:///elsewhere",
    });
    assert.equal((await pulumi(workspace, [])).stdout, `||yes|file://${workspace}/.greenlight/state\n`);
    assert.equal((await pulumi(workspace, [], { backend: "/b c" })).stdout, "||yes|file:///b c\n");
  });

  it("is not started when no temporary file can be made, and TMPDIR is named", async () => {
    const workspace = engine("touch started");
    writeFileSync(path("file"), "");
    for (const [folder, code] of [
      [path("nothing"), "ENOENT"],
      [path("file"), "ENOTDIR"],
    ] as const) {
      process.env["TMPDIR"] = folder;
      await assert.rejects(
        pulumi(workspace, []),
        (e: Error) =>
          e instanceof EdgeError &&
          e.message.startsWith(`TMPDIR is ${folder}, in which no file can be made (${code}); set it to`),
      );
    }
    mkdirSync(path("good"));
    chmodSync(path("good"), 0o700);
    process.env["TMPDIR"] = path("good");
    requireTemporaryFolder();
  });
}).timeout(20_000);
