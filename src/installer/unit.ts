/** Hardened systemd units and their environment files (systemd.exec(5), systemd.service(5); systemd 247 and later). */
import { environmentLine, systemdGlob, systemdLine, systemdWord } from "./quoting.ts";

/** A unit's facts, placeholders filled in. */
export interface UnitFacts {
  description: string;
  /** absolute */
  executable: string;
  args: string[];
  user: string;
  /** the only place that the service may write to */
  stateFolder: string;
  environmentFile: string;
}

/**
 * What every service of ours goes without. `systemd-analyze security` rates a unit with these below 2.0.
 * The address filter is left to the operator: a daemon that is later told to serve others would be cut off without a word.
 */
const hardening = [
  "NoNewPrivileges=yes",
  "CapabilityBoundingSet=",
  "AmbientCapabilities=",
  "ProtectSystem=strict",
  "ProtectHome=yes",
  "PrivateTmp=yes",
  "PrivateDevices=yes",
  "PrivateUsers=yes",
  "DevicePolicy=closed",
  "ProtectClock=yes",
  "ProtectControlGroups=yes",
  "ProtectHostname=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelTunables=yes",
  "ProtectProc=invisible",
  "ProcSubset=pid",
  "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
  "MemoryDenyWriteExecute=yes",
  "RemoveIPC=yes",
  "KeyringMode=private",
  "SystemCallArchitectures=native",
  "SystemCallFilter=@system-service",
  "SystemCallFilter=~@privileged @resources",
  "SystemCallErrorNumber=EPERM",
  "UMask=0077",
];

/**
 * systemd refuses quotes and backslashes in the executable's own name, whatever the quoting (it takes them for a mistake);
 * such a name goes through a shell, which is replaced by the service at once.
 */
function execStart(executable: string, args: string[]): string {
  const words = (list: string[]) => list.map((word) => systemdWord(word, "argument"));
  if (/["'\\]/.test(executable)) return words(["/bin/sh", "-c", 'exec "$0" "$@"', executable, ...args]).join(" ");
  return [systemdWord(executable, "path"), ...words(args)].join(" ");
}

/** The unit file of a service; ends with a new line. */
export function renderUnit(facts: UnitFacts): string {
  return [
    "# Written by the installer, which also mends it. Your own settings belong in a drop-in: systemctl edit <unit>",
    "[Unit]",
    `Description=${systemdLine(facts.description, "Description of a service")}`,
    "After=network.target",
    "StartLimitIntervalSec=60",
    "StartLimitBurst=5",
    "",
    "[Service]",
    // exec: a start that cannot even execute the binary is a failed start, not a running service that died.
    "Type=exec",
    `User=${facts.user}`,
    `Group=${facts.user}`,
    `EnvironmentFile=${systemdGlob(facts.environmentFile, "Environment file of a service")}`,
    `ExecStart=${execStart(facts.executable, facts.args)}`,
    `WorkingDirectory=${systemdLine(facts.stateFolder, "State folder of a service")}`,
    `ReadWritePaths=${systemdWord(facts.stateFolder, "path")}`,
    "Restart=on-failure",
    "RestartSec=2",
    "TimeoutStopSec=30",
    "LimitNOFILE=65536",
    "",
    ...hardening,
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}

/** The environment file of a service, also when there is nothing in it. */
export function renderEnvironment(values: [name: string, value: string][]): string {
  return [
    "# Environment of the service. Written once; yours from then on.",
    ...values.map(([name, value]) => environmentLine(name, value)),
    "",
  ].join("\n");
}
