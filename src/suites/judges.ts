/** The named judges: those of the standard suites, and those beside each product's definition. */
import type { Judge } from "../checks/judging.ts";
import { products } from "../products/index.ts";
import { asPackedJudge } from "./as-packed.ts";
import { saidJudge } from "./chaos.ts";
import { crashJudge } from "./crash.ts";
import { foldersJudge, secretFormJudge } from "./declared.ts";
import { footprintJudge, inventoryJudge } from "./footprint.ts";
import { executableJudge } from "./install.ts";
import { keptJudge } from "./kept-judge.ts";
import { newBootJudge } from "./phases.ts";
import { receivedJudge } from "./received.ts";
import { socketsJudge } from "./service.ts";
import { lastsJudge } from "./soak.ts";
import { stateJudge } from "./state-kept.ts";
import { unchangedJudge } from "./unchanged.ts";
import { processesJudge } from "./unrestarted.ts";

const own: Record<string, Judge> = {
  "as-packed": asPackedJudge,
  crash: crashJudge,
  executable: executableJudge,
  folders: foldersJudge,
  footprint: footprintJudge,
  inventory: inventoryJudge,
  kept: keptJudge,
  lasts: lastsJudge,
  "new-boot": newBootJudge,
  processes: processesJudge,
  received: receivedJudge,
  said: saidJudge,
  "secret-form": secretFormJudge,
  sockets: socketsJudge,
  state: stateJudge,
  unchanged: unchangedJudge,
};

/** A judge by its name; a product's begins with the product's name: `palyra/help`. */
export function judgeNamed(name: string): Judge | undefined {
  if (Object.hasOwn(own, name)) return own[name];
  const [product = "", rest = ""] = name.split("/", 2);
  const judges = Object.hasOwn(products, product) ? (products[product]!.judges ?? {}) : {};
  return Object.hasOwn(judges, rest) ? judges[rest] : undefined;
}
