/** What Palyra's daemon keeps, looked at on a Palyra that is laid out here, and judged from what the looks brought. */
import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keptGone, keptLater, keptNoted, keptRemoved, keptStill } from "../../src/suites/kept.ts";
import type { Check } from "../../src/suites/index.ts";
import { LaidOut, product } from "./laid-out.ts";

describe("what Palyra keeps", function () {
  this.timeout(300_000);
  let laid: LaidOut;
  let notes: string;
  before(async () => {
    laid = await LaidOut.of("headless");
  });
  after(() => laid?.remove());
  beforeEach(() => {
    notes = mkdtempSync(join(tmpdir(), "greenlight-kept-"));
  });
  afterEach(async () => {
    rmSync(notes, { recursive: true, force: true });
    laid.faults = [];
    await laid.stop();
    rmSync(laid.at.state, { recursive: true, force: true });
    mkdirSync(laid.at.state);
  });
  const life = () => ({ kind: product.kinds["headless"]!, at: laid.at });
  const ask = async (checks: Check[]): Promise<string> =>
    (await laid.judge(checks, notes)).map(({ observed, status }) => observed ?? status).join();
  const noted = async (...faults: string[]): Promise<string> => {
    laid.faults = faults;
    await laid.serve();
    const said = await ask(keptNoted(life()));
    laid.faults = [];
    return said;
  };
  const still = (migrated = false): Promise<string> => ask(keptStill(life(), migrated));
  const state = (path: string): string => join(laid.at.state, path);
  const sealed = (): string =>
    state(`identity/${readdirSync(state("identity")).find((name) => !name.startsWith("."))!}`);
  const rewrite = (file: string, change: (text: string) => string): void =>
    writeFileSync(file, change(readFileSync(file, "latin1")), "latin1");

  it("is kept over a restart, whatever is sealed anew by it", async () => {
    assert.equal(await noted(), "passed");
    const before = readFileSync(sealed());
    await laid.restart();
    assert.notDeepEqual(readFileSync(sealed()), before);
    assert.equal(await still(), "passed");
    await laid.stop();
    assert.equal(await ask(keptRemoved(life(), false)), "passed");
  });

  it("cannot be noted where a restart loses records, or makes the identity anew", async () => {
    assert.match(await noted("forgets"), /journal\.sqlite3 lost 1 records by a restart/);
    await laid.stop();
    assert.match(await noted("new-identity"), /\.store-key\.v1 is not what it was/);
    await laid.stop();
    assert.match(await noted("new-ca"), /127\.0\.0\.1:7444 presents a certificate of .* instead of one of/);
  });

  const losses: Record<string, [loss: () => unknown, observed: RegExp]> = {
    "a journal that is begun anew": [() => laid.restart("forgets"), /journal\.sqlite3 has lost [12] of [12] records/],
    "an identity that is made anew": [
      () => laid.restart("new-identity"),
      /\.store-key\.v1 is not what it was.*presents a certificate/,
    ],
    "an authority that only what is presented shows": [
      () => laid.restart("new-ca"),
      /^127\.0\.0\.1:7444 presents a certificate of .* instead of one of/,
    ],
    "a daemon that presents nothing": [() => laid.stop(), /^127\.0\.0\.1:7444 presents nothing instead of/],
    "a sealed file that is gone": [() => rmSync(sealed()), /identity has lost 1 files, or their owner or mode/],
    "a sealed file that others may read": [
      () => chmodSync(sealed(), 0o644),
      /identity has lost 1 files, or their owner or mode: \S+ 600/,
    ],
    "a key that is gone": [() => rmSync(state("identity/.store-key.v1")), /\.store-key\.v1 is gone/],
    "a record with another text": [
      async () => (
        await laid.stop(),
        rewrite(state("data/journal.sqlite3"), (text) => text.replace(/started/g, "STARTED"))
      ),
      /journal\.sqlite3 has [12] of [12] records that are not what they were/,
    ],
    "state that is gone": [
      () => rmSync(laid.at.state, { recursive: true }),
      /\.store-key\.v1 is gone; .*identity has lost .*journal\.sqlite3 has lost/,
    ],
  };
  for (const [name, [loss, observed]] of Object.entries(losses)) {
    it(`is not kept with ${name}`, async () => {
      assert.equal(await noted(), "passed");
      await loss();
      assert.match(await still(), observed);
    });
  }

  it("is not known without a look before", async () => {
    await laid.serve();
    assert.match(await still(), /smoke\/data-noted has no record/);
    assert.match(await ask(keptGone(life(), "smoke/data-later")), /smoke\/data-later has no record/);
  });

  it("may be brought to a newer release's form, and what that writes is gone with a backup", async () => {
    const newer = await LaidOut.of("headless", "0.2.0");
    try {
      assert.equal(await noted(), "passed");
      await laid.stop();
      const backup = join(laid.folder, "backup");
      cpSync(laid.at.state, backup, { recursive: true });
      await laid.restart([], newer.at.root);
      assert.match(
        await still(),
        /journal\.sqlite3 has [12] of [12] records that are not what they were/,
        "under one release all of a row counts",
      );
      assert.equal(await still(true), "passed", "migrated");
      assert.equal(await ask(keptLater(life())), "passed");
      assert.match(
        await ask(keptGone(life(), "smoke/data-later")),
        /journal\.sqlite3 still has 1 records that were written after the upgrade/,
      );
      await laid.stop();
      rmSync(laid.at.state, { recursive: true });
      cpSync(backup, laid.at.state, { recursive: true });
      await laid.restart();
      assert.equal(await ask(keptGone(life(), "smoke/data-later")), "passed");
      assert.equal(await still(), "passed", "from the backup");
    } finally {
      await newer.remove();
    }
  });

  for (const [fault, observed] of [
    ["loses-on-migration", /has lost 1 of [12] records/],
    ["alters-on-migration", /has [12] of [12] records that are not what they were/],
  ] as const) {
    it(`is not kept by a migration that ${fault.split("-")[0]} records`, async () => {
      const newer = await LaidOut.of("headless", "0.2.0");
      try {
        assert.equal(await noted(), "passed");
        await laid.restart(fault, newer.at.root);
        assert.match(await still(true), observed);
      } finally {
        await newer.remove();
      }
    });
  }
});
