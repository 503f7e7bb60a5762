/**
 * A candidate for some of its product's kinds: it needs their binaries alone, says so in its seal, and names what is
 * left out.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkCandidate, chooseKinds, createCandidate, readCandidate } from "../../src/candidate/index.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { create, check } from "../../src/cli/candidate.ts";
import { pack } from "../../src/cli/pack.ts";
import { box, fillBox, knownBox } from "./box-candidate.ts";
import { temporaryFolder } from "./tiny-candidate.ts";

describe("the kinds of a candidate", () => {
  const temporary = temporaryFolder();
  knownBox();
  let folder = "";
  let number = 0;
  beforeEach(() => fillBox((folder = join(temporary.path, `kinds-${number++}`)), ["linux-x64"]));

  const seal = (kinds?: string[]) =>
    createCandidate({ folder, product: box, version: "1.2.0", ...(kinds && { kinds }) });

  it("are all of the product's, and a candidate that was sealed for all does not say so", async () => {
    assert.deepEqual((await seal()).findings, []);
    assert.equal(readCandidate(folder).kinds, undefined);
    await seal(["desktop", "server"]);
    assert.equal(readCandidate(folder).kinds, undefined);
  });

  it("decide which binaries it needs; a program of no chosen kind is left out by name", async () => {
    const { findings, left, candidate } = await seal(["server"]);
    assert.deepEqual([findings, candidate.kinds], [[], ["server"]]);
    assert.deepEqual(left, [
      { path: "linux-x64/window", why: "is a program that server does not have", files: 1, size: 128 },
    ]);
    assert.deepEqual(Object.keys(candidate.platforms["linux-x64"]!.binaries), ["boxd", "box"]);
    assert.deepEqual(
      Object.keys(candidate.platforms["linux-x64"]!.assets!).filter((path) => path.includes("window")),
      [],
    );
    rmSync(join(folder, "linux-x64/window"));
    assert.deepEqual((await seal(["server"])).findings, []);
    const whole = (await seal()).findings.map((finding) => finding.message);
    assert.equal(whole.length, 1);
    assert.match(
      whole[0]!,
      /desktop archive for linux-x64 needs the binary window.*, or seal it without desktop \(`--kinds server`\)\.$/,
    );
  });

  it("leave a sealed file of another kind unread: it may be missing or changed", async () => {
    await seal();
    rmSync(join(folder, "linux-x64/window"));
    assert.deepEqual(await checkCandidate(folder, box, ["linux-x64"], ["server"]), []);
    assert.equal((await checkCandidate(folder, box, ["linux-x64"])).length, 1);
  });

  it("are refused when the product has no such kind, or the candidate was not sealed for it", async () => {
    const names = (e: unknown) =>
      e instanceof EdgeError && /--kinds names "gui", and box has no such kind; use desktop, server\./.test(e.message);
    await assert.rejects(seal(["gui"]), names);
    await seal(["server"]);
    const [finding] = await checkCandidate(folder, box, ["linux-x64"], ["desktop"]);
    assert.match(finding!.message, /asks for desktop, and the candidate was sealed for server alone/);
    for (const sealed of [["gui"], ["constructor"], ["__proto__"]])
      assert.throws(() => chooseKinds(box, { sealed, by: "x" }), /candidate\.json names .* use desktop, server/);
  });

  it("are never all of them because an option names none", () => {
    const script = join(import.meta.dirname, "../../src/cli/main.ts");
    for (const none of ["", ",", "server,", " "]) {
      const args = [script, "candidate", "create", folder, "-p", "nats", "--version", "1.2.0", "--kinds", none];
      const { status, stderr } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
        encoding: "utf8",
      });
      assert.equal(status, 2, stderr);
      assert.match(stderr, /--kinds.*Give names with commas between them/);
      assert.ok(!existsSync(join(folder, "candidate.json")));
    }
  });

  it("have a reason each when they are left out", () => {
    const left = (asked: string[], sealed?: string[]) => chooseKinds(box, { asked, sealed, by: "greenlight:kinds" });
    assert.deepEqual(left([]), { kinds: ["desktop", "server"], left: [] });
    assert.deepEqual(left(["server"]), {
      kinds: ["server"],
      left: [{ kind: "desktop", reason: "greenlight:kinds leaves out desktop" }],
    });
    assert.deepEqual(left([], ["server"]).left, [
      { kind: "desktop", reason: "the candidate was sealed without desktop" },
    ]);
    assert.throws(
      () => left(["desktop"], ["server"]),
      /greenlight:kinds asks for desktop, and the candidate was sealed for server alone; seal it again/,
    );
  });

  it("are followed by create, check and pack on the command line, each of which names what is left out", async () => {
    rmSync(join(folder, "linux-x64/window"));
    const said: string[] = [];
    const options = { product: "box", version: "1.2.0" };
    const write = (line: string): void => void said.push(line);
    assert.equal(await create(folder, { ...options }, write), 2);
    assert.equal(await check(folder, { kinds: ["server"] }, write), 0);
    assert.equal(await check(folder, {}, write), 2);
    assert.equal(await create(folder, { ...options, kinds: ["server"] }, write), 0);
    assert.equal(await check(folder, {}, write), 0);
    const withheld = said.filter((line) => line.startsWith("withheld"));
    assert.deepEqual(withheld, [
      "withheld  box-desktop-1.2.0 for linux-x64: --kinds leaves out desktop",
      "withheld  box-desktop-1.2.0 for linux-x64: the candidate was sealed without desktop",
      "withheld  box-desktop-1.2.0 for linux-x64: the candidate was sealed without desktop",
    ]);
    const [paths, notes]: string[][] = [[], []];
    const output = join(temporary.path, `archives-${number}`);
    const packed = await pack(
      folder,
      { output },
      (line) => paths!.push(line),
      (line) => notes!.push(line),
    );
    assert.equal(packed, 0, notes!.join("\n"));
    assert.deepEqual(
      paths!.filter((line) => line.startsWith("archive_path=")),
      [`archive_path=${join(output, "box-server-1.2.0-linux-x64.zip")}`],
    );
    assert.ok(notes!.includes("box-desktop-1.2.0 is not packed: the candidate was sealed without desktop"));
    await assert.rejects(
      pack(folder, { output, kind: ["desktop"] }, write, write),
      /--kind asks for desktop, and the candidate was sealed for server alone/,
    );
  });
});
