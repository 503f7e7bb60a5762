/** `status` and `why-not`, told from states as the engine leaves them. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status } from "../../src/cli/status.ts";
import { whyNot } from "../../src/cli/why-not.ts";
import type { Decision } from "../../src/decisions/index.ts";
import type { ChannelPolicy } from "../../src/policy/index.ts";
import { reportOf, commit, nats } from "../readiness/samples.ts";

const urn = (type: string, name: string): string => `urn:pulumi:dev::greenlight::${type}::${name}`;
const hours = { maxAgeHours: 80_000 };
const policy: ChannelPolicy = {
  profile: "full",
  gates: { machines: { requires: [{ suites: ["install"] }], ...hours }, contract: {}, matrix: hours },
};
const decision: Decision = {
  ...{ gate: "matrix", channel: "dev", product: "nats", version: "2.11.4", revision: commit, candidate: null },
  ...{ archives: [], evidence: [], from: null, policy },
};
const gate = (name: string, outputs: object): object => ({
  ...{ urn: urn("greenlight:index:Gate", name), type: "greenlight:index:Gate", custom: true, id: name },
  outputs,
});
const failed = {
  ...{ name: "smoke", status: "failed", check: "smoke/version" },
  ...{ expected: '"1"', observed: '"2"' },
};

describe("status and why-not", () => {
  let workspace: string;
  let before: string | undefined;
  beforeEach(() => {
    workspace = mkdtempSync(join(tmpdir(), "status-"));
    before = process.env["GREENLIGHT_WORKSPACE"];
    process.env["GREENLIGHT_WORKSPACE"] = workspace;
    for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"])
      cpSync(join(import.meta.dirname, "../..", name), join(workspace, name));
  });
  afterEach(() => {
    if (before === undefined) delete process.env["GREENLIGHT_WORKSPACE"];
    else process.env["GREENLIGHT_WORKSPACE"] = before;
    rmSync(workspace, { recursive: true, force: true });
  });

  const state = (...gates: object[]): void => {
    const folder = join(workspace, ".greenlight/state/.pulumi/stacks/greenlight");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(workspace, ".greenlight/state/.pulumi/meta.yaml"), "version: 1\n");
    const candidate = { product: "nats", version: "2.11.4" };
    const stack = { urn: urn("pulumi:pulumi:Stack", "greenlight-dev"), type: "pulumi:pulumi:Stack" };
    const resources = [{ ...stack, outputs: { channel: "dev", candidate, released: null } }, ...gates];
    writeFileSync(
      join(folder, "dev.json"),
      JSON.stringify({ version: 3, checkpoint: { stack: "dev", latest: { manifest: {}, resources } } }),
    );
  };
  const cell = (verdict: string, requirements: object[] = []): object =>
    gate("server-linux-x64-debian-12-lifecycle", {
      proof: { cell: "server-linux-x64-debian-12-lifecycle" },
      result: { verdict, requirements },
      reasons: verdict === "green" ? [] : ["Gate server is red: because."],
    });
  const matrix = (verdict: string, more: Partial<Decision> = {}): object =>
    gate("matrix", { decision: { ...decision, ...more }, result: { verdict }, reasons: [] });
  const said = async (ask: (write: (line: string) => void) => number | Promise<number>): Promise<[number, string]> => {
    const lines: string[] = [];
    const code = await ask((line) => lines.push(line));
    return [code, lines.join("\n")];
  };
  const ask = () => said((write) => whyNot(workspace, "dev", {}, write));

  it("say of a workspace in which nothing ran that nothing has judged anything", async () => {
    const [code, text] = await said((write) => status(workspace, {}, write));
    assert.equal(code, 0);
    assert.equal(
      text,
      [
        "Stack dev: channel unknown, released nothing",
        "  no gate has judged anything",
        "Stack prod: channel unknown, released nothing",
        "  no gate has judged anything",
        "No channel holds anything yet.",
      ].join("\n"),
    );
    await assert.rejects(ask(), { message: /^No update has judged anything for channel dev; run `npm start -- up/ });
  });

  it("show each gate's verdict, and where to ask for more", async () => {
    state(cell("red", [failed]), matrix("green"));
    const [code, text] = await said((write) => status(workspace, {}, write));
    assert.equal(code, 1);
    assert.match(text, /^Stack dev: channel dev, candidate nats 2\.11\.4, released nothing$/m);
    assert.match(text, /^ {2}✗ red {10}server-linux-x64-debian-12-lifecycle$/m);
    assert.match(text, /^ {2}✓ green {8}matrix$/m);
    assert.match(text, /npm start -- why-not dev/);
    const [, json] = await said((write) => status(workspace, { json: true }, write));
    const { stacks } = JSON.parse(json);
    assert.deepEqual(stacks[0].gates[0], {
      ...{ name: "server-linux-x64-debian-12-lifecycle", of: "machine", verdict: "red" },
      reasons: ["Gate server is red: because."],
    });
  });

  it("name the check of a machine that failed, and who can do something about it", async () => {
    state(cell("red", [failed]));
    const [code, text] = await ask();
    assert.equal(code, 1);
    assert.match(text, /^One fact keeps channel dev closed:$/m);
    assert.match(text, /✗ server-linux-x64-debian-12-lifecycle: smoke\/version is failed: "2"$/m);
    assert.match(text, /whoever builds the candidate: mend it, then npm start -- up --stack dev --candidate DIR$/m);
  });

  it("say to prove again what was lost or never proven", async () => {
    state(cell("inconclusive", [{ name: "smoke", status: "errored", observed: "the machine was lost" }]));
    assert.match((await ask())[1], /a release engineer: npm start -- up --stack dev$/m);
    state(cell("red", [{ name: "smoke", status: "stale", observed: "evidence of 2025" }]));
    assert.match((await ask())[1], /npm start -- rerun server-linux-x64-debian-12-lifecycle --stack dev$/m);
  });

  it("judge gates beside the machines anew: each fact that is supplied is gone from the list", async () => {
    state(cell("green"), matrix("red"));
    const machine = ["message_delivery_installed", "stream_kept_installed", "stream_kept_power_cut", "chaos-minimum"];
    const missing = async (): Promise<string[]> => {
      const [, json] = await said((write) => whyNot(workspace, "dev", { json: true }, write));
      return JSON.parse(json).missing.map(({ requirement }: { requirement: string }) => requirement);
    };
    assert.deepEqual((await missing()).sort(), [...machine, "message_delivery_sources", "stream_kept_sources"].sort());
    const put = (spoiled: Record<string, "skipped"> = {}): void => {
      const folder = join(workspace, ".greenlight/matrix/nats", commit, "full");
      mkdirSync(folder, { recursive: true });
      const now = new Date();
      const report = reportOf(nats, "full", spoiled, { started: now, completed: now });
      writeFileSync(join(folder, "report.json"), JSON.stringify(report));
    };
    put({ stream_kept_sources: "skipped" });
    assert.deepEqual((await missing()).sort(), [...machine, "stream_kept_sources"].sort());
    put();
    assert.deepEqual((await missing()).sort(), [...machine].sort());
    const [, text] = await ask();
    assert.match(text, /scenario message_delivery_installed with `npm start -- up`/);
  });

  it("count a gate whose words cannot be read as one that is not green", async () => {
    state(cell("green"), gate("matrix", { result: { verdict: "lime" } }));
    const [code, text] = await ask();
    assert.equal(code, 1);
    assert.match(text, /✗ matrix: matrix is inconclusive: What it said in the last update cannot be read\.$/m);
    assert.equal((await said((write) => status(workspace, {}, write)))[0], 1);
  });

  it("say that nothing keeps a channel closed when every gate is green", async () => {
    state(cell("green"), matrix("red", { gate: "contract" }));
    const [code, text] = await ask();
    assert.deepEqual(
      [code, text],
      [0, "Nothing keeps channel dev closed; `npm start -- up --stack dev` publishes there."],
    );
  });
});
