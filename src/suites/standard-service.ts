/** The suites about commands and services in use: what they say they are, how they are run, that they last and come back. */
import { placed, type Service } from "../products/index.ts";
import { folderChecks, secretFormChecks } from "./declared.ts";
import { keptNoted, keptStill } from "./kept.ts";
import { holding } from "../checks/json.ts";
import { quote } from "../checks/quote.ts";
import { commandName, installed } from "./standard-install.ts";
import type { Lifecycle } from "./standard.ts";
import type { Check, Suite } from "../checks/check.ts";
import { unrestarted } from "./unrestarted.ts";

/** Most exposure that `systemd-analyze security` may find, in tenths: 100 is an unprotected root service. */
export const mostExposure = 20;

const unit = (service: Service): string => quote(`${service.name}.service`);

/** A check has no business before the installation has succeeded, unless it says itself what it needs. */
const onceInstalled = (check: Check): Check => ({ needs: installed, ...check });

/** The service answers within so many seconds that it is healthy. */
export function healthyCheck(name: string, service: Service, seconds: number, needs = installed): Check {
  return {
    name,
    needs,
    run: `http_wait ${quote(service.health.url)} ${seconds} || { systemctl status --no-pager -n 5 ${unit(service)} >&2; exit 1; }`,
    within: seconds + 30,
    expect: {
      stdout: { schema: holding(Object.fromEntries(service.health.json.map(({ path, equals }) => [path, equals]))) },
    },
  };
}

/** The running service is the version that was installed, by its own word. */
export function identityCheck(name: string, service: Service, version: string, needs = installed): Check {
  return {
    name,
    needs,
    run: `http_get ${quote(service.identity.url)} >answer || exit\ncat answer`,
    expect: { stdout: { schema: holding({ [service.identity.path]: version }) } },
  };
}

const versionOf = ({ subject }: Lifecycle, binary: string): string => subject.binaryVersions[binary] ?? subject.version;

/** The product's own word on health: asked wherever services must answer. */
export function ownHealthChecks({ product, subject, at }: Lifecycle): Check[] {
  return (product.checks.healthy?.(subject, at) ?? []).map(onceInstalled);
}

/** Each command says its version and its help, as far as it can be asked; then the product's own checks on what runs, and its data is planted. */
export function smokeSuite(life: Lifecycle): Suite {
  const { product, kind, subject, at } = life;
  const commands = kind.binaries.flatMap((key): Check[] => {
    const { onPath, silent = [], version, help } = product.binaries[key]!;
    const command = onPath
      ? commandName(key, subject)
      : `$(find -L ${at.root}/current -name ${commandName(key, subject)} -type f)`;
    const checks: Record<"version" | "help", Check> = {
      version: {
        name: `version-${key}`,
        login: true,
        needs: installed,
        run: `${command} ${version.args}`,
        expect: { stdout: { equals: version.prints.replace("{version}", versionOf(life, key)) } },
      },
      help: {
        name: `help-${key}`,
        login: true,
        needs: installed,
        run: `${command} ${help.args} 2>&1`,
        expect: { stdout: { contains: help.contains } },
      },
    };
    return (["version", "help"] as const).filter((asked) => !silent.includes(asked)).map((asked) => checks[asked]);
  });
  return {
    name: "smoke",
    checks: [
      ...commands,
      ...kind.services.map((service) => healthyCheck(`ready-${service.name}`, service, 30)),
      ...ownHealthChecks(life),
      ...[...privateFileChecks(life), ...secretFormChecks(kind)].map(onceInstalled),
      ...product.checks.smoke(subject, at, life.files.archivePath).map(onceInstalled),
      ...[...product.checks.plant(subject, at), ...keptNoted(life)].map(onceInstalled),
    ],
  };
}

/** Files with secrets in them belong to those who need them, and nobody else may read them. */
function privateFileChecks({ kind, at }: Lifecycle): Check[] {
  const files = [
    ...(kind.setup
      ? [
          {
            name: "private-configuration",
            file: placed(kind.setup.creates, at),
            owner: kind.services[0]?.user ?? "root",
          },
        ]
      : []),
    ...kind.services
      .filter(({ secrets = [] }) => secrets.length > 0)
      .map(({ name, configFolder }) => ({
        name: `private-secrets-${name}`,
        file: `${configFolder}/${name}.secrets`,
        owner: "root",
      })),
  ];
  return files.map(({ name, file, owner }) => ({
    name,
    run: `stat -c '%a %U:%G' ${quote(file)}`,
    expect: { stdout: { equals: `600 ${owner}:${owner}` } },
  }));
}

/** Each service is enabled, runs as its own user, is hardened, healthy, and listens where it says and nowhere else. */
export function serviceSuite(life: Lifecycle): Suite {
  const checks = life.kind.services.flatMap((service): Check[] => {
    const listens = service.listens
      .map(({ address, port, protocol = "tcp" }) => `${protocol} ${address}:${port}`)
      .sort();
    return [
      {
        name: `enabled-${service.name}`,
        run: `systemctl is-enabled ${unit(service)}`,
        expect: { stdout: { equals: "enabled" } },
      },
      {
        name: `running-${service.name}`,
        run: `systemctl show -p ActiveState -p SubState -p NRestarts -p User ${unit(service)}`,
        expect: {
          stdout: { contains: ["ActiveState=active", "SubState=running", "NRestarts=0", `User=${service.user}`] },
        },
      },
      {
        name: `user-${service.name}`,
        run: `pid=$(systemctl show -p MainPID --value ${unit(service)}) && stat -c %U "/proc/$pid"`,
        expect: { stdout: { equals: service.user } },
      },
      {
        name: `unit-${service.name}`,
        run: `systemd-analyze verify ${unit(service)} 2>&1 && echo clean`,
        expect: { stdout: { equals: "clean" } },
      },
      {
        name: `hardened-${service.name}`,
        run: `systemd-analyze security --no-pager --threshold=${mostExposure} ${unit(service)} >report; code=$?; tail -n 1 report; exit $code`,
        expect: {},
      },
      healthyCheck(`healthy-${service.name}`, service, 10),
      identityCheck(`identity-${service.name}`, service, versionOf(life, service.binary)),
      {
        name: `sockets-${service.name}`,
        run: [
          `pid=$(systemctl show -p MainPID --value ${unit(service)})`,
          'ss -Htulnp | grep "pid=$pid," >found',
          'while read -r protocol _ _ _ address _; do echo "$protocol $address"; done <found | LC_ALL=C sort',
        ].join("\n"),
        expect: { stdout: { equals: listens.join("\n") } },
      },
    ];
  });
  return { name: "service", checks: [...checks, ...folderChecks(life.kind)].map(onceInstalled) };
}

/** Each service has been up and has answered for a while, as one process; what it has been up already counts. */
export function soakSuite({ kind, files }: Lifecycle): Suite {
  const seconds = files.soakSeconds;
  return {
    name: "soak",
    checks: kind.services.map((service): Check => ({
      name: `lasts-${service.name}`,
      needs: installed,
      run: [
        `look() { set -- $(systemctl show -p MainPID -p NRestarts -p SubState --value ${unit(service)}); echo "$*"; }`,
        `since=$(systemctl show -p ExecMainStartTimestampMonotonic --value ${unit(service)})`,
        "first=$(look) unanswered=0",
        "while :; do",
        `  now=$(look); [ "$now" = "$first" ] || { echo "changed from '$first' to '$now' (process, restarts, state)"; exit 1; }`,
        // A busy machine may let one question time out within the service; a second one is no accident.
        `  http_get ${quote(service.health.url)} >answer || {`,
        '    unanswered=$((unanswered + 1)); [ "$unanswered" -lt 2 ] || { echo "it stopped answering"; exit 1; }',
        "    sleep 1; continue",
        "  }",
        "  read -r up _ </proc/uptime; up=$((${up%.*} - since / 1000000))",
        `  [ "$up" -lt ${seconds} ] || break`,
        `  rest=$((${seconds} - up)); [ "$rest" -gt 5 ] && rest=5; sleep "$rest"`,
        "done",
        'set -- $first; echo "$2 restarts, $3"',
      ].join("\n"),
      within: seconds + 30,
      expect: { stdout: { equals: "0 restarts, running" } },
    })),
  };
}

/** After a reboot each service is back by itself, as the same release, with what it had kept. */
export function rebootSuite(life: Lifecycle): Suite {
  return { name: "reboot", afterReboot: "clean", checks: backChecks(life) };
}

/** The same when the machine has lost its power. */
export function powerCutSuite(life: Lifecycle): Suite {
  return { name: "power-cut", afterReboot: "hard", checks: backChecks(life) };
}

function backChecks(life: Lifecycle): Check[] {
  const { product, kind, subject, at } = life;
  return [
    ...kind.services.map((service) => healthyCheck(`back-${service.name}`, service, 60)),
    ...unrestarted(kind, "", installed, [
      ...kind.services.map((service) =>
        identityCheck(`identity-${service.name}`, service, versionOf(life, service.binary)),
      ),
      ...ownHealthChecks(life),
      ...[...product.checks.planted(subject, at), ...keptStill(life, false)].map(onceInstalled),
    ]),
  ];
}
