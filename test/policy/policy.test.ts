import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  allSuites,
  channelPolicy,
  gateNames,
  policyDigest,
  readPolicyFile,
  suitesRequired,
  type ChannelPolicy,
} from "../../src/policy/index.ts";

const machines = { requires: [{ suites: ["install" as const] }], maxAgeHours: 24 };

describe("the releaser's policy", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "policy-"));
    mkdirSync(join(root, "infra/release"), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const write = (text: string): void => writeFileSync(join(root, "infra/release/policy.json"), text);
  const channel = (dev: unknown): void => write(JSON.stringify({ schema: 2, channels: { dev } }, null, 1));
  const refused = (pattern: RegExp): void => void assert.throws(() => readPolicyFile(root), { message: pattern });

  it("is whole as it is shipped, and names dev and stable", () => {
    assert.deepEqual(Object.keys(readPolicyFile().value.channels), ["dev", "stable"]);
    assert.equal(channelPolicy("dev").profile, "fast");
    assert.equal(channelPolicy("stable").profile, "full");
  });

  it("names file, line and path of everything that does not fit, and falls back to nothing", () => {
    refused(/^infra\/release\/policy\.json does not exist; correct the file\.$/);
    write("{");
    refused(/^infra\/release\/policy\.json is not JSON/);
    write('{"schema": 1, "channels": {}}');
    refused(/policy\.json:1: schema: is a form of the policy that is not read/);
    channel({ profile: "fast", gates: { machines, contract: {} }, more: 1 });
    refused(/policy\.json:\d+: channels\.dev\.more: is no field of this file/);
    channel({ profile: "quick", gates: { machines } });
    refused(/channels\.dev\.profile: is no profile; there are fast, full/);
    channel({ profile: "fast", gates: { contract: {} } });
    refused(/channels\.dev\.gates\.machines: /);
    channel({ profile: "fast", gates: { machines: { ...machines, maxAgeHours: undefined } } });
    refused(/channels\.dev\.gates\.machines\.maxAgeHours: /);
    channel({ profile: "fast", gates: { machines: { ...machines, requires: [] } } });
    refused(/requires no suite, which proves nothing/);
    channel({ profile: "fast", gates: { machines: { ...machines, requires: [{ suites: ["instal"] }] } } });
    refused(/channels\.dev\.gates\.machines\.requires\[0\]\.suites\[0\]: /);
    channel({ profile: "fast", gates: { machines: { ...machines, requires: [{ suites: ["smoke", "smoke"] }] } } });
    refused(/names a suite twice/);
    channel({ profile: "fast", gates: { machines, contract: { strict: true } } });
    refused(/channels\.dev\.gates\.contract\.strict: is no field/);
    channel({ profile: "fast", gates: { machines, licence: { by: "legal" } } });
    refused(/channels\.dev\.gates\.licence\.by: is no field/);
    channel({ profile: "fast", gates: { machines, matrix: { maxAgeHours: 24, products: ["palyrra"] } } });
    refused(/gates\.matrix\.products\[0\]: is no product; there are nats, palyra; did you mean "palyra"\?/);
    channel({
      profile: "fast",
      gates: { machines: { ...machines, requires: [{ suites: ["smoke"], kinds: ["srver"] }] } },
    });
    refused(/requires\[0\]\.kinds\[0\]: is no kind of a product; .*did you mean "server"\?/);
    channel({ profile: "fast", gates: { machines }, deploys: { palyrra: ["local"] } });
    refused(/channels\.dev\.deploys/);
    channel({ profile: "fast", gates: { machines: { ...machines, maxAgeHours: 1e308 } } });
    refused(/is more than ten years/);
    write('{"schema": 2, "channels": {"dev": {"profile": "fast", "gates": {"__proto__": {}}}}}');
    refused(/gates\.__proto__: is a name that is dropped unseen/);
    write('{"schema": 2, "channels": {}, "channels": {}}');
    refused(/channels: is there twice/);
  });

  it("has no rules for a channel that it does not name", () => {
    channel({ profile: "fast", gates: { machines } });
    assert.throws(() => channelPolicy("stable", root), {
      code: "refused",
      message:
        "infra/release/policy.json does not name channel stable, so nothing may be published there; add its rules to the file, or use one of dev.",
    });
  });

  it("names the gates of a channel beside the machines, also those that nothing delivers", () => {
    const policy: ChannelPolicy = { profile: "fast", gates: { licence: {}, machines, contract: {} } };
    assert.deepEqual(gateNames(policy, "nats"), ["contract", "licence"]);
    assert.deepEqual(gateNames({ ...policy, gates: { machines } }, "nats"), []);
  });

  it("tells archives apart by kind and target, and asks for the larger number of checks", () => {
    const requires = [
      { suites: ["install", "smoke"] },
      { suites: ["service"], kinds: ["server"], minimumChecks: 3 },
      { suites: ["service", "soak"], kinds: ["server"], targets: ["linux-x64/debian-12"] },
    ];
    const asked = (more: { kind: string; target: string }) => Object.fromEntries(suitesRequired(requires, more));
    assert.deepEqual(asked({ kind: "server", target: "linux-x64/debian-12" }), {
      install: 1,
      smoke: 1,
      service: 3,
      soak: 1,
    });
    assert.deepEqual(asked({ kind: "server", target: "linux-x64/debian-13" }), { install: 1, smoke: 1, service: 3 });
    assert.deepEqual(asked({ kind: "tool", target: "linux-x64/debian-12" }), { install: 1, smoke: 1 });
    assert.deepEqual(
      [...suitesRequired(requires, { kind: "server", platform: "linux-x64" }).keys()],
      ["install", "smoke", "service", "soak"],
    );
    assert.deepEqual(allSuites(requires), ["install", "smoke", "service", "soak"]);
  });

  it("is known by a digest that any change changes", () => {
    const policy: ChannelPolicy = { profile: "fast", gates: { machines } };
    assert.equal(policyDigest(policy), policyDigest(structuredClone(policy)));
    assert.notEqual(policyDigest(policy), policyDigest({ ...policy, profile: "full" }));
    assert.notEqual(policyDigest(policy), policyDigest({ ...policy, gates: { machines, contract: {} } }));
  });
});
