/** What a product may leave on its machine, and send from it: looked at before and after everything that is done with it. */
import { asPackedCheck } from "./as-packed.ts";
import { comparison, inventory } from "./footprint-inventory.ts";
import { declaredFootprint, declaredToStay } from "./footprint-declared.ts";
import type { Lifecycle } from "./standard.ts";
import type { Check, Suite } from "../checks/check.ts";

/** The machine as it was before anything was installed. */
const before = '"$greenlight/notes/inventory"';

/** Each look is one of a login shell, so that its environment is what a person would have. */
const look = { login: true, within: 90 } as const;

/** Notes what is on the machine before anything is installed: a few thousand lines. */
export function inventoryCheck(needs: string): Check {
  return {
    name: "inventory",
    ...look,
    needs,
    run: `${inventory(before)}\nwc -l <${before}`,
    expect: { stdout: { matches: "^[1-9][0-9]{3,}$" } },
  };
}

function sinceThen(name: string, needs: string, declared: readonly string[]): Check {
  return {
    name,
    ...look,
    needs,
    run: `${inventory("now")}\n${comparison(before, "now", declared)}`,
    expect: { stdout: { equals: "nothing" } },
  };
}

/** Nothing has come onto the machine that the product does not declare, and nothing has gone. */
export function footprintCheck(name: string, life: Lifecycle, needs: string): Check {
  return sinceThen(name, needs, declaredFootprint(life));
}

/** The machine is as it was before, but for what is its users' own. */
export function nothingLeftCheck(life: Pick<Lifecycle, "kind" | "at">, needs: string): Check {
  return sinceThen("nothing-left", needs, declaredToStay(life));
}

/** The machine has not tried to reach anybody, from its birth to the end of its last suite. */
export const silenceCheck: Check = {
  name: "no-packet-leaves",
  on: "host",
  run: "packets",
  expect: { stdout: { equals: "nothing" } },
};

/** After use: what the product has put on the machine is what it declares, and nothing has tried to leave it. */
export function footprintSuite(life: Lifecycle): Suite {
  return {
    name: "footprint",
    checks: [
      footprintCheck("after-use", life, "install/install"),
      asPackedCheck(life, "install/install"),
      silenceCheck,
    ],
  };
}
