/** Records and runner outputs as literal values, for tests of what reads and judges them. */
import { sha256 } from "../../src/storage/digest.ts";
import type { CheckRecord, Stream } from "../../src/checks/record.ts";
import type { RunRecord } from "../../src/suites/record.ts";
import { gzipSync } from "node:zlib";
import { createTar } from "nanotar";

/** A stream of which everything is known, or, with `keep`, that many bytes of its beginning and of its end. */
export function stream(text: string, keep?: number): Stream {
  const bytes = Buffer.from(text);
  const head = keep === undefined ? bytes : bytes.subarray(0, keep);
  const tail = keep === undefined ? Buffer.alloc(0) : bytes.subarray(bytes.length - keep);
  return { bytes: bytes.length, sha256: sha256(bytes), head: head.toString("base64"), tail: tail.toString("base64") };
}

export function record(check: string, more: Partial<CheckRecord> = {}): CheckRecord {
  return {
    suite: "smoke",
    check,
    exit: 0,
    ms: 10,
    killed: "no",
    overflow: false,
    left: 0,
    needs: "",
    stdout: stream(""),
    stderr: stream(""),
    files: {},
    ...more,
  };
}

/** The record of the check that a suite after a reboot begins with. */
export const newBoot = (how: "clean" | "hard", suite = "smoke"): CheckRecord =>
  record("new-boot", { suite, stdout: stream(`boot-1\nboot-2\n${how === "clean" ? "Reached target.\n" : ""}`) });

export function runRecord(checks: CheckRecord[], run = "mach1-phase-1"): RunRecord {
  return {
    run,
    planned: checks.length,
    ran: checks.length,
    bootId: "b",
    kernel: "Linux 6.1 x86_64",
    system: "Debian",
    packagesDigest: "0".repeat(64),
    time: "2026-01-02T03:04:05.000Z",
    ms: 100,
    checks,
  };
}

/** The files of a bundle for a record. */
export function bundled({ run, planned, checks, bootId, kernel, system, packagesDigest, time, ms, ran }: RunRecord) {
  const files: Record<string, string | Buffer> = {};
  const index: string[] = [];
  const put = (name: string, { bytes, sha256, head, tail }: Stream): void => {
    const [first, last] = [Buffer.from(head, "base64"), Buffer.from(tail, "base64")];
    const cut = first.length + last.length < bytes;
    index.push(`${cut ? "cut" : "whole"} ${bytes} ${sha256} ${name}`);
    if (cut) Object.assign(files, { [`cut/${index.length}.head`]: first, [`cut/${index.length}.tail`]: last });
    else files[name] = Buffer.concat([first, last]);
  };
  const records = checks.map((check, i) => {
    const { suite, check: name, exit, ms: took, killed, left, needs, stdout, stderr, files: came } = check;
    put(`${i + 1}.out`, stdout);
    put(`${i + 1}.err`, stderr);
    for (const [path, stream] of Object.entries(came)) put(`${i + 1}/${path}`, stream);
    return `${i + 1} ${suite} ${name} ${exit} ${took} ${killed} ${left} ${needs === "" ? "-" : needs}`;
  });
  const facts = { run, planned, ran, boot: bootId, kernel, system, packages: packagesDigest, ms };
  files["facts"] = Object.entries({ ...facts, time: Date.parse(time) / 1000 })
    .map(([name, value]) => `${name} ${value}\n`)
    .join("");
  files["records"] = records.map((line) => `${line}\n`).join("");
  files["index"] = index.map((line) => `${line}\n`).join("");
  return files;
}

/** What a runner prints for these files. */
export function packed(run: string, files: Record<string, string | Buffer>): string {
  const tar = createTar(Object.entries(files).map(([name, data]) => ({ name, data: Buffer.from(data) })));
  const bundle = gzipSync(tar);
  const lines = bundle.toString("base64").match(/.{1,8192}/g)!;
  const head = `greenlight-evidence/2 ${run} ${bundle.length} ${sha256(bundle)}`;
  return [head, ...lines, "greenlight-evidence/2 end", ""].join("\n");
}

/** What the runner prints for a record. */
export function printed(record: RunRecord): string {
  return packed(record.run, bundled(record));
}
