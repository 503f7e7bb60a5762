/** What a check lets through is packed: everything that the archive's own rules would say is said before, in one go. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { inspectArchive, packArchive } from "../../src/archive/index.ts";
import { checkCandidate, createCandidate, writeCandidate, type CandidateDraft } from "../../src/candidate/index.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { products } from "../../src/products/index.ts";
import { box, boxDraft, fillBox, knownBox } from "./box-candidate.ts";
import { program, put, temporaryFolder } from "./tiny-candidate.ts";

describe("what a check lets through", () => {
  const temporary = temporaryFolder();
  knownBox();
  let [folder, number] = ["", 0];
  beforeEach(() => {
    products["box"] = box;
    folder = join(temporary.path, `candidate-${number++}`);
    fillBox(folder, ["linux-x64", "windows-x64"]);
  });
  const check = (): ReturnType<typeof checkCandidate> => checkCandidate(folder, box, ["linux-x64", "windows-x64"]);
  /** Puts files, and seals them as assets of both platforms beside the usual ones. */
  const withAssets = async (
    files: Record<string, string | Buffer>,
    change: (draft: CandidateDraft) => void = () => undefined,
  ) => {
    const draft = boxDraft(["linux-x64", "windows-x64"]);
    for (const [path, content] of Object.entries(files)) {
      put(folder, path, content);
      for (const platform of Object.values(draft.platforms)) platform.assets![path] = path;
    }
    change(draft);
    return writeCandidate(folder, draft);
  };
  const unit = (program: string): string => `[Service]\nExecStart=/opt/box/${program}\n`;

  const refused: [string, Record<string, string | Buffer>, path: string, message: RegExp][] = [
    [
      "an asset that readers take for a bomb",
      { "web/zeros.bin": Buffer.alloc(3 << 20) },
      "web/zeros.bin",
      /zeros\.bin unpacks to more than 200 times its packed size/,
    ],
    [
      "a program that the product does not have",
      { "tools/helper": program("linux-x64") },
      "tools/helper",
      /tools\/helper is a program for linux on x64 \(ELF\), which is none of box's/,
    ],
    [
      "a unit of a program that there is not, outside the recipes",
      { "web/sys/x.service": unit("box-worker") },
      "web/sys/x.service",
      /x\.service starts \/opt\/box\/box-worker, which the desktop and server archives do not have/,
    ],
    [
      "a unit of a program of another kind, outside the recipes",
      { "web/sys/x.service": unit("window") },
      "web/sys/x.service",
      /starts \/opt\/box\/window, which the server archive does not have/,
    ],
    [
      "a unit that is no page of text",
      { "web/sys/x.service": "#".repeat(70_000) },
      "web/sys/x.service",
      /has 70000 bytes, more than the 65536 of a systemd unit/,
    ],
    [
      "an installer's own file",
      { "install-metadata.json": "{}" },
      "install-metadata.json",
      /install-metadata\.json is what installers write/,
    ],
    [
      "an installer's own unit",
      { "service/boxd.service": unit("boxd") },
      "service/boxd.service",
      /service\/boxd\.service is what installers write/,
    ],
    [
      "a name that the product forbids",
      { "web/cache.tmp": "x" },
      "web/cache.tmp",
      /never belongs in a release \(\*\.tmp\)/,
    ],
    [
      "a folder that the product forbids",
      { "web/Scratch/x": "x" },
      "web/Scratch/x",
      /never belongs in a release \(scratch\/\)/,
    ],
  ];
  for (const [name, files, path, message] of refused) {
    it(`has not ${name}`, async () => {
      const product = {
        ...box,
        payload: { ...box.payload!, forbiddenNames: ["*.db", "*.tmp"], forbiddenFragments: ["scratch/"] },
      };
      products["box"] = product;
      const candidate = await withAssets(files);
      const found = await checkCandidate(folder, product, ["linux-x64", "windows-x64"]);
      assert.deepEqual(
        found.map((f) => f.path),
        [`platforms.linux-x64.assets.${path}`],
        JSON.stringify(found),
      );
      assert.match(found[0]!.message, message);
      assert.match(found[0]!.message, /;.*\.$/, "says what to do");
      // The packer itself would have refused it, so that nothing is said in vain.
      await assert.rejects(
        packArchive({
          candidateFolder: folder,
          candidate,
          product,
          kind: "server",
          platform: "linux-x64",
          outputFolder: `${folder}-out`,
        }),
        EdgeError,
      );
    });
  }

  it("has as many recipe files as are left once units of strangers are left out", async () => {
    await withAssets({}, (draft) => {
      for (const { assets } of Object.values(draft.platforms))
        for (const path of ["deployment/one/systemd/boxd.service", "deployment/many/profile.json"])
          delete assets![path];
    });
    const found = await checkCandidate(
      folder,
      { ...box, payload: { ...box.payload!, required: [], minimumRecipes: 2 } },
      ["linux-x64"],
    );
    assert.deepEqual(
      found.map(({ path, message }) => [path, /lists 1 for the (desktop|server|desktop and server)/.test(message)]),
      [["platforms.linux-x64.assets", true]],
    );
  });

  it("has few enough files of a size that archives can have", async () => {
    const candidate = await withAssets({});
    const seal = candidate.platforms["linux-x64"]!;
    const one = Object.values(seal.assets!)[0]!;
    const many = structuredClone(candidate);
    for (let n = 0; n < 65_001; n++) many.platforms["linux-x64"]!.assets![`web/${n}`] = one;
    put(folder, "candidate.json", JSON.stringify(many));
    assert.ok(
      (await check()).some(
        ({ path, message }) => path === "platforms.linux-x64" && /more than 65000 files/.test(message),
      ),
    );
  }).timeout(60_000);

  it("is packed: what a page, a script, a program's text and a unit of our own may be", async () => {
    const candidate = await withAssets({
      "web/tool.sh": "#!/bin/sh\n",
      "web/.well-known/security.txt": "x",
      "web/x.service": unit("boxd"),
      "web/large.txt": Buffer.from("Some words of a text, with a number in it: ")
        .toString()
        .repeat(20)
        .split("")
        .map((c, n) => c + (n % 97))
        .join("")
        .repeat(1200),
    });
    assert.deepEqual(await check(), []);
    for (const kind of ["server", "desktop"])
      await packArchive({
        candidateFolder: folder,
        candidate,
        product: box,
        kind,
        platform: "linux-x64",
        outputFolder: `${folder}-out`,
      });
  });

  it("is no folder of another platform's name, nor hidden", async () => {
    put(folder, ".build/cache.o", "x");
    put(folder, "linux-x64/.build/cache.o", "x");
    put(folder, ".editorconfig", "x");
    put(folder, "web/.well-known/security.txt", "x");
    const { left, candidate } = await createCandidate({ folder, product: box, version: "1.2.0" });
    assert.deepEqual(
      left.map(({ path, why }) => [path, why]),
      [
        [".build/", "is hidden"],
        [".editorconfig", "is hidden"],
        ["linux-x64/.build/cache.o", "is hidden"],
      ],
    );
    assert.ok(candidate.platforms["linux-x64"]!.assets!["web/.well-known/security.txt"]);
    for (const [name, file] of [
      ["linux-amd64", "notes.txt"],
      ["Linux-x64", "x"],
      ["darwin_arm64", "x"],
      ["win64", "x"],
      ["builds", "box.exe"],
    ] as const) {
      const wrong = join(temporary.path, `candidate-${number++}`);
      fillBox(wrong, ["linux-x64"]);
      put(wrong, `${name}/${file}`, "x");
      await assert.rejects(
        createCandidate({ folder: wrong, product: box, version: "1.2.0" }),
        (e: Error) =>
          e instanceof EdgeError &&
          new RegExp(`${name}/, which is no platform; name it .*linux-x64, .*, or take it out`).test(e.message),
        name,
      );
    }
  });

  it("has no path that is too long where it is unpacked on Windows, and no names that APFS takes for one", async () => {
    await withAssets({ [`web/${"x".repeat(190)}`]: "x", "web/straße.txt": "x", "web/STRASSE.txt": "y" });
    const found = await check();
    assert.deepEqual(
      found.map(({ path }) => path.replace(/x{190}/, "long")),
      [
        "platforms.linux-x64.assets.web/STRASSE.txt",
        "platforms.windows-x64.assets.web/STRASSE.txt",
        "platforms.windows-x64.assets.web/long",
      ],
    );
    assert.match(
      found[2]!.message,
      /makes a path of up to \d+ characters where it is unpacked on Windows, more than the 259/,
    );
  });

  it("lets in what was allowed by name, in archives too", async () => {
    const candidate = await withAssets(
      {
        "web/.env": "A=1\n",
        "docs/guide.key": generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }),
      },
      (draft) => (draft.allowed = ["web/.env", "docs/guide.key"]),
    );
    assert.deepEqual(await check(), []);
    const { file } = await packArchive({
      candidateFolder: folder,
      candidate,
      product: box,
      kind: "server",
      platform: "linux-x64",
      outputFolder: `${folder}-out`,
    });
    const { manifest, findings } = await inspectArchive(file);
    assert.deepEqual([findings, manifest?.packaging_boundaries.allowed], [[], ["docs/guide.key", "web/.env"]]);
  });

  it("has no name with a character that nobody sees", async () => {
    put(folder, "web/in\u200bdex.html", "x");
    await assert.rejects(
      createCandidate({ folder, product: box, version: "1.2.0" }),
      (e: Error) => e instanceof EdgeError && /invisible character/.test(e.message),
    );
  });
});
