/** The good candidate of NATS, built when it is not there yet (which needs Go): what end-to-end tests start from. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const project = join(import.meta.dirname, "..");

/** Folder of the candidate. @throws what the sample's script says when it cannot be built. */
export async function goodCandidate(): Promise<string> {
  const folder = join(project, "candidates/nats/2.11.4");
  await promisify(execFile)(process.execPath, [join(project, "samples/nats/build.mjs"), "--out", folder]);
  return folder;
}
