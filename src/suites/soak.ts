/** The suite of time: each service has been up and has answered for a while, as one process; what it has been up already counts. */
import { z } from "zod";
import { installed, type Lifecycle } from "./lifecycle.ts";
import type { Check, Suite } from "../checks/check.ts";
import { guest } from "../checks/guest.ts";
import { judge, unless } from "../checks/judging.ts";
import { shownUnits } from "../checks/units.ts";

/** A check for each service, as long as the stack asks for. */
export function soakSuite({ kind, files }: Lifecycle): Suite {
  const seconds = files.soakSeconds;
  return {
    name: "soak",
    checks: kind.services.map(({ name, health }): Check => ({
      name: `lasts-${name}`,
      needs: installed,
      run: guest(import.meta.url, "lasts", `${name}.service`, health.url, seconds),
      within: seconds + 30,
      expect: { judge: { name: "lasts", given: { seconds } } },
    })),
  };
}

/** From looks at a service, one after another. */
export const lastsJudge = judge(z.strictObject({ seconds: z.int() }), ({ seconds }, { own }) => {
  const looks = shownUnits(own.stdout);
  const states = looks.map(({ MainPID, NRestarts, SubState }) => `${MainPID} ${NRestarts} ${SubState}`);
  const first = states[0] ?? "nothing";
  const other = states.find((state) => state !== first);
  if (other !== undefined)
    return unless(false, "the same process", `changed from '${first}' to '${other}' (process, restarts, state)`);
  // A busy machine may let one question time out within the service; a second one is no accident.
  const unanswered = looks.filter(({ Answered }) => Answered !== "yes").length;
  const up = Number(looks.at(-1)?.["Up"] ?? 0);
  return [
    ...unless(/^[1-9]\d* 0 running$/.test(first), "0 restarts, running", `${first} (process, restarts, state)`),
    ...unless(unanswered < 2, "an answer whenever it is asked", "it stopped answering"),
    ...unless(unanswered > 1 || up >= seconds, `to be up for ${seconds} s`, `it was seen up for ${up} s`),
  ];
});
