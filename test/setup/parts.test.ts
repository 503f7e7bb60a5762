import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { environmentChanges } from "../../src/setup/environment.mjs";
import { createHash } from "node:crypto";
import { download } from "../../src/setup/download.mjs";
import { engineUrl } from "../../src/setup/parts/engine.mjs";
import { commandPluginUrl } from "../../src/setup/parts/command-plugin.mjs";
import { installed } from "../../src/setup/parts/dependencies.mjs";
import { workspaceStep } from "../../src/setup/parts/workspace.mjs";
import { PINS } from "../../src/setup/pins.mjs";
import { checkout } from "../../src/setup/places.mjs";
import { runSteps, type Step } from "../../src/setup/steps.mjs";
import { ENGINE_VERSION, COMMAND_PLUGIN_VERSION, NODE_VERSION } from "../../src/setup/versions.mjs";
import { scratch } from "./scratch.ts";

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const anything = "a".repeat(64);
const quiet = { started() {}, progress() {}, noted() {}, done() {}, failed() {} };

describe("parts of setup", () => {
  const { path } = scratch();

  describe("workspace", () => {
    const prepare = async () => (await runSteps([workspaceStep(path())], quiet)).faults.get("workspace");
    const file = () => path(".greenlight", "passphrase");

    it("gets a folder for the state and a passphrase that nobody else reads, once", async () => {
      assert.equal(await prepare(), undefined);
      assert.equal(statSync(file()).mode & 0o777, 0o600);
      const text = readFileSync(file(), "utf8");
      assert.match(text, /^[0-9a-f]{64}\n$/);
      assert.equal(await prepare(), undefined);
      assert.equal(readFileSync(file(), "utf8"), text);
      assert.equal(environmentChanges({ workspace: path() })["PULUMI_CONFIG_PASSPHRASE_FILE"], file());
    });

    it("a passphrase that others may read is closed and kept", async () => {
      mkdirSync(path(".greenlight"));
      writeFileSync(file(), "mine\n");
      chmodSync(file(), 0o644);
      assert.equal(await prepare(), undefined);
      assert.deepEqual([statSync(file()).mode & 0o777, readFileSync(file(), "utf8")], [0o600, "mine\n"]);
    });

    it("a salt that came with a clone goes when nothing needs it, and is a fault when secrets do", async () => {
      const salt = "encryptionsalt: v1:abc=:v1:def:ghi==\n";
      const plain = "config:\n  x:channel: dev\n";
      writeFileSync(path("Pulumi.dev.yaml"), plain + salt);
      writeFileSync(path("Pulumi.prod.yaml"), `${salt}config:\n  x:token:\n    secure: v1:zzz\n`);
      assert.match((await prepare()) ?? "", /^Pulumi\.prod\.yaml holds secrets/);
      assert.equal(readFileSync(path("Pulumi.dev.yaml"), "utf8"), plain + salt);
      writeFileSync(path("Pulumi.prod.yaml"), plain);
      assert.equal(await prepare(), undefined);
      assert.equal(readFileSync(path("Pulumi.dev.yaml"), "utf8"), plain);
      writeFileSync(path("Pulumi.dev.yaml"), plain + salt); // now the engine's own, for this passphrase
      assert.equal(await prepare(), undefined);
      assert.equal(readFileSync(path("Pulumi.dev.yaml"), "utf8"), plain + salt);
    });

    it("a lost passphrase is not replaced while stacks need it", async () => {
      const stacks = path(".greenlight", "state", ".pulumi", "stacks", "greenlight");
      mkdirSync(stacks, { recursive: true });
      writeFileSync(`${stacks}/dev.json`, "{}");
      assert.match((await prepare()) ?? "", /passphrase is missing, and the stacks dev can only be opened with it/);
      assert.equal(existsSync(file()), false);
    });
  });

  describe("npm dependencies", () => {
    const locked = (packages: object) =>
      writeFileSync(path("package-lock.json"), JSON.stringify({ packages: { "": {}, ...packages } }));
    const there = (packages: object) =>
      writeFileSync(path("node_modules", ".package-lock.json"), JSON.stringify({ packages }));
    const a = { version: "1.0.0", integrity: "sha512-a" };
    beforeEach(() => mkdirSync(path("node_modules")));

    it("are there when npm has written down what is locked, less what is for other platforms", () => {
      locked({ "node_modules/a": a, "node_modules/b": { ...a, optional: true } });
      there({ "node_modules/a": a });
      assert.equal(installed(path()), 1);
    });

    it("are not there when cut off, other, fewer or more", () => {
      locked({ "node_modules/a": a });
      assert.equal(installed(path()), undefined);
      for (const packages of [
        {},
        { "node_modules/a": { ...a, version: "1.0.1" } },
        { "node_modules/a": { ...a, integrity: "sha512-b" } },
        { "node_modules/a": a, "node_modules/c": a },
      ]) {
        there(packages);
        assert.equal(installed(path()), undefined, JSON.stringify(packages));
      }
    });

    it("of this checkout are as locked", () => assert.ok(installed(checkout)));
  });

  describe("downloads", () => {
    let server: Server;
    const serve = async (listener: RequestListener) => {
      server = createServer(listener);
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
    };
    afterEach(() => void (server.closeAllConnections(), server.close()));

    it("arrive whole, with progress", async () => {
      const told: string[] = [];
      const url = await serve((_request, response) =>
        response.setHeader("content-length", 3e6).end(Buffer.alloc(3e6, 7)),
      );
      await download(url, path("f"), (text) => told.push(text), { file: sha256(Buffer.alloc(3e6, 7)) });
      assert.equal(statSync(path("f")).size, 3e6);
      assert.equal(told.at(-1), "downloading, 3 of 3 MB");
    });

    it("fail when the site says no or hangs up half way", async () => {
      const no = await serve((_request, response) => response.writeHead(403).end("no"));
      await assert.rejects(
        download(no, path("f"), () => {}, { file: anything }),
        /answered 403/,
      );
      server.close();
      const half = await serve((_request, response) => {
        response.setHeader("content-length", 100).write("half");
        setTimeout(() => response.destroy(), 20);
      });
      await assert.rejects(download(half, path("f"), () => {}, { file: anything }));
      assert.ok(!existsSync(path("f")));
    });

    it("leave no file that is not what was pinned", async () => {
      const url = await serve((_request, response) => response.end("other"));
      await assert.rejects(
        download(url, path("f"), () => {}, { file: anything }),
        (e: Error) => e.message.includes(`SHA-256 ${sha256("other")}, and ${anything} is pinned`),
      );
      assert.ok(!existsSync(path("f")));
    });

    it("are not asked for where nothing is pinned, and say why", async () => {
      let asked = 0;
      const url = await serve((_request, response) => void response.end(`${++asked}`));
      for (const pins of [{}, { other: anything }] as Record<string, string>[])
        await assert.rejects(
          download(url, path("f"), () => {}, pins),
          /^Error: the SHA-256 of file is not pinned in src\/setup\/pins\.mjs$/,
        );
      assert.equal(asked, 0);
    });

    it("name the host that cannot be reached", async () => {
      await assert.rejects(
        download("http://greenlight.invalid/file", path("f"), () => {}, { file: anything }),
        /^Error: the name greenlight\.invalid cannot be resolved$/,
      );
    });

    it("are pinned for the versions that setup gets, and no others", () => {
      const names = [
        ...["linux", "darwin"].flatMap((system) => ["x64", "arm64"].map((arch) => engineUrl(system, arch))),
        ...["linux", "darwin"].flatMap((system) => ["x64", "arm64"].map((arch) => commandPluginUrl(system, arch))),
      ].map((url) => basename(url));
      for (const [name, digest] of Object.entries(PINS)) {
        assert.ok(names.includes(name), `${name} is no download of setup`);
        assert.match(digest, /^[0-9a-f]{64}$/, name);
      }
    });

    it("that fail are said to have failed, before the long way round is taken", async () => {
      const noted: string[] = [];
      const step: Step = {
        name: "thing",
        purpose: "",
        needs: [],
        lock: path("lock"),
        check: () => (noted.length > 0 ? "there" : undefined),
        get: async (_report, note) => note("not downloaded (no answer)"),
      };
      await runSteps([step], { ...quiet, noted: ({ name }, text) => void noted.push(`${name}: ${text}`) });
      assert.deepEqual(noted, ["thing: not downloaded (no answer)"]);
    });
  });

  it("versions are said once: the pins of npm and Go agree with those of setup", () => {
    const text = (file: string) => readFileSync(`${checkout}/${file}`, "utf8");
    const pins = JSON.parse(text("package.json")).dependencies;
    assert.deepEqual([pins["@pulumi/pulumi"], pins["@pulumi/command"]], [ENGINE_VERSION, COMMAND_PLUGIN_VERSION]);
    assert.ok(
      engineUrl().includes(`v${ENGINE_VERSION}-`) && commandPluginUrl().includes(`v${COMMAND_PLUGIN_VERSION}-`),
    );
    for (const module of ["pkg", "sdk"])
      assert.match(
        text("tools/engine/cli/go.mod"),
        new RegExp(`pulumi/${module}/v3 v${ENGINE_VERSION.replaceAll(".", "\\.")}\\b`),
      );
    assert.match(text("tools/engine/nodehost/go.mod"), /pulumi\/sdk\/v3 v3\.60\.0\b/);
    for (const platform of ["linux-x64", "linux-arm64"]) {
      assert.deepEqual(JSON.parse(text(`tools/node/${platform}/package.json`)).dependencies, {
        [`node-${platform}`]: NODE_VERSION,
      });
    }
  });

  it("lock files name no registry", () => {
    for (const file of [
      "package-lock.json",
      "tools/node/linux-x64/package-lock.json",
      "tools/node/linux-arm64/package-lock.json",
    ])
      assert.doesNotMatch(readFileSync(`${checkout}/${file}`, "utf8"), /"resolved"/);
  });
});
