/** The resource types of the plugin: what each does when the engine creates, updates or deletes it. */
import { randomBytes } from "node:crypto";
import type { z } from "zod";
import type { Outputs } from "./capture.ts";
import type { ResourceLog } from "../plugins/engine-log.ts";
import { CopyToRemoteSchema, RemoteCommandSchema } from "./inputs.ts";
import { runRemote } from "./remote-run.ts";
import { copyToRemote } from "./sftp-copy.ts";
import { hasSecret, open, unknownText, type Properties } from "./wire.ts";

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

/** Runs the command of a step; without one, the outputs stay. */
async function perform(step: Step, inputs: Properties, before: Partial<Outputs>, call: Call): Promise<Outputs> {
  const chosen = commandFor(step, inputs);
  if (!chosen) return { stdout: before.stdout ?? "", stderr: before.stderr ?? "" };
  const { connection, stdin, logging } = RemoteCommandSchema.parse(open(inputs));
  return runRemote(connection, { ...chosen, stdin, logging, signal: call.signal, log: call.log });
}

/** What a command prints is plain in the outputs also when its inputs are secret, as with the real plugin. */
const command: ResourceType = {
  schema: RemoteCommandSchema,
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
    const inputs = Object.fromEntries(Object.entries(state).filter(([key]) => key in RemoteCommandSchema.shape));
    await perform("delete", inputs, open(state) as Partial<Outputs>, call);
  },
};

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
  "command:remote:Command": command,
  "command:remote:CopyToRemote": copy,
};
