import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { EdgeError } from "../../src/edges/edges.ts";
import { judgeSuite, renderRunner, type Check, type Suite } from "../../src/suites/index.ts";
import { newBootCheck, newBootJudge } from "../../src/suites/phases.ts";
import { machineHost } from "../../src/suites/runner.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { verdict } from "./judged.ts";
import { cgroupHere, execute, recordOf, runHere, said, temporaryFolder, textOf } from "./on-host.ts";

const suite = (...checks: (Partial<Check> & { name: string; run: string })[]): Suite => ({
  name: "suite",
  checks: checks.map((check) => ({ expect: {}, ...check })),
});

/** Process ids of this host whose command line holds the text. */
function running(text: string): string {
  return execFileSync(
    "sh",
    [
      "-c",
      `for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -q -- "^sleep ${text}" && echo $p; done; true`,
    ],
    { encoding: "utf8" },
  ).trim();
}

describe("the runner", function () {
  this.timeout(30_000);

  it("records exit code, output, its size and digest, and time", async () => {
    const { record } = await runHere([suite({ name: "both", run: "echo out; echo err >&2; sleep 0.2; exit 3" })]);
    const check = recordOf(record, "both");
    assert.equal(check.exit, 3);
    assert.equal(said(check), "out\n");
    assert.equal(said(check, "stderr"), "err\n");
    assert.equal(check.stdout.bytes, 4);
    assert.equal(check.stdout.sha256, sha256("out\n"));
    assert.ok(check.ms >= 200 && check.ms < 3000, String(check.ms));
    assert.deepEqual([record.planned, record.ran], [1, 1]);
    assert.match(record.kernel, /^Linux /);
    assert.ok(Math.abs(Date.parse(record.time) - Date.now()) < 60_000);
  });

  it("gives each check an empty folder of its own and nothing to read", async () => {
    const { record } = await runHere([
      suite({ name: "first", run: "ls -A; touch here; cat" }, { name: "second", run: "ls -A; cat" }),
    ]);
    for (const name of ["first", "second"])
      assert.deepEqual([recordOf(record, name).exit, said(recordOf(record, name))], [0, ""]);
  });

  it("executes any text exactly", async () => {
    const awkward = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "'",
        '"',
        "$(echo x)",
        "`id`",
        "\\",
        "\n",
        "${HOME}",
        "!!",
        "é✓",
        "\r",
        "\t",
        "EOF\n",
        "%s%d",
        "-n",
        " ",
      ),
    );
    const texts = fc.array(awkward, { maxLength: 8 }).map((parts) => parts.join("").replaceAll("\0", ""));
    // Many texts a run: each is written out by a check of its own, quoted by nothing but the test's own printf.
    await fc.assert(
      fc.asyncProperty(fc.array(texts, { minLength: 15, maxLength: 15 }), async (list) => {
        const wellFormed = list.map((text) => text.toWellFormed());
        const checks = wellFormed.map((text, i) => ({
          name: `c${i}`,
          run: `printf '%s' '${text.replaceAll("'", `'"'"'`)}'`,
        }));
        const { record } = await runHere([suite(...checks)], { host: { folder: join(temporary, `r${count++}`) } });
        wellFormed.forEach((text, i) => assert.equal(said(recordOf(record, `c${i}`)), text));
      }),
      { numRuns: 6 },
    );
  });
  let temporary = "";
  let count = 0;
  before(() => (temporary = temporaryFolder()));

  it("judges the exit code of what a text really says: a syntax error is a failed check, and the next one runs", async () => {
    const { record } = await runHere([
      suite({ name: "broken", run: "if true; then" }, { name: "next", run: "echo fine" }),
    ]);
    assert.equal(recordOf(record, "broken").exit, 2);
    assert.equal(said(recordOf(record, "next")), "fine\n");
  });

  for (const [how, cgroup] of [
    ["by their mark", "/nowhere"],
    ["by their group", cgroupHere],
  ] as const) {
    describe(`finds processes ${how}`, () => {
      before(function () {
        if (!cgroup) this.skip();
      });
      it("kills a check that hangs, whatever it ignores, and goes on", async () => {
        const { record } = await runHere(
          [
            suite(
              { name: "hang", run: "trap '' TERM INT HUP; echo begun; sleep 7101; sleep 7102", within: 1 },
              { name: "next", run: "echo fine" },
            ),
          ],
          { host: { cgroup: cgroup! } },
        );
        const hang = recordOf(record, "hang");
        assert.equal(hang.killed, "time");
        assert.ok(hang.ms >= 1000 && hang.ms < 4000, String(hang.ms));
        assert.equal(said(hang), "begun\n");
        assert.equal(said(recordOf(record, "next")), "fine\n");
        assert.equal(running("710"), "");
      });
      it("kills what a check leaves behind: in the background, as a daemon, deaf to TERM, or holding its output", async () => {
        const { record, run } = await runHere(
          [
            suite(
              { name: "background", run: "sleep 7201 & echo done" },
              {
                name: "daemon",
                run: "setsid sh -c 'trap \"\" TERM; sleep 7202; sleep 7203' >/dev/null 2>&1 & sleep 0.3; echo done",
              },
              { name: "double", run: "(setsid setsid sleep 7204 &) ; sleep 0.3; echo done" },
              { name: "clean", run: "echo done" },
            ),
          ],
          { host: { cgroup: cgroup! } },
        );
        for (const name of ["background", "daemon", "double", "clean"])
          assert.deepEqual([recordOf(record, name).exit, said(recordOf(record, name))], [0, "done\n"]);
        assert.ok(recordOf(record, "background").left >= 1);
        assert.ok(recordOf(record, "daemon").left >= 1);
        assert.equal(recordOf(record, "clean").left, 0);
        assert.ok(run.seconds < 8, String(run.seconds));
        assert.equal(running("720"), "");
      });
      it("kills what hides behind a login shell", async function () {
        if (process.getuid!() !== 0) this.skip();
        const { record } = await runHere(
          [suite({ name: "login", login: true, run: "setsid sleep 7301 & sleep 7302", within: 2 })],
          { host: { cgroup: cgroup! } },
        );
        assert.equal(recordOf(record, "login").killed, "time");
        assert.equal(running("730"), "");
      });
    });
  }

  it("stops at the limit of the phase: what was not reached has no record", async () => {
    const suites = [suite({ name: "slow", run: "sleep 30" }, { name: "late", run: "echo late" })];
    const { record, run } = await runHere(suites, { limitSeconds: 2 });
    assert.equal(recordOf(record, "slow").killed, "limit");
    assert.deepEqual(
      record.checks.map((check) => check.check),
      ["slow"],
    );
    assert.ok(run.seconds < 8, String(run.seconds));
    const judged = judgeSuite(suites[0]!, record);
    assert.deepEqual(
      judged.checks.map((check) => check.status),
      ["failed", "missing"],
    );
  });

  it("keeps a large output's digest and only its beginning and end", async () => {
    const { record } = await runHere([suite({ name: "big", run: "seq 1 700000" })]);
    const { stdout } = recordOf(record, "big");
    const whole = Array.from({ length: 700_000 }, (_, i) => `${i + 1}\n`).join("");
    assert.deepEqual([stdout.bytes, stdout.sha256], [whole.length, sha256(whole)]);
    const head = Buffer.from(stdout.head, "base64").toString();
    const tail = Buffer.from(stdout.tail, "base64").toString();
    assert.ok(whole.startsWith(head) && whole.endsWith(tail));
    assert.ok(head.length > 4000 && head.length + tail.length <= 8192);
  });

  it("takes the reader from a check that prints without end, and says so", async () => {
    const { record, run } = await runHere([suite({ name: "endless", run: "yes", within: 20 })], {
      host: { streamBytes: 1_000_000 },
    });
    const check = recordOf(record, "endless");
    assert.equal(check.overflow, true);
    assert.ok(run.seconds < 10);
    assert.equal(judgeSuite(suite({ name: "endless", run: "yes", expect: { exit: 141 } }), record).status, "failed");
  });

  it("stays below 16 MiB before it is packed, and below 64 KiB a line, however much is printed", async () => {
    const checks = Array.from({ length: 12 }, (_, i) => ({
      name: `c${i}`,
      run: "head -c 1500000 /dev/urandom; head -c 1500000 /dev/urandom >&2",
    }));
    const { run, record } = await runHere([suite(...checks)]);
    assert.equal(record.ran, 12);
    const came = record.checks.flatMap(({ stdout, stderr }) => [stdout, stderr]).map(({ head, tail }) => head + tail);
    assert.ok(Buffer.from(came.join(""), "base64").length <= 16 * 1024 * 1024);
    assert.ok(run.stdout.length <= 23 * 1024 * 1024, String(run.stdout.length));
    assert.ok(Math.max(...run.stdout.split("\n").map((line) => line.length)) < 64 * 1024);
  });

  it("does not run what needs something that did not succeed, also in the next phase", async () => {
    const host = { folder: temporaryFolder() };
    const first = await runHere(
      [
        suite(
          { name: "good", run: "true" },
          { name: "bad", run: "false" },
          { name: "after-bad", run: "touch /tmp/never", needs: "suite/bad" },
          { name: "after-good", run: "echo ran", needs: "suite/good" },
        ),
      ],
      { host },
    );
    assert.equal(recordOf(first.record, "after-bad").exit, null);
    assert.equal(recordOf(first.record, "after-bad").needs, "suite.bad");
    assert.equal(said(recordOf(first.record, "after-good")), "ran\n");
    const second = await runHere(
      [
        {
          name: "later",
          checks: [
            { name: "no", run: "true", needs: "suite/bad", expect: {} },
            { name: "yes", run: "true", needs: "suite/good", expect: {} },
          ],
        },
      ],
      { host, phase: 2 },
    );
    assert.deepEqual(
      second.record.checks.map((check) => check.exit),
      [null, 0],
    );
  });

  it("runs once: asked again it repeats what it recorded, and refuses when it was cut off", async () => {
    const folder = temporaryFolder();
    const options = {
      suites: [suite({ name: "count", run: 'echo x >>"$greenlight/notes/count"; wc -l <"$greenlight/notes/count"' })],
      run: "once",
      limitSeconds: 20,
      host: { folder, cgroup: "/nowhere" },
    };
    const first = await execute(renderRunner(options));
    const again = await execute(renderRunner(options));
    assert.equal(first.code, 0);
    assert.equal(again.stdout, first.stdout);
    execFileSync("rm", [join(folder, "run-once-phase-1", "evidence")]);
    const refused = await execute(renderRunner(options));
    assert.equal(refused.code, 75);
    assert.match(refused.stderr, /started on this machine before/);
    assert.equal(refused.stdout, "");
  });

  it("of two that start at once, one runs", async () => {
    const text = renderRunner({
      suites: [suite({ name: "slow", run: "sleep 1" })],
      run: "race",
      limitSeconds: 20,
      host: { folder: temporaryFolder(), cgroup: "/nowhere" },
    });
    const codes = (await Promise.all([execute(text), execute(text)])).map((run) => run.code);
    assert.deepEqual(codes.sort(), [0, 75]);
  });

  it("runs under bash and dash, from standard input and as an argument", async () => {
    for (const shell of [
      ["bash", "-s"],
      ["dash", "-s"],
    ]) {
      const text = renderRunner({
        suites: [suite({ name: "hello", run: "echo hello" })],
        run: "shells",
        limitSeconds: 20,
        host: { folder: temporaryFolder(), cgroup: "/nowhere" },
      });
      const run = await execute(text, shell);
      assert.deepEqual([run.code, run.stdout.split("\n").length], [0, 4], `${shell.join(" ")}: ${run.stderr}`);
      const argument = await execute("", ["dash", "-c", text.replace("shells", "other")]);
      assert.equal(argument.code, 0);
    }
  });

  it("gives a login shell its user, home and clean environment, and a user its rights", async function () {
    if (process.getuid!() !== 0) this.skip();
    const { record } = await runHere([
      suite(
        {
          name: "login",
          login: true,
          run: 'id -un; echo "$HOME"; echo "${SSH_CLIENT-none}${UNWANTED-none}"; command -v http_get',
        },
        {
          name: "user",
          user: "nobody",
          run: 'id -un; id -gn; echo mine >file && cat file; cat /etc/shadow 2>/dev/null; echo "$PATH"',
        },
        { name: "nobody-there", user: "nosuchuser", run: "echo no" },
      ),
    ]);
    assert.equal(said(recordOf(record, "login")), "root\n/root\nnonenone\nhttp_get\n");
    const group = execFileSync("id", ["-gn", "nobody"], { encoding: "utf8" });
    assert.ok(said(recordOf(record, "user")).startsWith(`nobody\n${group}mine\n/usr`), said(recordOf(record, "user")));
    assert.equal(recordOf(record, "nobody-there").exit, 125);
    assert.match(said(recordOf(record, "nobody-there"), "stderr"), /there is no user nosuchuser/);
  });

  it("asks for the reboot after the last line, and says when it cannot be had", async () => {
    const host = { folder: temporaryFolder(), cgroup: "/nowhere" };
    const mark = join(host.folder, "rebooted");
    const says = (how: string): string => `echo ${how} >'${mark.replaceAll("'", `'\\''`)}'`;
    const text = (
      run: string,
      rebootAtEnd?: "clean" | "hard",
      reboot = { clean: says("clean"), hard: says("hard") },
    ): string =>
      renderRunner({
        suites: [suite({ name: "c", run: "true" })],
        run,
        limitSeconds: 20,
        rebootAtEnd,
        host: { ...host, reboot },
      });
    assert.equal((await execute(text("no-reboot"))).code, 0);
    assert.equal(existsSync(mark), false);
    for (const how of ["clean", "hard"] as const) {
      assert.equal((await execute(text(`reboot-${how}`, how))).code, 0);
      assert.equal(readFileSync(mark, "utf8"), `${how}\n`);
    }
    assert.equal((await execute(text("bad-reboot", "hard", { clean: "true", hard: "false" }))).code, 73);
  });

  it("proves a new boot: the same boot id is red", async () => {
    const host = { folder: temporaryFolder() };
    const later: Suite = { name: "reboot", afterReboot: "clean", checks: [{ name: "fine", run: "true", expect: {} }] };
    const alone = await runHere([later], { host: { folder: temporaryFolder() } });
    assert.equal(judgeSuite(later, alone.record).checks[0]!.status, "failed");
    await runHere([suite({ name: "c", run: "true" })], { host });
    const same = await runHere([later], { host, phase: 2 });
    const judged = judgeSuite(later, same.record);
    assert.deepEqual(
      judged.checks.map((check) => [check.check, check.status]),
      [
        ["new-boot", "failed"],
        ["fine", "passed"],
      ],
    );
    assert.match(judged.checks[0]!.observed!, /boot id is still/);
    // Nobody's journal knows that boot, so that it is not known how it ended.
    for (const afterReboot of ["clean", "hard"] as const) {
      execFileSync("sh", ["-c", `echo another-boot >"$0/boot-id"`, host.folder]);
      const suite: Suite = { ...later, afterReboot };
      const fresh = await runHere([suite], { host, phase: 2, run: `test-run-${afterReboot}` });
      assert.match(judgeSuite(suite, fresh.record).checks[0]!.observed!, /^exit code 1/);
    }
  });

  it("reboots two seconds after its session's end, not up to a minute later as an unasked timer may", () => {
    for (const how of Object.values(machineHost.reboot))
      assert.match(how, /systemd-run .*--on-active=2 --timer-property=AccuracySec=100ms /);
  });

  it("proves how the boot before ended: one that was cut off is no clean reboot, and the other way round", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "boot-id"), "00000000-aaaa\n");
    const seen = (how: "clean" | "hard", journal: string): string[] => {
      const text = `greenlight=$0\njournalctl() { case $* in *"-b 00000000aaaa "*) printf '${journal}' ;; esac; }\n${textOf(newBootCheck(how))}`;
      return verdict(newBootJudge, how, { stdout: spawnSync("sh", ["-c", text, folder], { encoding: "utf8" }).stdout });
    };
    const ended = "Reached target shutdown.target";
    assert.deepEqual(seen("clean", `${ended}\\n`), []);
    assert.deepEqual(seen("clean", ""), ["the boot before was cut off"]);
    assert.deepEqual(seen("hard", ""), []);
    assert.deepEqual(seen("hard", `${ended}\\n`), [`the boot before ended in order: ${ended}`]);
    writeFileSync(join(folder, "boot-id"), "");
    assert.deepEqual(seen("hard", ""), ["no boot was recorded before"]);
  });

  it("refuses what cannot be rendered, in a sentence", () => {
    const options = { run: "refusal", limitSeconds: 10 };
    const refused = (suites: Suite[], pattern: RegExp, more = {}): void => {
      assert.throws(
        () => renderRunner({ suites, ...options, ...more }),
        (e: unknown) => e instanceof EdgeError && pattern.test(e.message),
      );
    };
    refused([suite({ name: "Bad Name", run: "true" })], /a-z, 0-9/);
    refused([suite({ name: "same", run: "true" }, { name: "same", run: "true" })], /unique/);
    refused([suite({ name: "nul", run: "a\0b" })], /NUL/);
    refused([suite({ name: "user", run: "true", user: "x; reboot" })], /user name/);
    refused([suite({ name: "big", run: `: ${"x".repeat(420_000)}` })], /runner of \d+ bytes/);
    refused([], /Run id/, { run: "a b" });
  });

  it("is small", () => {
    const bytes = Buffer.byteLength(
      renderRunner({ suites: [suite({ name: "c", run: "true" })], run: "size", limitSeconds: 10 }),
    );
    assert.ok(bytes < 12_000, String(bytes));
  });
});

describe("the prelude", function () {
  this.timeout(30_000);
  it("reads a page over HTTP, and tells no connection from a bad status and from silence", async () => {
    const { createServer } = await import("node:http");
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/bad" ? 503 : request.url === "/moved" ? 204 : 200;
      response.end(request.url === "/moved" ? "" : `{"path":"${request.url}",\n"s":"é"}`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    try {
      const { record } = await runHere([
        suite(
          { name: "good", run: `http_get http://127.0.0.1:${port}/a?b=c` },
          { name: "bad", run: `http_get http://127.0.0.1:${port}/bad` },
          { name: "empty", run: `http_get http://127.0.0.1:${port}/moved` },
          { name: "nobody", run: "http_get http://127.0.0.1:9/" },
          { name: "url", run: "http_get https://127.0.0.1/" },
          { name: "wait", run: `http_wait http://127.0.0.1:${port}/w 5` },
          { name: "wait-in-vain", run: `http_wait http://127.0.0.1:${port}/bad 1` },
        ),
      ]);
      assert.deepEqual(
        record.checks.map((check) => check.exit),
        [0, 22, 0, 7, 3, 0, 22],
      );
      assert.equal(said(recordOf(record, "good")), '{"path":"/a?b=c",\n"s":"é"}');
      assert.equal(said(recordOf(record, "bad")), "");
      assert.match(said(recordOf(record, "bad"), "stderr"), /503/);
    } finally {
      server.close();
    }
  });
});

describe("the runner's text", () => {
  it("has one place for the checks, and dash accepts it", () => {
    const file = new URL("../../src/suites/guest/runner.sh", import.meta.url);
    assert.ok(readFileSync(file, "utf8").includes("\n@CHECKS@\n"));
    execFileSync("dash", ["-n", file.pathname]);
  });
});
