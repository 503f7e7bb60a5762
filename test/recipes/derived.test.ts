/** What a recipe derives from the product's own deployment files: kept, but for mends that are declared. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { EdgeError } from "../../src/edges/edges.ts";
import type { Candidate } from "../../src/candidate/index.ts";
import { productNamed, type Subject } from "../../src/products/index.ts";
import { packagedRecipe, renderRecipe, type Packaged } from "../../src/recipes/index.ts";
import { sha256 } from "../../src/storage/digest.ts";

const palyra = productNamed("palyra");
const subject: Subject = {
  product: "palyra",
  kind: "headless",
  version: "0.1.0",
  binaryVersions: {},
  platform: "linux-x64",
  sha256: "a".repeat(64),
  base: "palyra-headless-0.1.0-linux-x64",
};

/** Keys in an order of their own, and one that is not known here: both must come through. */
const manifest = {
  profile_id: "single-vm",
  schema_version: 1,
  display_name: "Single VM",
  deployment_mode: "remote_vps",
  bind_profile: "loopback_only",
  operator_summary: "one machine",
  later_addition: { kept: true },
  capabilities: [{ id: "networked_workers", enabled_by_default: false, posture: "disabled" }],
  defaults: [{ config_path: "admin.require_auth", value: { kind: "boolean", value: true }, rationale: "safe" }],
  blockers: [{ code: "public_tls_requires_dual_ack", severity: "blocking", summary: "s", remediation: "r" }],
  health_preflights: [{ id: "config_schema", required: true, scope: "config", summary: "s" }],
  recipe_targets: [
    { kind: "dockerfile", path: "infra/deployment/docker/Dockerfile.palyra", service: "palyrad" },
    { kind: "compose", path: "infra/deployment/compose/single-vm.yml", service: "palyrad" },
    { kind: "systemd_unit", path: "infra/deployment/systemd/palyrad.service", service: "palyrad" },
  ],
  next_steps: ["palyra deployment preflight"],
};
const plan = {
  schema_version: 1,
  profile_id: "single-vm",
  guarded_scopes: ["config", "journal_migrations"],
  steps: [
    { order: 1, id: "freeze_rollout", action: "freeze it" },
    { order: 2, id: "restore_config", action: "by hand" },
    { order: 3, id: "migrate_back", action: "run the down migrations" },
    { order: 4, id: "verify", action: "look" },
  ],
};
const packagedAs = (m: unknown, p?: unknown): Packaged => ({
  "profile-manifest.json": JSON.stringify(m),
  ...(p === undefined ? {} : { "release/rollback-plan.json": JSON.stringify(p) }),
});
const rendered = (packaged: Packaged) => {
  const files = renderRecipe(palyra, "headless", subject, { packaged });
  const json = (path: string) => JSON.parse(files.find((file) => file.path === path)!.text);
  return {
    manifest: json("profile-manifest.json"),
    plan: json("release/rollback-plan.json"),
    mends: json("recipe.json").mends as { file: string; path: string }[],
    paths: files.map(({ path }) => path),
    text: (path: string) => files.find((file) => file.path === path)!.text,
  };
};

describe("a recipe's profile manifest", () => {
  it("is the product's own, and its targets are the recipe's files", () => {
    const made = rendered(packagedAs(manifest, plan));
    const targets = [
      { kind: "systemd_unit", path: "systemd/palyrad.service", service: "palyrad" },
      { kind: "systemd", path: "systemd/palyra-browserd.service", service: "palyra-browserd" },
    ];
    assert.deepEqual(made.manifest, { ...manifest, recipe_targets: targets });
    assert.deepEqual(Object.keys(made.manifest), Object.keys(manifest));
    for (const { path } of targets) assert.ok(made.paths.includes(path), path);
    assert.deepEqual(
      made.mends.filter(({ file }) => file === "profile-manifest.json").map(({ path }) => path),
      ["recipe_targets"],
    );
  });
  it("is the product's own to the byte when its targets are the recipe's files already", () => {
    const own = rendered(packagedAs(manifest)).manifest;
    const again = rendered(packagedAs(own));
    assert.equal(again.text("profile-manifest.json"), JSON.stringify(own));
    assert.deepEqual(again.mends, []);
  });
  it("is missed where the product has profiles and the candidate brings none", () => {
    assert.throws(
      () => rendered({}),
      (e: unknown) =>
        e instanceof EdgeError &&
        /brings no profile-manifest\.json for the profile single-vm; generate/.test(e.message),
    );
  });
  for (const [how, change, sentence] of [
    ["another format", { schema_version: 2 }, /schema_version/],
    ["another profile", { profile_id: "worker-enabled" }, /profile_id/],
    [
      "a value of an unknown kind",
      { defaults: [{ config_path: "x", value: { kind: "float" }, rationale: "" }] },
      /defaults\.0\.value\.kind/,
    ],
    ["no targets", { recipe_targets: undefined }, /recipe_targets/],
  ] as const) {
    it(`is refused with ${how}`, () =>
      assert.throws(
        () => rendered(packagedAs({ ...manifest, ...change })),
        (e: unknown) => e instanceof EdgeError && sentence.test(e.message),
      ));
  }
});

describe("a recipe's rollback plan", () => {
  it("keeps the product's scopes and steps, and says which command does a step", () => {
    const made = rendered(packagedAs(manifest, plan));
    const bare = (p: typeof plan) => ({ ...p, steps: p.steps.map(({ order, id }) => ({ order, id })) });
    assert.deepEqual(bare(made.plan), bare(plan));
    const actions = Object.fromEntries((made.plan as typeof plan).steps.map(({ id, action }) => [id, action]));
    assert.equal(actions["freeze_rollout"], "freeze it");
    assert.match(actions["restore_config"]!, /^Run \.\/rollback:/);
    assert.match(actions["migrate_back"]!, /Nothing is migrated back/);
    assert.match(actions["verify"]!, /^Run \.\/status/);
    assert.deepEqual(
      made.mends.filter(({ file }) => file === "release/rollback-plan.json").map(({ path }) => path),
      ["steps.1.action", "steps.2.action", "steps.3.action"],
    );
  });
  it("is made for a product that has none, and such a product has no profile manifest", () => {
    const files = renderRecipe(productNamed("nats"), "server", {
      ...subject,
      product: "nats",
      kind: "server",
      base: "nats-server-2.11.4-linux-x64",
    });
    const own = JSON.parse(files.find(({ path }) => path === "release/rollback-plan.json")!.text);
    assert.deepEqual(own.guarded_scopes, ["config", "state"]);
    assert.deepEqual(
      own.steps.map(({ order, id }: { order: number; id: string }) => `${order} ${id}`),
      ["1 freeze_rollout", "2 restore_config", "3 restore_state", "4 restart_services", "5 verify"],
    );
    assert.ok(!files.some(({ path }) => path === "profile-manifest.json"));
  });
  for (const [how, change, sentence] of [
    ["another format", { schema_version: 2 }, /schema_version/],
    ["no steps", { steps: [] }, /steps/],
    ["steps that are out of order", { steps: [...plan.steps].reverse() }, /not numbered from 1/],
    ["nothing that it guards", { guarded_scopes: [] }, /guarded_scopes/],
  ] as const) {
    it(`is refused with ${how}`, () =>
      assert.throws(
        () => rendered(packagedAs(manifest, { ...plan, ...change })),
        (e: unknown) => e instanceof EdgeError && sentence.test(e.message),
      ));
  }
});

describe("the product's own deployment files", () => {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-packaged-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    return { file: path, sha256: sha256(text), size: text.length };
  };
  const candidate = (assets: Record<string, unknown>) =>
    ({ platforms: { "linux-x64": { binaries: {}, assets } } }) as unknown as Candidate;

  it("are those of the profile, as they were sealed", async () => {
    const assets = {
      "deployment/single-vm/profile-manifest.json": put("shared/m.json", "{}"),
      "deployment/worker-enabled/profile-manifest.json": put("shared/w.json", "[]"),
      "deployment/single-vm/release/rollback-plan.json": put("shared/p.json", "{ }"),
    };
    assert.deepEqual(await packagedRecipe(folder, candidate(assets), palyra, "linux-x64"), {
      "profile-manifest.json": "{}",
      "release/rollback-plan.json": "{ }",
    });
    assert.deepEqual(await packagedRecipe(folder, candidate(assets), productNamed("nats"), "linux-x64"), {});
  });
  it("are refused when one was changed since, or is gone", async () => {
    const assets = { "deployment/single-vm/profile-manifest.json": put("shared/m.json", "{}") };
    writeFileSync(join(folder, "shared/m.json"), "{} ");
    await assert.rejects(
      packagedRecipe(folder, candidate(assets), palyra, "linux-x64"),
      (e: unknown) => e instanceof EdgeError && /has SHA-256 .* seal the candidate again/.test(e.message),
    );
    rmSync(join(folder, "shared/m.json"));
    await assert.rejects(
      packagedRecipe(folder, candidate(assets), palyra, "linux-x64"),
      (e: unknown) => e instanceof EdgeError && /cannot be read \(ENOENT\)/.test(e.message),
    );
  });
});
