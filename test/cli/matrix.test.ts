/** `greenlight matrix run` as people call it: words, exit codes, what is said and written. */
import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../../src/matrix/index.ts";
import { reportsOf } from "../../src/readiness/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { temporaryFolder } from "../candidate/tiny-candidate.ts";
import { checkoutOf } from "../matrix/checkout.ts";

const main = join(import.meta.dirname, "../../src/cli/main.ts");

describe("greenlight matrix run", () => {
  const temporary = temporaryFolder();
  let checkout: ReturnType<typeof checkoutOf>;
  beforeEach(() => (checkout = checkoutOf({})));
  afterEach(() => rmSync(checkout.folder, { recursive: true, force: true }));

  /** A `go` of this text, first on the PATH, in a workspace of the test's own. */
  function surroundings(go: string): NodeJS.ProcessEnv {
    const bin = join(temporary.path, "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "go"), `#!/bin/sh\n${go}\n`);
    chmodSync(join(bin, "go"), 0o755);
    return { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}`, GREENLIGHT_WORKSPACE: temporary.path };
  }

  const words = (...more: string[]): string[] => [
    "matrix",
    "run",
    "--product",
    "nats",
    "--profile",
    "full",
    "--checkout",
    checkout.folder,
    ...more,
  ];

  function greenlight(go: string, args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      execFile(process.execPath, [main, ...args], { env: surroundings(go) }, (error, stdout, stderr) =>
        resolve({ code: error ? error.code : 0, stdout, stderr }),
      );
    });
  }

  const passes =
    'case "$4" in "^TestClientSimplePubSub$"|"^TestJetStreamBasicAckPublish$") echo "--- PASS: $4 (0.00s)";; *) exit 9;; esac';

  it("ends with 0 when what commands prove has passed, and keeps the report by commit and profile", async () => {
    const { code, stdout, stderr } = await greenlight(passes, words());
    assert.equal(code, 0, stderr);
    const folder = join(temporary.path, ".greenlight/matrix/nats", checkout.commit, "full");
    const report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Report;
    assert.deepEqual(
      [report.commit, report.changed, report.tests.executed, report.summary.scenario_skipped],
      [checkout.commit, false, 2, 3],
    );
    assert.match(stdout, /^ {2}- stream_kept_power_cut: It is proven on a machine, by power-cut\/jetstream-read\.$/m);
    assert.match(stdout, /^scenarios_passed=2\nscenarios_failed=0\ncompat_readiness_state=none$/m);
    assert.match(stderr, /^\[00:0\d\] 2 of 2 stream_kept_sources: /m);
    for (const name of ["junit.xml", "report.txt", "compat-readiness-status.json", "logs/stream_kept_sources.log"])
      assert.ok(existsSync(join(folder, name)), name);
  });

  it("ends with 1 when a command executes nothing, and says so", async () => {
    const output = join(temporary.path, "elsewhere");
    const { code, stdout } = await greenlight(
      'echo "ok server 0.1s [no tests to run]"',
      words("--only", "stream_kept_sources", "--output", output),
    );
    assert.equal(code, 1);
    assert.match(
      stdout,
      /✗ stream_kept_sources .*executed no test: no test fits; see that -run fits a test, and that the command has -v or -json\./,
    );
    assert.ok(existsSync(join(output, "report.json")));
  });

  it("says that a checkout with changes proves nothing", async () => {
    writeFileSync(join(checkout.folder, "README.md"), "Changed.\n");
    const { code, stdout } = await greenlight(passes, words());
    assert.equal(code, 0);
    assert.match(stdout, /with changes that no commit holds: this proves nothing of it/);
  });

  it("ends with 2 for wrong words, before anything is run", async () => {
    const wrong: [string[], RegExp][] = [
      [
        ["matrix", "run", "--product", "nats", "--profile", "quick", "--checkout", checkout.folder],
        /--profile is not usable: is no profile; there are fast, full \(found "quick"\)/,
      ],
      [
        ["matrix", "run", "--product", "none", "--profile", "fast", "--checkout", checkout.folder],
        /Product "none" is not known/,
      ],
      [
        ["matrix", "run", "--product", "nats", "--profile", "fast", "--checkout", temporary.path],
        /is not a git checkout with a commit; name the product's checkout with --checkout/,
      ],
      [words("--only", "none"), /has no scenario none/],
      [["matrix", "run", "--product", "nats"], /required option '--profile <profile>' not specified/],
    ];
    for (const [args, says] of wrong) {
      const { code, stderr } = await greenlight("exit 1", args);
      assert.equal(code, 2);
      assert.match(stderr, says);
    }
  });

  const full = (): string => join(temporary.path, ".greenlight/matrix/nats", checkout.commit, "full");

  it("leaves the stored report where nothing was run", async () => {
    assert.equal((await greenlight(passes, words())).code, 0);
    const before = readFileSync(join(full(), "report.json"), "utf8");
    for (const id of ["none", "stream_kept_power_cut"]) {
      assert.equal((await greenlight(passes, words("--only", id))).code, 2);
      assert.equal((await greenlight(passes, words("--only", id, "--output", full()))).code, 2);
      assert.equal(readFileSync(join(full(), "report.json"), "utf8"), before);
    }
  });

  it("keeps what some scenarios came to beside the others, until all of them have run", async () => {
    const fails = "exit 1";
    const judged = (): string[] =>
      reportsOf(temporary.path, "nats", checkout.commit).flatMap(({ file, report }) =>
        report.scenarios
          .filter(({ status }) => status !== "skipped")
          .map(({ id, status }) => `${basename(dirname(file))} ${id} ${status}`),
      );
    await greenlight(fails, words("--only", "stream_kept_sources"));
    await greenlight(passes, words("--only", "message_delivery_sources"));
    await greenlight(passes, words("--only", "stream_kept_sources,message_delivery_sources"));
    assert.deepEqual(judged(), [
      "full-only-message_delivery_sources message_delivery_sources passed",
      "full-only-message_delivery_sources+stream_kept_sources message_delivery_sources passed",
      "full-only-message_delivery_sources+stream_kept_sources stream_kept_sources passed",
      "full-only-stream_kept_sources stream_kept_sources failed",
    ]);
    await greenlight(passes, words("--only", "stream_kept_sources"));
    assert.ok(judged().includes("full-only-stream_kept_sources stream_kept_sources passed"));
    await greenlight(passes, words("--output", join(temporary.path, "elsewhere")));
    assert.equal(judged().length, 4);
    writeFileSync(join(checkout.folder, "README.md"), "Changed.\n");
    await greenlight(passes, words());
    assert.equal(judged().length, 6);
    execFileSync("git", ["-C", checkout.folder, "checkout", "-q", "README.md"]);
    await greenlight(passes, words());
    assert.deepEqual(judged(), ["full message_delivery_sources passed", "full stream_kept_sources passed"]);
  });

  it("ends with 130 when it is interrupted, and what it ran is ended", async () => {
    const marker = join(temporary.path, "begun");
    const child = spawn(process.execPath, [main, ...words()], {
      env: surroundings(`echo $$ >${marker}; exec sleep 300`),
      stdio: "ignore",
    });
    while (!existsSync(marker) || readFileSync(marker, "utf8") === "") await sleep(50);
    child.kill("SIGINT");
    const [code] = (await once(child, "exit")) as [number];
    assert.equal(code, 130);
    assert.throws(() => process.kill(Number(readFileSync(marker, "utf8")), 0), { code: "ESRCH" });
  });
});

describe("greenlight evidence import and matrix merge", () => {
  const temporary = temporaryFolder();
  const commit = "c".repeat(40);
  const env = (): NodeJS.ProcessEnv => ({ ...process.env, GREENLIGHT_WORKSPACE: temporary.path });
  const greenlight = (...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      execFile(process.execPath, [main, ...args], { env: env() }, (error, stdout, stderr) =>
        resolve({ code: error ? error.code : 0, stdout, stderr }),
      );
    });
  /** A JUnit file with these cases. */
  function junit(cases: string): string {
    const file = join(temporary.path, "ci.xml");
    writeFileSync(file, `<testsuite name="s">${cases}</testsuite>`);
    return file;
  }
  /** The folder of a report that was made of these cases. */
  const imports = (cases: string): string =>
    `full-imported-${sha256(`<testsuite name="s">${cases}</testsuite>`).slice(0, 12)}`;
  const good = '<testcase name="TestClientSimplePubSub"/><testcase name="TestJetStreamBasicAckPublish"/>';
  const importing = (file: string, ...more: string[]): string[] => [
    "evidence",
    "import",
    "-p",
    "nats",
    "--junit",
    file,
    "--profile",
    "full",
    "--commit",
    commit,
    ...more,
  ];

  it("keep a report by commit, with the file that it was made from, and say what reports come to", async () => {
    const imported = await greenlight(...importing(junit(good)));
    assert.equal(imported.code, 0, imported.stderr);
    const folder = join(temporary.path, ".greenlight/matrix/nats", commit, imports(good));
    const report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Report;
    assert.deepEqual(
      [report.origin, report.commit, report.sources[0]!.name, report.tests.executed],
      ["import", commit, "ci.xml", 2],
    );
    assert.ok(existsSync(join(folder, "logs/ci.xml")));
    const output = join(temporary.path, "merged.json");
    const merged = await greenlight("matrix", "merge", folder, "--output", output);
    assert.equal(merged.code, 0, merged.stderr);
    assert.match(
      merged.stdout,
      /full: 2 of 5 scenarios passed; not proven: message_delivery_installed, .*; chaos: 0 of at least 1 passed/,
    );
    assert.equal((JSON.parse(readFileSync(output, "utf8")) as { commit: string }).commit, commit);
  });

  it("keep a report that failed beside a later one; the same file replaces its own", async () => {
    const bad = good.replace("/>", "><failure/></testcase>");
    for (const cases of [bad, good, good]) await greenlight(...importing(junit(cases)));
    const folders = reportsOf(temporary.path, "nats", commit).map(({ file }) => basename(dirname(file)));
    assert.deepEqual(folders, [imports(bad), imports(good)].sort());
  });

  it("keep the age of a report that names a time, and refuse one from the future", async () => {
    const file = join(temporary.path, "ci.xml");
    const of = (time: string): string[] => {
      writeFileSync(file, `<testsuite name="s" timestamp="${time}">${good}</testsuite>`);
      return importing(file, "--output", join(temporary.path, "timed"));
    };
    assert.equal((await greenlight(...of("2026-01-02T03:04:05Z"))).code, 0);
    const report = JSON.parse(readFileSync(join(temporary.path, "timed/report.json"), "utf8")) as Report;
    assert.deepEqual(
      [report.started_at_unix_ms, report.completed_at_unix_ms],
      [Date.UTC(2026, 0, 2, 3, 4, 5), Date.UTC(2026, 0, 2, 3, 4, 5)],
    );
    const future = await greenlight(...of("2999-01-02T03:04:05Z"));
    assert.equal(future.code, 1);
    assert.match(future.stderr, /ci\.xml was made at 2999-01-02T03:04:05\.000Z, which is yet to come/);
    assert.ok(existsSync(join(temporary.path, "timed/report.json")));
  });

  it("end with 1 for a report that shows nothing, a test that failed, and reports on different commits", async () => {
    const empty = await greenlight(...importing(junit("")));
    assert.equal(empty.code, 1);
    assert.match(empty.stderr, /holds no test/);
    const bad = await greenlight(
      ...importing(junit(good.replace("/>", "><failure/></testcase>")), "--output", join(temporary.path, "bad")),
    );
    assert.equal(bad.code, 1);
    assert.match(bad.stdout, /✗ message_delivery_sources .*TestClientSimplePubSub failed: the report does not say why/);
    const one = join(temporary.path, "one");
    await greenlight(...importing(junit(good), "--output", one));
    const two = join(temporary.path, "two");
    await greenlight(
      "evidence",
      "import",
      "-p",
      "nats",
      "--junit",
      junit(good),
      "--profile",
      "full",
      "--commit",
      "d".repeat(40),
      "--output",
      two,
    );
    const merged = await greenlight("matrix", "merge", one, two);
    assert.equal(merged.code, 1);
    assert.match(merged.stderr, /The reports are on different commits: /);
  });

  it("end with 2 for half a commit, a file that is not there, and one that is no report", async () => {
    const wrong: [string[], RegExp][] = [
      [
        ["evidence", "import", "-p", "nats", "--junit", junit(good), "--profile", "full", "--commit", "abc123"],
        /--commit is not usable: is no commit of 40 or 64 hex digits \(found "abc123"\); give the whole commit/,
      ],
      [importing(join(temporary.path, "none.xml")), /none\.xml does not exist; name the JUnit file with --junit/],
      [["matrix", "merge", junit(good)], /ci\.xml is not JSON/],
    ];
    for (const [args, says] of wrong) {
      const { code, stderr } = await greenlight(...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, says);
    }
  });
});
