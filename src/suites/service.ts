/** The suite of services: each is enabled, runs as its own user, is hardened, healthy, and listens where it says and nowhere else. */
import { z } from "zod";
import type { Service } from "../products/index.ts";
import { folderChecks } from "./declared.ts";
import { healthyCheck, identityCheck } from "./healthy.ts";
import { onceInstalled, versionOf, type Lifecycle } from "./lifecycle.ts";
import type { Check, Suite } from "../checks/check.ts";
import { judge, unless } from "../checks/judging.ts";
import { shownWord } from "../edges/shell-word.mjs";

/** Most exposure that `systemd-analyze security` may find, in tenths: 100 is an unprotected root service. */
export const mostExposure = 20;

/** The sockets of a service, of all that are listened on. */
function socketsCheck({ name, listens }: Service): Check {
  const sockets = listens.map(({ address, port, protocol = "tcp" }) => `${protocol} ${address}:${port}`);
  return {
    name: `sockets-${name}`,
    run: `systemctl show -p MainPID ${shownWord(`${name}.service`)} && ss -Htulnp`,
    expect: { judge: { name: "sockets", given: { sockets } } },
  };
}

/** From the process of a service, and a line for each socket of the machine. */
export const socketsJudge = judge(z.strictObject({ sockets: z.array(z.string()) }), ({ sockets }, { own }) => {
  const process = /^MainPID=([1-9]\d*)$/m.exec(own.stdout)?.[1];
  if (process === undefined) return unless(false, "a service that runs", "it does not run");
  const lines = own.stdout.split("\n").filter((line) => line.includes(`pid=${process},`));
  const found = lines.map((line) => line.split(/\s+/)).map(([protocol, , , , address]) => `${protocol} ${address}`);
  return [
    ...sockets.flatMap((socket) =>
      unless(found.includes(socket), `to listen on ${socket}`, `does not listen on ${socket}`),
    ),
    ...found.flatMap((socket) =>
      unless(sockets.includes(socket), "to listen nowhere else", `listens on ${socket}, which is not declared`),
    ),
  ];
});

function serviceChecks(life: Lifecycle, service: Service): Check[] {
  const { name, user } = service;
  const unit = `${name}.service`;
  const states = ["ActiveState=active", "SubState=running", "NRestarts=0", `User=${user}`];
  return [
    { name: `enabled-${name}`, run: ["systemctl", "is-enabled", unit], expect: { stdout: { equals: "enabled" } } },
    {
      name: `running-${name}`,
      run: ["systemctl", "show", ...states.flatMap((state) => ["-p", state.split("=")[0]!]), unit],
      expect: { stdout: { contains: states } },
    },
    {
      name: `user-${name}`,
      run: `pid=$(systemctl show -p MainPID --value ${shownWord(unit)}) && stat -c %U "/proc/$pid"`,
      expect: { stdout: { equals: user } },
    },
    {
      name: `unit-${name}`,
      run: ["systemd-analyze", "verify", unit],
      expect: { stdout: { equals: "" }, stderr: { equals: "" } },
    },
    {
      name: `hardened-${name}`,
      run: ["systemd-analyze", "security", "--no-pager", `--threshold=${mostExposure}`, unit],
      expect: {},
    },
    healthyCheck(`healthy-${name}`, service, 10),
    identityCheck(`identity-${name}`, service, versionOf(life, service.binary)),
    socketsCheck(service),
  ];
}

/** Each service, and the folders of all of them. */
export function serviceSuite(life: Lifecycle): Suite {
  const checks = [...life.kind.services.flatMap((service) => serviceChecks(life, service)), ...folderChecks(life.kind)];
  return { name: "service", checks: checks.map(onceInstalled) };
}
