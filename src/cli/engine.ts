/** Runs the Pulumi engine for `greenlight` commands: the same engine, state and settings as by hand. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { EdgeError } from "../edges/edges.ts";
import { environment } from "../setup/environment.mjs";

/** One engine event as `pulumi up --json` prints it (pulumi/pulumi, sdk/go/common/apitype/events.go), as far as it is used. */
export interface EngineEvent {
  timestamp: number;
  resourcePreEvent?: { metadata: StepMetadata };
  resOutputsEvent?: { metadata: StepMetadata };
  /** `status` 1: it came into being and is not what it should be; `new.outputs` is then what it says of itself */
  resOpFailedEvent?: { metadata: StepMetadata; status?: number };
  diagnosticEvent?: { urn?: string; message: string; severity: string; color: string; ephemeral?: boolean };
  summaryEvent?: { resourceChanges: Record<string, number>; durationSeconds: number };
}

export interface StepMetadata {
  op: string;
  urn: string;
  type: string;
  new?: { inputs?: Record<string, unknown>; outputs?: Record<string, unknown> };
}

export interface Finished {
  code: number;
  /** the person asked for the end */
  interrupted: boolean;
  stdout: string;
  stderr: string;
}

function start(workspace: string, args: string[]) {
  const child = spawn("pulumi", ["--non-interactive", ...args], {
    cwd: workspace,
    // Without this variable `preview --json` prints one object at its end instead of events.
    env: { ...environment({ workspace }), PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: an interrupt reaches the engine once, through us, and a second one ends it at once.
    detached: true,
  });
  const state = { interrupted: false };
  const interrupt = () => {
    state.interrupted = true;
    child.kill("SIGINT");
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  const closed = new Promise<number>((done, failed) => {
    child.on("error", (e) =>
      failed((e as NodeJS.ErrnoException).code === "ENOENT" ? new EdgeError("The Pulumi engine is not installed; run `npm start -- doctor` to see what is missing.") : e),
    );
    child.on("close", (code) => {
      process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
      done(code ?? 1);
    });
  });
  return { child, closed, state };
}

/** Runs `pulumi ARGS` in the workspace and answers what it printed. @throws EdgeError when there is no engine. */
export async function pulumi(workspace: string, args: string[]): Promise<Finished> {
  const { child, closed, state } = start(workspace, args);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return { code: await closed, interrupted: state.interrupted, stdout, stderr };
}

/** As {@link pulumi}, and a failure is an EdgeError with the engine's own words. */
export async function pulumiOrFail(workspace: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await pulumi(workspace, args);
  if (code !== 0) throw new EdgeError(`\`pulumi ${args.join(" ")}\` failed: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}

/** Runs an operation and hands on its events as they come. */
export async function pulumiEvents(workspace: string, args: string[], onEvent: (event: EngineEvent) => void): Promise<Finished> {
  const { child, closed, state } = start(workspace, [...args, "--json"]);
  let stdout = "";
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  createInterface({ input: child.stdout }).on("line", (line) => {
    let event: EngineEvent;
    try {
      event = JSON.parse(line) as EngineEvent;
    } catch {
      stdout += `${line}\n`;
      return;
    }
    onEvent(event);
  });
  return { code: await closed, interrupted: state.interrupted, stdout, stderr };
}
