/** What one check did as a judge sees it, made here; and a check run here and judged. */
import { Outputs } from "../../src/checks/outputs.ts";
import type { Judge } from "../../src/checks/judging.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { judgeSuite, type Check } from "../../src/suites/index.ts";
import { runHere } from "./on-host.ts";
import { record, stream } from "./samples.ts";

/** What a check printed, and the files that it left. */
export interface Printed {
  stdout?: string;
  files?: Record<string, string>;
}

const outputs = (name: string, { stdout = "", files = {} }: Printed): Outputs => {
  const [suite = "", check = ""] = name.split("/");
  const came = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, stream(text)]));
  return new Outputs(record(check, { suite, stdout: stream(stdout), files: came }));
};

/** What a judge says of a check `own` of the suite `suite`, after others: what it saw instead of what it should have, or `[]`. */
export function verdict(judge: Judge, given: unknown, own: Printed, others: Record<string, Printed> = {}): string[] {
  try {
    const misses = judge(given, {
      own: outputs("suite/own", own),
      of: (name) => {
        if (!others[name]) throw new EdgeError(`${name} has no record`);
        return outputs(name, others[name]);
      },
    });
    return misses.map(({ observed }) => observed);
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return [e.message];
  }
}

/** Runs checks here, one after another, and says of each `passed` or what was observed instead. Nothing of them is waited for elsewhere. */
export async function judgedHere(checks: readonly Check[], run: Parameters<typeof runHere>[1] = {}): Promise<string[]> {
  const suite = { name: "suite", checks: checks.map(({ needs: _, login: __, ...check }) => check) };
  const { record: made } = await runHere([suite], run);
  return judgeSuite(suite, made).checks.map(({ status, observed }) => observed ?? status);
}
