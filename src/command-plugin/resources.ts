/** The resource types and the function of the plugin: what each does when the engine creates, updates or deletes it. */
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { sha256File } from "../storage/digest.ts";
import type { Outputs } from "./capture.ts";
import type { ResourceLog } from "../plugins/engine-log.ts";
import { chosenPaths } from "./glob.ts";
import {
  CopyToRemoteSchema,
  LocalCommandSchema,
  LocalRunSchema,
  RemoteCommandSchema,
  type LocalCommandInputs,
} from "./inputs.ts";
import { runLocal } from "./local-run.ts";
import { runRemote, type Run } from "./remote-run.ts";
import { copyToRemote } from "./sftp-copy.ts";
import { assetArchive, fileAsset, hasSecret, open, unknownText, type Properties } from "./wire.ts";

/** One call of the engine for one resource. */
export interface Call {
  /** the resource's name in the program */
  name: string;
  /** aborted by the time limit (customTimeouts) or when the person cancels */
  signal: AbortSignal;
  log: ResourceLog;
}

export interface ResourceType {
  schema: z.ZodObject;
  /** what previews say of the outputs that are not inputs */
  unknownOutputs: Properties;
  /** `inputs` are wire values; outputs are the inputs as they came (a secret stays one) and what the command gave */
  create(inputs: Properties, call: Call): Promise<{ id: string; outputs: Properties }>;
  update(state: Properties, inputs: Properties, call: Call): Promise<Properties>;
  delete(state: Properties, call: Call): Promise<void>;
}

const uniqueId = (prefix: string): string => prefix + randomBytes(4).toString("hex");

/** Which command a step runs; undefined: none. */
type Step = "create" | "update" | "delete";

function commandFor(step: Step, inputs: Properties): { command: string; commandIsSecret: boolean } | undefined {
  // An update without a command of its own runs `create` again, as the real plugin does.
  const name = step === "update" && inputs["update"] === undefined ? "create" : step;
  const value = inputs[name];
  return value === undefined || value === null
    ? undefined
    : { command: open(value) as string, commandIsSecret: hasSecret(value) };
}

/** A resource that is a command: what it prints is plain in the outputs also when its inputs are secret, as with the real plugin. */
function commandType(
  schema: z.ZodObject,
  runStep: (inputs: Properties, run: Run) => Promise<Properties & Outputs>,
): ResourceType {
  const perform = async (step: Step, inputs: Properties, before: Partial<Outputs>, call: Call): Promise<Properties> => {
    const chosen = commandFor(step, inputs);
    if (!chosen) return { stdout: before.stdout ?? "", stderr: before.stderr ?? "" };
    const opened = schema.parse(open(inputs)) as LocalCommandInputs;
    return await runStep(inputs, {
      ...chosen,
      environment: opened.environment ?? {},
      previous:
        opened.addPreviousOutputInEnv === false
          ? undefined
          : { stdout: before.stdout ?? "", stderr: before.stderr ?? "" },
      stdin: opened.stdin,
      logging: opened.logging,
      signal: call.signal,
      log: call.log,
    });
  };
  return {
    schema,
    unknownOutputs: { stdout: unknownText, stderr: unknownText },
    create: async (inputs, call) => ({
      id: uniqueId(call.name),
      outputs: { ...inputs, ...(await perform("create", inputs, {}, call)) },
    }),
    update: async (state, inputs, call) => ({
      ...inputs,
      ...(await perform("update", inputs, open(state) as Partial<Outputs>, call)),
    }),
    delete: async (state, call) => {
      const inputs = Object.fromEntries(Object.entries(state).filter(([key]) => key in schema.shape));
      await perform("delete", inputs, open(state) as Partial<Outputs>, call);
    },
  };
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(dir, "/").length).replaceAll("\\", "/"))
    .sort();
}

async function assetsAt(dir: string, rules: string[]): Promise<Properties> {
  const assets: Properties = {};
  for (const path of chosenPaths(filesBelow(dir), rules))
    assets[path] = fileAsset(join(dir, path), await sha256File(join(dir, path)));
  return assets;
}

/** Runs a command here and gathers the files that it is asked for. */
async function runHere(inputs: Properties, run: Run): Promise<Properties & Outputs> {
  const { dir, interpreter, assetPaths, archivePaths } = LocalCommandSchema.parse(open(inputs));
  const outputs: Properties & Outputs = { ...(await runLocal({ ...run, dir, interpreter })) };
  if (assetPaths) outputs["assets"] = await assetsAt(dir ?? process.cwd(), assetPaths);
  if (archivePaths) outputs["archive"] = assetArchive(await assetsAt(dir ?? process.cwd(), archivePaths));
  return outputs;
}

const localCommand = commandType(LocalCommandSchema, runHere);

const remoteCommand = commandType(RemoteCommandSchema, async (inputs, run) => {
  const { connection } = RemoteCommandSchema.parse(open(inputs));
  return { ...(await runRemote(connection, run)) };
});

/** Deleting a copy leaves the files where they are, as the real plugin does. */
const copy: ResourceType = {
  schema: CopyToRemoteSchema,
  unknownOutputs: {},
  create: async (inputs, call) => {
    await copyToRemote(CopyToRemoteSchema.parse(open(inputs)), call);
    return { id: uniqueId(""), outputs: inputs };
  },
  update: async (state, inputs, call) => {
    const news = CopyToRemoteSchema.parse(open(inputs));
    const olds = open(state) as { source?: { hash?: string }; remotePath?: string };
    // Kept from the real plugin on purpose: an update copies again when the content or the path changed, and not when only the
    // connection did. A replaced machine gets its files because its id is among the triggers, never by way of an update.
    const sameContent = news.source.hash !== undefined && news.source.hash === olds.source?.hash;
    if (!sameContent || news.remotePath !== olds.remotePath) await copyToRemote(news, call);
    return inputs;
  },
  delete: async () => {},
};

/** The types by the token that programs and state know them by. */
export const resourceTypes: Record<string, ResourceType> = {
  "command:local:Command": localCommand,
  "command:remote:Command": remoteCommand,
  "command:remote:CopyToRemote": copy,
};

/** The function `local.run`: runs on every execution of a program, also in previews. @throws as a local command does. */
export async function localRun(args: Properties, call: Call): Promise<Properties> {
  const { inputs, failures } = { inputs: args, failures: LocalRunSchema.safeParse(open(args)).error?.issues ?? [] };
  if (failures.length > 0)
    throw new Error(`local.run: ${failures.map((f) => `${f.path.join(".")}: ${f.message}`).join("; ")}`);
  const given = LocalRunSchema.parse(open(inputs));
  const outputs = await runHere(inputs, {
    command: given.command,
    commandIsSecret: hasSecret(inputs["command"]),
    environment: given.environment ?? {},
    previous: undefined,
    stdin: given.stdin,
    logging: given.logging,
    signal: call.signal,
    log: call.log,
  });
  return { ...inputs, ...outputs };
}
