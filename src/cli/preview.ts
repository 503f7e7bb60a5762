/**
 * `greenlight preview`: what an update would do, with exact digests, and everything that is missing. It works on a copy of state and
 * settings, so that it makes no stack, clears no lock and writes no setting; only archives are packed, into the cache.
 */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { killedSentence, pulumiEvents, type EngineEvent, type StepMetadata } from "./engine.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import { showProgress } from "./progress.ts";
import { requireSource, requireStack, stackConfig } from "./stack.ts";
import { withStateCopy } from "./state-copy.ts";

/** Steps that a person need not hear of: what stays, and the halves of a replacement, which is a step itself. */
const silent = new Set(["same", "read", "create-replacement", "delete-replaced", "discard-replaced"]);

/** The exact digest of an archive that a preview has packed. */
function digestOf(step: StepMetadata): string {
  const packed = step.new?.inputs?.["packed"] as { sha256?: string; size?: number } | undefined;
  return packed?.sha256 ? `  ${packed.sha256}  ${packed.size} bytes` : "";
}

/** What keeps a gate beside the machines closed as things are now; what machines have yet to prove is not told here. */
function openOf({ urn, new: state }: StepMetadata): string[] {
  const open = z.object({ decision: z.object({ open: z.array(z.string()) }) }).safeParse(state?.inputs).data
    ?.decision.open;
  return (open ?? []).map((line) => `  missing  ${urn.split("::").at(-1)}: ${line}`);
}

/** Shows the forecast of one stack, with settings for this once, by their key. @returns the exit code */
export async function preview(
  workspace: string,
  stack: string,
  settings: Record<string, string>,
  write: (line: string) => void,
): Promise<number> {
  requireStack(workspace, stack);
  const progress = showProgress(() => {});
  let changes = 0;
  const missing: string[] = [];
  const onEvent = (event: EngineEvent): void => {
    progress.onEvent(event);
    const step = event.resourcePreEvent?.metadata;
    if (step) missing.push(...openOf(step));
    if (!step || silent.has(step.op) || step.type.startsWith("pulumi:")) return;
    changes++;
    write(
      `  ${step.op.padEnd(8)} ${step.type.split(":").at(-1)!.padEnd(15)} ${step.urn.split("::").at(-1)}${digestOf(step)}`,
    );
  };
  const { code, interrupted, killed, stderr, stdout } = await withStateCopy(workspace, stack, async (copy) => {
    // The engine is asked only where it matters: most stacks promote nothing.
    const promotes = existsSync(copy.settings) && readFileSync(copy.settings, "utf8").includes("promoteFrom");
    const from = promotes ? ((await stackConfig(workspace, stack, copy))["greenlight:promoteFrom"]?.value ?? "") : "";
    if (from !== "") requireSource(workspace, stack, from, settings["candidate"]);
    const given = Object.entries(settings).flatMap(([key, value]) => ["--config", `greenlight:${key}=${value}`]);
    const args = ["preview", "--stack", stack, "--config-file", copy.settings, ...given];
    return pulumiEvents(workspace, args, onEvent, { backend: copy.backend });
  });
  for (const warning of progress.warnings) write(warning);
  for (const line of new Set(missing)) write(line);
  if (code === 0) {
    write(
      changes === 0
        ? "Nothing would change."
        : `\n${changes} resources would change; \`npm start -- up --stack ${stack}\` does it.`,
    );
    return exitCodes.green;
  }
  if (interrupted) return exitCodes.interrupted;
  if (killed) {
    write(killedSentence(killed, "run `npm start -- preview` again"));
    return exitCodes.inconclusive;
  }
  for (const error of progress.errors) write(error.text);
  if (progress.errors.length === 0) write(stderr.trim() || stdout.trim());
  return exitCodes.usage;
}
