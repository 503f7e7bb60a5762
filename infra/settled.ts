/**
 * What fails in an update must not take the rest with it: a gate wants to hear that its machine was lost, a publication
 * that a gate is red. The engine skips what depends on a failure, and the SDK then ends the program with a stack trace
 * for each dependent. So what is to be judged is settled first: a value, or the word that there is none.
 */
import * as pulumi from "@pulumi/pulumi";
import { EdgeError } from "../src/edges/edges.ts";
import type { Settled } from "../src/edges/settled.ts";

/** Output's promise, which the SDK keeps out of its types: rejected when the resource failed to register. */
function promiseOf<T>(output: pulumi.Output<T>): Promise<T> {
  return (output as unknown as { promise(): Promise<T> }).promise();
}

/** What is said of a run that leaves out what a release needs. */
const leftOut =
  "--target or --exclude leaves out resources that a release is made and proven with, so that nothing was published; run the update without them.";

/** A run leaves out what a release needs. The SDK hands on the very error, with words of its own before the sentence. */
class LeftOut extends EdgeError {
  constructor() {
    super(leftOut);
  }
}

/** Output's note whether its value is known, which the SDK keeps out of its types. */
function known(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as { isKnown: Promise<boolean> }).isKnown;
}

/** The output's value. In an update every value is known but for those of resources that the engine was told to leave out. */
async function made<T>(output: pulumi.Output<T>): Promise<T> {
  const value = await promiseOf(output);
  if (!(await known(output))) throw new LeftOut();
  return value;
}

/** The output itself, which fails where its resource was left out of the update: nothing is to be made of a value that is not there. */
export function unlessLeftOut<T>(output: pulumi.Output<T>): pulumi.Output<T> {
  if (pulumi.runtime.isDryRun()) return output;
  const there = pulumi.output(made(output).then(() => true));
  return pulumi.all([output, there]).apply(([value]) => value) as pulumi.Output<T>;
}

/** The output's value, or `otherwise` when its resource failed. In a preview nothing has failed yet, and unknown stays unknown. */
export function settledOr<T, U>(output: pulumi.Output<T>, otherwise: (e: unknown) => U): pulumi.Output<T | U> {
  if (pulumi.runtime.isDryRun()) return output;
  return pulumi.output(
    made(output).then(
      (value) => value as T | U,
      (e: unknown) => otherwise(e),
    ),
  ) as pulumi.Output<T | U>;
}

/** The output's value, or the sentence that says why there is none, for resources that judge: what was left out is not judged. */
export function settled<T>(output: pulumi.Output<T>, sentence: string): pulumi.Output<Settled<T>> {
  const value = output.apply((v) => ({ value: v })) as pulumi.Output<{ value: T }>;
  const otherwise = (e: unknown): { failed: string } => {
    if (e instanceof LeftOut) throw new LeftOut();
    return { failed: sentence };
  };
  return settledOr(value, otherwise);
}

/** What steps that follow one another gave, up to the first that failed, and then the sentence about that one, by its place. */
export function settledSteps<T>(
  outputs: pulumi.Output<T>[],
  sentence: (place: number) => string,
): pulumi.Output<{ value: T[]; failed?: string }> {
  return pulumi.all(outputs.map((output, place) => settled(output, sentence(place)))).apply((all) => {
    const steps = all as Settled<T>[];
    const failure = steps.findIndex((step) => "failed" in step);
    const value = steps
      .slice(0, failure < 0 ? undefined : failure)
      .flatMap((step) => ("value" in step ? [step.value] : []));
    return failure < 0 ? { value } : { value, failed: (steps[failure] as { failed: string }).failed };
  });
}

/** Those of the resources that came into being, for `dependsOn`: the graph shows the edge, and a failure is not contagious. */
export function thoseThatStand(resources: pulumi.Resource[]): pulumi.Input<pulumi.Resource[]> {
  if (pulumi.runtime.isDryRun()) return resources;
  const each = resources.map((resource) =>
    promiseOf(resource.urn).then(
      () => [resource],
      () => [],
    ),
  );
  return Promise.all(each).then((list) => list.flat());
}

/** The exit code by which the SDK tells the engine that the program failed and that its user knows why (cmd/run/index.js). */
const failedAndSaid = 32;

/** Keeps the SDK's stack traces for dependents of a failed resource off the screen: the resource itself has said what is wrong. */
export function quietDependents(): void {
  const listeners = process.listeners("unhandledRejection");
  const said = new Set<string>();
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason, promise) => {
    // Of what the SDK itself throws there is nothing but its words, and one code: that of an engine that is ending.
    const { message = "", stack = "", code } = (reason ?? {}) as Partial<Error> & { code?: number };
    if (reason instanceof LeftOut) {
      if (!said.has(leftOut)) void pulumi.log.error(leftOut);
      said.add(leftOut);
      process.exitCode = failedAndSaid;
      return;
    }
    // What the engine would not even take, it has told the program alone: unsaid, the update would go on as if it were not there,
    // and take away what it stood for before.
    const [refused] = code === undefined ? (/failed to register new resource [^]*/.exec(message) ?? []) : [];
    if (refused && !said.has(refused)) {
      said.add(refused);
      void pulumi.log.error(refused);
      process.exitCode = failedAndSaid;
    }
    if (/failed to register/.test(message)) return;
    // A reference to a stack that does not exist: the engine has said so, and the SDK then reads what it was not given.
    if (reason instanceof TypeError && /stackReference/.test(stack)) return;
    for (const listener of listeners) listener(reason, promise);
  });
  // Node's own warning about the same rejections, once they are handled after all.
  process.removeAllListeners("warning");
}
