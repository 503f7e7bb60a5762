/**
 * The command plugin: a stand-in for pulumi-resource-command 1.2.1 where that cannot be downloaded. The engine starts it with
 * its own address as the last argument and reads the port from the first line of stdout; nothing else may go there.
 */
import { whenEngineIsGone } from "../plugins/engine-gone.ts";
import { flushCompileCache } from "node:module";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import grpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { CommandService } from "./server.ts";

// That setting of the launcher is for this process, not for the commands that it runs.
delete process.env["NODE_COMPILE_CACHE"];

const engine = process.argv
  .slice(2)
  .filter((argument) => /^[^-].*:\d+$/.test(argument))
  .at(-1);
const service = new CommandService(engine);

// Outputs and files in state may be larger than gRPC's 4 MiB.
const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(grpc.ResourceProviderService, service.methods());

/** Stops what runs, gives it the time to be stopped, and ends. */
function leave(reason: string): void {
  service.cancel(reason);
  setTimeout(() => process.exit(1), 7_000);
  void service.idle().then(() => process.exit(1));
}

whenEngineIsGone(process.argv[2], () => leave("the engine is gone"));
process.once("SIGTERM", () => leave("the plugin was told to stop"));
process.once("SIGINT", () => leave("the plugin was told to stop"));
// Nothing reads our output when the engine is gone; that is no reason to die before the commands are stopped.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
  // The engine ends a plugin by SIGKILL, and then Node would keep nothing.
  setTimeout(flushCompileCache, 100).unref();
});
