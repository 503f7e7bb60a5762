/** What a person sees while the engine works: a line when something begins that takes a while, a line when it is done. */
import type { EngineEvent } from "./engine.ts";

/** What each resource type does, for people. Types that are not listed are of no interest while they work. */
const verbs: Record<string, { doing: string; done: string }> = {
  "greenlight:index:ReleaseArchive": { doing: "packing", done: "packed and validated" },
  "greenlight:index:MachineImage": { doing: "preparing image", done: "image ready" },
  "greenlight:index:VirtualMachine": { doing: "starting machine", done: "machine ready" },
  "command:remote:CopyToRemote": { doing: "uploading", done: "uploaded" },
  "command:remote:Command": { doing: "proving", done: "proven" },
  "greenlight:index:Gate": { doing: "judging", done: "green" },
  "greenlight:index:Publication": { doing: "publishing", done: "published" },
};

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
  /** how many resources changed */
  changes: number;
  /** whether a release was published, or found to be there, in this run */
  published: boolean;
}

function nameOf(urn: string): { type: string; name: string } {
  const [, , types, name] = urn.split("::");
  return { type: types?.split("$").at(-1) ?? "", name: name ?? "" };
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
    changes: 0,
    published: false,
    onEvent(event) {
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
        if (type === "greenlight:index:Publication") progress.published = true;
        const took = begun.has(after.urn) ? ` (${((performance.now() - begun.get(after.urn)!) / 1000).toFixed(1)} s)` : "";
        const deleted = after.op.startsWith("delete") || after.op.startsWith("discard");
        if (verbs[type]) write(`${elapsed()}  ${deleted ? "removed" : verbs[type].done}  ${name}${took}`);
      }
      const failed = event.resOpFailedEvent?.metadata;
      if (failed) {
        const { type, name } = nameOf(failed.urn);
        if (type !== "pulumi:pulumi:Stack") write(`${elapsed()}  FAILED  ${name}`);
      }
      const message = event.diagnosticEvent;
      if (message?.severity === "error" && !message.ephemeral) {
        const text = plainText(message.message);
        const about = message.urn ? nameOf(message.urn) : { type: "", name: "" };
        if (text !== "" && text !== "update failed" && text !== "preview failed" && !/resource .* failed to register/.test(text)) progress.errors.push({ ...about, text });
      } else if (message?.severity === "warning") {
        progress.warnings.push(plainText(message.message));
        write(`${elapsed()}  ${plainText(message.message)}`);
      } else if (message && message.severity !== "debug" && message.urn && message.message.trim() !== "") {
        const { type, name } = nameOf(message.urn);
        const text = plainText(message.message);
        // A machine that boots refuses many dials; the first is news.
        if (verbs[type] && !/^Dial (?!1\/)\d+\//.test(text)) write(`${elapsed()}  ${name}: ${text}`);
      }
    },
  };
  return progress;
}
