/** What a release needs of the machine: read from its programs, told on the operator's page, and looked for before anything is touched. */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Candidate } from "../../src/candidate/index.ts";
import { nats } from "../../src/products/nats.ts";
import { recipeNeeds, renderRecipe, type Needs } from "../../src/recipes/index.ts";
import { temporaryFolder } from "../candidate/tiny-candidate.ts";
import { needingLibrary } from "../elf.ts";
import { Sandbox, type Run } from "../installer/sandbox.ts";

const subject = {
  product: "nats",
  kind: "server",
  version: "2.11.4",
  binaryVersions: {},
  platform: "linux-x64",
  sha256: "a".repeat(64),
  base: "nats-server-2.11.4-linux-x64",
};

describe("what a release needs", () => {
  const temporary = temporaryFolder();
  const candidate = {
    platforms: {
      "linux-x64": {
        binaries: Object.fromEntries(nats.kinds["server"]!.binaries.map((name) => [name, { file: name }])),
      },
    },
  } as unknown as Candidate;
  const page = (needs?: Needs): [string, Record<string, unknown>] => {
    const files = renderRecipe(nats, "server", subject, needs ? { needs } : {});
    const text = (path: string) => files.find((file) => file.path === path)!.text;
    return [text("README.md"), JSON.parse(text("recipe.json"))];
  };

  it("is what its programs name, each library once, and the newest glibc of them all", async function () {
    if (process.platform !== "linux") return this.skip();
    const [first, second] = nats.kinds["server"]!.binaries;
    writeFileSync(join(temporary.path, first!), needingLibrary("libssl.so.3"));
    writeFileSync(join(temporary.path, second!), needingLibrary("libssl.so.3"));
    assert.deepEqual(await recipeNeeds(temporary.path, candidate, nats, "server", "linux-x64"), {
      libraries: ["libssl.so.3"],
      glibc: null,
    });
    copyFileSync("/bin/sh", join(temporary.path, second!));
    const { libraries, glibc } = await recipeNeeds(temporary.path, candidate, nats, "server", "linux-x64");
    for (const library of ["libc.so.6", "libssl.so.3"])
      assert.equal(libraries.filter((each) => each === library).length, 1, library);
    assert.match(glibc!, /^2\.\d+$/);
  });

  it("is on the page and in recipe.json, with all that the installer calls", () => {
    const needs = { libraries: ["libcrypto.so.3", "libgcc_s.so.1", "libssl.so.3"], glibc: "2.34" };
    const [readme, facts] = page(needs);
    for (const word of [
      "systemd 247",
      "glibc 2.34 or newer",
      "libcrypto.so.3, libgcc_s.so.1, libssl.so.3",
      "useradd",
      "adduser",
      "curl, wget, or bash with timeout",
      "unzip or python3",
      "coreutils",
    ])
      assert.ok(readme.includes(word), word);
    assert.deepEqual(facts["needs"], { glibc: "2.34", libraries: needs.libraries });
  });

  it("has the way to become the service's user where the product sets itself up, and only there", () => {
    assert.doesNotMatch(page()[0], /setpriv/);
    const setup = { binary: "nats", args: "setup", creates: "{config}/nats-server.conf", validate: "validate" };
    const files = renderRecipe({ ...nats, kinds: { server: { ...nats.kinds["server"]!, setup } } }, "server", subject);
    assert.match(files.find(({ path }) => path === "README.md")!.text, /^- setpriv or runuser \(util-linux\)/m);
  });

  it("is left out where it is not known, and no library is named where programs bring theirs", () => {
    const [unknown, facts] = page();
    assert.ok(!("needs" in facts));
    const [none] = page({ libraries: [], glibc: null });
    for (const readme of [unknown, none]) assert.doesNotMatch(readme, /glibc|shared libraries/);
  });
});

describe("a machine that lacks something", function () {
  this.timeout(30_000);
  let box: Sandbox;
  let archive: { file: string; sha256: string };
  const mark = process.arch === "arm64" ? "libc6,AArch64" : "libc6,x86-64";

  beforeEach(async () => {
    box = await new Sandbox().open();
    archive = await box.archive("tool-server-1.0.0-linux-x64.zip");
  });
  afterEach(() => box.close());

  /** Runs deploy of a release with these needs, on a machine with these lines in the loader's cache. */
  const deploy = (needs: Needs, cache: string[], command = "deploy"): Promise<Run> => {
    const folder = join(box.folder, "recipe");
    for (const { path, mode, text } of renderRecipe(
      box.product(),
      "server",
      { ...box.subject(), sha256: archive.sha256 },
      { layout: box.layout, needs },
    )) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text, { mode });
    }
    const there =
      cache.length === 0
        ? ["exit 1"]
        : [
            "cat <<'END'",
            `${cache.length} libs found in cache \`/etc/ld.so.cache'`,
            ...cache.map((line) => `\t${line}`),
            "END",
          ];
    writeFileSync(
      join(box.folder, "path", "ldconfig"),
      [
        "#!/bin/sh",
        'if [ "$1" = --version ]; then echo "ldconfig (Debian GLIBC 2.36-9+deb12u14) 2.36"; exit; fi',
        ...there,
        "",
      ].join("\n"),
      { mode: 0o755 },
    );
    return box.run(join(folder, command), []);
  };
  const here = (library: string, kind = mark): string => `${library} (${kind}) => /lib/${library}`;
  const needs: Needs = { libraries: ["libcrypto.so.3", "libssl.so.3"], glibc: "2.34" };

  it("is told which libraries, and nothing is touched", async () => {
    const before = box.picture(true);
    for (const cache of [[here("libz.so.1")], [here("libcrypto.so.3.1"), here("libssl.so.3", "libc6")]]) {
      const { code, stdout, stderr } = await deploy(needs, cache);
      assert.deepEqual([code, stdout], [3, ""]);
      assert.match(
        stderr,
        /^deploy: this machine lacks libcrypto\.so\.3 libssl\.so\.3, which the programs of tool-server-1\.0\.0-linux-x64 need; install [^\n]*\n$/,
      );
      assert.deepEqual(box.picture(true), before);
    }
    assert.match((await deploy(needs, [here("libssl.so.3")])).stderr, /lacks libcrypto\.so\.3, which/);
  });

  it("is told of a glibc that is too old, number by number", async () => {
    const before = box.picture(true);
    const { code, stderr } = await deploy({ libraries: [], glibc: "2.100" }, [here("libc.so.6")]);
    assert.equal(code, 3);
    assert.match(
      stderr,
      /^deploy: this machine has glibc 2\.36, and the programs of tool-server-1\.0\.0-linux-x64 need 2\.100 or newer, [^\n]*\n$/,
    );
    assert.deepEqual(box.picture(true), before);
  });

  it("is asked by upgrade as well, before the earlier release is stopped", async () => {
    assert.equal((await deploy({ libraries: [], glibc: null }, [])).code, 0);
    const before = box.picture(true);
    assert.equal((await deploy(needs, [here("libz.so.1")], "upgrade")).code, 3);
    assert.deepEqual(box.picture(true), before);
  });

  it("is no matter where all is there, or the loader cannot be asked", async () => {
    for (const cache of [[here("libssl.so.3"), here("libcrypto.so.3", `${mark}, OS ABI: Linux 3.2.0`)], []]) {
      const { code, stderr } = await deploy(needs, cache);
      assert.equal(code, 0, stderr);
    }
  });
});
