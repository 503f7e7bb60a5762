/** People with keys of their own, who sign in a workspace of the test's own. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  approvalOf,
  approve,
  fingerprintOf,
  makeWaiver,
  type ApprovalAnswer,
  type ApprovalQuestion,
  type Signer,
  type WaiverQuestion,
} from "../../src/approvals/index.ts";
import type { Requirement } from "../../src/gates/index.ts";

export const now = new Date("2026-03-01T12:00:00.000Z");
export const later = (days: number): Date => new Date(now.getTime() + days * 24 * 3_600_000);
export const release = "d".repeat(64);
export const archive = "a".repeat(64);

export const approvalRules = { people: 1, by: ["alice@example.com", "bob@example.com"], days: 30 };
export const waiverRules = { atMost: 1, by: ["alice@example.com"], may: ["server-*/smoke"], days: 30 };

/** A requirement that failed. */
export const failed: Requirement = {
  name: "smoke",
  status: "failed",
  check: "smoke/answers",
  expected: "an answer within 5 s",
  observed: "none from 10.0.2.15:4222 at 2026-03-01T11:58:07Z",
  open: { checks: 1, of: 9 },
};
export const satisfied: Requirement = { name: "install", status: "satisfied" };

/** A workspace with keys of alice, bob, carol, and mallory, who is no allowed signer. */
export class People {
  readonly folder = mkdtempSync(join(tmpdir(), "greenlight-approvals-"));
  readonly workspace = join(this.folder, "workspace");
  readonly signersFile = join(this.folder, "allowed-signers");
  readonly kept = join(this.workspace, ".greenlight/approvals");

  constructor() {
    mkdirSync(this.workspace);
    for (const name of ["alice", "bob", "carol", "mallory"]) this.key(name);
    this.allow("alice", "bob", "carol");
  }

  /** Makes a key. @returns its file */
  key(name: string, passphrase = ""): string {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", join(this.folder, name)]);
    return join(this.folder, name);
  }

  publicKey(name: string): string {
    return readFileSync(join(this.folder, `${name}.pub`), "utf8")
      .split(" ")
      .slice(0, 2)
      .join(" ");
  }

  /** Writes the allowed signers, each a name of a key, or a whole line. */
  allow(...who: string[]): void {
    const line = (name: string): string =>
      name.includes(" ") ? name : `${name}@example.com namespaces="greenlight-approval" ${this.publicKey(name)}`;
    writeFileSync(this.signersFile, ["# who may sign", ...who.map(line), ""].join("\n"));
  }

  signer(name: string, more: Partial<Signer> = {}): Signer {
    return { workspace: this.workspace, signersFile: this.signersFile, now, key: join(this.folder, name), ...more };
  }

  question(more: Partial<ApprovalQuestion> = {}): ApprovalQuestion {
    const subject = { gate: "people", product: "nats", version: "1.2.3", release, channel: "stable" };
    const { workspace, signersFile } = this;
    return { workspace, signersFile, now, ...subject, rules: approvalRules, ...more };
  }

  ask(more: Partial<ApprovalQuestion> = {}): Promise<ApprovalAnswer> {
    return approvalOf(this.question(more));
  }

  /** Approves what {@link question} asks, but for `more`. @returns the digest */
  async approve(name: string, more: object = {}, signer: Partial<Signer> = {}, days = 7): Promise<string> {
    const { gate, product, version, channel } = this.question();
    const draft = {
      kind: "approval" as const,
      gate,
      product,
      version,
      release,
      channel,
      reason: "it is good",
      ...more,
    };
    return (await approve(this.signer(name, signer), draft, days)).digest;
  }

  waiverQuestion(more: Partial<WaiverQuestion<Requirement>> = {}): WaiverQuestion<Requirement> {
    const { workspace, signersFile } = this;
    return {
      ...{ workspace, signersFile, now, gate: "server-lifecycle", product: "nats", version: "1.2.3" },
      ...{ channel: "stable", archive, requirements: [satisfied, failed], rules: waiverRules },
      ...more,
    };
  }

  /** Waives {@link failed}, but for `more`. @returns the digest */
  async waive(name: string, more: object = {}, signer: Partial<Signer> = {}, days = 7): Promise<string> {
    const { gate, product, version, channel } = this.waiverQuestion();
    const subject = { gate, product, version, channel, requirement: "smoke", archive };
    const words = { fingerprint: fingerprintOf(failed), failure: "it does not answer", reason: "known, mended next" };
    const draft = { kind: "waiver" as const, ...subject, ...words, ...more };
    return (await makeWaiver(this.signer(name, signer), draft, days)).digest;
  }

  statements(): string[] {
    return readdirSync(this.kept).filter((name) => name.endsWith(".json"));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
