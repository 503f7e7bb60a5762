/** What a product may leave on its machine, and send from it: looked at before and after everything that is done with it. */
import { z } from "zod";
import { asPackedCheck } from "./as-packed.ts";
import { differences, lookOf } from "./footprint-inventory.ts";
import { declaredFootprint, declaredToStay } from "./footprint-declared.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Check, Suite } from "../checks/check.ts";
import { guest } from "../checks/guest.ts";
import { judge, listed } from "../checks/judging.ts";
import { RegularExpressionSchema } from "../checks/schema.ts";

/** Each look is one of a login shell, so that its environment is what a person would have. */
const look = (name: string, needs: string): Omit<Check, "expect"> => ({
  name,
  login: true,
  within: 90,
  needs,
  run: guest(import.meta.url, "inventory"),
});

/** Notes what is on the machine before anything is installed: a few thousand lines. */
export function inventoryCheck(needs: string): Check {
  return { ...look("inventory", needs), expect: { judge: { name: "inventory" } } };
}

/** Whether a look saw everything. */
export const inventoryJudge = judge(z.undefined(), (_, { own }) => {
  lookOf(own.stdout);
  return [];
});

/** The earlier look is that of the check `since`. */
export const footprintJudge = judge(
  z.strictObject({ since: z.string(), declared: z.array(RegularExpressionSchema) }),
  ({ since, declared }, { own, of }) => {
    const open = differences(lookOf(of(since).stdout), lookOf(own.stdout), declared);
    if (open.length === 0) return [];
    return [{ expected: `nothing but what is declared to be other than at ${since}`, observed: listed(open) }];
  },
);

/** Nothing has come onto the machine since it was noted (the check `since`) that the product does not declare, and nothing has gone. */
export function footprintCheck(name: string, life: Lifecycle, needs: string, since: string): Check {
  return {
    ...look(name, needs),
    expect: { judge: { name: "footprint", given: { since, declared: declaredFootprint(life) } } },
  };
}

/** The machine is as it was before, but for what is its users' own. */
export function nothingLeftCheck(life: Pick<Lifecycle, "kind" | "at">, needs: string, since: string): Check {
  const given = { since, declared: declaredToStay(life) };
  return { ...look("nothing-left", needs), expect: { judge: { name: "footprint", given } } };
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
      footprintCheck("after-use", life, "install/install", "install/inventory"),
      asPackedCheck(life, "install/install"),
      silenceCheck,
    ],
  };
}
