/**
 * Healthy is also not to be started again and again: whoever has just waited until services answer notes their processes, and
 * when the phase has asked all else, the same processes must still run, none of which systemd had to start anew.
 *
 * That lasts as long as what is asked in between; nobody waits for it. Thirty seconds in one go are the soak's, on the
 * lifecycle machine. The crash suite asks systemd's log on every machine, over all phases before it, whether a service was restarted.
 */
import type { Kind } from "../products/index.ts";
import { quote } from "../checks/quote.ts";
import type { Check } from "../checks/check.ts";

/** Sh function `look`: of each service its name, process, restarts and state, on one line. */
function look(names: readonly string[]): string {
  return `look() { for name in ${names.map(quote).join(" ")}; do set -- $(systemctl show -p MainPID -p NRestarts -p SubState --value "$name.service"); echo "$name $*"; done; }`;
}

const noted = '"$greenlight/notes/processes"';

/** The checks of a phase, between one look at the services' processes and another. `when` begins both names; they need what the phase needs. */
export function unrestarted(
  { services }: Pick<Kind, "services">,
  when: string,
  needs: string,
  between: readonly Check[],
): Check[] {
  const names = services.map(({ name }) => name);
  if (names.length === 0) return [...between];
  const name = (text: string): string => (when === "" ? text : `${when}-${text}`);
  const started: Check = {
    name: name("started-once"),
    needs,
    run: [
      look(names),
      `look >${noted} || exit`,
      `while read -r name _ restarts state; do echo "$name: $restarts restarts, $state"; done <${noted}`,
    ].join("\n"),
    expect: { stdout: { equals: names.map((each) => `${each}: 0 restarts, running`).join("\n") } },
  };
  const same: Check = {
    name: name("not-restarted"),
    needs,
    run: [
      look(names),
      "look >now || exit",
      "while read -r name process; do",
      `  while read -r other was; do [ "$other" != "$name" ] || break; done <${noted}`,
      `  [ "$process" = "$was" ] && echo "$name: the same process" || echo "$name: changed from '$was' to '$process' (process, restarts, state)"`,
      "done <now",
    ].join("\n"),
    expect: { stdout: { equals: names.map((each) => `${each}: the same process`).join("\n") } },
  };
  return [started, ...between, same];
}
