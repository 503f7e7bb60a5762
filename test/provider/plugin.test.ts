import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { proofsFolder, readChannel } from "../../src/channel/index.ts";
import { loadEvidence, readCell } from "../../src/evidence/index.ts";
import { captureFile } from "../../src/machines/observation/packets.ts";
import { machineFolder } from "../../src/machines/host/record.ts";
import { unknownText } from "../../src/provider/wire.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { suiteDigest, type Suite } from "../../src/suites/index.ts";
import { Fixture, publishBefore } from "../channel/fixture.ts";
import { makeCandidate } from "../infra/program.ts";
import { capture, synAck, tcp } from "../machines/packets.ts";
import { printed, record, runRecord, stream } from "../suites/samples.ts";
import { partialFailure, PluginClient, urnOf, type Properties } from "./plugin-client.ts";

const suite = (name: string): Suite => ({
  name,
  checks: [{ name: "version", run: "x --version", expect: { stdout: { equals: "1" } } }],
});
const machine = {
  id: "0123456789",
  imageDigest: "i",
  packagesDigest: "p",
  kernel: "k",
  accelerator: "tcg",
  qemu: "7.2",
  bootId: "b",
  startedAt: "2026-01-01T00:00:00Z",
};

/** What a channel may ask, of machines alone or of further gates. */
const policyOf = (suites: string[], gates: object = {}): object => ({
  profile: "fast",
  gates: { machines: { requires: [{ suites }], maxAgeHours: 24 }, ...gates },
});

describe("greenlight plugin over gRPC", () => {
  let workspace: string;
  let candidate: Awaited<ReturnType<typeof makeCandidate>>;
  let plugin: PluginClient;
  let subject: Properties;
  let packed: Properties;

  before(async () => {
    workspace = mkdtempSync(join(tmpdir(), "plugin-"));
    writeFileSync(join(workspace, "Pulumi.yaml"), "name: greenlight\n");
    candidate = await makeCandidate(["linux-x64"]);
    plugin = await PluginClient.start(workspace);
  });
  after(async () => {
    await plugin.stop();
    candidate.dispose();
    rmSync(workspace, { recursive: true });
  });

  /** When a machine says that it printed: one second for all, since the same proof twice is the same to the byte. */
  const said = new Date().toISOString().replace(/\.\d+/, ".000");
  /** What a machine printed: one phase, every suite's one check. */
  const output = (names: string[], version = "1", time = said) =>
    printed({
      ...runRecord(
        names.map((name) => ({ ...record("version"), suite: name, stdout: stream(`${version}\n`) })),
        `${machine.id}-phase-1`,
      ),
      time,
    });
  /** The ledger's entry that a gate closes. */
  const enter = (stage = "fresh") => {
    mkdirSync(join(workspace, ".greenlight/machines"), { recursive: true });
    const entry = {
      schema: 1,
      id: machine.id,
      stack: "dev",
      urn: urnOf("VirtualMachine", "cell"),
      incarnation: 1,
      cell: "cell",
      subject: subject["sha256"],
      image: "i",
      stage,
      createdAt: "2026-01-01T00:00:00Z",
    };
    writeFileSync(join(workspace, ".greenlight/machines", `${machine.id}.json`), JSON.stringify(entry));
  };
  const ledger = () => JSON.parse(readFileSync(join(workspace, ".greenlight/machines", `${machine.id}.json`), "utf8"));
  const proof = (more: Properties = {}): Properties => ({
    proof: {
      cell: "cell",
      target: "linux-x64/debian-12",
      attempt: 1,
      subject,
      companions: [],
      suites: ["install", "smoke"].map(suite),
      machine: { value: machine },
      proof: { value: [output(["install", "smoke"])] },
      maxAgeHours: 24,
      keepRed: false,
      ...more,
    },
  });
  const gateUrn = urnOf("Gate", "cell");

  it("refuses a type that it does not have, with the list of those it has", async () => {
    await assert.rejects(
      plugin.create(urnOf("Rocket", "x"), {}),
      /no resource type greenlight:index:Rocket; it has .*ReleaseArchive/,
    );
  });

  describe("ReleaseArchive", () => {
    const urn = urnOf("ReleaseArchive", "server-linux-x64");
    const inputs = () => ({ product: "nats", kind: "server", platform: "linux-x64", candidate: candidate.folder });

    it("packs in check, twice the same, and shows the digest before anything is made", async () => {
      const first = await plugin.check(urn, inputs());
      assert.deepEqual(first.failures, []);
      packed = first.inputs["packed"];
      assert.match(packed["sha256"], /^[0-9a-f]{64}$/);
      assert.equal(sha256(readFileSync(join(workspace, packed["path"]))), packed["sha256"]);
      assert.match(packed["recipe"].path, /recipe-single-vm\.zip$/);
      assert.deepEqual((await plugin.check(urn, inputs())).inputs, first.inputs);
      const { base, version, revision } = packed as { base: string; version: string; revision: null };
      subject = {
        product: "nats",
        kind: "server",
        version,
        platform: "linux-x64",
        revision,
        base,
        sha256: packed["sha256"],
      };
    });

    it("lists every fault of its inputs and of the candidate at once, and admits what is not known yet", async () => {
      const wrong = await plugin.check(urn, {
        product: "",
        kind: "server",
        platform: "amiga",
        candidate: candidate.folder,
      });
      assert.deepEqual(wrong.failures.map((f) => f.property).sort(), ["platform", "product"]);
      assert.deepEqual((await plugin.check(urn, { ...inputs(), candidate: unknownText })).failures, []);
      const broken = await makeCandidate(["linux-x64"]);
      rmSync(join(broken.folder, "linux-x64", "nats"));
      writeFileSync(join(broken.folder, "linux-x64", "nats-server"), "changed");
      const failures = (await plugin.check(urn, { ...inputs(), candidate: broken.folder })).failures;
      broken.dispose();
      assert.equal(failures.length >= 2, true);
      assert(
        failures.some((f) => /linux-x64\/nats\b/.test(f.reason)) &&
          failures.some((f) => /linux-x64\/nats-server/.test(f.reason)),
      );
    });

    it("is replaced by other bytes, updated by another place, and left alone otherwise", async () => {
      const now = (await plugin.check(urn, inputs())).inputs;
      assert.deepEqual(await plugin.diff(urn, "x", now, now), { changes: false, replaces: [] });
      assert.deepEqual(await plugin.diff(urn, "x", now, { ...now, candidate: "/elsewhere" }), {
        changes: true,
        replaces: [],
      });
      assert.deepEqual(await plugin.diff(urn, "x", now, { ...now, packed: { ...packed, sha256: sha256("other") } }), {
        changes: true,
        replaces: ["packed"],
      });
    });

    it("takes along its own folder below the archives when it goes, and nothing else that a state may name", async () => {
      const apart = mkdtempSync(join(tmpdir(), "plugin-"));
      writeFileSync(join(apart, "Pulumi.yaml"), "name: greenlight\n");
      const [packs, removes] = [await PluginClient.start(apart), await PluginClient.start(apart)];
      try {
        const made = (await packs.check(urn, inputs())).inputs;
        const { sha256: id, path: own } = made["packed"] as { sha256: string; path: string };
        mkdirSync(join(apart, "kept"));
        writeFileSync(join(apart, "kept", "x.zip"), "x");
        const named = [
          join(apart, "kept/x.zip"),
          "kept/x.zip",
          ".greenlight/archives/../../kept/x.zip",
          `${own}/../../../../kept/x.zip`,
          ".greenlight/archives/x.zip",
          ".greenlight/x.zip",
        ];
        for (const path of named) await removes.delete(urn, id, { ...made, packed: { ...made["packed"], path } });
        assert.ok(existsSync(join(apart, "kept/x.zip")) && existsSync(join(apart, own)));
        // The one that has it in use, in this very update, keeps it; an update after that does not.
        await packs.delete(urn, id, made);
        assert.ok(existsSync(join(apart, own)));
        await removes.delete(urn, id, made);
        assert.deepEqual(readdirSync(join(apart, ".greenlight/archives")), [".used"]);
      } finally {
        await Promise.all([packs.stop(), removes.stop()]);
        rmSync(apart, { recursive: true });
      }
    });

    it("does not come into being when its bytes are not what was packed; the next check packs it again", async () => {
      const now = (await plugin.check(urn, inputs())).inputs;
      truncateSync(join(workspace, packed["path"]), 100);
      await assert.rejects(plugin.create(urn, now), /does not validate/);
      assert.equal(await plugin.read(urn, packed["sha256"], now), undefined);
      const again = (await plugin.check(urn, inputs())).inputs;
      const made = await plugin.create(urn, again);
      assert.equal(made.id, packed["sha256"]);
      assert.deepEqual(await plugin.read(urn, made.id, made.properties), made.properties);
    });
  });

  describe("Gate", () => {
    beforeEach(() => enter());

    it("is green on evidence that it has stored, and the machine is spent", async () => {
      const made = await plugin.create(gateUrn, proof());
      const { evidence, verdict, subject: judged } = made.properties["result"];
      assert.equal(verdict, "green");
      assert.equal(judged, subject["sha256"]);
      assert.equal(loadEvidence(workspace, evidence).subject.sha256, subject["sha256"]);
      assert.equal(readCell(workspace, "dev", "cell")!.latest, evidence);
      assert.equal(ledger().stage, "spent");
      // The same proof again, as after a change of policy, is the same evidence and as old as it was.
      const again = await plugin.update(gateUrn, made.id, made.properties, proof({ maxAgeHours: 48 }));
      assert.equal(again["result"].evidence, evidence);
    });

    it("judges what the host saw, from the machine's folder before that is removed, and remembers it when evidence is made again", async () => {
      const silent = {
        name: "footprint",
        checks: [{ name: "silent", on: "host", run: "packets", expect: { stdout: { equals: "nothing" } } }],
      };
      const watched = proof({ suites: [...["install", "smoke"].map(suite), silent] });
      const folder = machineFolder(machine.id);
      const see = (frames: Parameters<typeof capture>[0]): void => {
        mkdirSync(folder, { recursive: true });
        writeFileSync(captureFile(folder), capture([tcp("10.0.2.2", 50000, synAck, 22), ...frames]));
      };
      assert.match(
        partialFailure(await plugin.create(gateUrn, watched).catch((e: unknown) => e)).reasons[0]!,
        /footprint\/silent .* is not proven/,
      );
      enter();
      see([tcp("1.1.1.1", 443)]);
      assert.match(
        partialFailure(await plugin.create(gateUrn, watched).catch((e: unknown) => e)).reasons[0]!,
        /footprint\/silent .* failed.*observed .*tcp 1\.1\.1\.1:443/,
      );
      enter();
      see([]);
      const made = await plugin.create(gateUrn, watched);
      assert.equal(existsSync(folder), false);
      rmSync(join(workspace, ".greenlight/evidence"), { recursive: true });
      const again = await plugin.update(gateUrn, made.id, made.properties, watched);
      assert.equal(again["result"].verdict, "green");
      assert.equal(loadEvidence(workspace, again["result"].evidence).observed.length, 1);
    });

    const reds: [string, () => Properties, RegExp][] = [
      [
        "a check that observed something else",
        () => ({ proof: { value: [output(["install", "smoke"], "2")] } }),
        /check install\/version .* failed\. Expected .*1.*; observed .*2/,
      ],
      ["a suite that did not run", () => ({ proof: { value: [output(["install"])] } }), /smoke/],
      ["no output at all", () => ({ proof: { value: [""] } }), /is red/],
      ["output that is no evidence", () => ({ proof: { value: ["hello\n"] } }), /is red/],
      ["output of another machine", () => ({ machine: { value: { ...machine, id: "9999999999" } } }), /is red/],
      [
        "evidence that is too old",
        () => ({ proof: { value: [output(["install", "smoke"], "1", "2026-01-01T00:00:00.000Z")] } }),
        /stale evidence.*last 24 hours/,
      ],
    ];
    for (const [what, change, sentence] of reds) {
      it(`is red for ${what}: a partial failure that keeps its evidence`, async () => {
        if (what.includes("another")) rmSync(join(workspace, ".greenlight/machines"), { recursive: true });
        const error = await plugin.create(gateUrn, proof(change())).then(
          () => assert.fail("is green"),
          (e: unknown) => e,
        );
        if (what.includes("another")) return assert.match((error as Error).message, /9999999999/);
        const { id, properties, reasons } = partialFailure(error);
        assert.equal(id, "cell");
        assert.match(reasons.join("\n"), sentence);
        assert.equal(reasons.length, 1);
        assert.equal(properties["result"].verdict, "red");
        assert.equal(loadEvidence(workspace, properties["result"].evidence).cell, "cell");
      });
    }

    it("is inconclusive when the machine was lost, says so, and does not count the machine as spent", async () => {
      const error = await plugin
        .create(gateUrn, proof({ proof: { failed: "The connection was lost." } }))
        .catch((e: unknown) => e);
      const { properties, reasons } = partialFailure(error);
      assert.equal(properties["result"].verdict, "inconclusive");
      assert.match(reasons[0]!, /^Gate cell is inconclusive: The connection was lost\./);
      assert.equal(ledger().stage, "fresh");
    });

    it("is red when a check had failed before the machine was lost, keeps that phase, and stays red", async () => {
      const suites = [suite("install"), { ...suite("smoke"), afterReboot: "clean" }];
      const lost = proof({ suites, proof: { value: [output(["install"], "2")], failed: "The connection was lost." } });
      const { id, properties, reasons } = partialFailure(await plugin.create(gateUrn, lost).catch((e: unknown) => e));
      assert.equal(properties["result"].verdict, "red");
      assert.match(reasons[0]!, /check install\/version .* failed/);
      const evidence = loadEvidence(workspace, properties["result"].evidence);
      assert.deepEqual([evidence.phases.length, evidence.errors], [1, ["The connection was lost."]]);
      // A plain update does not replace the machine and try its luck again.
      assert.equal(ledger().stage, "spent");
      const again = partialFailure(await plugin.update(gateUrn, id, properties, lost).catch((e: unknown) => e));
      assert.deepEqual(again.properties["result"], properties["result"]);
    });

    it("is inconclusive when no machine came up, and the attempts are in the evidence", async () => {
      mkdirSync(join(workspace, ".greenlight/machines/failed/dev"), { recursive: true });
      writeFileSync(
        join(workspace, ".greenlight/machines/failed/dev/cell.json"),
        JSON.stringify({ schema: 1, sentences: ["attempt 1: no answer", "attempt 2: no answer"] }),
      );
      const failed = { machine: { failed: "No machine could be had." }, proof: { failed: "x" } };
      const { properties } = partialFailure(await plugin.create(gateUrn, proof(failed)).catch((e: unknown) => e));
      assert.deepEqual(loadEvidence(workspace, properties["result"].evidence).errors, [
        "No machine could be had.",
        "attempt 1: no answer",
        "attempt 2: no answer",
      ]);
      assert.equal(existsSync(join(workspace, ".greenlight/machines/failed/dev/cell.json")), false);
    });

    it("judges again when anything changes, and not when nothing does", async () => {
      const made = await plugin.create(
        gateUrn,
        proof({
          proof: {
            value: [
              output(["install", "smoke"], "1", new Date(Date.now() - 60_000).toISOString().replace(/\.\d+/, ".000")),
            ],
          },
        }),
      );
      const inputs = { proof: made.properties["proof"] };
      assert.deepEqual(await plugin.diff(gateUrn, made.id, made.properties, inputs), { changes: false, replaces: [] });
      assert.deepEqual(await plugin.diff(gateUrn, made.id, made.properties, proof({ maxAgeHours: 1 })), {
        changes: true,
        replaces: [],
      });
    });
  });

  describe("Publication", () => {
    const urn = urnOf("Publication", "dev");
    let result: Properties;
    /** What the publication asks of its one gate, with what came of it. */
    const asks = (value: Properties, names = ["install", "smoke"], companions: string[] = []): Properties => ({
      name: "cell",
      subject: packed["sha256"],
      target: "linux-x64/debian-12",
      companions,
      suites: names.map((name) => ({ name, digest: suiteDigest(suite(name)) })),
      result: { value },
    });
    const release = (more: Properties = {}): Properties => ({
      release: {
        channel: "dev",
        product: "nats",
        version: "2.11.4",
        revision: null,
        archives: [
          {
            base: packed["base"],
            kind: "server",
            platform: "linux-x64",
            sha256: packed["sha256"],
            path: packed["path"],
            sidecars: packed["sidecars"],
            recipe: packed["recipe"],
          },
        ],
        gates: [asks(result)],
        decisions: [],
        policy: policyOf(["install", "smoke"]),
        withheld: [],
        previous: "",
        maxAgeHours: 24,
        ...more,
      },
    });
    before(async () => {
      enter();
      result = (await plugin.create(gateUrn, proof())).properties["result"];
    });

    it("refuses whatever is not wholly green, and leaves the channel empty", async () => {
      const gate = (more: Properties) => ({ gates: [{ ...asks(result), ...more }] });
      const refusals: [Properties, RegExp][] = [
        [gate({ result: { failed: "red" } }), /nats 2\.11\.4 is not published to dev: gate cell is not green\.$/],
        [gate({ subject: sha256("other") }), /gate cell judged something else/],
        [gate({ result: { value: { ...result, evidence: sha256("none") } } }), /does not exist/],
        [
          gate({ name: "other", result: { value: { ...result, gate: "other" } } }),
          /evidence of gate other is that of cell/,
        ],
        [
          gate({ companions: [sha256("before")] }),
          /evidence of gate cell is of a machine that was given nothing beside the archive, and [0-9a-f]{12} is asked for/,
        ],
        [
          gate({ suites: [...asks(result)["suites"], { name: "soak", digest: sha256("soak") }] }),
          /evidence of gate cell has no suite soak/,
        ],
        [
          gate({ suites: [{ name: "install", digest: sha256("install") }] }),
          /evidence of gate cell is of another suite install \([0-9a-f]{12}\) than is asked for \([0-9a-f]{12}\)/,
        ],
        [gate({ suites: asks(result, ["install"])["suites"] }), /not proven by smoke/],
        [{ policy: policyOf(["install", "soak"]) }, /not proven by soak/],
        [
          { policy: policyOf(["install", "smoke"], { contract: {} }) },
          /gate contract is missing: policy names it for channel dev, and nothing has judged it/,
        ],
        [
          { policy: policyOf(["install", "smoke"], { licence: {} }) },
          /gate licence is missing: policy names it for channel dev, and nothing has judged it/,
        ],
        [{ archives: [] }, /no archive/],
        [{ version: "not a version" }, /version/],
      ];
      for (const [change, sentence] of refusals) await assert.rejects(plugin.create(urn, release(change)), sentence);
      assert.deepEqual(readChannel(workspace, "dev"), {});
    });

    it("refuses a release that has lost a kind unsaid", async () => {
      enter();
      // A product of another definition, whose one kind nobody delivers.
      const lost = release({
        product: "palyra",
        archives: [],
        withheld: [{ base: "palyra-headless-2.11.4-linux-x64", reason: "x" }],
      });
      await assert.rejects(
        plugin.create(urn, lost),
        /palyra 2\.11\.4 is not published: of desktop it has no archive, and does not say that it is withheld/,
      );
    });

    it("refuses red evidence even when it is told that the gate was green", async () => {
      enter();
      const error = await plugin
        .create(gateUrn, proof({ proof: { value: [output(["install", "smoke"], "2")] } }))
        .catch((e: unknown) => e);
      const { evidence } = partialFailure(error).properties["result"];
      const told = { gates: [asks({ ...result, evidence })] };
      await assert.rejects(plugin.create(urn, release(told)), /gate cell is red/);
    });

    it("refuses bytes that changed after they were proven", async () => {
      const file = join(workspace, packed["path"]);
      copyFileSync(file, `${file}.kept`);
      const bytes = readFileSync(file);
      bytes[200]! ^= 1;
      writeFileSync(file, bytes);
      await assert.rejects(plugin.create(urn, release()), /has SHA-256 [0-9a-f]{64}, not/);
      copyFileSync(`${file}.kept`, file);
      rmSync(`${file}.kept`);
      assert.deepEqual(readChannel(workspace, "dev"), {});
    });

    it("publishes, finds what is published, sees when it is gone, and takes nothing back", async () => {
      const made = await plugin.create(urn, release());
      assert.equal(readChannel(workspace, "dev")["nats"]!.current, "2.11.4");
      assert.deepEqual(await plugin.diff(urn, made.id, made.properties, release()), { changes: false, replaces: [] });
      const again = await plugin.create(urn, release());
      assert.deepEqual(again.properties["released"], made.properties["released"]);
      await plugin.delete(urn, made.id, made.properties);
      assert.deepEqual(await plugin.read(urn, made.id, made.properties), made.properties);
      const folder = join(workspace, made.properties["released"].folder);
      assert(readdirSync(folder).includes("release.json"));
      // No machine was asked for the recipe.
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.includes("recipe")),
        [],
      );
      const { withheld } = JSON.parse(readFileSync(join(folder, "release.json"), "utf8"));
      assert.deepEqual(withheld, [
        { base: `${packed["base"]}.recipe-single-vm`, reason: "no machine has proven the recipe" },
      ]);
      writeFileSync(
        join(workspace, ".greenlight/channels/dev/nats.json.away"),
        readFileSync(join(workspace, ".greenlight/channels/dev/nats.json")),
      );
      rmSync(join(workspace, ".greenlight/channels/dev/nats.json"));
      assert.equal(await plugin.read(urn, made.id, made.properties), undefined);
      copyFileSync(
        join(workspace, ".greenlight/channels/dev/nats.json.away"),
        join(workspace, ".greenlight/channels/dev/nats.json"),
      );
    });

    it("publishes a recipe that a machine was given and has run, and leaves a release that is there as it is, with its recipe or without", async () => {
      const suites = ["install", "smoke", "recipe"];
      const proven = async (companions: string[]): Promise<Properties> => {
        enter();
        return (
          await plugin.create(
            gateUrn,
            proof({ companions, suites: suites.map(suite), proof: { value: [output(suites)] } }),
          )
        ).properties["result"];
      };
      const given = [packed["recipe"].sha256];
      const published = async (channel: string, gate: Properties) =>
        (await plugin.create(urnOf("Publication", channel), release({ channel, gates: [gate] }))).properties[
          "released"
        ];
      const recipe = `${packed["base"]}.recipe-single-vm.zip`;
      const ran = asks(await proven(given), suites, given);
      const first = await published("proven", ran);
      assert.equal(first.files[recipe], packed["recipe"].sha256);
      assert.deepEqual(await published("proven", asks(result)), first);
      const without = await published("dev", ran);
      assert.equal(without.files[recipe], undefined);

      const other = asks(await proven([sha256("another recipe")]), suites, [sha256("another recipe")]);
      assert.equal((await published("other", other)).files[recipe], undefined);
      await assert.rejects(
        published("asked", { ...other, companions: given }),
        /evidence of gate cell is of a machine that was given [0-9a-f]{12} beside the archive, and [0-9a-f]{12} is asked for/,
      );
      await assert.rejects(
        plugin.create(
          urnOf("Publication", "required"),
          release({ channel: "required", gates: [other], policy: policyOf(suites) }),
        ),
        /not proven by recipe on a machine that had a recipe that is published/,
      );
    });

    it("keeps a later proof of the same bytes beside the release, by whatever gate it is asked", async () => {
      const { released } = (await plugin.create(urn, release())).properties;
      const before = readdirSync(join(workspace, released.folder), { recursive: true }).sort();
      enter();
      const again = (await plugin.create(gateUrn, proof({ attempt: 2 }))).properties["result"];
      assert.notEqual(again.evidence, result["evidence"]);
      assert.deepEqual((await plugin.create(urn, release({ gates: [asks(again)] }))).properties["released"], released);
      const kept = readdirSync(proofsFolder(workspace, "dev", "nats", "2.11.4"));
      assert(kept.includes(`${again.evidence}.json`));
      assert.deepEqual(readdirSync(join(workspace, released.folder), { recursive: true }).sort(), before);
    });

    it("lists what no machine has used, and refuses an installer that is not the one in the archive", async () => {
      const { released } = (await plugin.create(urnOf("Publication", "listed"), release({ channel: "listed" })))
        .properties;
      const { notExecuted } = JSON.parse(readFileSync(join(workspace, released.folder, "release.json"), "utf8")) as {
        notExecuted: { path: string; reason: string }[];
      };
      assert.deepEqual(
        notExecuted.map(({ path }) => path).sort(),
        packed["sidecars"].map(({ path }: { path: string }) => basename(path)).sort(),
      );
      assert.deepEqual(
        notExecuted.filter(({ path }) => path.endsWith(".install.sh")).map(({ reason }) => reason),
        ["machines ran the same bytes out of the archive, where they are install.sh"],
      );
      const changed = packed["sidecars"].map((each: { path: string }) =>
        each.path.endsWith(".install.sh") ? { ...each, sha256: sha256("another") } : each,
      );
      const archives = [{ ...release()["release"].archives[0], sidecars: changed }];
      await assert.rejects(
        plugin.create(urnOf("Publication", "changed"), release({ channel: "changed", archives })),
        /install\.sh has SHA-256 [0-9a-f]{64}, and install\.sh in the archive [0-9a-f]{64}, so that no machine has run it/,
      );
    });

    it("finds out from the channel itself what is not applicable, the recipe's upgrade too, and why", async () => {
      enter();
      const fixture = new Fixture();
      try {
        await publishBefore(fixture, { workspace, channel: "bare", version: "2.10.0", recipe: false });
        await publishBefore(fixture, { workspace, channel: "whole", version: "2.10.0" });
        await publishBefore(fixture, { workspace, channel: "later", version: "3.0.0" });
      } finally {
        fixture.remove();
      }
      const idle = async (channel: string): Promise<string[]> => {
        const { released } = (await plugin.create(urnOf("Publication", channel), release({ channel }))).properties;
        const { notApplicable } = JSON.parse(
          readFileSync(join(workspace, released.folder, "release.json"), "utf8"),
        ) as { notApplicable: { base: string; suite: string; reason: string }[] };
        return notApplicable
          .filter(({ base, suite }) => base === packed["base"] && suite !== "secrets")
          .map(({ suite, reason }) => `${suite}: ${reason}`);
      };
      assert.deepEqual(
        await idle("empty"),
        ["upgrade", "rollback", "recipe-upgrade", "failed-upgrade"].map(
          (suite) => `${suite}: there is no release before it`,
        ),
      );
      assert.deepEqual(await idle("bare"), [
        "recipe-upgrade: the release before, 2.10.0, has no recipe of server for linux-x64",
      ]);
      assert.deepEqual(await idle("whole"), []);
      await assert.rejects(idle("later"), /Channel later holds nats 3\.0\.0, and none is older than 2\.11\.4/);
    });

    it("promotes the same bytes, and a promotion's gate refuses in one sentence", async () => {
      const { released } = (await plugin.create(urn, release())).properties;
      const promotion = {
        fromChannel: "dev",
        toChannel: "stable",
        product: "nats",
        released,
        verdicts: { cell: "green" },
        candidateVersion: "2.11.4",
        version: "",
        kinds: [],
        policy: policyOf(["install", "smoke"]),
        maxAgeHours: 24,
      };
      const gate = urnOf("Gate", "stable-promotion");
      const asked = (more: Properties) =>
        plugin.create(gate, { promotion: { ...promotion, ...more } }).then(
          (a) => a.properties["result"].verdict as string,
          (e: unknown) => partialFailure(e).reasons.join("\n"),
        );
      assert.match(
        await asked({ released: null }),
        /^nats cannot be promoted from dev: that stack has released nothing\.$/,
      );
      assert.match(
        await asked({ version: "2.11.5" }),
        /^nats 2\.11\.5 cannot be promoted from dev: that stack has released nats 2\.11\.4\.$/,
      );
      assert.match(
        await asked({ version: "2.11.5", candidateVersion: "2.11.5", verdicts: { cell: "not green" } }),
        /its gates cell are not green there/,
      );
      assert.match(await asked({ policy: policyOf(["reboot"]) }), /is not proven by reboot/);
      assert.match(
        await asked({ toChannel: "whole", policy: policyOf(["upgrade"]) }),
        /is not proven by upgrade; channel whole holds 2\.10\.0, so prove the upgrade from it/,
      );
      assert.match(
        await asked({
          released: { ...released, files: { ...released.files, [`${packed["base"]}.zip`]: sha256("other") } },
        }),
        /was asked for/,
      );
      const archive = join(workspace, released.folder, `${packed["base"]}.zip`);
      const kept = readFileSync(archive);
      const spoiled = Buffer.from(kept);
      spoiled[300]! ^= 1;
      rmSync(archive);
      writeFileSync(archive, spoiled);
      assert.match(await asked({}), /cannot be promoted from dev: .*\.zip /);
      rmSync(archive);
      writeFileSync(archive, kept, { mode: 0o444 });
      assert.equal(await asked({}), "green");

      const stable = urnOf("Publication", "stable");
      const { result } = (await plugin.create(gate, { promotion })).properties;
      await assert.rejects(
        plugin.create(stable, {
          promotion: {
            channel: "stable",
            promotion: { ...promotion, toChannel: "other" },
            gate: { value: result },
            decisions: [],
          },
        }),
        /gate stable-promotion judged a promotion to other/,
      );
      await assert.rejects(
        plugin.create(stable, { promotion: { channel: "stable", promotion, gate: { failed: "red" }, decisions: [] } }),
        /Nothing is promoted to stable: gate stable-promotion is not green\.$/,
      );
      const promoted = await plugin.create(stable, {
        promotion: { channel: "stable", promotion, gate: { value: result }, decisions: [] },
      });
      assert.equal(promoted.properties["released"].digest, released.digest);
    });
  });

  describe("Gate of a whole release", () => {
    const urn = urnOf("Gate", "contract");
    const policy = policyOf(["install"], { contract: {} });
    const decision = (more: Properties = {}) => ({
      decision: {
        gate: "contract",
        channel: "dev",
        product: "nats",
        version: "2.11.4",
        revision: null,
        candidate: null,
        archives: [{ base: "nats-server-2.11.4-linux-x64", kind: "server", sha256: subject["sha256"] }],
        evidence: [],
        from: null,
        policy,
        ...more,
      },
    });

    it("is green where code, policy and checks agree, and says what it judged by", async () => {
      enter();
      const { inputs } = await plugin.check(urn, decision());
      assert.deepEqual(inputs["decision"].open, []);
      const { properties } = await plugin.create(urn, inputs);
      assert.equal(properties["result"].verdict, "green");
      assert.match(properties["result"].policy, /^[0-9a-f]{64}$/);
      assert.deepEqual(await plugin.diff(urn, "contract", properties, inputs), { changes: false, replaces: [] });
    });

    it("is red by the name of what nothing delivers, and of a release that the channel does not hold", async () => {
      enter();
      const reasons = (more: Properties) =>
        plugin.create(urn, decision(more)).then(
          () => "green",
          (e: unknown) => partialFailure(e).reasons.join("\n"),
        );
      assert.equal(
        await reasons({ gate: "licence" }),
        "Gate licence is red for nats 2.11.4 in channel dev: licence is missing: expected a resource that delivers it; observed none.",
      );
      assert.match(
        await reasons({ from: { channel: "dev", release: sha256("gone") } }),
        /^Gate contract is red: channel dev does not hold nats 2\.11\.4 with release\.json [0-9a-f]{12}\.$/,
      );
    });

    it("counts for the publication only where it judged this very release by this very policy", async () => {
      enter();
      const result = (await plugin.create(gateUrn, proof())).properties["result"];
      const decide = async (more: Properties = {}) => {
        const asked = decision(more).decision;
        const said = (await plugin.create(urn, { decision: asked })).properties["result"];
        return { asked, result: { value: said } };
      };
      const publish = (decisions: Properties[], more: Properties = {}) =>
        plugin.create(urnOf("Publication", "dev"), {
          release: {
            ...{ channel: "dev", product: "nats", version: "2.11.4", revision: null },
            archives: [
              {
                ...{ base: packed["base"], kind: "server", platform: "linux-x64", sha256: packed["sha256"] },
                ...{ path: packed["path"], sidecars: packed["sidecars"], recipe: null },
              },
            ],
            gates: [
              {
                ...{ name: "cell", subject: subject["sha256"], target: "linux-x64/debian-12", companions: [] },
                suites: ["install", "smoke"].map((name) => ({ name, digest: suiteDigest(suite(name)) })),
                result: { value: result },
              },
            ],
            ...{ decisions, policy, withheld: [], previous: "", maxAgeHours: 24, ...more },
          },
        });
      const good = await decide();
      const refused: [Properties[], RegExp, Properties?][] = [
        [[], /gate contract is missing/],
        [[good, good], /gate contract was judged twice/],
        [[{ ...good, result: { failed: "red" } }], /gate contract is not green/],
        [[await decide({ version: "2.11.5" })], /gate contract judged something else/],
        [[await decide({ archives: [] })], /gate contract judged something else/],
        [[{ ...good, asked: { ...good.asked, version: "2.11.5" } }], /gate contract judged something else/],
        [[await decide({ revision: "e".repeat(40) })], /gate contract judged something else/],
        [[good], /gate contract was judged by another policy/, { policy: policyOf(["smoke"], { contract: {} }) }],
      ];
      for (const [decisions, sentence, more] of refused) await assert.rejects(publish(decisions, more), sentence);
      assert.equal((await publish([good])).properties["released"].version, "2.11.4");
    });
  });

  describe("VirtualMachine and MachineImage", () => {
    const urn = urnOf("VirtualMachine", "cell");
    const inputs = () => ({
      cell: "cell",
      target: "linux-x64/debian-12",
      image: "i",
      subject: subject["sha256"],
      companions: [],
      work: "w",
      load: 5,
      lifeMinutes: 20,
      attempt: 1,
    });

    it("goes on with a spent machine and replaces one that left no evidence", async () => {
      enter("spent");
      const first = (await plugin.check(urn, inputs())).inputs;
      assert.equal(first["incarnation"], 1);
      assert.equal((await plugin.check(urn, inputs(), first)).inputs["incarnation"], 1);
      enter("fresh");
      const next = (await plugin.check(urn, inputs(), first)).inputs;
      assert.equal(next["incarnation"], 2);
      assert.deepEqual((await plugin.diff(urn, machine.id, first, next)).replaces, ["incarnation"]);
      rmSync(join(workspace, ".greenlight/machines"), { recursive: true });
      assert.equal((await plugin.check(urn, inputs(), first)).inputs["incarnation"], 2);
    });

    it("is replaced for another archive, image, task or attempt, and not for another life limit", async () => {
      const now = { ...inputs(), incarnation: 1 };
      for (const [key, value] of Object.entries({
        subject: sha256("x"),
        image: "j",
        work: "v",
        attempt: 2,
        companions: [sha256("c")],
      })) {
        assert.deepEqual((await plugin.diff(urn, machine.id, now, { ...now, [key]: value })).replaces, [key]);
      }
      assert.deepEqual(await plugin.diff(urn, machine.id, now, { ...now, lifeMinutes: 30 }), {
        changes: true,
        replaces: [],
      });
      assert.deepEqual(await plugin.diff(urn, machine.id, now, now), { changes: false, replaces: [] });
    });

    it("is there while it is spent, and gone when it was not and nothing runs", async () => {
      const properties = { ...inputs(), privateKey: "k" };
      enter("spent");
      assert.equal((await plugin.read(urn, machine.id, properties))!["cell"], "cell");
      enter("started");
      assert.equal(await plugin.read(urn, machine.id, properties), undefined);
      await plugin.delete(urn, machine.id, properties);
      assert.equal(existsSync(join(workspace, ".greenlight/machines", `${machine.id}.json`)), false);
    });

    it("names an image by what it is made from, in a preview already", async () => {
      const image = urnOf("MachineImage", "x");
      const { inputs } = await plugin.check(image, { target: "linux-x64/debian-12" });
      assert.match(inputs["blueprint"], /^[0-9a-f]{64}$/);
      assert.deepEqual((await plugin.diff(image, "i", { ...inputs, blueprint: "old" }, inputs)).replaces, [
        "blueprint",
      ]);
      assert.match((await plugin.check(image, { target: "linux-x64/debian-99" })).failures[0]!.reason, /target/);
    });
  });

  it("ends when its parent is gone", async () => {
    const launcher = new URL("../../src/provider/pulumi-resource-greenlight", import.meta.url).pathname;
    const shell = spawn("sh", ["-c", `"${launcher}" & echo $!; wait`], {
      cwd: workspace,
      env: { ...process.env, GREENLIGHT_NODE: process.execPath },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let printed = "";
    for await (const text of shell.stdout) if (/^\d+\n\d+/.test((printed += String(text)))) break; // its number, then its port
    const pid = Number(printed.split("\n")[0]);
    shell.kill("SIGKILL");
    for (let i = 0; i < 50 && existsSync(`/proc/${pid}`); i++) await sleep(100);
    assert.equal(existsSync(`/proc/${pid}`), false);
  });
});
