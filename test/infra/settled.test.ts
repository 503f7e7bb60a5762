import assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import { quietDependents } from "../../infra/settled.ts";

describe("what fails in an update", () => {
  const events = ["unhandledRejection", "warning"] as const;
  let kept: { event: string; listeners: ((...args: any[]) => void)[] }[];
  let heard: string[];
  let logged: string[];
  const error = pulumi.log.error;

  beforeEach(() => {
    kept = events.map((event) => ({ event, listeners: process.listeners(event as "warning") }));
    for (const event of events) process.removeAllListeners(event);
    [heard, logged] = [[], []];
    process.on("unhandledRejection", (reason) => heard.push((reason as Error).message));
    quietDependents();
    (pulumi.log as { error: unknown }).error = (message: string) => logged.push(message);
  });
  afterEach(() => {
    (pulumi.log as { error: unknown }).error = error;
    for (const { event, listeners } of kept) {
      process.removeAllListeners(event);
      for (const listener of listeners) process.on(event as "warning", listener);
    }
  });
  const reject = (message: string, more: { code?: number } = {}) =>
    process.emit("unhandledRejection", Object.assign(new Error(message), more), Promise.resolve());

  it("is not said again by what depends on it, nor when the engine ends", () => {
    reject("resource cell [greenlight:index:Gate] failed to register");
    const ending = "failed to register new resource cell [greenlight:index:Gate]: Resource monitor is terminating";
    reject(ending, { code: grpc.status.UNAVAILABLE });
    assert.deepEqual([heard, logged], [[], []]);
  });

  it("is said when the engine took it for no resource at all, so that the update does not go on without it", () => {
    const message =
      "failed to register new resource cell-upload [command:remote:CopyToRemote]: 2 UNKNOWN: no such file";
    for (const each of [
      `error serializing property "release": error serializing property "proof": ${message}`,
      message,
      `error serializing property "connection": ${message}`,
    ])
      reject(each);
    assert.deepEqual([heard, logged, process.exitCode], [[], [message], 32]);
    process.exitCode = undefined;
  });

  it("is a fault of the program when it is anything else", () => {
    reject("x is not a function");
    assert.deepEqual([heard, logged], [["x is not a function"], []]);
  });
});
