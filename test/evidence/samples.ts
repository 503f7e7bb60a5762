/** A proof as literal values, and evidence made of it. */
import { makeEvidence, type Evidence, type Proof } from "../../src/evidence/index.ts";
import type { Suite } from "../../src/suites/index.ts";
import { newBoot, printed, record, runRecord, stream } from "../suites/samples.ts";

export const suites: Suite[] = [
  { name: "install", checks: [{ name: "received", run: "true", expect: {} }] },
  {
    name: "smoke",
    checks: [
      { name: "version", run: "nats --version", expect: { stdout: { equals: "1.2.3" } } },
      { name: "help", run: "nats --help", expect: {} },
    ],
  },
  { name: "reboot", afterReboot: "clean", checks: [{ name: "back", run: "true", expect: {} }] },
];

export const firstRun = runRecord(
  [record("received", { suite: "install" }), record("version", { stdout: stream("1.2.3\n") }), record("help")],
  "mach1-phase-1",
);
export const secondRun = runRecord([newBoot("clean", "reboot"), record("back", { suite: "reboot" })], "mach1-phase-2");

export const archiveDigest = "a".repeat(64);

/** Everything passes, unless `more` says otherwise. */
export function proof(more: Partial<Proof> = {}): Proof {
  return {
    stack: "dev",
    cell: "server-lifecycle",
    target: "linux-x64/debian-12",
    attempt: 1,
    subject: {
      product: "nats",
      kind: "server",
      version: "1.2.3",
      platform: "linux-x64",
      revision: "c0ffee",
      base: "nats-server-1.2.3-linux-x64",
      sha256: archiveDigest,
    },
    companions: [],
    suites,
    machine: {
      value: {
        id: "mach1",
        imageDigest: "i",
        packagesDigest: "p",
        kernel: "6.1",
        accelerator: "tcg",
        qemu: "7.2",
        bootId: "b",
        startedAt: "2026-01-02T03:00:00.000Z",
      },
    },
    proof: { value: [printed(firstRun), printed(secondRun)] },
    observed: {},
    tool: "0.1.0",
    now: new Date("2026-01-02T03:05:00.000Z"),
    ...more,
  };
}

export const evidenceOf = (more: Partial<Proof> = {}): Evidence => makeEvidence(proof(more));
