/** The blueprint of a machine image: pure data, whose digest is the image's identity before it is built. */
import { platformOf, type Target } from "../../products/index.ts";
import { canonicalJson, sha256 } from "../../storage/digest.ts";
import { bootFiles } from "./boot-files.ts";
import { guestFiles, guestRemovals } from "./guest-files.ts";
import type { GuestFile, GuestText } from "./guest-file.ts";

/** Everything that an image is made from, and the digest of all that. */
export interface ImageBlueprint {
  target: Target;
  /** Debian's code name */
  suite: string;
  /** Debian's name of the processor */
  architecture: string;
  packages: string[];
  /** written before the packages, which make the initial RAM disk of them */
  bootFiles: readonly GuestText[];
  files: GuestFile[];
  removals: string[];
  /** what the kernel is told at each boot, besides what qemu.ts adds for an accelerator */
  kernelArguments: string[];
  /** of the whole file system, sparse */
  diskGiB: number;
  /** SHA-256 of the canonical JSON of all the above and of the builder's version */
  digest: string;
}

/** Raised when the builder makes something else of the same blueprint. */
const builderVersion = 1;

const suites: Record<string, string> = { "debian-12": "bookworm" };
const architectures: Record<string, string> = { "linux-x64": "amd64" };

/** No curl, no python, no compiler: what a product needs beyond this it must bring. */
const packages = [
  "systemd-sysv",
  "openssh-server",
  "linux-image-cloud-amd64",
  "iproute2",
  "udev",
  "dbus",
  "ca-certificates",
  "unzip",
];

/**
 * Mitigations guard tenants of one host from each other; a machine has one tenant, and under emulation they cost a
 * fifth of all time. Huge pages are 2 MiB that are cleared for a program that touches a few bytes of them, under emulation in
 * ten seconds and more where there was code before a reboot. `net.ifnames=0` gives the one network interface its old name, eth0.
 */
const kernelArguments = [
  "root=/dev/vda",
  "rw",
  "console=ttyS0",
  "quiet",
  "net.ifnames=0",
  "mitigations=off",
  "transparent_hugepage=never",
  "audit=0",
  "panic=-1",
];

/** The blueprint of a target's image. */
export function imageBlueprint(target: Target): ImageBlueprint {
  const suite = suites[target.split("/")[1] ?? ""]!;
  const data = {
    target,
    suite,
    architecture: architectures[platformOf(target)]!,
    packages,
    bootFiles,
    files: guestFiles(),
    removals: guestRemovals,
    kernelArguments,
    diskGiB: 8,
  };
  return { ...data, digest: sha256(canonicalJson({ builderVersion, ...data })) };
}
