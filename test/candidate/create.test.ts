/** A folder becomes a candidate: what lies there, where it was built from, one version everywhere, and all that is missing at once. */
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  checkCandidate,
  createCandidate,
  namesVersion,
  readCandidate,
  statementsOf,
  versionDisagreements,
  type Candidate,
  type Created,
} from "../../src/candidate/index.ts";
import { versionInTag } from "../../src/candidate/coherence.ts";
import { withoutCredentials } from "../../src/candidate/git.ts";
import { statedText } from "../../src/candidate/statements.ts";
import { enumVariants } from "../../src/products/palyra/capabilities.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { platforms } from "../../src/products/index.ts";
import { forAarch64 } from "../elf.ts";
import { box, fillBox, knownBox } from "./box-candidate.ts";
import { program, put, temporaryFolder } from "./tiny-candidate.ts";

const environment = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_DATE: "2026-01-02T03:04:05+02:00",
  GIT_COMMITTER_DATE: "2026-01-02T03:04:05+02:00",
};

describe("creating a candidate", () => {
  const temporary = temporaryFolder();
  let [folder, checkout, number] = ["", "", 0];
  const git = (args: string[], input?: string): string =>
    execFileSync("git", ["-C", checkout, "-c", "user.name=Tester", "-c", "user.email=t@example.org", ...args], {
      env: environment,
      encoding: "utf8",
      ...(input !== undefined && { input }),
      stdio: ["pipe", "pipe", "pipe"],
    }).trim();
  const create = (over: Partial<Parameters<typeof createCandidate>[0]> = {}): Promise<Created> =>
    createCandidate({ folder, product: box, source: checkout, ...over });

  beforeEach(() => {
    folder = join(temporary.path, `candidate-${number}`);
    checkout = join(temporary.path, `checkout-${number++}`);
    fillBox(folder);
    put(
      checkout,
      "Cargo.toml",
      '[workspace]\nmembers = ["a"]\n\n[workspace.package]\nedition = "2024"\nversion = "1.2.0" # all of it\n\n[workspace.dependencies.x]\nversion = "9.9.9"\n',
    );
    put(checkout, "apps/web/package.json", '{ "name": "web", "version": "1.2.0" }');
    put(checkout, "app/tauri.conf.json", '{ "version": "1.2.0" }');
    put(
      checkout,
      "crates/common/src/preview.rs",
      '#[derive(Debug)]\npub enum PreviewCapability {\n    /// queues, and more\n    SessionQueue,\n    #[serde(rename = "x")]\n    NetworkedWorkers,\n}\nenum Other { A }\n',
    );
    git(["init", "-q", "-b", "main"]);
    git(["add", "-A"]);
    git(["commit", "-q", "-m", "one"]);
    git(["remote", "add", "origin", "https://someone:secret@example.org/box.git"]);
  });

  it("seals what lies in the folder, for every platform, and finds nothing missing", async () => {
    put(
      folder,
      "deployment/many/profile-manifest.json",
      JSON.stringify({
        defaults: [{ config_path: "networked_workers.mode", value: { kind: "string", value: "preview_only" } }],
      }),
    );
    const { candidate, findings, left } = await create();
    assert.deepEqual([findings, left], [[], []]);
    assert.deepEqual(Object.keys(candidate.platforms).sort(), [...platforms].sort());
    assert.deepEqual(candidate, readCandidate(folder));
    assert.equal(candidate.version, "1.2.0");
    const files = candidate.platforms["windows-x64"]!;
    assert.deepEqual(
      Object.values(files.binaries).map((b) => b.file),
      ["windows-x64/window.exe", "windows-x64/boxd.exe", "windows-x64/box.exe"],
    );
    assert.ok(
      files.assets!["docs/help_snapshots/docs-help.txt"] &&
        files.assets!["web/assets/app.js"] &&
        files.assets!["deployment/one/systemd/boxd.service"],
    );
    assert.deepEqual([candidate.licence?.file, candidate.notes?.file], ["LICENSE.txt", "RELEASE_NOTES.txt"]);
    assert.deepEqual(candidate.source, {
      repository: "https://example.org/box.git",
      revision: git(["rev-parse", "HEAD"]),
      date: "2026-01-02T01:04:05Z",
      tag: null,
      tag_signed: false,
      on_main: true,
      dirty: false,
      versions: { workspace: "1.2.0", web: "1.2.0", app: "1.2.0" },
      capabilities: {
        session_queue: { mode: "disabled" },
        networked_workers: { mode: "disabled", profiles: { many: "preview_only" } },
      },
    });
    assert.equal(
      readFileSync(join(folder, "candidate.json"), "utf8"),
      (await create(), readFileSync(join(folder, "candidate.json"), "utf8")),
      "and the same again",
    );
  });

  it("seals the product's own policy files as the checkout has them, and refuses what nobody may see", async () => {
    const policy = { ...box, sources: { ...box.sources!, policy: "infra/release" } };
    const seal = async () => (await createCandidate({ folder, product: policy, source: checkout })).candidate.policy;
    assert.equal(await seal(), undefined);
    const name = "workflow-regression-matrix.json";
    put(checkout, `infra/release/${name}`, '{ "schema_version": 9 }\n');
    put(checkout, "infra/release/another.json", "{}\n");
    const sealed = { [name]: { file: `infra/release/${name}`, text: '{ "schema_version": 9 }\n' } };
    assert.deepEqual(await seal(), sealed);
    assert.deepEqual(readCandidate(folder).policy, sealed);
    const { privateKey } = generateKeyPairSync("ed25519");
    put(checkout, `infra/release/${name}`, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    await assert.rejects(seal(), /workflow-regression-matrix\.json holds .*; mend it in the checkout, then seal/);
  });

  it("records a changed checkout, a tag, who signed nothing, and a commit beside the main branch", async () => {
    git(["tag", "v1.2.0"]);
    git(["tag", "latest"]);
    assert.deepEqual(
      (({ tag, tag_signed, on_main, dirty }) => ({ tag, tag_signed, on_main, dirty }))(
        (await create()).candidate.source,
      ),
      { tag: "v1.2.0", tag_signed: false, on_main: true, dirty: false },
    );
    git(["tag", "-d", "v1.2.0"]);
    const text = `object ${git(["rev-parse", "HEAD"])}\ntype commit\ntag v1.2.0\ntagger T <t@example.org> 1767315845 +0000\n\n1.2.0\n-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n`;
    git(["update-ref", "refs/tags/v1.2.0", git(["mktag"], text)]);
    put(checkout, "new.rs", "");
    const signed = (await create()).candidate.source;
    assert.deepEqual([signed.tag, signed.tag_signed, signed.dirty], ["v1.2.0", true, true]);
    git(["switch", "-q", "-c", "side"]);
    git(["add", "-A"]);
    git(["commit", "-q", "-m", "two"]);
    const side = (await create()).candidate.source;
    assert.deepEqual([side.on_main, side.dirty, side.tag], [false, false, null]);
    git(["branch", "-q", "-D", "main"]);
    assert.equal((await create()).candidate.source.on_main, null);
  });

  it("refuses sources that state different versions, and lists all of them", async () => {
    put(checkout, "apps/web/package.json", '{ "version": "1.1.9" }');
    put(checkout, "app/tauri.conf.json", '{ "version": "1.3.0" }');
    await assert.rejects(
      create(),
      (e: Error) => e instanceof EdgeError && /workspace 1\.2\.0, web 1\.1\.9, app 1\.3\.0/.test(e.message),
    );
    const { findings } = await create({ version: "1.2.0" });
    assert.deepEqual(
      findings.map((f) => f.path),
      ["source.versions.web", "source.versions.app"],
    );
    rmSync(join(checkout, "Cargo.toml"));
    put(checkout, "app/tauri.conf.json", "{}");
    await assert.rejects(
      create(),
      (e: Error) =>
        e instanceof EdgeError &&
        /workspace: .*Cargo\.toml cannot be read; app: .* has no text at version/.test(e.message),
    );
  });

  it("refuses what is no checkout, no folder, nothing for any platform, and no version", async () => {
    await assert.rejects(
      create({ source: temporary.path, product: { ...box, sources: undefined }, version: "1.2.0" }),
      /is not a git checkout with a commit/,
    );
    await assert.rejects(
      create({ source: join(checkout, "none") }),
      /checkout-\d+\/none does not exist; name the checkout/,
    );
    await assert.rejects(create({ folder: join(folder, "none") }), /none does not exist; name the folder/);
    await assert.rejects(create({ folder: join(folder, "web") }), /has no folder for any platform; put binaries into/);
    await assert.rejects(createCandidate({ folder, product: box }), /version is not known; name it with `--version`/);
  });

  it("leaves out what is nobody's, and says so with its true reason and size", async () => {
    put(folder, "web/.DS_Store", "x");
    put(folder, "linux-x64/state.db", "x");
    put(folder, "docs/.git/config", '[remote "origin"]\n\turl = https://me:s3cretT0kenOfMine@example.org/a.git\n');
    put(folder, "docs/.git/HEAD", "ref: refs/heads/main\n");
    put(folder, ".git/HEAD", "ref: refs/heads/main\n");
    mkdirSync(join(folder, "web/empty"));
    const { left, candidate } = await create();
    assert.deepEqual(left.map(({ path, why, files, size }) => [path, why, files, size]).sort(), [
      [".git/", "is version control's own", 1, 21],
      ["docs/.git/HEAD", "is version control's own", 1, 21],
      ["docs/.git/config", "is version control's own", 1, 72],
      ["linux-x64/state.db", "never belongs in a release (*.db)", 1, 1],
      ["web/.DS_Store", "is the operating system's own", 1, 1],
      ["web/empty/", "is empty, and archives hold files only", 0, 0],
    ]);
    assert.doesNotMatch(JSON.stringify(candidate.platforms), /state\.db|\.git|DS_Store/);
  });

  it("refuses what would be lost, or is somebody's secret, all at once", async () => {
    const bad: [string, () => void, RegExp][] = [
      [
        "settings with secrets",
        () => put(folder, "web/.env", "TOKEN=x"),
        /web\/\.env is a file of settings with secrets; take it out of the candidate, or seal it with `--allow web\/\.env`/,
      ],
      [
        "a private key",
        () =>
          put(
            folder,
            "docs/tls/server.txt",
            generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }),
          ),
        /docs\/tls\/server\.txt holds a private key \(PEM\)/,
      ],
      [
        "a private key among binaries' files",
        () => put(folder, "linux-x64/id_rsa", "x"),
        /linux-x64\/id_rsa is a private key/,
      ],
      ["a file beside the platforms", () => put(folder, "scratch.txt", "x"), /scratch\.txt lies beside the platforms/],
      [
        "a folder of results",
        () => put(folder, "web/dist/app.js", "x"),
        /web\/dist\/app\.js would be left out, since nothing below dist\/ is released/,
      ],
      [
        "a platform behind a link",
        () => {
          renameSync(join(folder, "macos-x64"), join(folder, "..", `moved-${number}`));
          symlinkSync(join("..", `moved-${number}`), join(folder, "macos-x64"));
        },
        /macos-x64 is a symbolic link, so that nothing would be packed for that platform/,
      ],
      ["a folder behind a link", () => symlinkSync("web", join(folder, "site")), /site is a symbolic link/],
      [
        "a link among files",
        () => symlinkSync("index.html", join(folder, "web/start.html")),
        /web\/start\.html is a symbolic link/,
      ],
      [
        "two files of one place",
        () => put(folder, "docs/help_snapshots/docs-help.txt", "y"),
        /docs\/help_snapshots\/docs-help\.txt and help_snapshots\/docs-help\.txt would both be docs\/help_snapshots\/docs-help\.txt/,
      ],
      [
        "a platform's file in the place of everybody's",
        () => put(folder, "linux-x64/web/index.html", "y"),
        /web\/index\.html and linux-x64\/web\/index\.html would both be web\/index\.html/,
      ],
      ["a backslash", () => put(folder, "web\\app.js", "x"), /web\\app\.js lies beside/],
      [
        "a backslash within a folder",
        () => put(folder, "web/assets\\app.js", "x"),
        /web\/assets\\app\.js has a backslash/,
      ],
      ["a second text of notes", () => put(folder, "NOTES.md", "1.2.0"), /NOTES\.md lies beside the platforms/],
    ];
    for (const [name, make, message] of bad) {
      const kept = folder;
      folder = join(temporary.path, `bad-${number++}`);
      fillBox(folder);
      make();
      await assert.rejects(create(), (e: Error) => e instanceof EdgeError && message.test(e.message), name);
      assert.ok(!existsSync(join(folder, "candidate.json")), `${name}: nothing is sealed`);
      folder = kept;
    }
    put(folder, "web/.env", "x");
    put(folder, "scratch.txt", "x");
    await assert.rejects(create(), /web\/\.env[^]*\n.*scratch\.txt/);
  });

  it("lets in one file by its name, for these bytes only, and says which", async () => {
    const key = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
    put(folder, "docs/example.key", key);
    put(folder, "web/.env", "A=1\n");
    await assert.rejects(create({ allowed: ["web/.env"] }), /docs\/example\.key holds a private key/);
    await assert.rejects(
      create({ allowed: ["web/.env", "docs/example.key", "docs/none"] }),
      /none is to be allowed, and is none of the files/,
    );
    const { candidate, findings } = await create({ allowed: ["web/.env", "docs/example.key"] });
    assert.deepEqual(findings, []);
    const assets = candidate.platforms["linux-x64"]!.assets!;
    assert.deepEqual(
      [assets["web/.env"]!.allowed, assets["docs/example.key"]!.allowed, assets["web/index.html"]!.allowed],
      [true, true, undefined],
    );
    const sealed = JSON.parse(readFileSync(join(folder, "candidate.json"), "utf8"), (name, value) =>
      name === "allowed" ? undefined : value,
    );
    put(folder, "candidate.json", JSON.stringify(sealed));
    const found = (await checkCandidate(folder, box, ["linux-x64"])).map(({ message }) => message);
    assert.ok(
      found.some((m) => /\.env for linux-x64 is a file of settings with secrets/.test(m)) &&
        found.some((m) => /example\.key holds a private key \(PEM\)/.test(m)),
      found.join("\n"),
    );
  });

  it("lets in a file however its path is written", async () => {
    put(folder, "web/.env", "A=1\n");
    for (const path of ["web/.env", "./web/.env", "web//.env", join(folder, "web/.env")]) {
      const { candidate } = await create({ version: "1.2.0", allowed: [path] });
      assert.equal(candidate.platforms["linux-x64"]!.assets!["web/.env"]!.allowed, true, path);
    }
  });

  it("names what is wrong with a name that is not UTF-8", async () => {
    put(folder, "docs/a.txt", "x");
    for (const place of ["docs/", ""]) {
      const file = Buffer.concat([Buffer.from(`${folder}/${place}caf`), Buffer.from([0xe9])]);
      writeFileSync(file, "x");
      await assert.rejects(
        create({ version: "1.2.0" }),
        (e: Error) =>
          e instanceof EdgeError &&
          e.message.includes(`/${place}caf\ufffd has a name that is not valid Unicode (UTF-8)`),
      );
      rmSync(file);
    }
  });

  it("packs licences of every usual name, and misses one that is not there", async () => {
    const plain = { ...box, payload: undefined };
    for (const [names, main] of [
      [["LICENSE-MIT", "LICENSE-APACHE"], "LICENSE-APACHE"],
      [["COPYING", "COPYING.LESSER", "NOTICE"], "COPYING"],
      [["license"], "license"],
      [["UNLICENSE"], "UNLICENSE"],
      [["MIT-LICENSE", "CREDITS"], "MIT-LICENSE"],
      [["COPYING3", "3rdpartylicenses.txt"], "COPYING3"],
      [["GPL-3.0.txt"], "GPL-3.0.txt"],
      [["LICENSES.txt", "LEGAL"], "LICENSES.txt"],
      [["COPYRIGHT"], "COPYRIGHT"],
      [["LICENCE.txt", "PATENTS", "THIRD-PARTY-NOTICES.txt"], "LICENCE.txt"],
    ] as const) {
      folder = join(temporary.path, `licence-${number++}`);
      fillBox(folder, ["linux-x64"]);
      rmSync(join(folder, "LICENSE.txt"));
      const none = await create({ product: plain, version: "1.2.0" });
      assert.deepEqual(
        none.findings.map((f) => f.path),
        ["licence"],
      );
      for (const name of names) put(folder, name, "Do what you like.\n");
      const { candidate, findings } = await create({ product: plain, version: "1.2.0" });
      assert.deepEqual([candidate.licence?.file, findings], [main, []]);
      for (const name of names) assert.ok(name === main || candidate.platforms["linux-x64"]!.assets![name], name);
    }
    put(folder, "LICENCE.txt", "");
    assert.ok(
      (await create({ product: plain, version: "1.2.0" })).findings.some(({ path }) => path === "licence"),
      "an empty text is none",
    );
  });

  it("takes no archive of its own for a part of the next one", async () => {
    await create();
    const before = readFileSync(join(folder, "candidate.json"), "utf8");
    for (const name of [
      "box-server-1.2.0-linux-x64.zip",
      "box-server-1.2.0-linux-x64.zip.sha256",
      "box-desktop-1.2.0-rc.1-windows-x64.install.sh",
      ".part-123-x/box.bin",
    ])
      put(folder, `archives/${name}`, "x");
    const { left } = await create();
    assert.deepEqual([...new Set(left.map(({ why }) => why))], ["is what `greenlight pack` writes"]);
    assert.equal(readFileSync(join(folder, "candidate.json"), "utf8"), before);
  });

  it("says everything that is missing or wrong in one go, the same as a later check", async () => {
    for (const path of ["linux-x64/boxd", "web/index.html", "LICENSE.txt"]) rmSync(join(folder, path));
    rmSync(join(folder, "help_snapshots"), { recursive: true });
    put(folder, "linux-x64/box", forAarch64(program("linux-x64")), 0o755);
    put(folder, "RELEASE_NOTES.txt", "Box 1.2.0-rc.1 is better than 11.2.0 was.\n");
    for (const platform of platforms.filter((p) => p !== "linux-x64"))
      rmSync(join(folder, platform), { recursive: true });
    git(["tag", "v1.2.1"]);
    const { findings } = await create();
    assert.deepEqual(findings.map((f) => f.path).sort(), [
      "notes",
      "platforms.linux-x64.assets.LICENSE.txt",
      "platforms.linux-x64.assets.docs/help_snapshots/docs-help.txt",
      "platforms.linux-x64.assets.web/index.html",
      "platforms.linux-x64.binaries.box",
      "platforms.linux-x64.binaries.boxd",
      "source.tag",
    ]);
    for (const { message } of findings) assert.match(message, /; .*\.$/, "says what to do");
    assert.deepEqual(await checkCandidate(folder, box, ["linux-x64"]), findings);
  });

  it("wants as many recipe files as the product has", async () => {
    rmSync(join(folder, "deployment"), { recursive: true });
    put(folder, "deployment/one/profile.json", "{}");
    const { findings } = await create();
    assert.ok(
      findings.some((f) =>
        /at least 2 deployment recipe files below deployment\/one\/ and deployment\/many\/, and candidate\.json lists 1/.test(
          f.message,
        ),
      ),
    );
  });

  it("works from the command line, with exit codes", async () => {
    const script = join(import.meta.dirname, "../../src/cli/main.ts");
    const run = async (...args: string[]): Promise<{ code: number; out: string }> => {
      try {
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ["--disable-warning=ExperimentalWarning", script, "candidate", ...args],
          { env: environment },
        );
        return { code: 0, out: stdout };
      } catch (e) {
        const { code, stdout, stderr } = e as { code: number; stdout: string; stderr: string };
        return { code, out: stdout + stderr };
      }
    };
    const nats = join(temporary.path, "nats");
    put(nats, "linux-x64/nats-server", program("linux-x64"), 0o755);
    put(nats, "COPYING", "Do what you like.\n");
    put(nats, "web/.git/HEAD", "x");
    const lacking = await run("create", nats, "--product", "nats", "--version", "2.11.4");
    assert.equal(lacking.code, 2, lacking.out);
    assert.match(
      lacking.out,
      /goes in\n {2}\.\/ +1 file +\d+ B {2}COPYING\n {2}linux-x64\/ +1 file +128 B\nleft out\n {2}web\/\.git\/HEAD +1 file +1 B {2}is version control's own\n/,
    );
    assert.match(
      lacking.out,
      /candidate nats 2\.11\.4 in .*\nsource    not recorded.*\nlinux-x64 {5}nats-server; 0 further files\n[^]*\nOne thing is missing or wrong:\n  - platforms\.linux-x64\.binaries\.nats: The server archive for linux-x64 needs the binary nats/,
    );
    put(nats, "linux-x64/nats", program("linux-x64"), 0o755);
    assert.equal((await run("create", nats, "--product", "nats", "--version", "2.11.4")).code, 0);
    const whole = await run("check", nats);
    assert.deepEqual([whole.code, whole.out], [0, "NATS 2.11.4: nothing is missing or wrong for linux-x64.\n"]);
    put(nats, "linux-x64/nats", "changed", 0o755);
    const changed = await run("check", nats);
    assert.equal(changed.code, 2);
    assert.match(changed.out, /nats has 7 bytes, and candidate\.json says 128/);
    assert.equal((await run("create", nats, "--product", "nuts")).code, 2);
  }).timeout(30_000);

  knownBox();
});

describe("stating versions", () => {
  it("reads the texts of package files, and nothing that only looks like them", () => {
    const toml = [
      '# version = "0"',
      'version = "top"',
      "[package]",
      "version = '1.0.0'",
      'metadata = { version = "2" } # inline',
      "[[bin]]",
      'version = "3"',
      '[ "quoted" . x ]',
      'version = """\\',
      '  4"""',
      "[workspace]",
      'package.version = "5"',
      "[other.package]",
      "version.workspace = true",
    ].join("\n");
    const keys = [
      "version",
      "package.version",
      "package.metadata.version",
      "quoted.x.version",
      "workspace.package.version",
    ];
    assert.deepEqual(
      keys.map((key) => statedText("Cargo.toml", toml, key)),
      ["top", "1.0.0", "2", "4", "5"],
    );
    for (const none of [
      "other.package.version",
      "bin.version",
      "package.metadata",
      "constructor.name",
      "version.length",
    ])
      assert.equal(statedText("Cargo.toml", toml, none), undefined, none);
    assert.equal(statedText("package.json", '{"a":{"version":"6"}}', "a.version"), "6");
    assert.throws(
      () => statedText("Cargo.toml", '[package]\nversion = "1', "package.version"),
      /is not TOML \(line 2, column /,
    );
    assert.throws(() => statedText("package.json", "{", "version"), /is not JSON$/);
    assert.deepEqual(enumVariants("pub enum Cap { // a, b\n SessionQueuePolicy, #[x(y)] Http2Io = 3, }", "Cap"), [
      "session_queue_policy",
      "http2_io",
    ]);
    assert.deepEqual(enumVariants("struct Cap {}", "Cap"), []);
  });

  it("takes credentials out of addresses", () => {
    assert.equal(withoutCredentials("https://user:token@example.org/a@b.git"), "https://example.org/a@b.git");
    assert.equal(withoutCredentials("git@example.org:a/b.git"), "git@example.org:a/b.git");
  });

  it("finds a version as a word of its own", () => {
    for (const text of ["Palyra 1.2.0.", "v1.2.0: new", "(1.2.0)", "to 1.2.0, at last", "1.2.0"])
      assert.ok(namesVersion(text, "1.2.0"), text);
    for (const text of ["11.2.0", "1.2.01", "1.2.0-rc.1", "1.2.0.1", "x1.2.0", "1x2x0", ""])
      assert.ok(!namesVersion(text, "1.2.0"), text);
  });

  it("finds the version at the end of a tag, as monorepos write it", () => {
    const tags: [string, string | undefined][] = [
      ["v1.2.4", "1.2.4"],
      ["1.2.4", "1.2.4"],
      ["V1.2.4", "1.2.4"],
      ["nats-server/v1.2.4", "1.2.4"],
      ["nats-server-v1.2.4-rc.1", "1.2.4-rc.1"],
      ["@scope/server@1.2.4", "1.2.4"],
      ["release_1.2.4", "1.2.4"],
      ["releases/1.2.4", "1.2.4"],
      ["go1.2.4", "1.2.4"],
      ["server/v11.2.3", "11.2.3"],
      ["k8s-1.29.0/server-v1.2.3", "1.2.3"],
      ["latest", undefined],
      ["v1", undefined],
      ["2026-01-02", undefined],
    ];
    assert.deepEqual(
      tags.map(([tag]) => [tag, versionInTag(tag, "1.2.3")]),
      tags,
    );
    const disagree = (tag: string): number =>
      versionDisagreements("1.2.3", statementsOf({ version: "1.2.3", source: { tag } } as unknown as Candidate)).length;
    assert.deepEqual(
      ["nats-server/v1.2.3", "nats-server/v1.2.4", "x-v1.2.3", "x-v11.2.3", "latest"].map(disagree),
      [0, 1, 0, 1, 0],
    );
  });

  it("lists all disagreements", () => {
    const found = versionDisagreements(
      "1.0.0",
      [
        { path: "a", place: "A", version: "1.0.0" },
        { path: "b", place: "B", version: "1.0.1" },
        { path: "c", place: "C", version: "0.9.0" },
      ],
      [{ path: "d", name: "NOTES", text: "news" }],
    );
    assert.deepEqual(
      found.map((f) => f.path),
      ["b", "c", "d"],
    );
  });
});
