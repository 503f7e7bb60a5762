/** An archive that another machine packs: other kernel, one core, other clock zone, nothing of ours but Node and the sources. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { goodCandidate } from "../good-candidate.ts";
import { Guest } from "../installer/guest.ts";

const project = join(import.meta.dirname, "../..");

/** What packing needs of the project: not the engine's libraries, which are most of node_modules. */
const sources = ["package.json", "Pulumi.yaml", "src", "node_modules"];
const unneeded = ["@pulumi", "@grpc", "@opentelemetry", "@types", "google-protobuf", "typescript", "fast-check"].map(
  (name) => `--exclude=node_modules/${name}`,
);
const tarred = (folder: string, ...args: string[]): Buffer =>
  execFileSync("tar", ["-czf", "-", "-C", folder, ...args], { maxBuffer: 1 << 30 });

describe("packing on another machine", function () {
  this.timeout(600_000);
  let guest: Guest;
  const output = mkdtempSync(join(tmpdir(), "greenlight-packed-"));
  before(async () => (guest = await Guest.start("pack-elsewhere", "0".repeat(64))));
  after(async () => {
    rmSync(output, { recursive: true, force: true });
    await guest?.end();
  });

  it("gives the very bytes that this one packs, archive and sidecars", async () => {
    const candidate = await goodCandidate();
    await guest.put("/root/node.gz", gzipSync(readFileSync(process.execPath), { level: 1 }));
    await guest.put("/root/sources.tgz", tarred(project, ...unneeded, ...sources));
    // By name: other tests look whether the candidate is up to date, and the lock they hold meanwhile comes and goes in its folder.
    const sealed = readdirSync(candidate).filter((name) => !name.startsWith("."));
    await guest.put("/root/candidate.tgz", tarred(candidate, ...sealed));
    const there = await guest.sh(
      [
        "set -e; cd /root; gunzip node.gz; chmod 755 node; mkdir project candidate; tar -xzf sources.tgz -C project; tar -xzf candidate.tgz -C candidate",
        "cd project; umask 077; TZ=Asia/Tokyo ../node src/cli/main.ts pack /root/candidate --output /root/packed >/dev/null",
        "cd /root/packed; sha256sum *",
      ].join("\n"),
    );
    assert.equal(there.code, 0, there.stderr);
    execFileSync(process.execPath, [join(project, "src/cli/main.ts"), "pack", candidate, "--output", output], {
      stdio: "pipe",
    });
    const here = execFileSync("sh", ["-c", "sha256sum *"], { cwd: output, encoding: "utf8" });
    assert.match(here, /\.zip\n/);
    assert.equal(there.stdout, here);
  });
});
