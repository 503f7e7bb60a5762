/** The broken candidates are broken as they say, and so that neither the seal nor the packer can know. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inspectArchive, packArchive, validateArchive, type PackedArchive } from "../src/archive/index.ts";
import { checkCandidate, readCandidate, type Candidate } from "../src/candidate/index.ts";
import { productNamed } from "../src/products/index.ts";
import { sha256File } from "../src/storage/digest.ts";
import { archiveSpoilers, breakCandidate, brokenCandidates } from "./broken-candidates.ts";
import { goodCandidate } from "./good-candidate.ts";
import { contentsOf, repack } from "./repacked.ts";

const nats = productNamed("nats");
const expect = { product: "nats", kind: "server", version: "2.11.4", platform: "linux-x64" } as const;

interface Ended {
  code: number | string | null;
  output: string;
}
/** What a command did, stopped after `seconds`. */
function run(file: string, args: string[], seconds = 20): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: seconds * 1000, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.killed ? "killed" : (error.code ?? null)) : 0, output: stdout + stderr });
    });
  });
}

describe("broken candidates", function () {
  this.timeout(600_000);
  let top = "";
  let good = "";
  before(async () => {
    top = mkdtempSync(join(tmpdir(), "greenlight-test-"));
    good = await goodCandidate();
  });
  after(() => rmSync(top, { recursive: true, force: true }));
  const make = async (name: string): Promise<{ folder: string; candidate: Candidate }> => {
    const folder = join(top, name);
    const candidate = await breakCandidate(
      brokenCandidates.find((b) => b.name === name)!,
      good,
      folder,
    );
    return { folder, candidate };
  };
  afterEach(() => {
    for (const { name } of brokenCandidates) rmSync(join(top, name), { recursive: true, force: true });
  });

  const packInto = (folder: string, candidate: Candidate): Promise<PackedArchive> =>
    packArchive({
      candidateFolder: folder,
      candidate,
      product: nats,
      kind: "server",
      platform: "linux-x64",
      outputFolder: join(folder, "out"),
    });

  for (const { name } of brokenCandidates.filter((broken) => !broken.repack)) {
    const alsoPacked = name === "service-exits";
    it(`${name}: sealed${alsoPacked ? ", packed and validated" : ""} like a good one`, async () => {
      const before = await Promise.all(["nats", "nats-server"].map((f) => sha256File(join(good, "linux-x64", f))));
      const { folder, candidate } = await make(name);
      assert.deepEqual(await checkCandidate(folder, nats, ["linux-x64"]), []);
      if (alsoPacked)
        assert.deepEqual((await inspectArchive((await packInto(folder, candidate)).file, { expect })).findings, []);
      assert.deepEqual(
        await Promise.all(["nats", "nats-server"].map((f) => sha256File(join(good, "linux-x64", f)))),
        before,
        "the good one is as it was",
      );
      assert.notDeepEqual(
        candidate.platforms["linux-x64"]!.binaries,
        readCandidate(good).platforms["linux-x64"]!.binaries,
      );
    });
  }

  /** Rules that say so of an archive on this host, and of what lies beside it since it was packed. */
  const seen: Record<string, string[]> = {
    "executable-bit-lost": ["executable-bit"],
    "other-architecture": ["binary-platform", "sidecar-binaries"],
    "library-missing": ["binary-starts", "sidecar-binaries"],
  };
  for (const { name, repack: spoil } of brokenCandidates.filter((broken) => broken.repack)) {
    it(`${name}: in the archive, sealed anew; packing would have refused it`, async () => {
      const { folder, candidate } = await make(name);
      const { file, sha256 } = await packInto(folder, candidate);
      assert.notEqual(await repack(file, spoil!), sha256);
      assert.deepEqual(
        (await validateArchive(file, { expect })).map(({ message }) => /rule ([a-z-]+)/.exec(message)![1]),
        seen[name],
      );
      const files = await contentsOf(file);
      for (const path of ["nats", "nats-server"]) {
        const at = join(folder, "linux-x64", path);
        rmSync(at);
        writeFileSync(at, files.get(path)!.data);
        chmodSync(at, files.get(path)!.mode);
      }
      if (name !== "executable-bit-lost")
        await assert.rejects(packInto(folder, readCandidate(folder)), /is not packed: /);
    });
  }

  const onLinux = process.platform === "linux" && process.arch === "x64" ? it : it.skip;

  /** The command as it lies in the archive that the control is seeded in. */
  const unpacked = async (name: string, command: string): Promise<string> => {
    const { folder, candidate } = await make(name);
    const { file } = await packInto(folder, candidate);
    await repack(file, brokenCandidates.find((b) => b.name === name)!.repack!);
    const { data, mode } = (await contentsOf(file)).get(command)!;
    const at = join(folder, `unpacked-${command}`);
    writeFileSync(at, data, { mode });
    return at;
  };

  onLinux("executable-bit-lost cannot be executed", async () => {
    assert.equal((await run(await unpacked("executable-bit-lost", "nats"), ["--version"])).code, "EACCES");
  });

  onLinux("other-architecture cannot be executed here", async () => {
    assert.notEqual((await run(await unpacked("other-architecture", "nats-server"), ["--version"])).code, 0);
  });

  onLinux("other-version runs, and says another version", async () => {
    const { folder } = await make("other-version");
    assert.deepEqual(await run(join(folder, "linux-x64/nats-server"), ["--version"]), {
      code: 0,
      output: "nats-server: v2.11.5\n",
    });
  });

  onLinux("library-missing is stopped by the loader, which names the library", async () => {
    const { code, output } = await run(await unpacked("library-missing", "nats"), ["--version"]);
    assert.equal(code, 127);
    assert.match(output, /error while loading shared libraries: libgreenlight-none\.so\.1/);
  });

  onLinux("service-exits says version and help, and ends as a service", async () => {
    const { folder } = await make("service-exits");
    // Unpacked, the true binary lies beside; in a candidate's folder it does, too.
    const server = join(folder, "linux-x64/nats-server");
    assert.deepEqual(await run(server, ["--version"]), { code: 0, output: "nats-server: v2.11.4\n" });
    assert.match((await run(server, ["--help"])).output, /Usage: nats-server/);
    assert.deepEqual(await run(server, ["-c", "/etc/nats/nats-server.conf"]), {
      code: 1,
      output: "this server ends at once\n",
    });
  });

  onLinux("check-hangs does everything but publish", async () => {
    const { folder } = await make("check-hangs");
    const command = join(folder, "linux-x64/nats");
    assert.deepEqual(await run(command, ["--version"]), { code: 0, output: "0.1.6\n" });
    assert.equal((await run(command, ["-s", "nats://127.0.0.1:4222", "pub", "subject", "text"], 1)).code, "killed");
  });

  onLinux("service-dies is the true server under the same process, until it is killed", async () => {
    const { folder } = await make("service-dies");
    const script = join(folder, "linux-x64/nats-server");
    writeFileSync(script, readFileSync(script, "utf8").replace(/sleep \d+/, "sleep 2"));
    writeFileSync(join(folder, "nats.conf"), 'listen: "127.0.0.1:-1"\n');
    const server = spawn(script, ["-c", join(folder, "nats.conf")], { stdio: "ignore" });
    const ended = new Promise<string | null>((resolve) => server.on("exit", (_code, signal) => resolve(signal)));
    await sleep(1000);
    assert.equal(readlinkSync(`/proc/${server.pid}/exe`), join(folder, "linux-x64/real/nats-server"));
    assert.equal(await ended, "SIGKILL");
  });

  for (const { name, spoil } of archiveSpoilers) {
    it(`a stored archive that is ${name} has another digest, and does not validate`, async () => {
      const packed = await packArchive({
        candidateFolder: good,
        candidate: readCandidate(good),
        product: nats,
        kind: "server",
        platform: "linux-x64",
        outputFolder: join(top, "stored"),
      });
      const copy = join(top, `${packed.base}.zip`);
      copyFileSync(packed.file, copy);
      await spoil(copy);
      assert.notEqual(await sha256File(copy), packed.sha256);
      assert.notDeepEqual(await validateArchive(copy, { expect }), []);
    });
  }
});
