/** The definition of Palyra against what is stated of its archives. */
import assert from "node:assert/strict";
import { productNamed, products } from "../../src/products/index.ts";

describe("the product palyra", () => {
  const palyra = productNamed("palyra");

  it("is one of the products, with two kinds whose binaries stand in the manifest's order", () => {
    assert.deepEqual(Object.keys(products), ["nats", "palyra"]);
    assert.deepEqual(Object.fromEntries(Object.entries(palyra.kinds).map(([kind, { binaries }]) => [kind, binaries])), {
      desktop: ["palyra-desktop-control-center", "palyrad", "palyra-browserd", "palyra"],
      headless: ["palyrad", "palyra-browserd", "palyra"],
    });
  });

  it("knows of every binary how it is asked, or that it cannot be", () => {
    for (const [name, { version, help, silent = [] }] of Object.entries(palyra.binaries)) {
      assert.equal(version.prints === "", silent.includes("version"), name);
      assert.equal(help.contains.length === 0, silent.includes("help"), name);
    }
  });

  it("asks for the files of every archive, but for no unit of a binary that it has not", () => {
    const { required } = palyra.payload!;
    for (const path of [
      "README.txt",
      "ROLLBACK.txt",
      "RELEASE_NOTES.txt",
      "MIGRATION_NOTES.txt",
      "LICENSE.txt",
      "web/index.html",
      "docs/help_snapshots/docs-help.txt",
    ])
      assert.ok(required.includes(path), path);
    for (const profile of ["single-vm", "worker-enabled"]) {
      assert.ok(required.includes(`deployment/${profile}/profile-manifest.json`));
      assert.ok(required.includes(`deployment/${profile}/compose/${profile}.yml`));
    }
    assert.ok(!required.some((path) => path.endsWith(".service")));
  });

  it("keeps out of archives what is state, in the order in which manifests state it", () => {
    const { excludedPatterns, forbiddenNames, forbiddenFragments } = palyra.payload!;
    assert.equal(
      excludedPatterns.join(" "),
      "*.sqlite *.sqlite3 *.sqlite3-* *.db *.db-* *.wal *.shm *.log support-bundle*.json browser-profile/* browser-profiles/* downloads/* node_modules/* dist/*",
    );
    assert.deepEqual([...forbiddenNames, ...forbiddenFragments.map((fragment) => `${fragment}*`)], excludedPatterns);
  });

  it("alone had a validator before ours, which asks for what it asked for", () => {
    const having = Object.values(products).filter(({ upstreamValidator }) => upstreamValidator !== undefined);
    assert.deepEqual(having, [palyra]);
    assert.ok(palyra.upstreamValidator!.payload.required.some((path) => path.endsWith("palyra-workerd.service")));
  });

  it("reads its capabilities' names out of Rust, and their modes out of profiles", () => {
    const { names, mode } = palyra.sources!.capabilities!;
    assert.deepEqual(names("pub enum RuntimePreviewCapability { SessionQueuePolicy, Http2Io }"), [
      "session_queue_policy",
      "http2_io",
    ]);
    const manifest = (config_path: string, value: unknown) =>
      JSON.stringify({ defaults: [{ config_path, value: { value } }] });
    assert.equal(mode(manifest("http2_io.mode", "preview"), "http2_io"), "preview");
    assert.equal(mode(manifest("feature_rollouts.http2_io", true), "http2_io"), "enabled");
    assert.equal(mode("{half", "http2_io"), undefined);
  });

  it("keeps the service's data below its state folder", () => {
    const [service] = palyra.kinds["headless"]!.services;
    assert.equal(service!.environment["PALYRA_JOURNAL_DB_PATH"], "{state}/data/journal.sqlite3");
    assert.deepEqual(
      service!.listens.map(({ address, port, protocol = "tcp" }) => `${protocol} ${address}:${port}`),
      ["tcp 127.0.0.1:7142", "tcp 127.0.0.1:7443", "tcp 127.0.0.1:7444", "udp 127.0.0.1:7444"],
    );
  });
});
