/**
 * What each resource type takes: the same names, types and defaults as in the schema of @pulumi/command 1.2.1, as far as a
 * program of ours asks. What it does not ask is refused, never passed over.
 */
import { z } from "zod";
import { findings } from "../edges/edges.ts";
import {
  isArchive,
  isAsset,
  isUnknown,
  open,
  secret,
  unknownAt,
  type Archive,
  type Asset,
  type Properties,
} from "./wire.ts";

const seconds = z.int().min(0);

const endpoint = {
  host: z.string().min(1),
  port: z.number().default(22),
  user: z.string().default("root"),
  password: z.string().optional(),
  privateKey: z.string().optional(),
  privateKeyPassword: z.string().optional(),
  agentSocketPath: z.string().optional(),
  dialErrorLimit: z.int().min(-1).default(10),
  perDialTimeout: seconds.default(15),
  hostKey: z.string().optional(),
};

export const EndpointSchema = z.object(endpoint);
/** One SSH server and how to be let in. `dialErrorLimit` -1: no limit. `perDialTimeout` in seconds, 0: none. */
export type Endpoint = z.infer<typeof EndpointSchema>;

export const ConnectionSchema = z.object({ ...endpoint, proxy: EndpointSchema.optional() });
/** A server, reached directly or through another one (`proxy`). */
export type Connection = z.infer<typeof ConnectionSchema>;

const Logging = z.enum(["stdout", "stderr", "stdoutAndStderr", "none"]);
export type Logging = z.infer<typeof Logging>;

const command = {
  create: z.string().optional(),
  update: z.string().optional(),
  delete: z.string().optional(),
  triggers: z.array(z.unknown()).optional(),
  environment: z
    .never("is not set by this stand-in of the command plugin; write the variables before the command (`A=b command`)")
    .optional(),
  stdin: z.string().optional(),
  logging: Logging.optional(),
  addPreviousOutputInEnv: z
    .literal(false, "cannot be asked of this stand-in of the command plugin; say false, or leave it out")
    .optional(),
};

export const RemoteCommandSchema = z.object({ connection: ConnectionSchema, ...command });
export type RemoteCommandInputs = z.infer<typeof RemoteCommandSchema>;

const Source = z.custom<Asset | Archive>((value) => {
  if (isAsset(value)) return value.path !== undefined || value.text !== undefined;
  return isArchive(value) && value.path !== undefined;
}, "Invalid input: expected a FileAsset, a StringAsset or a FileArchive");

export const CopyToRemoteSchema = z.object({
  connection: ConnectionSchema,
  source: Source,
  remotePath: z.string().min(1),
  triggers: z.array(z.unknown()).optional(),
});
export type CopyToRemoteInputs = z.infer<typeof CopyToRemoteSchema>;

export interface CheckFailure {
  property: string;
  reason: string;
}

function withoutNulls(value: Properties): Properties {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== null && v !== undefined));
}

function withDefaults(wire: unknown): unknown {
  const value = open(wire);
  if (isUnknown(value) || value === null || typeof value !== "object") return value;
  const connection = withoutNulls(value as Properties);
  if (connection["proxy"] !== undefined) connection["proxy"] = withDefaults(connection["proxy"]);
  for (const name of ["port", "user", "dialErrorLimit", "perDialTimeout"] as const)
    connection[name] ??= endpoint[name].parse(undefined);
  return connection;
}

/**
 * Inputs as the engine keeps them: nothing that the type does not take, defaults filled in, the connection one secret
 * as a whole (as the real plugin's schema says); and all that is wrong with what is known.
 */
export function checkInputs(schema: z.ZodObject, wire: Properties): { inputs: Properties; failures: CheckFailure[] } {
  const inputs = Object.fromEntries(Object.entries(withoutNulls(wire)).filter(([key]) => key in schema.shape));
  if (inputs["connection"] !== undefined) inputs["connection"] = secret(withDefaults(inputs["connection"]));
  const opened = open(inputs);
  const failures = findings(schema, opened)
    .filter((finding) => !unknownAt(opened, finding.path.split(".")))
    .map((finding) => ({
      property: finding.path,
      // What was found is not said of a connection: it holds keys and passwords.
      reason: `${finding.path || "the resource"}: ${finding.path.startsWith("connection") ? finding.message.replace(/ \(found .*\)$/s, "") : finding.message}; correct it where the program sets it.`,
    }));
  return { inputs, failures };
}
