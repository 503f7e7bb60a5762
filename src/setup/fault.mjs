/** What a person can mend: one sentence that says what was found and what to do; shown without a stack trace. */
export class SetupFault extends Error {
  /** @override */
  name = "SetupFault";
}

/**
 * What to show of anything thrown.
 * @param {unknown} thrown
 */
export function sentence(thrown) {
  if (thrown instanceof SetupFault) return thrown.message;
  // What the file system refuses is for the person too: its message names the operation and the path.
  if (thrown instanceof Error && "syscall" in thrown) return `${thrown.message}; mend that and start again.`;
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

/** Exit code when something that is needed is missing on this host; src/edges/exit-codes.ts has the same. */
export const SETUP_INCOMPLETE = 4;
