/** Speaks to a command plugin as the engine does: starts it, keeps its log, and puts its calls into promises. */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { credentials, Server, ServerCredentials } from "@grpc/grpc-js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import { received, sendable, type Properties } from "../../src/command-plugin/wire.ts";

/** The plugin under test: ours, or the one that the variable names, so that the real one can be put through the same cases. */
export const pluginUnderTest =
  process.env["GREENLIGHT_COMMAND_PLUGIN"] ??
  join(import.meta.dirname, "../../src/command-plugin/pulumi-resource-command");

export interface LogLine {
  severity: number;
  message: string;
  urn: string;
  ephemeral: boolean;
}

export interface Diff {
  changes: boolean;
  replaces: string[];
  diffs: string[];
  /** place → kind, see PropertyDiff.Kind: 0 add, 2 delete, 4 update, and one more for each when it replaces */
  detailed: Record<string, number>;
}

export interface CallOptions {
  /** seconds, as customTimeouts gives them; 0: none */
  timeout?: number;
  preview?: boolean;
}

/** URN of a resource of a test program, by its type's token. */
export function urnOf(token: string, name = "it"): string {
  return `urn:pulumi:dev::test::${token}::${name}`;
}

export class PluginClient {
  readonly child: ChildProcess;
  readonly logged: LogLine[] = [];
  private readonly client: InstanceType<typeof providerGrpc.ResourceProviderClient>;
  private readonly engine: Server;

  private constructor(child: ChildProcess, engine: Server, logged: LogLine[], port: string) {
    this.child = child;
    this.engine = engine;
    this.logged = logged;
    this.client = new providerGrpc.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
    });
  }

  /**
   * Starts the plugin and waits for its port. `environment` is added to ours, less SSH_AUTH_SOCK. With `parent: "shell"`
   * the plugin is the child of a shell, which is then `child`: killing that takes the plugin's parent away.
   */
  static async start(environment: Record<string, string> = {}, parent: "us" | "shell" = "us"): Promise<PluginClient> {
    const logged: LogLine[] = [];
    const engine = new Server();
    engine.addService(engineGrpc.EngineService, {
      log: (call: any, callback: any) => {
        logged.push({
          severity: call.request.getSeverity(),
          message: call.request.getMessage(),
          urn: call.request.getUrn(),
          ephemeral: call.request.getEphemeral(),
        });
        callback(null, new empty.Empty());
      },
      getRootResource: (_call: any, callback: any) => callback({ code: 12 }),
      setRootResource: (_call: any, callback: any) => callback({ code: 12 }),
      startDebugging: (_call: any, callback: any) => callback({ code: 12 }),
      requirePulumiVersion: (_call: any, callback: any) => callback({ code: 12 }),
    });
    const enginePort = await new Promise<number>((resolve, reject) =>
      engine.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (e, p) => (e ? reject(e) : resolve(p))),
    );
    const { SSH_AUTH_SOCK: _agent, ...ours } = process.env;
    const address = `127.0.0.1:${enginePort}`;
    const [program, args] =
      parent === "us"
        ? [pluginUnderTest, [address]]
        : ["/bin/sh", ["-c", '"$0" "$@" & wait', pluginUnderTest, address]];
    const child = spawn(program, args, {
      env: { ...ours, GREENLIGHT_NODE: process.execPath, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const port = await new Promise<string>((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => {
        text += String(chunk);
        if (text.includes("\n")) resolve(text.split("\n")[0]!);
      });
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the plugin ended with ${code} before it named its port`)));
    });
    const plugin = new PluginClient(child, engine, logged, port);
    await plugin.configure();
    return plugin;
  }

  private call<T>(method: string, request: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      (this.client as any)[method](request, (error: Error | null, response: T) =>
        error ? reject(error) : resolve(response),
      );
    });
  }

  configure(): Promise<any> {
    const request = new pb.ConfigureRequest();
    request.setAcceptsecrets(true);
    request.setAcceptresources(true);
    request.setArgs(sendable({}));
    return this.call("configure", request);
  }

  async schema(): Promise<any> {
    const response: any = await this.call("getSchema", new pb.GetSchemaRequest());
    return JSON.parse(response.getSchema());
  }

  async check(
    token: string,
    inputs: Properties,
  ): Promise<{ inputs: Properties; failures: { property: string; reason: string }[] }> {
    const request = new pb.CheckRequest();
    request.setUrn(urnOf(token));
    request.setNews(sendable(inputs));
    const response: any = await this.call("check", request);
    return {
      inputs: received(response.getInputs()),
      failures: response.getFailuresList().map((f: any) => ({ property: f.getProperty(), reason: f.getReason() })),
    };
  }

  /** Checks, then creates; what the engine would do. */
  async create(
    token: string,
    given: Properties,
    options: CallOptions = {},
  ): Promise<{ id: string; outputs: Properties; inputs: Properties }> {
    const { inputs, failures } = await this.check(token, given);
    if (failures.length > 0) throw new Error(failures.map((f) => f.reason).join("; "));
    const request = new pb.CreateRequest();
    request.setUrn(urnOf(token));
    request.setName("it");
    request.setType(token);
    request.setProperties(sendable(inputs));
    request.setTimeout(options.timeout ?? 0);
    request.setPreview(options.preview ?? false);
    const response: any = await this.call("create", request);
    return { id: response.getId(), outputs: received(response.getProperties()), inputs };
  }

  async diff(
    token: string,
    before: { id: string; outputs: Properties; inputs: Properties },
    given: Properties,
  ): Promise<Diff> {
    const { inputs } = await this.check(token, given);
    const request = new pb.DiffRequest();
    request.setId(before.id);
    request.setUrn(urnOf(token));
    request.setOlds(sendable(before.outputs));
    request.setOldInputs(sendable(before.inputs));
    request.setNews(sendable(inputs));
    const response: any = await this.call("diff", request);
    const detailed: Record<string, number> = {};
    response.getDetaileddiffMap().forEach((change: any, place: string) => (detailed[place] = change.getKind()));
    return {
      changes: response.getChanges() === pb.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: response.getReplacesList(),
      diffs: response.getDiffsList(),
      detailed,
    };
  }

  async update(
    token: string,
    before: { id: string; outputs: Properties; inputs: Properties },
    given: Properties,
    options: CallOptions = {},
  ): Promise<{ id: string; outputs: Properties; inputs: Properties }> {
    const { inputs } = await this.check(token, given);
    const request = new pb.UpdateRequest();
    request.setId(before.id);
    request.setUrn(urnOf(token));
    request.setOlds(sendable(before.outputs));
    request.setOldInputs(sendable(before.inputs));
    request.setNews(sendable(inputs));
    request.setTimeout(options.timeout ?? 0);
    request.setPreview(options.preview ?? false);
    const response: any = await this.call("update", request);
    return { id: before.id, outputs: received(response.getProperties()), inputs };
  }

  async delete(
    token: string,
    before: { id: string; outputs: Properties; inputs: Properties },
    options: CallOptions = {},
  ): Promise<void> {
    const request = new pb.DeleteRequest();
    request.setId(before.id);
    request.setUrn(urnOf(token));
    request.setProperties(sendable(before.outputs));
    request.setOldInputs(sendable(before.inputs));
    request.setTimeout(options.timeout ?? 0);
    await this.call("delete", request);
  }

  async read(
    token: string,
    before: { id: string; outputs: Properties; inputs: Properties },
  ): Promise<{ id: string; outputs: Properties }> {
    const request = new pb.ReadRequest();
    request.setId(before.id);
    request.setUrn(urnOf(token));
    request.setProperties(sendable(before.outputs));
    request.setInputs(sendable(before.inputs));
    const response: any = await this.call("read", request);
    return { id: response.getId(), outputs: received(response.getProperties()) };
  }

  async cancel(): Promise<void> {
    await this.call("cancel", new empty.Empty());
  }

  /** Everything logged for the person so far, as one text. */
  log(): string {
    return this.logged.map((line) => line.message).join("\n");
  }

  /** Ends the connection to the plugin and the log, as a killed engine does; calls that run fail. */
  hangUp(): void {
    this.client.close();
    this.engine.forceShutdown();
  }

  async stop(): Promise<void> {
    this.client.close();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = new Promise((resolve) => this.child.once("exit", resolve));
      this.child.kill("SIGKILL");
      await gone;
    }
    this.engine.forceShutdown();
  }
}
