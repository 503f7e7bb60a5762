/** The suite of the removal: services stop in order, state stays until that is asked for too, and then nothing is left. */
import { crashedLater } from "./crash.ts";
import { nothingLeftCheck } from "./footprint.ts";
import { keptRemoved } from "./kept.ts";
import { commandName, installed, onceInstalled, type Lifecycle } from "./lifecycle.ts";
import { stateFolders, stateKeptCheck, stateNotedCheck } from "./state-kept.ts";
import type { Check, Suite } from "../checks/check.ts";
import { guest } from "../checks/guest.ts";
import { shownWord } from "../edges/shell-word.mjs";
import type { Service } from "../products/index.ts";

/**
 * A service stops when it is told to, in order and within ten of the seconds that its unit gives it before it is killed, and is then
 * started again. Only before it is removed: how long it has lasted and how often it was restarted is counted from its last start by hand.
 */
const stopsCheck = ({ name }: Service): Check => ({
  name: `stops-${name}`,
  run: guest(import.meta.url, "stops", `${name}.service`),
  within: 90,
  expect: { stdout: { contains: ["ActiveState=inactive", "Result=success"], matches: "^stopped after ([0-9]|10) s$" } },
});

/** Takes the installation away, first without and then with its state, and looks for what is left. */
export function uninstallSuite(life: Lifecycle): Suite {
  const { product, kind, subject, files } = life;
  const uninstall = ["sh", files.installer, "uninstall"];
  const keeps = stateFolders(life).length > 0;
  const onPath = kind.binaries
    .filter((binary) => product.binaries[binary]?.onPath)
    .map((binary) => commandName(binary, subject));
  const users = [...new Set(kind.services.map((service) => service.user))];
  const state = (): Check[] => [
    stateKeptCheck(life, "uninstall/uninstall"),
    ...keptRemoved(life, false).map((check) => ({ ...check, needs: "uninstall/uninstall" })),
    { name: "remove-state", run: [...uninstall, "--remove-state"], within: 120, expect: {} },
  ];
  const checks: Check[] = [
    ...(keeps ? [stateNotedCheck(life, installed)] : []),
    ...kind.services.map(stopsCheck),
    { name: "uninstall", run: uninstall, within: 120, expect: {} },
    ...(keeps ? state() : []),
    {
      name: "commands-gone",
      login: true,
      run: `for name in ${onPath.map(shownWord).join(" ")}; do command -v "$name"; done; echo gone`,
      expect: { stdout: { equals: "gone" } },
    },
    ...kind.services.map(({ name }): Check => ({
      name: `service-gone-${name}`,
      run: ["systemctl", "show", "-p", "LoadState", "-p", "ActiveState", "-p", "FragmentPath", `${name}.service`],
      expect: { stdout: { contains: ["LoadState=not-found", "ActiveState=inactive"] } },
    })),
    ...users.map((user): Check => ({
      name: `user-gone-${user}`,
      run: `getent passwd ${user}; getent group ${user}; echo "no more accounts"`,
      expect: { stdout: { equals: "no more accounts" } },
    })),
  ];
  return {
    name: "uninstall",
    checks: [...checks.map(onceInstalled), nothingLeftCheck(life, installed, "install/inventory"), ...crashedLater],
  };
}
