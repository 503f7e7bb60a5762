/** NATS's seeded faults: each broken candidate, and each archive that was spoiled on its way, red for its own check on a real machine. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forgetRed, sawRed } from "../../src/controls/index.ts";
import { archiveSpoilers, breakCandidate, brokenCandidates } from "../broken-candidates.ts";
import { goodCandidate } from "../good-candidate.ts";
import { proveOnMachine, remotely, type MachineProof } from "../suites/on-machine.ts";

const checkout = join(import.meta.dirname, "../..");

describe("seeded faults of NATS", function () {
  this.timeout(600_000);
  let good = "";
  let folder = "";
  before(async () => {
    good = await goodCandidate();
    folder = mkdtempSync(join(tmpdir(), "greenlight-broken-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const firstOpen = ({ judgement }: MachineProof): string | undefined =>
    judgement.requirements.find(({ status }) => status !== "satisfied")?.check;

  for (const broken of brokenCandidates) {
    it(`${broken.name}: red, because ${broken.how}`, async () => {
      forgetRed(checkout, "nats", broken.name);
      const candidate = join(folder, broken.name);
      await breakCandidate(broken, good, candidate);
      const proof = await proveOnMachine(candidate, broken.suites, {
        soakSeconds: broken.soakSeconds,
        repack: broken.repack,
      });
      const { suite, check, observed } = broken.expect;
      assert.equal(proof.judgement.verdict, "red", proof.judgement.sentence);
      assert.equal(firstOpen(proof), `${suite}/${check}`, proof.judgement.sentence);
      assert.match(proof.judgement.sentence, observed);
      sawRed(checkout, "nats", broken.name, {
        check: `${suite}/${check}`,
        subject: proof.evidence.subject.sha256,
        now: new Date(),
      });
    });
  }

  for (const spoiler of archiveSpoilers) {
    it(`${spoiler.name}: red, because ${spoiler.how}, and nothing is installed`, async () => {
      forgetRed(checkout, "nats", spoiler.name);
      const file = join(folder, spoiler.name);
      let opt = "";
      const proof = await proveOnMachine(good, spoiler.suites, {
        spoil: async (archive) => {
          writeFileSync(file, archive);
          await spoiler.spoil(file);
          return readFileSync(file);
        },
        look: async (machine) => {
          opt = (await remotely(machine, "ls -A /opt /usr/local/bin")).stdout;
        },
      });
      assert.equal(firstOpen(proof), `${spoiler.expect.suite}/${spoiler.expect.check}`, proof.judgement.sentence);
      assert.match(proof.judgement.sentence, spoiler.expect.observed);
      assert.equal(opt, "/opt:\n\n/usr/local/bin:\n");
      const ran = proof.evidence.phases[0]!.checks.filter((check) => check.exit !== null).map((check) => check.check);
      assert.deepEqual(ran, ["received"]);
      sawRed(checkout, "nats", spoiler.name, {
        check: firstOpen(proof)!,
        subject: proof.evidence.subject.sha256,
        now: new Date(),
      });
    });
  }
});
