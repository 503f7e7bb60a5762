/** Ending the command's process, and not before what it said has left it: a pipe takes 64 KiB at a time, and its reader may be slow. */
import { exitCodes } from "../edges/exit-codes.ts";

/** What keeps output from being written at all, once it is known: a full disk, a device that is gone. */
let lost: NodeJS.ErrnoException | undefined;

/** To be called before anything is said: a reader that has left (`| head`) is nobody's fault and ends nothing. */
export function toleratePartingReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (e: NodeJS.ErrnoException) => {
      if (e.code !== "EPIPE") lost ??= e;
    });
  }
}

/** Written means called back; a stream that failed calls back too. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) resolve();
    else stream.write("", () => resolve());
  });
}

/** Ends the process with this code, or with {@link exitCodes.usage} when what it said could not be written. */
export async function endProcess(code: number): Promise<never> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  if (lost && code === exitCodes.green) {
    process.stderr.write(
      `What this command says cannot be written (${lost.code}); see where its output goes, then run it again.\n`,
    );
    code = exitCodes.usage;
  }
  process.exit(code);
}
