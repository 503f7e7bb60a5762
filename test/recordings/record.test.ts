/** Evidence becomes a recording: redacted, written as text, read back, and judged as the gate judged it. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { record as recordCommand } from "../../src/cli/record.ts";
import { makeEvidence, pointCell, storeEvidence, type Evidence } from "../../src/evidence/index.ts";
import { cellSuites } from "../../src/plan/index.ts";
import { productNamed } from "../../src/products/index.ts";
import {
  currentSuites,
  readRecording,
  recordingOf,
  redactor,
  replay,
  saidOf,
  writeRecording,
} from "../../src/recordings/index.ts";
import { machineChecks, planPhases, type CheckRecord, type Suite } from "../../src/suites/index.ts";
import type { KeptExpectation } from "../../src/suites/kept-judge.ts";
import { temporaryFolder } from "../candidate/tiny-candidate.ts";
import { proof } from "../evidence/samples.ts";
import { printed, record, runRecord, stream } from "../suites/samples.ts";

const base = "nats-server-2.11.4-linux-x64";
const binaryVersions = { "nats-server": "2.11.4", nats: "0.1.6" };
const token = "palyra_admin_01J9Z3NDEKTSV4RRFFQ69G5FAV_01J9Z3NDEKTSV4RRFFQ69G5FAX";

describe("recordings of cells", () => {
  const temporary = temporaryFolder();
  let workspace = "";
  let number = 0;
  const cell = "server-linux-x64-debian-12-lifecycle";
  const { subject: plain } = proof();
  const subject = { ...plain, version: "2.11.4", base };
  const cellOf = { group: "lifecycle", kind: "server", suites: ["install", "smoke", "soak", "reboot"] } as const;
  const suites: Suite[] = cellSuites({
    cell: { ...cellOf, suites: [...cellOf.suites] },
    product: productNamed("nats"),
    subject: { ...subject, binaryVersions },
    soakSeconds: 45,
    recipe: null,
    previous: null,
  });

  beforeEach(() => {
    workspace = join(temporary.path, `workspace-${number++}`);
    mkdirSync(join(workspace, ".greenlight/archives/x"), { recursive: true });
    const binaries = Object.entries(binaryVersions).map(([logical_name, version]) => ({ logical_name, version }));
    writeFileSync(
      join(workspace, ".greenlight/archives/x", `${base}.release-manifest.json`),
      JSON.stringify({ version: "2.11.4", binaries }),
    );
  });

  /** Each check says what is expected of it where that is one text, and otherwise nothing. */
  const evidence = (more: (suite: string, check: string) => Partial<CheckRecord> = () => ({})): Evidence => {
    const outputs = planPhases(suites).map((phase, i) =>
      printed(
        runRecord(
          phase.flatMap((suite) =>
            machineChecks(suite).map(({ name, expect }) =>
              record(name, {
                suite: suite.name,
                exit: expect.exit === "other" ? 1 : (expect.exit ?? 0),
                stdout: stream(`${expect.stdout?.equals ?? ""}\n`),
                ...more(suite.name, name),
              }),
            ),
          ),
          `mach1-phase-${i + 1}`,
        ),
      ),
    );
    return makeEvidence(proof({ cell, subject, suites, proof: { value: outputs } }));
  };
  const statuses = (list: { suite: string; check: string; status: string }[]): string[] =>
    list.map(({ suite, check, status }) => `${suite}/${check} ${status}`);
  const judged = (of: Evidence): string[] =>
    statuses(
      of.suites.flatMap(({ definition, result }) =>
        result.checks.map((check) => ({ suite: definition.name, ...check })),
      ),
    );

  it("say what the machine said, and are judged as the gate judged it", () => {
    const whole = evidence();
    const recording = recordingOf(workspace, whole);
    const folder = join(workspace, "recording");
    writeRecording(folder, recording);
    assert.deepEqual(readdirSync(folder).sort(), [
      "install.json",
      "reboot.json",
      "recording.json",
      "smoke.json",
      "soak.json",
    ]);
    const read = readRecording(folder);
    assert.deepEqual(read, recording);
    assert.equal(read.facts.soakSeconds, 45);
    assert.deepEqual(currentSuites(read), suites);
    const list = statuses(replay(read, suites));
    assert.deepEqual(list, judged(whole));
    assert.ok(list.some((line) => line.endsWith(" passed")) && list.some((line) => line.endsWith(" failed")));
    assert.throws(() => writeRecording(folder, recording), /is not empty/);
  });

  it("hold no secret of an output, and leave unjudged what was judged by one", () => {
    const [check] = suites.find(({ name }) => name === "install")!.checks;
    const { name } = check!;
    const odd = evidence((_, each) =>
      each === name ? { stderr: stream(`token ${token}\nfrom ${workspace} at 192.0.2.9\n`) } : {},
    );
    const recording = recordingOf(workspace, odd);
    const text = JSON.stringify(recording);
    for (const secret of [token, token.slice(0, 30), workspace, "192.0.2.9"]) assert.ok(!text.includes(secret), secret);
    assert.deepEqual(recording.facts.redacted, { token: 1, workspace: 1, address: 1 });
    assert.equal(
      recording.said["install"]!.find(({ check }) => check === name)!.stderr,
      "token [token 1]\nfrom [workspace 1] at [address 1]\n",
    );

    const expecting: Suite = {
      name: "smoke",
      checks: [
        { name: "says", run: "say", expect: { stdout: { matches: "^palyra_admin_[0-9A-Z_]+$" } } },
        { name: "plain", run: "x", expect: {} },
      ],
    };
    const kept = redactor({ known: JSON.stringify(expecting), host: {} });
    const said = saidOf(expecting, [record("says", { stdout: stream(token) }), record("plain")], [], kept);
    assert.deepEqual(
      said.map(({ check, unjudged }) => [check, unjudged]),
      [
        ["says", true],
        ["plain", undefined],
      ],
    );
    assert.deepEqual(statuses(replay({ ...recording, said: { smoke: said } }, [expecting])), [
      "smoke/says unjudged",
      "smoke/plain passed",
    ]);
  });

  it("hold nothing of the copies that come back whole, which nobody could read before they are shared", () => {
    const kept: KeptExpectation = { asked: "noted", what: [{ how: "bytes", path: "/k" }] };
    const copying: Suite = {
      name: "smoke",
      checks: [{ name: "data", run: "look", expect: { judge: { name: "kept", given: kept } } }],
    };
    const files = { "before/0.bytes": stream("a"), "noted/0.bytes": stream("a") };
    const [said] = saidOf(copying, [record("data", { files })], [], redactor({ known: "", host: {} }));
    const hidden = { head: "", tail: "", bytes: 1 };
    assert.deepEqual(said!.files, { "before/0.bytes": hidden, "noted/0.bytes": hidden });
    assert.equal(said!.unjudged, true);
  });

  it("hold nothing of what is too long to be read before it is shared", () => {
    const suite: Suite = { name: "smoke", checks: [{ name: "data", run: "look", expect: {} }] };
    const none = redactor({ known: "", host: {} });
    const size = 64 * 1024 + 1;
    const [said] = saidOf(suite, [record("data", { stdout: stream("x".repeat(size)) })], [], none);
    assert.deepEqual(said!.stdout, { head: "", tail: "", bytes: size });
  });

  it("cut no secret in half where only an excerpt is known", () => {
    const long = `${"x ".repeat(40)}${token} ${"y ".repeat(400)}${token} end`;
    const [check] = suites.find(({ name }) => name === "install")!.checks;
    for (const keep of [90, 100, 110, 130]) {
      const text = JSON.stringify(
        recordingOf(
          workspace,
          evidence((_, each) => (each === check!.name ? { stderr: stream(long, keep) } : {})),
        ),
      );
      for (let at = 0; at + 12 <= token.length; at++)
        assert.ok(!text.includes(token.slice(at, at + 12)), token.slice(at, at + 12));
    }
  });

  it("tell a check that is asked otherwise now, and one whose answer does not suffice any more", () => {
    const recording = recordingOf(workspace, evidence());
    const { name } = suites[1]!.checks[0]!;
    const changed = structuredClone(suites);
    changed[1]!.checks[0]!.run += "\n:";
    assert.equal(
      replay(recording, changed).find(({ suite, check }) => suite === suites[1]!.name && check === name)!.status,
      "unrecorded",
    );
    const passed = replay(recording, suites).find(({ status }) => status === "passed")!;
    const stricter = structuredClone(suites);
    const own = stricter
      .find((suite) => suite.name === passed.suite)!
      .checks.find((check) => check.name === passed.check)!;
    own.expect = { stdout: { equals: "something else" } };
    const now = replay(recording, stricter).find(
      ({ suite, check }) => suite === passed.suite && check === passed.check,
    )!;
    assert.deepEqual([now.status, now.expected], ["failed", 'standard output to be "something else"']);
  });

  it("are refused of a machine that was lost, of an archive that is gone, and in a folder that somebody changed", () => {
    assert.throws(
      () => recordingOf(workspace, { ...evidence(), errors: ["The machine was lost."] }),
      /is not whole: The machine was lost; prove the cell again/,
    );
    const folder = join(workspace, "recording");
    writeRecording(folder, recordingOf(workspace, evidence()));
    writeFileSync(join(folder, "other.json"), "{}");
    assert.throws(() => readRecording(folder), /other\.json belongs to no suite of the recording/);
    rmSync(join(folder, "other.json"));
    unlinkSync(join(folder, "smoke.json"));
    assert.throws(() => readRecording(folder), /smoke\.json does not exist; record the cell again/);
    rmSync(join(workspace, ".greenlight/archives"), { recursive: true });
    assert.throws(() => recordingOf(workspace, evidence()), /is not packed here any more/);
  });

  it("are made by `greenlight record`, which says what was redacted", async () => {
    await pointCell(workspace, "dev", cell, storeEvidence(workspace, evidence()));
    const said: string[] = [];
    const to = join(workspace, "kept");
    assert.equal(
      recordCommand(workspace, { stack: "dev", cell, to }, (line) => said.push(line)),
      0,
    );
    assert.match(
      said.join("\n"),
      /^Recorded \d+ checks of 4 suites of server-linux-x64-debian-12-lifecycle in .*\nRedacted: nothing\. Read the files/,
    );
    assert.match(readFileSync(join(to, "recording.json"), "utf8"), /"cell": "server-linux-x64-debian-12-lifecycle"/);
    assert.throws(
      () => recordCommand(workspace, { stack: "dev", cell: "other", to }, () => {}),
      /Stack dev has no evidence of a cell other; it has server-linux/,
    );
  });
});
