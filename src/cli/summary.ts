/** The end of `greenlight up`: what was published, what was withheld and why, where everything lies, what to type next. */
import { relative } from "node:path";
import { z } from "zod";
import { channelFolder, publishedFolder } from "../channel/index.ts";
import { controlLines, controlStates } from "../controls/index.ts";
import { listMachines } from "../machines/index.ts";
import { parseJson } from "../edges/edges.ts";
import { workspacePath } from "../storage/folders.ts";
import { pulumi } from "./engine.ts";
import type { Progress } from "./progress.ts";

const OutputsSchema = z.object({
  candidate: z.object({ product: z.string(), version: z.string() }).optional(),
  verdicts: z.record(z.string(), z.string()).catch({}),
  released: z
    .object({ product: z.string(), version: z.string(), channel: z.string(), files: z.record(z.string(), z.string()) })
    .nullable()
    .catch(null),
  withheld: z.array(z.object({ base: z.string(), reason: z.string() })).catch([]),
  notApplicable: z.array(z.object({ base: z.string(), suite: z.string(), reason: z.string() })).catch([]),
});

export interface Ending {
  workspace: string;
  stack: string;
  /** the channel that the stack's settings name; what the stack exported may be of an earlier update, or nothing */
  channel: string;
  progress: Progress;
  green: boolean;
  /** product and version of a release that the channel did not name before this update */
  published: string | undefined;
  write: (line: string) => void;
}

/** Long sentences in lines that a terminal shows whole. */
export function wrapped(text: string, indent: string, width = 110): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.trim().split(/\s+/)) {
      if (line !== "" && indent.length + line.length + 1 + word.length > width) {
        lines.push(indent + line);
        line = word;
      } else {
        line = line === "" ? word : `${line} ${word}`;
      }
    }
    return [...lines, indent + line];
  });
}

/** One line for each archive and reason, so that a kind without a service is not told suite by suite. */
export function idleLines(list: readonly { base: string; suite: string; reason: string }[]): string[] {
  const byReason = Map.groupBy(list, ({ base, reason }) => `${base}.zip: ${reason}`);
  return [...byReason].map(([about, suites]) => `${about} (${suites.map(({ suite }) => suite).join(", ")})`);
}

/** What a run that was cut short has done to the channel, as a clause. */
export function cutShort(published: string | undefined, channel: string): string {
  if (published === undefined) return "nothing was published in this run";
  return `${published} was published to channel ${channel} before that`;
}

export async function summarize({
  workspace,
  stack,
  channel,
  progress,
  green,
  published,
  write,
}: Ending): Promise<void> {
  const { code, stdout } = await pulumi(workspace, ["stack", "output", "--json", "--stack", stack]);
  const outputs =
    code === 0 && stdout.trim() !== "{}"
      ? parseJson(OutputsSchema, stdout, { what: "`pulumi stack output`", remedy: "run `npm start -- up` again" })
      : undefined;
  const alive = (await listMachines({ workspace, stack })).filter((machine) => machine.alive);
  const kept = green ? [] : alive.map((machine) => machine.cell);
  const keptUntil = alive[0]?.until ?? "";
  const near = (path: string) => relative(process.cwd(), path) || ".";
  write("");
  const released = outputs?.released;
  if (green && released) {
    const what = `${released.product} ${released.version}`;
    if (published !== undefined) write(`Published ${what} to channel ${channel}.`);
    else
      write(
        progress.changes === 0
          ? `Nothing has changed: ${what} is in channel ${channel}.`
          : `Green, and nothing to publish: ${what} is in channel ${channel} already.`,
      );
    const folder = near(publishedFolder(workspace, released.channel, released.product, released.version));
    const archives = Object.entries(released.files).filter(([file]) => file.endsWith(".zip"));
    for (const [file, digest] of archives) write(`  ${digest.slice(0, 12)}  ${folder}/${file}`);
  } else {
    // What is removed after a publication may still fail.
    if (published === undefined) write(`Nothing was published to channel ${channel}.`);
    else write(`Published ${published} to channel ${channel}; what came after it in this update failed:`);
    for (const error of progress.errors) {
      write("");
      for (const line of wrapped(error.text, "  ")) write(line);
    }
    if (released && published === undefined)
      write(`\nThe channel still holds ${released.product} ${released.version}.`);
  }
  if (outputs?.withheld?.length) {
    write("\nWithheld:");
    for (const { base, reason } of outputs.withheld) write(`  ${base}.zip: ${reason}`);
  }
  if (outputs?.notApplicable?.length) {
    write("\nNot applicable:");
    for (const line of idleLines(outputs.notApplicable)) write(`  ${line}`);
  }
  if (green && outputs?.candidate) {
    write("");
    for (const line of controlLines(controlStates(workspace, outputs.candidate.product)))
      for (const part of wrapped(line, line.startsWith(" ") ? "  " : "")) write(part);
  }
  write("\nWhere things lie:");
  write(`  channel   ${near(channelFolder(workspace, channel))}`);
  write(`  evidence  ${near(workspacePath(workspace, "evidence"))}`);
  write(`  archives  ${near(workspacePath(workspace, "archives"))}`);
  write("\nNext:");
  if (kept.length > 0)
    write(`  npm start -- shell ${kept[0]}   look at the machine of a red cell, alive until ${keptUntil}`);
  if (green && stack === "dev")
    write("  npm start -- up --stack prod             promote this release to stable: the same bytes, no rebuild");
  write("  npm start -- up --candidate DIR          release a candidate of your own");
  write('  eval "$(npm run -s start -- env)"; pulumi up   the same by hand');
  if (!green) {
    write("  npm start -- evidence show CELL          every check of a cell that did not pass, with all that it said");
    write("  npm start -- rerun CELL                  prove a cell again on a fresh machine");
  }
  write(`  npm start -- destroy --stack ${stack.padEnd(12)}tear the machines down; releases and evidence stay`);
}
