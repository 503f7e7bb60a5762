/** Places of every machine that several rooms, and suites, must know by name. */

/** The virtio-serial port by which a newborn machine is given its identity. */
export const identityPort = "greenlight.identity";

/** On a machine: the folder of its birth, in memory; gone after a reboot. `boot-id` in it is the nonce of this birth. */
export const birthFolder = "/run/greenlight";

/** On a machine: the folder for the atomic markers of whoever proves something; survives a reboot. */
export const markerFolder = "/var/lib/greenlight";

/** On a machine: core dumps, and `list` with a line for each. There is no such folder as long as nothing has crashed. */
export const coreFolder = "/var/crash";
