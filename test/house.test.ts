/** The house: rooms stand on one another in one order, and are entered by the front door. ESLint keeps cycles between files out. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const checkout = fileURLToPath(new URL("..", import.meta.url));

/** Every room of `src`, and the program, from the ground up: a file imports from rooms before its own, never from later ones. */
const order = [
  ...[
    "edges",
    "plugins",
    "storage",
    "secret-search",
    "approvals",
    "controls",
    "matrix",
    "checks",
    "products",
    "command-plugin",
  ],
  ...[
    "machines",
    "binaries",
    "candidate",
    "installer",
    "suites",
    "plan",
    "policy",
    "agreement",
    "validator",
    "archive",
    "recipes",
  ],
  ...[
    "evidence",
    "gates",
    "readiness",
    "decisions",
    "channel",
    "contract",
    "recordings",
    "provider",
    "infra",
    "setup",
    "cli",
  ],
];

/** A wing of a larger room, from its ground up. */
const wings: Record<string, string[]> = { machines: ["places", "host", "identity", "images", "observation", "life"] };

const texts = (): Map<string, string> =>
  new Map(
    globSync(["src/**/*.{ts,mjs}", "infra/**/*.ts"], { cwd: checkout }).map((file) => [
      file,
      readFileSync(join(checkout, file), "utf8"),
    ]),
  );

const roomOf = (file: string): string => (file.startsWith("src/") ? file.split("/")[1]! : file.split("/")[0]!);
const wingOf = (file: string): string => file.split("/")[2] ?? "";

/** What is wrong with one import, as a clause; undefined when nothing is. */
function fault(from: string, to: string, hasDoor: (folder: string) => boolean): string | undefined {
  const [here, there] = [roomOf(from), roomOf(to)];
  for (const room of [here, there]) if (!order.includes(room)) return `${room} has no place in the order of rooms`;
  const door = (folder: string) =>
    hasDoor(folder) && !to.endsWith("/index.ts") ? `goes past ${folder}/index.ts` : undefined;
  if (here !== there)
    return order.indexOf(there) > order.indexOf(here) ? `goes up from ${here} to ${there}` : door(`src/${there}`);
  const floors = wings[here];
  const [wing, other] = [wingOf(from), wingOf(to)];
  if (!floors || wing === other || !floors.includes(wing) || !floors.includes(other)) return undefined;
  return floors.indexOf(other) > floors.indexOf(wing)
    ? `goes up from ${wing} to ${other}`
    : door(`src/${here}/${other}`);
}

function faults(files: ReadonlyMap<string, string>, hasDoor: (folder: string) => boolean): string[] {
  return [...files].flatMap(([file, text]) =>
    [...text.matchAll(/\bfrom "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/g)].flatMap(([, stated, lazy]) => {
      const to = normalize(join(dirname(file), (stated ?? lazy)!));
      if (!to.startsWith("src/") && !to.startsWith("infra/")) return [];
      const found = fault(file, to, hasDoor);
      return found === undefined ? [] : [`${file} imports ${to}: ${found}`];
    }),
  );
}

const doors = (folder: string): boolean => existsSync(join(checkout, folder, "index.ts"));

describe("the house", () => {
  it("has arrows down the flow alone, and nothing goes past a room's index.ts", () => {
    assert.deepEqual(faults(texts(), doors), []);
  });

  it("would show an arrow that goes up, one past a door, and a room that has no place", () => {
    const planted = new Map([
      ["src/products/a.ts", 'import type { Suite } from "../suites/index.ts";'],
      ["src/cli/b.ts", 'const { judge } = await import("../gates/judge.ts");'],
      ["src/machines/host/c.ts", 'import { createMachine } from "../life/index.ts";'],
      ["src/machines/life/d.ts", 'import { runTool } from "../host/tool.ts";\nimport { Qmp } from "../host/index.ts";'],
      ["src/utils/e.ts", 'import { sha256 } from "../storage/digest.ts";'],
    ]);
    assert.deepEqual(faults(planted, doors), [
      "src/products/a.ts imports src/suites/index.ts: goes up from products to suites",
      "src/cli/b.ts imports src/gates/judge.ts: goes past src/gates/index.ts",
      "src/machines/host/c.ts imports src/machines/life/index.ts: goes up from host to life",
      "src/machines/life/d.ts imports src/machines/host/tool.ts: goes past src/machines/host/index.ts",
      "src/utils/e.ts imports src/storage/digest.ts: utils has no place in the order of rooms",
    ]);
  });
});
