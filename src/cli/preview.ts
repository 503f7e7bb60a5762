/** `greenlight preview`: what an update would do, with exact digests, and everything that is missing. Changes nothing. */
import { pulumiEvents, type StepMetadata } from "./engine.ts";
import { exitCodes } from "./exit-codes.ts";
import { showProgress } from "./progress.ts";

/** Steps that a person need not hear of: what stays, and the halves of a replacement, which is a step itself. */
const silent = new Set(["same", "read", "create-replacement", "delete-replaced", "discard-replaced"]);

/** The exact digest of an archive that a preview has packed. */
function digestOf(step: StepMetadata): string {
  const packed = step.new?.inputs?.["packed"] as { sha256?: string; size?: number } | undefined;
  return packed?.sha256 ? `  ${packed.sha256}  ${packed.size} bytes` : "";
}

/** Shows the forecast of one stack, with settings for this once. @returns the exit code */
export async function preview(workspace: string, stack: string, settings: string[], write: (line: string) => void): Promise<number> {
  const progress = showProgress(() => {});
  let changes = 0;
  const { code, stderr, stdout } = await pulumiEvents(workspace, ["preview", "--stack", stack, ...settings], (event) => {
    progress.onEvent(event);
    const step = event.resourcePreEvent?.metadata;
    if (!step || silent.has(step.op) || step.type.startsWith("pulumi:")) return;
    changes++;
    write(`  ${step.op.padEnd(8)} ${step.type.split(":").at(-1)!.padEnd(15)} ${step.urn.split("::").at(-1)}${digestOf(step)}`);
  });
  for (const warning of progress.warnings) write(warning);
  if (code === 0) {
    write(changes === 0 ? "Nothing would change." : `\n${changes} resources would change; \`npm start -- up --stack ${stack}\` does it.`);
    return exitCodes.green;
  }
  for (const error of progress.errors) write(error.text);
  if (progress.errors.length === 0) write(stderr.trim() || stdout.trim());
  return exitCodes.usage;
}
