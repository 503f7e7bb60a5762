/** Units of systemd, as far as it matters which programs they start: one in an archive is for a program in the same archive. */

/** Folders of programs that systems bring themselves. */
const system = /^\/(usr\/(local\/)?)?s?bin\/[^/]+$|^\/usr\/lib(exec)?\//;

/** Programs that a unit starts, as absolute paths, each once: of `ExecStart=` and its like, without the prefixes that systemd gives a meaning. */
export function programsOf(unit: string): string[] {
  const started = [...unit.matchAll(/^[ \t]*Exec\w+[ \t]*=[ \t]*[-@:+!|]*(?:"([^"\n]+)"|(\S+))/gm)].map(
    ([, quoted, plain]) => quoted ?? plain!,
  );
  return [...new Set(started.filter((path) => path.startsWith("/")))];
}

/** Those that neither the system brings nor `own` has: names of programs, without `.exe` (units are for Linux, and alike in every archive). */
export function strangersOf(unit: string, own: ReadonlySet<string>): string[] {
  return programsOf(unit).filter((program) => !system.test(program) && !own.has(program.split("/").at(-1)!));
}
