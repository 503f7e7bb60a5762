/** What a person sees while the engine works: a line when something begins that takes a while, a line when it is done. */
import { z } from "zod";
import { VerdictSchema, type Verdict } from "../gates/index.ts";
import type { EngineEvent } from "./engine.ts";

/** What each resource type does, for people. Types that are not listed are of no interest while they work. */
const verbs: Record<string, { doing: string; done: string }> = {
  "greenlight:index:ReleaseArchive": { doing: "packing", done: "packed and validated" },
  "greenlight:index:MachineImage": { doing: "preparing image", done: "image ready" },
  "greenlight:index:VirtualMachine": { doing: "starting machine", done: "machine ready" },
  "command:remote:CopyToRemote": { doing: "uploading", done: "uploaded" },
  "command:remote:Command": { doing: "proving", done: "proven" },
  "greenlight:index:Gate": { doing: "judging", done: "green" },
  "greenlight:index:Publication": { doing: "publishing", done: "in its channel" },
};

const gateType = "greenlight:index:Gate";
const stackType = "pulumi:pulumi:Stack";

/** pulumi/pulumi, sdk/go/common/resource/status.go */
const partialFailure = 1;

/** What the engine and the SDK say once more of a failure that its resource has told; never asked of what a resource says. */
const saidElsewhere = /^(?:update failed|preview failed|(?:Error: )?resource .* failed to register(?:\n[^]*)?)$/;
const isOfEngine = (type: string): boolean => type === "" || type === stackType;

/** One message of the engine that a person should read, with the resource that it is about. */
export interface Message {
  type: string;
  name: string;
  text: string;
}

export interface Progress {
  onEvent(event: EngineEvent): void;
  /** error messages, in the order in which they came */
  errors: Message[];
  warnings: string[];
  /** gates that did not become green, with the verdict that they gave; undefined for one that could not judge */
  closed: Map<string, Verdict | undefined>;
  /** how many resources changed */
  changes: number;
  /** the engine has come to a resource */
  began: boolean;
}

function nameOf(urn: string): { type: string; name: string } {
  const [, , types, name] = urn.split("::");
  return { type: types?.split("$").at(-1) ?? "", name: name ?? "" };
}

/** The verdict of a gate whose step failed, as a value: what its sentence says is for people, and holds words of the product. */
function verdictOf({ status, metadata }: NonNullable<EngineEvent["resOpFailedEvent"]>): Verdict | undefined {
  // Any other failure leaves the outputs of an earlier judgement, or none.
  if (status !== partialFailure) return undefined;
  return z.object({ verdict: VerdictSchema }).safeParse(metadata.new?.outputs?.["result"]).data?.verdict;
}

/** Whether nothing is known, because machines were lost or not to be had: no gate is red, and at least one could not be judged. */
export function isInconclusive({ closed }: Pick<Progress, "closed">): boolean {
  return closed.size > 0 && [...closed.values()].every((verdict) => verdict === "inconclusive");
}

/** The reasons of a partial failure, without the engine's count and bullets around them. */
export function plainText(message: string): string {
  return message
    .replace(/<\{%.*?%\}>/g, "")
    .replace(/^\d+ errors? occurred:/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* /, "").trimEnd())
    .filter((line) => line.trim() !== "")
    .join("\n");
}

/** Turns events into lines for `write`; elapsed seconds count from now. */
export function showProgress(write: (line: string) => void): Progress {
  const started = performance.now();
  const begun = new Map<string, number>();
  const elapsed = () => `${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s`;
  const progress: Progress = {
    errors: [],
    warnings: [],
    closed: new Map(),
    changes: 0,
    began: false,
    onEvent(event) {
      if (event.resourcePreEvent) progress.began = true;
      const before = event.resourcePreEvent?.metadata;
      // A replacement is announced by a step of its own; what is done comes as a creation and a removal.
      if (before && !["same", "read", "replace"].includes(before.op)) {
        const { type, name } = nameOf(before.urn);
        begun.set(before.urn, performance.now());
        const deleting = before.op.startsWith("delete") || before.op.startsWith("discard");
        if (verbs[type]) write(`${elapsed()}  ${deleting ? "removing" : verbs[type].doing}  ${name}`);
      }
      const after = event.resOutputsEvent?.metadata;
      if (after && !["same", "read", "replace"].includes(after.op)) {
        const { type, name } = nameOf(after.urn);
        progress.changes++;
        const took = begun.has(after.urn)
          ? ` (${((performance.now() - begun.get(after.urn)!) / 1000).toFixed(1)} s)`
          : "";
        const deleted = after.op.startsWith("delete") || after.op.startsWith("discard");
        if (verbs[type]) write(`${elapsed()}  ${deleted ? "removed" : verbs[type].done}  ${name}${took}`);
      }
      const failed = event.resOpFailedEvent?.metadata;
      if (failed) {
        const { type, name } = nameOf(failed.urn);
        if (type === gateType) progress.closed.set(name, verdictOf(event.resOpFailedEvent!));
        if (type !== stackType) write(`${elapsed()}  FAILED  ${name}`);
      }
      const message = event.diagnosticEvent;
      if (message?.severity === "error" && !message.ephemeral) {
        const text = plainText(message.message);
        const about = message.urn ? nameOf(message.urn) : { type: "", name: "" };
        if (text !== "" && !(isOfEngine(about.type) && saidElsewhere.test(text)))
          progress.errors.push({ ...about, text });
      } else if (message?.severity === "warning") {
        progress.warnings.push(plainText(message.message));
        write(`${elapsed()}  ${plainText(message.message)}`);
      } else if (message && message.severity !== "debug" && message.urn && message.message.trim() !== "") {
        const { type, name } = nameOf(message.urn);
        const text = plainText(message.message);
        // A machine that boots refuses many dials; the first is news.
        if (verbs[type] && !(type.startsWith("command:") && /^Dial (?!1\/)\d+\//.test(text)))
          write(`${elapsed()}  ${name}: ${text}`);
      }
    },
  };
  return progress;
}
