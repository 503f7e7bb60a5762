/** Records and runner outputs as literal values, for tests of what reads and judges them. */
import { sha256 } from "../../src/storage/digest.ts";
import { evidencePrefix, type CheckRecord, type RunRecord, type Stream } from "../../src/suites/record.ts";

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
    ...more,
  };
}

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

/** What the runner prints for a record. */
export function printed({
  run,
  planned,
  checks,
  bootId,
  kernel,
  system,
  packagesDigest,
  time,
  ms,
  ran,
}: RunRecord): string {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return [
    {
      type: "begin",
      run,
      planned,
      boot: bootId,
      kernel: base64(kernel),
      system: base64(system),
      packages: packagesDigest,
      time: Date.parse(time) / 1000,
    },
    ...checks.map((check) => ({ type: "check", run, ...check, overflow: check.overflow ? "yes" : "no" })),
    { type: "end", run, ran, ms },
  ]
    .map((line) => `${evidencePrefix}${JSON.stringify(line)}\n`)
    .join("");
}
