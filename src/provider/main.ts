/** The `greenlight` plugin: routes the engine's calls to the resource types. Nothing but the port may go to stdout. */
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment -- Pulumi's Provider hands properties over as `any`; each type's zod schema says what they are */
import { appendFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { main, type Provider } from "@pulumi/pulumi/provider/index.js";
import type { Contract } from "../contract/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { EngineLog, ResourceLog } from "../plugins/engine-log.ts";
import { whenEngineIsGone } from "../plugins/engine-gone.ts";
import { checkInputs, PartialFailure, type Call, type ResourceType } from "./resource.ts";
import { hasUnknown, open, sealed, sendable } from "./wire.ts";
import { gate } from "./gate.ts";
import { machineImage } from "./machine-image.ts";
import { publication } from "./publication.ts";
import { releaseArchive } from "./release-archive.ts";
import { virtualMachine } from "./virtual-machine.ts";

// Each type has inputs and outputs of its own; behind the wire they are all JSON.
type AnyType = ResourceType<Contract, any, any>;
const types: Record<string, AnyType> = Object.fromEntries(
  [machineImage, virtualMachine, releaseArchive, gate, publication].map((type: AnyType) => [type.contract.token, type]),
);

const cancelled = new AbortController();

/** The engine's server, as it stands in the plugin's arguments. */
const engineAddress = process.argv.slice(2).find((arg) => !arg.startsWith("-"));
const engine = new EngineLog(engineAddress);

/** `urn:pulumi:<stack>::<project>::<types>::<name>` */
function callFor(urn: string): Call {
  const stack = urn.split("::")[0]!.slice("urn:pulumi:".length);
  return { urn, stack, signal: cancelled.signal, report: new ResourceLog(engine, urn).status };
}

function typeOf(urn: string): AnyType {
  const token = urn.split("::")[2]!.split("$").at(-1)!;
  const type = types[token];
  if (!type)
    throw new EdgeError(
      `The greenlight plugin has no resource type ${token}; it has ${Object.keys(types).join(", ")}.`,
    );
  return type;
}

/** A resource's outputs as the engine takes them. */
const shipped = (type: AnyType, outputs: object): object => sendable(sealed(outputs, type.contract.secrets));

/** Runs one call: a fault that a person can mend reaches them as its sentence, anything else with its stack, since it is ours. */
async function answer<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (e) {
    // Whatever the cancellation broke first, that it was cancelled is what happened.
    if (cancelled.signal.aborted)
      throw Object.assign(new EdgeError("The update was cancelled.", "cancelled"), { stack: "" });
    if (e instanceof PartialFailure) throw Object.assign(e, { properties: sendable(e.properties) });
    if (process.env["GREENLIGHT_PLUGIN_LOG"])
      appendFileSync(process.env["GREENLIGHT_PLUGIN_LOG"], `${(e as Error).stack}\n`);
    // The server prints the stack of what it is thrown: a sentence that a person can act on needs none.
    if (e instanceof EdgeError) throw Object.assign(e, { stack: "" });
    throw new Error((e as Error).stack ?? String(e));
  }
}

const provider: Provider = {
  version: "0.1.0",
  getSchema: () => Promise.resolve(JSON.stringify({ name: "greenlight", version: "0.1.0" })),

  check: (urn, olds, news) =>
    answer(async () => {
      const type = typeOf(urn);
      const inputs = open(news);
      const failures = checkInputs(type.contract.inputs, inputs);
      if (failures.length > 0 || hasUnknown(inputs) || !type.prepare) return { inputs: news, failures };
      const before = olds === undefined || Object.keys(olds as object).length === 0 ? undefined : open(olds);
      try {
        return sendable(await type.prepare(type.contract.inputs.parse(inputs), before, callFor(urn)));
      } catch (e) {
        if (!(e instanceof EdgeError)) throw e;
        return { inputs: news, failures: [{ property: "", reason: e.message }] };
      }
    }),

  diff: (_id, urn, olds, news) =>
    answer(async () => {
      const type = typeOf(urn);
      // What cannot be compared yet is compared in the update; until then an update is the honest forecast, and a
      // replacement where a property that is known asks for one.
      const unknown = hasUnknown(news);
      const { changes, replaces, deleteBeforeReplace } = type.diff(
        open(olds),
        unknown ? open(news) : type.contract.inputs.parse(open(news)),
      );
      return {
        changes: unknown || changes,
        replaces: replaces ?? [],
        deleteBeforeReplace: deleteBeforeReplace ?? false,
      };
    }),

  create: (urn, inputs) =>
    answer(async () => {
      const type = typeOf(urn);
      const { id, outputs } = await type.create(type.contract.inputs.parse(open(inputs)), callFor(urn));
      return { id, outs: shipped(type, outputs) };
    }),

  update: (id, urn, olds, news) =>
    answer(async () => {
      const type = typeOf(urn);
      const inputs = type.contract.inputs.parse(open(news));
      const previous = open(olds) as object;
      const outputs = type.update
        ? await type.update(id, previous, inputs, callFor(urn))
        : { ...previous, ...(inputs as object) };
      return { outs: shipped(type, outputs) };
    }),

  read: (id, urn, props) =>
    answer(async () => {
      const type = typeOf(urn);
      if (!type.read) return { id, props };
      const now = await type.read(id, open(props), callFor(urn));
      return now === undefined ? { id: "", props: {} } : { id, props: shipped(type, now) };
    }),

  delete: (id, urn, props) => answer(async () => typeOf(urn).delete?.(id, open(props), callFor(urn))),

  cancel: async () => cancelled.abort(new EdgeError("The update was cancelled.", "cancelled")),
};

whenEngineIsGone(engineAddress, () => process.exit(1));

// Kept for the next start as soon as everything is loaded: an engine ends its plugins by a signal that leaves no time.
setTimeout(flushCompileCache, 100).unref();

await main(provider, process.argv.slice(2));
