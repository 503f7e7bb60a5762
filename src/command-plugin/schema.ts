/** The plugin's schema, for tools that ask for it (the engine's commands do not need it). Short, and true to what is there. */

/** The version of the plugin that this one stands in for. */
export const pluginVersion = "1.2.1";

interface Property {
  type?: string;
  $ref?: string;
  items?: Property;
  additionalProperties?: Property;
  secret?: boolean;
  replaceOnChanges?: boolean;
  default?: unknown;
  description?: string;
}

const string: Property = { type: "string" };
const triggers: Property = {
  type: "array",
  items: { $ref: "pulumi.json#/Any" },
  replaceOnChanges: true,
  description: "A change of any of these replaces the resource: the SDK asks for that.",
};
const connection: Property = { $ref: "#/types/command:remote:Connection", secret: true };

const endpoint: Record<string, Property> = {
  host: string,
  port: { type: "number", default: 22 },
  user: { type: "string", default: "root" },
  password: string,
  privateKey: string,
  privateKeyPassword: string,
  agentSocketPath: string,
  dialErrorLimit: { type: "integer", default: 10, description: "Failed tries before giving up; -1: no limit." },
  perDialTimeout: { type: "integer", default: 15, description: "Seconds for each try, handshake included; 0: none." },
  hostKey: {
    type: "string",
    description: "The server's public key as a line of authorized_keys; any key is taken when this is not given.",
  },
};

const command: Record<string, Property> = {
  connection,
  create: string,
  update: string,
  delete: string,
  triggers,
  stdin: string,
  logging: { $ref: "#/types/command:remote:Logging" },
  addPreviousOutputInEnv: { type: "boolean", description: "Only false: outputs of the run before are not offered." },
};
const outputs: Record<string, Property> = { stdout: string, stderr: string };
const copy: Record<string, Property> = {
  connection,
  source: { $ref: "pulumi.json#/Asset" },
  remotePath: string,
  triggers,
};

const logging = {
  type: "string",
  enum: ["stdout", "stderr", "stdoutAndStderr", "none"].map((value) => ({ value })),
  description: "What is shown while the command runs. The outputs hold everything all the same.",
};

const resource = (
  inputProperties: Record<string, Property>,
  requiredInputs: string[],
  added: Record<string, Property>,
  required: string[],
) => ({ inputProperties, requiredInputs, properties: { ...inputProperties, ...added }, required });

/** The schema as JSON text. */
export function schemaText(): string {
  return JSON.stringify({
    name: "command",
    version: pluginVersion,
    displayName: "Command",
    description:
      "Runs commands on servers over SSH, and copies files there. Stands in for the command provider of the same version, as far as Greenlight needs it.",
    config: {},
    provider: {},
    types: {
      "command:remote:Logging": logging,
      "command:remote:Connection": {
        type: "object",
        properties: { ...endpoint, proxy: { $ref: "#/types/command:remote:ProxyConnection" } },
        required: ["host"],
      },
      "command:remote:ProxyConnection": { type: "object", properties: endpoint, required: ["host"] },
    },
    resources: {
      "command:remote:Command": resource(command, ["connection"], outputs, ["connection", "stdout", "stderr"]),
      "command:remote:CopyToRemote": resource(copy, ["connection", "source", "remotePath"], {}, [
        "connection",
        "source",
        "remotePath",
      ]),
    },
  });
}
