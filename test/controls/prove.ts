/** Shows a control red on a machine of its own: its seed, its suites and no others, its check, and in what words. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlsOf, forgetRed, sawRed, type Control } from "../../src/controls/index.ts";
import type { SuiteName } from "../../src/plan/index.ts";
import type { Suite } from "../../src/suites/index.ts";
import { standinCandidate } from "../standin/candidate.ts";
import { proveOnMachine } from "../suites/on-machine.ts";
import { seeds, type Seed } from "./seeds.ts";

const checkout = join(import.meta.dirname, "../..");
const platforms = ["linux-x64"] as const;

/** Upgrades go from the first of these to the second; everything else is of the first. */
const versions = ["0.1.0", "0.2.0"] as const;

/** The stand-in without a fault: built once, and kept. */
const good = async (version: string): Promise<string> => (await standinCandidate({ version, platforms })).folder;

/** A candidate with a fault built in, in a folder that is gone afterwards. What no fault changes is taken from the good one. */
async function seeded(version: string, faults: string[], out: string): Promise<string> {
  const whole = await good(version);
  for (const part of ["host", "shared"])
    for (const path of [part, `.build/${part}.json`])
      cpSync(join(whole, path), join(out, path), { recursive: true, preserveTimestamps: true });
  return (await standinCandidate({ version, platforms, faults, out })).folder;
}

/** The suites without what comes after a check in its suite, which is the last: it is not waited for. */
function upTo(check: string, suites: Suite[]): Suite[] {
  const last = suites.at(-1)!;
  const at = last.checks.findIndex(({ name }) => `${last.name}/${name}` === check);
  assert.ok(at >= 0, `${last.name} has no check ${check}`);
  return [...suites.slice(0, -1), { ...last, checks: last.checks.slice(0, at + 1) }];
}

/** @throws AssertionError that names every check that is red. Candidates are made below `folder`. */
export async function showControl(control: Control, seed: Seed, folder: string): Promise<void> {
  forgetRed(checkout, "palyra", control.id);
  const upgrade = control.suites[0] === "upgrade";
  const version = upgrade ? versions[1] : versions[0];
  const candidate = seed.standin ? await seeded(version, seed.standin, folder) : await good(version);
  const proof = await proveOnMachine(candidate, control.suites as SuiteName[], {
    product: "palyra",
    kind: control.kind,
    soakSeconds: seed.soakSeconds,
    previous: upgrade ? await good(versions[0]) : undefined,
    repack: seed.archive,
    repackPrevious: seed.previous,
    spoil: seed.onTheWay,
    change: (suites) => upTo(control.check, suites),
    told: seed.told,
  });
  const { evidence, judgement } = proof;
  assert.equal(judgement.verdict, "red", judgement.sentence);
  const open = evidence.suites.flatMap(({ result }) =>
    result.checks
      .filter(({ status }) => status !== "passed")
      .map((check) => ({ ...check, check: `${result.suite}/${check.check}` })),
  );
  const seen = open.find(({ check }) => check === control.check);
  const all = JSON.stringify(
    open.map(({ check, observed }) => [check, observed]),
    null,
    1,
  );
  assert.ok(seen, `${control.check} is not red; red are: ${all}`);
  assert.match(seen.observed ?? "", new RegExp(control.observed), all);
  assert.equal(open.find(({ check }) => check !== seed.alsoBefore?.check)!.check, control.check, all);
  assert.deepEqual([evidence.errors, evidence.faults], [[], []]);
  sawRed(checkout, "palyra", control.id, {
    check: seen.check,
    subject: seed.previous ? evidence.companions[0]! : evidence.subject.sha256,
    now: new Date(),
  });
  console.log(`      ${Math.round(proof.seconds)} s on its machine`);
}

/** A test for each control of Palyra that is meant: two files share them, so that two machines can run at a time. */
export function showControls(title: string, meant: (control: Control) => boolean): void {
  describe(title, function () {
    this.timeout(15 * 60_000);
    let folder = "";
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "greenlight-control-"))));
    afterEach(() => rmSync(folder, { recursive: true, force: true }));
    for (const control of controlsOf("palyra").filter(meant)) {
      it(`${control.id}: red in ${control.check}, because ${control.seeded}`, () =>
        showControl(control, seeds[control.id]!, folder));
    }
  });
}
