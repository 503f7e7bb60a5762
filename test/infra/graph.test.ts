import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { writeCandidate } from "../../src/candidate/index.ts";
import { publishRelease } from "../../src/channel/index.ts";
import { productNamed, products } from "../../src/products/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { Fixture, publishBefore } from "../channel/fixture.ts";
import { defaults, makeCandidate, runProgram, type Registered } from "./program.ts";

/** Long texts by their length's kind, so that a graph can be read: what they say is tested where they are made. */
function readable(value: unknown, candidate: string): unknown {
  if (typeof value === "string") {
    if (value === candidate) return "<candidate>";
    return value.length > 200 ? `<text, ${value.split("\n")[0]!.slice(0, 40)}>` : value;
  }
  if (Array.isArray(value)) return value.map((v) => readable(v, candidate));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([key, v]) => {
    if (key === "suites" && Array.isArray(v) && v[0]?.checks)
      return [
        key,
        v.map((s: { name: string; checks: unknown[] }) => `${s.name}: ${s.checks.length > 0 ? "checks" : "empty"}`),
      ];
    if (key === "digest" && typeof v === "string") return [key, "<digest>"];
    if (key === "work") return [key, "<digest>"];
    if (key === "load") return [key, "<checks>"];
    return [key, readable(v, candidate)];
  });
  return Object.fromEntries(entries);
}

/** Compares with the committed graph; GREENLIGHT_GOLDEN=write writes it anew, to be looked at before it is committed. */
function golden(name: string, resources: Registered[], candidate: string): void {
  const file = new URL(`./golden/${name}.json`, import.meta.url);
  const text = `${JSON.stringify(readable(resources, candidate), null, 2)}\n`;
  if (process.env["GREENLIGHT_GOLDEN"] === "write") writeFileSync(file, text);
  assert.equal(text, readFileSync(file, "utf8"));
}

const green = {
  product: "nats",
  version: "2.11.4",
  channel: "dev",
  digest: sha256("release"),
  files: { "a.zip": sha256("a") },
  folder: "x",
};
const other = {
  released: green,
  verdicts: { cell: "green" },
  candidate: { product: "nats", version: "2.11.4" },
  channel: "dev",
};

describe("resource graph", () => {
  let candidate: Awaited<ReturnType<typeof makeCandidate>>;
  before(async () => (candidate = await makeCandidate()));
  after(() => candidate.dispose());
  const dev = () => ({ ...defaults, candidate: candidate.folder, channel: "dev" });
  const prod = () => ({ ...defaults, candidate: candidate.folder, channel: "stable", promoteFrom: "dev" });

  it("of dev is the committed one", async () => {
    const { resources, outputs } = await runProgram({ stack: "dev", config: dev() });
    golden("dev", resources, candidate.folder);
    assert.deepEqual(outputs["verdicts"], {
      "server-linux-x64-debian-12-lifecycle": "green",
      "server-linux-x64-debian-12-recipe": "green",
      contract: "green",
    });
    assert.deepEqual(outputs["withheld"], [
      { base: "nats-server-2.11.4-macos-arm64", reason: "no target of the release set proves macos-arm64" },
    ]);
    // Whatever folder a state has kept: the workspace may have been moved since.
    assert.equal((outputs["released"] as { folder: string }).folder, ".greenlight/channels/dev/releases/nats/2.11.4");
  });

  it("of prod is the committed one: a gate and a publication, no machine, no archive", async () => {
    const { resources, outputs } = await runProgram({ stack: "prod", config: prod(), otherStack: other });
    golden("prod", resources, candidate.folder);
    assert.deepEqual(outputs["verdicts"], { promotion: "green", contract: "green" });
  });

  it("asks for machines, commands and gates with what the traps of remote commands demand", async () => {
    const { resources } = await runProgram({ stack: "dev", config: dev() });
    const commands = resources.filter((r) => r.type === "command:remote:Command");
    assert.equal(commands.length, 5);
    for (const { inputs } of commands) {
      assert.equal(inputs["logging"], "none");
      assert.equal(inputs["addPreviousOutputInEnv"], false);
      assert.match(String(inputs["create"]), /^timeout -k 10 \d+ sh -s$/);
    }
    for (const { inputs } of resources.filter((r) => r.type.startsWith("command:remote:"))) {
      const connection =
        (inputs["connection"] as { value?: Record<string, unknown> })?.value ??
        (inputs["connection"] as Record<string, unknown>);
      assert.equal(connection["hostKey"], "ssh-ed25519 AAAA");
      assert.equal(connection["agentSocketPath"], undefined);
      assert((connection["dialErrorLimit"] as number) >= 60);
      assert.deepEqual((inputs["triggers"] as string[]).slice(0, 2), [
        "0123456789",
        sha256("nats-server-2.11.4-linux-x64"),
      ]);
    }
  });

  it("lets a gate hear that its machine was lost, and the publication that a gate is not green", async () => {
    const lost = await runProgram({
      stack: "dev",
      config: dev(),
      failing: (type, name) => type === "command:remote:Command" && name.includes("recipe"),
    });
    const gate = (name: string) =>
      lost.resources.find((r) => r.type === "greenlight:index:Gate" && r.name.includes(name))!.inputs["proof"] as any;
    const isProof = ({ type, inputs }: Registered) => type === "greenlight:index:Gate" && "proof" in inputs;
    assert.match(gate("recipe").proof.failed, /lost/);
    assert.equal(gate("recipe").machine.value.id, "0123456789");
    const later = await runProgram({
      stack: "dev",
      config: dev(),
      failing: (_type, name) => name === "server-linux-x64-debian-12-lifecycle-prove-2",
    });
    const kept = later.resources.find((r) => r.type === "greenlight:index:Gate" && r.name.includes("lifecycle"))!
      .inputs["proof"] as any;
    assert.deepEqual(kept.proof, {
      value: ["proof of server-linux-x64-debian-12-lifecycle-prove-1"],
      failed: "The machine, or the connection to it, was lost while it was at work (phase 2 of 3).",
    });
    assert.deepEqual(gate("lifecycle").proof.value, [
      "proof of server-linux-x64-debian-12-lifecycle-prove-1",
      "proof of server-linux-x64-debian-12-lifecycle-prove-2",
      "proof of server-linux-x64-debian-12-lifecycle-prove-3",
    ]);

    const none = await runProgram({
      stack: "dev",
      config: dev(),
      failing: (type) => type === "greenlight:index:VirtualMachine",
    });
    const inputs = none.resources.find(isProof)!.inputs["proof"] as any;
    assert.match(inputs.machine.failed, /No machine/);

    const red = await runProgram({
      stack: "dev",
      config: dev(),
      failing: (type, name) => type === "greenlight:index:Gate" && name.includes("recipe"),
    });
    const release = red.resources.find((r) => r.type === "greenlight:index:Publication")!.inputs["release"] as any;
    assert.deepEqual(
      release.gates.map((g: any) => [g.name, "value" in g.result]),
      [
        ["server-linux-x64-debian-12-lifecycle", true],
        ["server-linux-x64-debian-12-recipe", false],
      ],
    );
    assert.deepEqual(red.outputs["verdicts"], {
      "server-linux-x64-debian-12-lifecycle": "green",
      "server-linux-x64-debian-12-recipe": "not green",
      contract: "green",
    });
  });

  it("judges what policy asks beside the machines, and lets the publication hear what it said", async () => {
    const decisions = ({ resources }: { resources: Registered[] }) => {
      const { inputs } = resources.find((r) => r.type === "greenlight:index:Publication")!;
      return ((inputs["release"] ?? inputs["promotion"]) as any).decisions.map((each: any) => [
        each.asked.gate,
        each.asked.channel,
        each.asked.from,
        "value" in each.result,
      ]);
    };
    const failing = (type: string, name: string) => type === "greenlight:index:Gate" && name === "contract";
    assert.deepEqual(decisions(await runProgram({ stack: "dev", config: dev() })), [["contract", "dev", null, true]]);
    assert.deepEqual(decisions(await runProgram({ stack: "dev", config: dev(), failing })), [
      ["contract", "dev", null, false],
    ]);
    assert.deepEqual(decisions(await runProgram({ stack: "prod", config: prod(), otherStack: other })), [
      ["contract", "stable", { channel: "dev", release: green.digest }, true],
    ]);
  });

  it("has a machine for chaos in the profile full alone", async () => {
    const groups = async (profile: string): Promise<string[]> => {
      const { resources } = await runProgram({ stack: "dev", config: { ...dev(), profile } });
      const machines = resources.filter((r) => r.type === "greenlight:index:VirtualMachine");
      return machines.map(({ name }) => name.split("-").at(-1)!).sort();
    };
    assert.deepEqual(await groups("fast"), ["lifecycle", "recipe"]);
    assert.deepEqual(await groups("full"), ["chaos", "lifecycle", "recipe"]);
    await assert.rejects(groups("quick"), /profile: is no profile; there are fast, full/);
  });

  it("refuses a channel that policy does not name, and says which it names", async () => {
    await assert.rejects(
      runProgram({ stack: "dev", config: { ...dev(), channel: "beta" } }),
      /infra\/release\/policy\.json does not name channel beta, so nothing may be published there; .* use one of dev, stable/,
    );
  });

  it("brings the release before along where the channel holds one, and proves the upgrade on a machine of its own", async () => {
    const fixture = new Fixture();
    try {
      const base = "nats-server-2.10.0-linux-x64";
      const files = await publishBefore(fixture, { version: "2.10.0" });
      const { resources, outputs } = await runProgram({ stack: "dev", config: dev(), workspace: fixture.workspace });
      const named = (type: string) =>
        resources.filter((r) => r.type === type).map((r) => r.name.replace("server-linux-x64-debian-12-", ""));
      assert.deepEqual(named("greenlight:index:VirtualMachine"), ["lifecycle", "recipe", "upgrade"]);
      assert.deepEqual(named("command:remote:CopyToRemote"), [
        "lifecycle-upload",
        "recipe-upload",
        "recipe-upload-previous",
        "recipe-upload-previous-recipe",
        "recipe-upload-recipe",
        "upgrade-upload",
        "upgrade-upload-previous",
      ]);
      const upgrade = resources.find((r) => r.type === "greenlight:index:Gate" && r.name.endsWith("upgrade"))!.inputs[
        "proof"
      ] as any;
      assert.deepEqual(upgrade.companions, [files[0]!.sha256]);
      assert.equal(
        await (resources.find((r) => r.name.endsWith("upgrade-upload-previous"))!.inputs["source"] as any).path,
        `.greenlight/channels/dev/releases/nats/2.10.0/${base}.zip`,
      );
      assert.deepEqual(outputs["notApplicable"], [
        { base: "nats-server-2.11.4-linux-x64", suite: "secrets", reason: "it keeps no secret" },
      ]);
      const asked = await runProgram({
        stack: "dev",
        config: { ...dev(), previous: "1.0.0" },
        workspace: fixture.workspace,
      }).then(
        () => "",
        (e: Error) => e.message,
      );
      assert.match(asked, /nats 1\.0\.0 is not in channel dev, which holds 2\.10\.0; set greenlight:previous/);
    } finally {
      fixture.remove();
    }
  });

  it("proves the upgrade from a release of another channel when that is asked for", async () => {
    const fixture = new Fixture();
    try {
      const files = await publishBefore(fixture, { version: "2.10.0", channel: "stable" });
      const config = { ...dev(), previous: "stable/2.10.0" };
      const { resources } = await runProgram({ stack: "dev", config, workspace: fixture.workspace });
      const gate = resources.find((r) => r.type === "greenlight:index:Gate" && r.name.endsWith("upgrade"))!;
      assert.deepEqual((gate.inputs["proof"] as any).companions, [files[0]!.sha256]);
      const release = resources.find((r) => r.type === "greenlight:index:Publication")!.inputs["release"] as any;
      assert.equal(release.previous, "stable/2.10.0");
      assert.deepEqual(release.gates.find((g: any) => g.name.endsWith("upgrade")).companions, [files[0]!.sha256]);
    } finally {
      fixture.remove();
    }
  });

  it("names the recipe's upgrade as not applicable, and why, where the release before has no recipe", async () => {
    const fixture = new Fixture();
    try {
      await publishBefore(fixture, { version: "2.10.0", recipe: false });
      const { resources, outputs } = await runProgram({ stack: "dev", config: dev(), workspace: fixture.workspace });
      const { suites } = resources.find((r) => r.type === "greenlight:index:Gate" && r.name.endsWith("recipe"))!.inputs[
        "proof"
      ] as any;
      assert.deepEqual(
        suites.map((suite: { name: string }) => suite.name),
        ["recipe", "recipe-after-reboot", "crash"],
      );
      const base = "nats-server-2.11.4-linux-x64";
      assert.deepEqual(outputs["notApplicable"], [
        { base, suite: "recipe-upgrade", reason: "the release before, 2.10.0, has no recipe of server for linux-x64" },
        { base, suite: "secrets", reason: "it keeps no secret" },
      ]);
    } finally {
      fixture.remove();
    }
  });

  it("registers nothing for a candidate to whose channel only newer versions were published", async () => {
    const fixture = new Fixture();
    try {
      await publishRelease({ ...fixture.release("3.0.0"), product: "nats" });
      const registered: string[] = [];
      const failing = (type: string): boolean => registered.push(type) < 0;
      await assert.rejects(
        runProgram({ stack: "dev", config: dev(), workspace: fixture.workspace, failing }),
        /  - Channel dev holds nats 3\.0\.0, and none is older than 2\.11\.4/,
      );
      assert.deepEqual(registered, []);
    } finally {
      fixture.remove();
    }
  });

  it("changes what a machine is told when the suites change, so that another machine is asked", async () => {
    const work = async (config: Record<string, string>) =>
      (await runProgram({ stack: "dev", config })).resources.find(
        (r) => r.type === "greenlight:index:VirtualMachine" && r.name.includes("lifecycle"),
      )!.inputs["work"];
    assert.equal(await work(dev()), await work(dev()));
    assert.notEqual(await work(dev()), await work({ ...dev(), soakSeconds: "71" }));
  });

  it("passes on that the other stack released nothing, whatever it exports", async () => {
    for (const otherStack of [{}, { released: null }, { released: { version: 7 } }, { released: "yes" }]) {
      const { resources } = await runProgram({ stack: "prod", config: prod(), otherStack });
      const gate = resources.find((r) => r.name === "stable-promotion")!.inputs["promotion"] as any;
      assert.equal(gate.released, null);
    }
  });

  it("releases the kinds that the stack names from a candidate with their binaries alone, and withholds the others by name", async () => {
    const owner = productNamed("nats");
    products["pair"] = {
      ...owner,
      name: "pair",
      kinds: { server: owner.kinds["server"]!, tool: { binaries: ["nats"], services: [] } },
    };
    const { folder, dispose } = await makeCandidate(["linux-x64"]);
    try {
      const source = { repository: "https://example.invalid/pair", revision: null };
      const draft = {
        product: "pair",
        version: "2.11.4",
        licence: "LICENSE",
        source,
        platforms: { "linux-x64": { binaries: { nats: "linux-x64/nats" } } },
      };
      await writeCandidate(folder, draft);
      const run = (kinds: string[]) =>
        runProgram({
          stack: "dev",
          config: { ...dev(), product: "pair", candidate: folder, kinds: JSON.stringify(kinds) },
        });
      const { resources, outputs } = await run(["tool"]);
      const named = (type: string) => resources.filter((r) => r.type === `greenlight:index:${type}`);
      assert.deepEqual(
        named("ReleaseArchive").map((r) => r.inputs["kind"]),
        ["tool"],
      );
      assert.deepEqual(
        named("Gate").map((r) => r.name),
        ["contract", "tool-linux-x64-debian-12-lifecycle"],
      );
      const withheld = [{ base: "pair-server-2.11.4-linux-x64", reason: "greenlight:kinds leaves out server" }];
      assert.deepEqual(outputs["withheld"], withheld);
      assert.deepEqual((named("Publication")[0]!.inputs["release"] as any).withheld, withheld);
      await assert.rejects(
        run([]),
        /server archive for linux-x64 needs the binary nats-server.*, or seal it without server \(`--kinds tool`\)/,
      );
      await assert.rejects(
        run(["sever"]),
        /greenlight:kinds names "sever", and pair has no such kind; use server, tool; did you mean "server"\?/,
      );
      for (const text of ["tool", '"tool"', "{}", "[1]", '[""]']) {
        const config = { ...dev(), product: "pair", candidate: folder, kinds: text };
        await assert.rejects(runProgram({ stack: "dev", config }), /What this update needs .*\n  - .*kinds/, text);
      }
      await assert.rejects(run(["tool", "tool"]), /kinds: name each kind once/);
      await writeCandidate(folder, { ...draft, kinds: ["tool"] });
      assert.deepEqual((await run([])).outputs["withheld"], [
        { ...withheld[0], reason: "the candidate was sealed without server" },
      ]);
      await assert.rejects(
        run(["server"]),
        /greenlight:kinds asks for server, and the candidate was sealed for tool alone/,
      );
      const promoted = (kinds: string[]) =>
        runProgram({ stack: "prod", config: { ...prod(), kinds: JSON.stringify(kinds) }, otherStack: other });
      assert.deepEqual(
        ((await promoted(["server"])).resources.find((r) => r.name === "stable-promotion")!.inputs["promotion"] as any)
          .kinds,
        ["server"],
      );
      await assert.rejects(promoted(["gui"]), /greenlight:kinds names "gui", and nats has no such kind; use server\./);
    } finally {
      delete products["pair"];
      dispose();
    }
  });

  it("ends with sentences when a setting or the candidate is wrong", async () => {
    const fails = (config: Record<string, string>) =>
      runProgram({ stack: "dev", config }).then(
        () => assert.fail("should have failed"),
        (e: Error) => e.message,
      );
    assert.match(
      await fails({ ...dev(), soakSeconds: "-1", channel: "No Channel" }),
      /stack dev is not usable: channel: .*; soakSeconds: .*pulumi config set/,
    );
    assert.match(await fails({ ...dev(), product: "nothing" }), /Product "nothing" is not known; use one of nats/);
    assert.match(await fails({ ...dev(), candidate: "/nowhere" }), /candidate\.json/);
    assert.match(
      await fails({ ...dev(), soakSeconds: "-1", candidate: "/nowhere" }),
      /soakSeconds[\s\S]*\/nowhere\/candidate\.json/,
    );
    for (const seconds of ["1", "29", "30.5", "1801"])
      assert.match(await fails({ ...dev(), soakSeconds: seconds }), /not usable: soakSeconds: /, seconds);
    assert.match(await fails({ ...dev(), soakSeconds: "29" }), /give 0 to leave the suite soak out, or at least 30/);
    assert.match(await fails({ ...dev(), fleet: "moon" }), /only fleet is local/);
    assert.match(await fails({ ...dev(), soakSecondz: "3" }), /soakSecondz/);
    assert.match(
      await fails({ ...dev(), soakSeconds: "1800" }),
      /machineLifeMinutes: 20 minutes are too few for a soak of 1800 s.*at least 33/,
    );
    assert.match(await fails({ ...dev(), soakSeconds: "0", machineLifeMinutes: "2" }), /at least 3/);
  });
});
