/**
 * How a machine boots: what its initial RAM disk is made of, and what systemd leaves out. Emulated, each boot takes half a minute and a
 * proof has two of them, so nothing is looked for that no machine has.
 */
import type { GuestFile, GuestText } from "./guest-file.ts";

/** Drivers of the disk and of the network; the others come when the system is up. */
const bootModules = ["virtio_pci", "virtio_blk", "virtio_net"];

const script = (...lines: string[]): string =>
  ["#!/bin/sh", 'case "$1" in prereqs) exit 0 ;; esac', ...lines, ""].join("\n");

/**
 * Files that must be there before the kernel's package makes the initial RAM disk. It needs no udev to find /dev/vda: the kernel makes
 * that itself, and the system's own udev looks for itself (6 of 34 s of processor time). Scripts in /etc replace those of the same name. It is compressed as
 * image.ts unpacks it.
 */
export const bootFiles: readonly GuestText[] = [
  { path: "/etc/initramfs-tools/conf.d/greenlight", mode: 0o644, text: "MODULES=list\nCOMPRESS=gzip\n" },
  { path: "/etc/initramfs-tools/modules", mode: 0o644, text: bootModules.map((name) => `${name}\n`).join("") },
  { path: "/etc/initramfs-tools/scripts/init-top/udev", mode: 0o755, text: script() },
  {
    path: "/etc/initramfs-tools/scripts/init-bottom/udev",
    mode: 0o755,
    text: script('mount -n -o move /dev "${rootmnt:?}/dev"', "rm -rf /dev", 'ln -s "${rootmnt}/dev" /dev'),
  },
];

/**
 * Programs that write units for what no machine has: encrypted and verified disks, a disk to resume from, one that is known by its partition's
 * type, an update that waits for a boot, commands for systemd on the kernel's line.
 */
const generators = [
  "cryptsetup",
  "debug",
  "gpt-auto",
  "hibernate-resume",
  "integritysetup",
  "run",
  "system-update",
  "veritysetup",
];

/** Consoles, tables of the firmware and counters of the kernel: two thirds of all devices, of which udev would set groups and tags that nothing here asks for. */
const withoutEvents = ["tty", "vc", "acpi", "memory", "pnp", "workqueue", "container"];

const coldplug = `[Service]
ExecStart=
ExecStart=-udevadm trigger --type=subsystems --action=add
ExecStart=-udevadm trigger --type=devices --action=add ${withoutEvents.map((name) => `--subsystem-nomatch=${name}`).join(" ")}
`;

/** What the system itself leaves out when it boots. */
export const bootOmissions: readonly GuestFile[] = [
  ...generators.map((name) => ({
    path: `/etc/systemd/system-generators/systemd-${name}-generator`,
    link: "/dev/null",
  })),
  { path: "/etc/systemd/system/systemd-udev-trigger.service.d/greenlight.conf", mode: 0o644, text: coldplug },
];
