/**
 * The suites of what goes wrong around an installation: six faults one after another, and then the power is cut while data is being
 * written. After each the services are healthy again within a stated time and stay so, what was planted is there to the byte, systemd did
 * not start them anew without end, and where there was something to say it was said.
 *
 * Crashes and complaints are not looked for on this machine: here they are made.
 */
import { z } from "zod";
import type { Check, Command, Suite } from "../checks/check.ts";
import { guest } from "../checks/guest.ts";
import { judge, unless } from "../checks/judging.ts";
import { placesOf, type Product, type Subject } from "../products/index.ts";
import { healthyCheck } from "./healthy.ts";
import { under } from "./in-use.ts";
import { installSuite } from "./install.ts";
import { keptNoted, keptStill } from "./kept.ts";
import { kindNamed } from "./kind.ts";
import { installed, onceInstalled, type Lifecycle, type MachineFiles } from "./lifecycle.ts";
import { backChecks } from "./reboot.ts";
import { serviceSuite } from "./service.ts";
import { unrestarted } from "./unrestarted.ts";

/** The check that notes what is planted on this machine. */
const noted = "chaos/data-noted";

/** A fault, and what is asked after it. */
interface Fault {
  name: "killed" | "full" | "clock" | "port" | "link" | "memory";
  /** words for its script, `guest/chaos-<name>.sh` */
  words(life: Lifecycle): string[];
  /** seconds that the script may take */
  within: number;
  /** seconds in which each service is healthy once the fault is over */
  healthy: number;
  /** how often systemd may have started a service anew; without end it would be many more */
  restarts: number;
  /** what is said of it, as a regular expression: in each service's journal, or by somebody (a command that writes counts as well) */
  said?: { pattern: string; by: "each" | "somebody" };
}

const unitsOf = ({ kind }: Lifecycle): string[] => kind.services.map(({ name }) => `${name}.service`);

/** Most starts by systemd while a service cannot start: the units give up after five, and a slow machine takes longer than they count. */
const fewStarts = 8;

const faults: readonly Fault[] = [
  {
    name: "killed",
    words: unitsOf,
    within: 30,
    healthy: 60,
    restarts: 1,
    said: { pattern: "code=killed, status=9/KILL", by: "each" },
  },
  {
    name: "port",
    words: ({ kind }) =>
      kind.services.flatMap(({ name, listens }) => [
        `${name}.service`,
        ...listens.slice(0, 1).map(({ address, port }) => `${address}:${port}`),
      ]),
    within: 120,
    healthy: 60,
    restarts: fewStarts,
    said: { pattern: "[Aa]ddress already in use|EADDRINUSE", by: "each" },
  },
  // A service that lives through another time has nothing to say of it.
  { name: "clock", words: () => [], within: 60, healthy: 30, restarts: 0 },
  // A service that listens on this machine alone has nothing to say of a link.
  { name: "link", words: () => [], within: 60, healthy: 30, restarts: 0 },
  {
    name: "memory",
    words: unitsOf,
    within: 90,
    healthy: 60,
    restarts: 3,
    said: { pattern: "oom-kill|OOM killer|[Oo]ut of memory", by: "each" },
  },
  {
    // The services write into a file system that has no room, and are started on it; when it has room again, they are started by whoever made that.
    name: "full",
    words: (life) => [life.at.state, unitsOf(life).join(" "), ...written(life)],
    within: 240,
    healthy: 60,
    restarts: fewStarts,
    said: { pattern: "[Nn]o space left|[Dd]isk( is)? full|ENOSPC", by: "somebody" },
  },
];

/** A command that writes through the product, where it has one. */
const written = ({ product, subject, at }: Lifecycle): string[] => product.checks.write?.(subject, at) ?? [];

const asked = (name: string, needs: string, run: Command, within: number, more: Partial<Check> = {}): Check => ({
  name,
  needs,
  run,
  within,
  expect: {},
  ...more,
});

/** What was logged since this was last asked. */
function saidCheck(
  name: string,
  needs: string,
  life: Lifecycle,
  { restarts, said }: Pick<Fault, "restarts" | "said">,
): Check {
  const units = unitsOf(life);
  const given: z.input<typeof SaidSchema> = { units, restarts, ...(said && { said }) };
  const expect = { judge: { name: "said", given } };
  return asked(name, needs, guest(import.meta.url, "chaos-said", ...units), 60, { files: ["said"], expect });
}

/** A fault, once that is over which `needs` names, and all that is asked after it. */
function faultChecks(life: Lifecycle, fault: Fault, needs: string): Check[] {
  const { product, kind, subject, at } = life;
  const { name, words, within, healthy } = fault;
  const done = `chaos/${name}`;
  return [
    asked(name, needs, guest(import.meta.url, `chaos-${name}`, ...words(life)), within),
    ...kind.services.map((service) => healthyCheck(`${name}-healthy-${service.name}`, service, healthy, done)),
    ...unrestarted(
      kind,
      name,
      done,
      under(name, done, [...product.checks.planted(subject, at), ...keptStill(life, false, noted)]),
      true,
    ),
    saidCheck(`${name}-said`, done, life, fault),
  ];
}

/** Plants data, and then goes from one fault to the next, as long as the services come back from each. */
function chaosSuite(life: Lifecycle): Suite {
  const { product, kind, subject, at } = life;
  const last = kind.services.at(-1)!.name;
  const checks = [
    ...product.checks.plant(subject, at),
    ...keptNoted(life),
    asked("begun", installed, guest(import.meta.url, "chaos-said"), 60),
    ...faults.flatMap((fault, i) => {
      const before = faults[i - 1];
      return faultChecks(life, fault, before ? `chaos/${before.name}-healthy-${last}` : "chaos/begun");
    }),
    ...writingChecks(life),
  ];
  return { name: "chaos", checks: checks.map(onceInstalled) };
}

/** Writes go on from here until the power is cut. */
function writingChecks(life: Lifecycle): Check[] {
  const words = written(life);
  if (words.length === 0) return [];
  const expect = { stdout: { equals: "written" } };
  return [asked("writing", installed, guest(import.meta.url, "chaos-writing", ...words), 90, { expect })];
}

/** After a power cut in the middle of that. What the kernel says of it is that it had to mend the file system. */
function chaosPowerCutSuite(life: Lifecycle): Suite {
  const mended = { stdout: { matches: "EXT4-fs .*recovery complete" } };
  const log = ["journalctl", "-q", "--no-pager", "-k", "-b", "-o", "cat"];
  return {
    name: "chaos-power-cut",
    afterReboot: "hard",
    checks: [...backChecks(life, noted), asked("said", installed, log, 60, { expect: mended })],
  };
}

/** install, service, chaos, chaos-power-cut for one archive, in the order in which they run on a machine of their own. */
export function chaosSuites(product: Product, kind: string, subject: Subject, files: MachineFiles): Suite[] {
  const definition = kindNamed(product, kind);
  const life: Lifecycle = { product, kind: definition, subject, files, at: placesOf(product, definition) };
  return [installSuite(life), serviceSuite(life), chaosSuite(life), chaosPowerCutSuite(life)];
}

const SaidSchema = z.strictObject({
  units: z.array(z.string()).min(1),
  restarts: z.int(),
  said: z.strictObject({ pattern: z.string(), by: z.enum(["each", "somebody"]) }).optional(),
});

/** From what was logged of each unit, and said by commands: the fault is in it, in words, and no endless starts. */
export const saidJudge = judge(SaidSchema, ({ units, restarts, said }, { own }) => {
  const logs = units.map((unit) => ({ unit, log: own.file(`said/${unit}`) }));
  const pattern = said && new RegExp(said.pattern);
  const silent = pattern ? logs.filter(({ log }) => !pattern.test(log)) : [];
  const unsaid =
    said?.by === "somebody" && (silent.length < logs.length || pattern!.test(own.file("said/commands"))) ? [] : silent;
  return [
    ...unsaid.flatMap(({ unit }) =>
      unless(false, `the journal of ${unit} to say /${said!.pattern}/`, `the journal of ${unit} does not say it`),
    ),
    ...logs.flatMap(({ unit, log }) => {
      const starts = log.match(/Scheduled restart job/g)?.length ?? 0;
      const most = `systemd to start ${unit} anew ${restarts} times at most`;
      return unless(starts <= restarts, most, `systemd has started ${unit} anew ${starts} times`);
    }),
  ];
});
