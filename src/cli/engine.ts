/** Runs the Pulumi engine for `greenlight` commands: the same engine, state and settings as by hand. */
import { constants } from "node:os";
import { z } from "zod";
import { EdgeError } from "../edges/edges.ts";
import { backendOf, environment, keptFromEngine } from "../setup/environment.mjs";
import { requireTemporaryFolder } from "./temporary-folder.ts";

const StepSchema = z.looseObject({
  op: z.string(),
  urn: z.string(),
  type: z.string(),
  new: z
    .looseObject({
      inputs: z.record(z.string(), z.unknown()).nullish(),
      outputs: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
});
const WithStep = z.looseObject({ metadata: StepSchema });

/** One engine event as `pulumi up --json` prints it (pulumi/pulumi, sdk/go/common/apitype/events.go), as far as it is used. */
const EventSchema = z.looseObject({
  timestamp: z.number(),
  resourcePreEvent: WithStep.optional(),
  resOutputsEvent: WithStep.optional(),
  /** `status` 1: it came into being and is not what it should be; `new.outputs` is then what it says of itself */
  resOpFailedEvent: z.looseObject({ metadata: StepSchema, status: z.number().optional() }).optional(),
  diagnosticEvent: z
    .looseObject({
      urn: z.string().optional(),
      message: z.string(),
      severity: z.string(),
      color: z.string(),
      ephemeral: z.boolean().optional(),
    })
    .optional(),
  summaryEvent: z
    .looseObject({ resourceChanges: z.record(z.string(), z.number()).nullish(), durationSeconds: z.number() })
    .optional(),
});
export type EngineEvent = z.output<typeof EventSchema>;
export type StepMetadata = z.output<typeof StepSchema>;

export interface Finished {
  code: number;
  /** the person asked for the end */
  interrupted: boolean;
  /** the signal that ended the engine, when nobody here had asked for its end */
  killed?: NodeJS.Signals;
  stdout: string;
  stderr: string;
}

/** What may differ from the workspace's own engine run. */
export interface EngineOptions {
  /** a state in another folder */
  backend?: string;
}

/** Ctrl-C, the end that another program asks for, and a terminal that is closed: the engine runs in a group of its own, and would go on. */
const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Thrown where the person asked for the end while the engine was asked for something. */
export class Interrupted extends EdgeError {
  constructor() {
    super("Interrupted; the same command goes on.", "cancelled");
  }
}

let said = false;

/** Says once in a process what of its environment does not reach the engine. */
function sayWhatIsKept(workspace: string): void {
  const sentence = said ? undefined : keptFromEngine({ workspace });
  said = true;
  if (sentence !== undefined) console.error(sentence);
}

/** Starts the engine; its standard output goes to `onText` as it comes, its errors are kept. */
async function run(
  workspace: string,
  args: string[],
  { backend }: EngineOptions,
  onText: (text: string) => void,
): Promise<Omit<Finished, "stdout">> {
  requireTemporaryFolder();
  sayWhatIsKept(workspace);
  const { execa } = await import("execa");
  let interrupted = false;
  // Before there is a child: a signal that comes in between must not end this process alone.
  const interrupt = () => {
    interrupted = true;
    child.kill("SIGINT");
  };
  for (const signal of endings) process.on(signal, interrupt);
  const child = execa("pulumi", ["--non-interactive", ...args], {
    cwd: workspace,
    env: {
      ...environment({ workspace }),
      // Without this variable `preview --json` prints one object at its end instead of events.
      PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true",
      ...(backend !== undefined && { PULUMI_BACKEND_URL: backendOf(backend) }),
    },
    extendEnv: false,
    stdin: "ignore",
    // What is printed is taken as it comes, however much it is.
    buffer: false,
    // A group of its own: an interrupt reaches the engine once, through us, and a second one ends it at once.
    detached: true,
    // An engine that is told to end takes the time that it needs.
    forceKillAfterDelay: false,
    reject: false,
  });
  // A character may arrive in two pieces.
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8");
  let stderr = "";
  child.stdout.on("data", onText);
  child.stderr.on("data", (text: string) => (stderr += text));
  const ran = await child;
  for (const ending of endings) process.off(ending, interrupt);
  if (ran.code === "ENOENT")
    throw new EdgeError(
      "The Pulumi engine is not installed; run `npm start -- doctor` to see what is missing.",
      "host",
    );
  if (ran.exitCode === undefined && ran.signal === undefined)
    throw ran.cause instanceof Error ? ran.cause : new Error(ran.shortMessage);
  const killed = ran.signal !== undefined && !interrupted ? { killed: ran.signal } : {};
  return { code: ran.exitCode ?? 128 + constants.signals[ran.signal ?? "SIGKILL"], interrupted, stderr, ...killed };
}

/** The sentence about an engine that was killed. */
export function killedSentence(signal: NodeJS.Signals, next: string): string {
  const memory = signal === "SIGKILL" ? ", as a host does that runs out of memory" : "";
  return `The engine was killed from outside (${signal}${memory}), so nothing is known of what it was at; ${next}.`;
}

/** Runs `pulumi ARGS` in the workspace and answers what it printed. @throws EdgeError when there is no engine. */
export async function pulumi(workspace: string, args: string[], options: EngineOptions = {}): Promise<Finished> {
  let stdout = "";
  const finished = await run(workspace, args, options, (text) => (stdout += text));
  return { ...finished, stdout };
}

/** As {@link pulumi}, and a failure is an EdgeError with the engine's own words. @throws Interrupted */
export async function pulumiOrFail(workspace: string, args: string[], options: EngineOptions = {}): Promise<string> {
  const { code, killed, interrupted, stdout, stderr } = await pulumi(workspace, args, options);
  if (interrupted) throw new Interrupted();
  if (killed) throw new EdgeError(killedSentence(killed, "run the command again"), "killed");
  if (code !== 0)
    throw new EdgeError(`\`pulumi ${args.join(" ")}\` failed: ${stderr.trim() || stdout.trim()}`.split("\n"));
  return stdout;
}

/** An event of the engine, or undefined for a line that is none. */
export function parseEvent(line: string): EngineEvent | undefined {
  try {
    return EventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Runs an operation and hands on its events as they come; `stdout` is what it printed beside them. */
export async function pulumiEvents(
  workspace: string,
  args: string[],
  onEvent: (event: EngineEvent) => void,
  options: EngineOptions = {},
): Promise<Finished> {
  let stdout = "";
  let rest = "";
  const take = (line: string) => {
    const event = parseEvent(line);
    if (event) onEvent(event);
    else stdout += `${line}\n`;
  };
  // Lines end in a line feed and nothing else: a text inside an event may hold what other readers take for the end of a line.
  const finished = await run(workspace, [...args, "--json"], options, (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(take);
  });
  if (rest !== "") take(rest);
  return { ...finished, stdout };
}
