/**
 * Healthy is also not to be started again and again: whoever has just waited until services answer notes their processes, and
 * when the phase has asked all else, the same processes must still run, none of which systemd had to start anew.
 *
 * That lasts as long as what is asked in between; nobody waits for it. Thirty seconds in one go are the soak's, on the
 * lifecycle machine. The crash suite asks systemd's log on every machine, over all phases before it, whether a service was restarted.
 */
import { z } from "zod";
import type { Kind } from "../products/index.ts";
import type { Check } from "../checks/check.ts";
import { judge, unless } from "../checks/judging.ts";
import { shownUnits } from "../checks/units.ts";

const legend = "(process, restarts, state)";

/**
 * The checks of a phase, between one look at the services' processes and another. `when` begins both names; they need what the phase needs.
 * With `anew` they may have been started again before the first look.
 */
export function unrestarted(
  { services }: Pick<Kind, "services">,
  when: string,
  needs: string,
  between: readonly Check[],
  anew = false,
): Check[] {
  if (services.length === 0) return [...between];
  const names = services.map(({ name }) => name);
  const properties = ["Id", "MainPID", "NRestarts", "SubState"].flatMap((name) => ["-p", name]);
  const look = (text: string, more: object): Check => ({
    name: when === "" ? text : `${when}-${text}`,
    needs,
    run: ["systemctl", "show", ...properties, ...names.map((name) => `${name}.service`)],
    expect: { judge: { name: "processes", given: { names, ...more } } },
  });
  const first = anew ? look("runs", { anew }) : look("started-once", {});
  return [first, ...between, look("not-restarted", { since: first.name })];
}

/** Process, restarts and state of each service, by its name. */
const states = (text: string): Map<string, string> =>
  new Map(
    shownUnits(text).map(({ Id = "", MainPID, NRestarts, SubState }) => [
      Id.replace(/\.service$/, ""),
      `${MainPID} ${NRestarts} ${SubState}`,
    ]),
  );

/** Each service runs and was never restarted (with `anew` it may have been); or, with `since`, it is the same process as in that check of its suite. */
export const processesJudge = judge(
  z.strictObject({ names: z.array(z.string()).min(1), since: z.string().optional(), anew: z.boolean().optional() }),
  ({ names, since, anew }, { own, of }) => {
    const now = states(own.stdout);
    const before = since === undefined ? undefined : states(of(`${own.record.suite}/${since}`).stdout);
    return names.flatMap((name) => {
      const [is = "nothing", was = "nothing"] = [now.get(name), before?.get(name)];
      if (!before)
        return unless(
          (anew ? /^[1-9]\d* \d+ running$/ : /^[1-9]\d* 0 running$/).test(is),
          anew ? `${name} to run` : `${name} to run since its first start`,
          `${name} is '${is}' ${legend}`,
        );
      return unless(
        is === was && is !== "nothing",
        `${name} to be the same process`,
        `${name}: changed from '${was}' to '${is}' ${legend}`,
      );
    });
  },
);
