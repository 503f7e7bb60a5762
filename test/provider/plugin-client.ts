/** Speaks to the `greenlight` plugin as the engine does, over gRPC. */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";

const launcher = fileURLToPath(new URL("../../src/provider/pulumi-resource-greenlight", import.meta.url));

export type Properties = Record<string, any>;

/** A resource that came into being and is not what it should be, as the engine receives it. */
export interface Partial_ {
  id: string;
  properties: Properties;
  reasons: string[];
}

export function urnOf(type: string, name: string): string {
  return `urn:pulumi:dev::greenlight::greenlight:index:${type}::${name}`;
}

export class PluginClient {
  readonly child: ChildProcess;
  private readonly client: any;

  private constructor(child: ChildProcess, port: string) {
    this.child = child;
    this.client = new (providerGrpc as any).ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  }

  /** Starts the plugin in a workspace and waits for its port. */
  static async start(workspace: string, environment: NodeJS.ProcessEnv = {}): Promise<PluginClient> {
    const child = spawn(launcher, [], {
      cwd: workspace,
      env: { ...process.env, GREENLIGHT_NODE: process.execPath, GREENLIGHT_WORKSPACE: workspace, ...environment },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const port = await new Promise<string>((done, failed) => {
      createInterface({ input: child.stdout }).once("line", done);
      child.once("exit", (code) => failed(new Error(`the plugin ended with ${code}`)));
    });
    return new PluginClient(child, port);
  }

  private call(method: string, request: unknown): Promise<any> {
    return new Promise((done, failed) =>
      this.client[method](request, (e: ServiceError | null, answer: unknown) => (e ? failed(e) : done(answer))),
    );
  }

  async check(
    urn: string,
    news: Properties,
    olds: Properties = {},
  ): Promise<{ inputs: Properties; failures: { property: string; reason: string }[] }> {
    const request = new pb.CheckRequest();
    request.setUrn(urn);
    request.setOlds(structs.Struct.fromJavaScript(olds));
    request.setNews(structs.Struct.fromJavaScript(news));
    const answer = await this.call("check", request);
    return {
      inputs: answer.getInputs()?.toJavaScript() ?? {},
      failures: answer.getFailuresList().map((f: any) => ({ property: f.getProperty(), reason: f.getReason() })),
    };
  }

  async diff(
    urn: string,
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes: boolean; replaces: string[] }> {
    const request = new pb.DiffRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setOlds(structs.Struct.fromJavaScript(olds));
    request.setNews(structs.Struct.fromJavaScript(news));
    const answer = await this.call("diff", request);
    return {
      changes: answer.getChanges() === pb.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: answer.getReplacesList(),
    };
  }

  async create(urn: string, properties: Properties): Promise<{ id: string; properties: Properties }> {
    const request = new pb.CreateRequest();
    request.setUrn(urn);
    request.setProperties(structs.Struct.fromJavaScript(properties));
    const answer = await this.call("create", request);
    return { id: answer.getId(), properties: answer.getProperties().toJavaScript() };
  }

  async update(urn: string, id: string, olds: Properties, news: Properties): Promise<Properties> {
    const request = new pb.UpdateRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setOlds(structs.Struct.fromJavaScript(olds));
    request.setNews(structs.Struct.fromJavaScript(news));
    return (await this.call("update", request)).getProperties().toJavaScript();
  }

  /** The properties now, or undefined when the resource is gone. */
  async read(urn: string, id: string, properties: Properties): Promise<Properties | undefined> {
    const request = new pb.ReadRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setProperties(structs.Struct.fromJavaScript(properties));
    const answer = await this.call("read", request);
    return answer.getId() === "" ? undefined : answer.getProperties().toJavaScript();
  }

  async delete(urn: string, id: string, properties: Properties): Promise<void> {
    const request = new pb.DeleteRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setProperties(structs.Struct.fromJavaScript(properties));
    await this.call("delete", request);
  }

  cancel(): Promise<void> {
    return this.call("cancel", new empty.Empty());
  }

  async stop(): Promise<void> {
    this.client.close();
    if (this.child.exitCode !== null) return;
    const closed = new Promise((done) => this.child.once("exit", done));
    this.child.kill("SIGKILL");
    await closed;
  }
}

/** What a partial failure carries; the test fails when the error is of another kind. */
export function partialFailure(error: unknown): Partial_ {
  const [bytes] = (error as ServiceError).metadata.get("grpc-status-details-bin");
  if (!(bytes instanceof Buffer)) throw error;
  const details = (status as any).Status.deserializeBinary(bytes).getDetailsList() as any[];
  const found = details.find((d) =>
    (d as InstanceType<typeof any.Any>).getTypeUrl().endsWith("pulumirpc.ErrorResourceInitFailed"),
  );
  const failed = pb.ErrorResourceInitFailed.deserializeBinary(found.getValue_asU8());
  return { id: failed.getId(), properties: failed.getProperties()!.toJavaScript(), reasons: failed.getReasonsList() };
}
