/**
 * The gRPC service that the engine speaks (pulumi/pulumi, proto/pulumi/provider.proto), implemented directly:
 * `@pulumi/pulumi`'s own provider server hands no time limit, no old inputs and no cancelled call to its author.
 */
import {
  status as grpcStatus,
  type sendUnaryData,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import type {
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  CheckRequest,
  ReadRequest,
  UpdateRequest,
  GetSchemaRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import { shortened } from "./capture.ts";
import { difference, type ChangeKind } from "./diff.ts";
import { EngineLog, ResourceLog } from "../plugins/engine-log.ts";
import { checkInputs } from "./inputs.ts";
import { resourceTypes, type Call, type ResourceType } from "./resources.ts";
import { pluginVersion, schemaText } from "./schema.ts";
import { received, sendable, type Properties } from "./wire.ts";

/** `urn:pulumi:<stack>::<project>::<types>::<name>`, where the last of the types is the resource's own. */
export function partsOf(urn: string): { token: string; name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { token: types.split("$").at(-1)!, name: name.join("::") };
}

function typeOf(urn: string): ResourceType {
  const { token } = partsOf(urn);
  const type = resourceTypes[token];
  if (type) return type;
  const remedy =
    token === "command:remote:CopyFile"
      ? "use CopyToRemote, which has taken its place"
      : `use one of ${Object.keys(resourceTypes).join(", ")}`;
  throw new Error(`This command plugin has no resource type ${token}; ${remedy}.`);
}

/** A change in the protocol's words. */
const kinds: Record<ChangeKind, 0 | 2 | 4> = {
  add: pb.PropertyDiff.Kind.ADD,
  delete: pb.PropertyDiff.Kind.DELETE,
  update: pb.PropertyDiff.Kind.UPDATE,
};

export class CommandService {
  private log: EngineLog;
  private readonly cancelled = new AbortController();
  private readonly running = new Set<Promise<unknown>>();

  /** @param engine the engine's address, `host:port`; undefined when the plugin was started by hand */
  constructor(engine: string | undefined) {
    this.log = new EngineLog(engine);
  }

  /** Ends every command that runs, and every later one before it starts. */
  cancel(reason: string): void {
    this.cancelled.abort(new Error(reason));
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running);
  }

  private check(request: CheckRequest): InstanceType<typeof pb.CheckResponse> {
    const { inputs, failures } = checkInputs(typeOf(request.getUrn()).schema, received(request.getNews()));
    const response = new pb.CheckResponse();
    response.setInputs(sendable(inputs));
    response.setFailuresList(
      failures.map(({ property, reason }) => {
        const failure = new pb.CheckFailure();
        failure.setProperty(property);
        failure.setReason(reason);
        return failure;
      }),
    );
    return response;
  }

  private diff(request: DiffRequest): InstanceType<typeof pb.DiffResponse> {
    const { schema } = typeOf(request.getUrn());
    const taken = (values: Properties): Properties =>
      Object.fromEntries(Object.entries(values).filter(([key]) => key in schema.shape));
    // The inputs of the last run that succeeded: the state holds them as well, for an engine that does not send them.
    const before = taken(received(request.hasOldInputs() ? request.getOldInputs() : request.getOlds()));
    const { changed, places } = difference(before, taken(received(request.getNews())));
    const response = new pb.DiffResponse();
    response.setChanges(
      changed.length > 0 ? pb.DiffResponse.DiffChanges.DIFF_SOME : pb.DiffResponse.DiffChanges.DIFF_NONE,
    );
    response.setDiffsList(changed);
    response.setHasdetaileddiff(true);
    for (const [place, kind] of Object.entries(places)) {
      const change = new pb.PropertyDiff();
      change.setKind(kinds[kind]);
      change.setInputdiff(true);
      response.getDetaileddiffMap().set(place, change);
    }
    return response;
  }

  /** Runs `work` with an end: the engine's time limit in seconds (0: none), Cancel, or the loss of the caller. */
  private async during<T>(
    call: ServerUnaryCall<unknown, unknown>,
    urn: string,
    seconds: number,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    const ended = new AbortController();
    const signal = AbortSignal.any([this.cancelled.signal, ended.signal]);
    call.on("cancelled", () => ended.abort(new Error("the engine gave the call up")));
    const limit =
      seconds > 0
        ? setTimeout(
            () =>
              ended.abort(
                new Error(`the time limit of ${seconds} s (customTimeouts) is over and the command was stopped`),
              ),
            Math.min(seconds * 1000, 2 ** 31 - 1),
          )
        : undefined;
    const done = work({ name: partsOf(urn).name, signal, log: new ResourceLog(this.log, urn) });
    this.running.add(done);
    try {
      return await done;
    } finally {
      this.running.delete(done);
      clearTimeout(limit);
    }
  }

  private async create(call: ServerUnaryCall<CreateRequest, unknown>): Promise<InstanceType<typeof pb.CreateResponse>> {
    const request = call.request;
    const type = typeOf(request.getUrn());
    const inputs = received(request.getProperties());
    const response = new pb.CreateResponse();
    if (request.getPreview()) {
      response.setProperties(sendable({ ...inputs, ...type.unknownOutputs }));
      return response;
    }
    const { id, outputs } = await this.during(call, request.getUrn(), request.getTimeout(), (c) =>
      type.create(inputs, c),
    );
    response.setId(id);
    response.setProperties(sendable(outputs));
    return response;
  }

  private async update(call: ServerUnaryCall<UpdateRequest, unknown>): Promise<InstanceType<typeof pb.UpdateResponse>> {
    const request = call.request;
    const type = typeOf(request.getUrn());
    const inputs = received(request.getNews());
    const response = new pb.UpdateResponse();
    if (request.getPreview()) response.setProperties(sendable({ ...inputs, ...type.unknownOutputs }));
    else
      response.setProperties(
        sendable(
          await this.during(call, request.getUrn(), request.getTimeout(), (c) =>
            type.update(received(request.getOlds()), inputs, c),
          ),
        ),
      );
    return response;
  }

  private async delete(call: ServerUnaryCall<DeleteRequest, unknown>): Promise<InstanceType<typeof empty.Empty>> {
    const request = call.request;
    await this.during(call, request.getUrn(), request.getTimeout(), (c) =>
      typeOf(request.getUrn()).delete(received(request.getProperties()), c),
    );
    return new empty.Empty();
  }

  /** There is nothing to look up: a command's outputs are what they were when it ran. */
  private read(request: ReadRequest): InstanceType<typeof pb.ReadResponse> {
    typeOf(request.getUrn());
    const response = new pb.ReadResponse();
    response.setId(request.getId());
    response.setProperties(request.getProperties());
    response.setInputs(request.getInputs());
    return response;
  }

  private configure(): InstanceType<typeof pb.ConfigureResponse> {
    const response = new pb.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    // Without these two the engine sends plain values, secrets and unknowns, and no other wrappings.
    response.setAcceptresources(false);
    response.setAcceptoutputs(false);
    return response;
  }

  private handshake(): InstanceType<typeof pb.ProviderHandshakeResponse> {
    const response = new pb.ProviderHandshakeResponse();
    response.setAcceptSecrets(true);
    return response;
  }

  private schema(request: GetSchemaRequest): InstanceType<typeof pb.GetSchemaResponse> {
    if (request.getVersion() !== 0) throw new Error(`unsupported schema version ${request.getVersion()}`);
    const response = new pb.GetSchemaResponse();
    response.setSchema(schemaText());
    return response;
  }

  private info(): InstanceType<typeof plugin.PluginInfo> {
    const response = new plugin.PluginInfo();
    response.setVersion(pluginVersion);
    return response;
  }

  /** The provider takes no configuration: what it is given passes as it is, and never differs. */
  private checkConfig(request: CheckRequest): InstanceType<typeof pb.CheckResponse> {
    const response = new pb.CheckResponse();
    response.setInputs(request.getNews());
    return response;
  }

  private diffConfig(): InstanceType<typeof pb.DiffResponse> {
    const response = new pb.DiffResponse();
    response.setChanges(pb.DiffResponse.DiffChanges.DIFF_NONE);
    return response;
  }

  /** The methods by their names in the service definition. What is not here answers UNIMPLEMENTED. */
  methods(): UntypedServiceImplementation {
    return {
      handshake: answering(() => this.handshake()),
      getSchema: answering((call: Called<GetSchemaRequest>) => this.schema(call.request)),
      checkConfig: answering((call: Called<CheckRequest>) => this.checkConfig(call.request)),
      diffConfig: answering(() => this.diffConfig()),
      configure: answering(() => this.configure()),
      check: answering((call: Called<CheckRequest>) => this.check(call.request)),
      diff: answering((call: Called<DiffRequest>) => this.diff(call.request)),
      create: answering((call: Called<CreateRequest>) => this.create(call)),
      read: answering((call: Called<ReadRequest>) => this.read(call.request)),
      update: answering((call: Called<UpdateRequest>) => this.update(call)),
      delete: answering((call: Called<DeleteRequest>) => this.delete(call)),
      cancel: answering(() => (this.cancel("cancelled"), new empty.Empty())),
      getPluginInfo: answering(() => this.info()),
      attach: answering((call: Called<InstanceType<typeof plugin.PluginAttach>>) => {
        this.log = new EngineLog(call.request.getAddress());
        return new empty.Empty();
      }),
    };
  }
}

/** Bytes, percent-encoded; a longer status would exceed what HTTP/2 headers may hold, and the engine would see a broken stream. */
const longestStatus = 48 * 1024;

/** A call as the server hands it over. */
type Called<Request> = ServerUnaryCall<Request, unknown>;

/** A failure reaches the engine as its message alone; the engine shows it beside the resource. */
function answering<Request>(
  work: (call: Called<Request>) => unknown,
): (call: Called<Request>, callback: sendUnaryData<unknown>) => void {
  return (call, callback) => {
    new Promise((resolve) => resolve(work(call))).then(
      (response) => callback(null, response),
      (error: Error) =>
        callback({ code: grpcStatus.UNKNOWN, details: shortened(error.message.toWellFormed(), longestStatus) }),
    );
  };
}
