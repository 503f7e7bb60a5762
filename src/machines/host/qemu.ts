/** The command line of a machine: pure, because it is part of what a fork parent is known by. */
import { identityPort } from "../places/index.ts";

/** How QEMU runs a machine: on the processor, or in software. */
export type Accelerator = "kvm" | "tcg";

/** What differs between machines of one image; everything else is the same for parent and child. */
export interface QemuPlaces {
  /** `greenlight-<id>`, so that a person sees in a process list whose it is */
  name: string;
  kernel: string;
  initrd: string;
  kernelArguments: readonly string[];
  disk: string;
  /** file that holds the guest's memory; undefined for memory of QEMU's own (a machine that is never forked) */
  ram: string | undefined;
  /** the parent writes its memory to the file; a child reads it and keeps its changes to itself */
  role: "parent" | "child" | "alone";
  qmpSocket: string;
  identitySocket: string;
  console: string;
  /** file that every packet which the guest sends is written to, as a capture; undefined for none */
  packets: string | undefined;
}

/** Versioned, never the alias `q35`: a saved state fits only the machine type that saved it. */
export const machineType = "pc-q35-7.2";

/** Guest memory in MiB. */
export const memoryMiB = 1024;

/** Bytes that are kept of each packet: all of its headers, and a name that is asked for. */
export const packetBytes = 192;

const cpu: Record<Accelerator, string> = {
  // Five-level paging only makes each emulated page walk longer; without SVM the guest loads no hypervisor of its own. With "enhanced
  // REP MOVSB" a kernel clears and copies byte by byte, which is fast on a processor and an emulated step a byte here.
  tcg: "max,la57=off,svm=off,erms=off",
  kvm: "host",
};

/**
 * What a kernel is told besides, as it is emulated or not. Emulated code is translated per address: with random addresses every process is
 * translated anew, a shell's child in 45 ms instead of 15, and the gigabyte for translations is full after a minute and a half. A kernel that
 * boots counts some ticks of its timer to see whether that works; on a busy host an emulated one may not come in time, which is said to be a
 * fault of the firmware.
 */
const kernelArguments: Record<Accelerator, readonly string[]> = { tcg: ["norandmaps", "no_timer_check"], kvm: [] };

/** A comma separates QEMU's options; one inside a value is doubled. */
function value(text: string): string {
  return text.replaceAll(",", ",,");
}

/** Arguments of `qemu-system-x86_64`. No way out of the guest (`restrict=on`) but the one forwarded port, free by the kernel's choice (0). */
export function qemuArguments(accelerator: Accelerator, at: QemuPlaces): string[] {
  const memory =
    at.ram === undefined
      ? [`memory-backend-ram,id=mem,size=${memoryMiB}M`]
      : [
          `memory-backend-file,id=mem,size=${memoryMiB}M,mem-path=${value(at.ram)},share=${at.role === "parent" ? "on" : "off"}`,
        ];
  return [
    "-name",
    at.name,
    "-no-user-config",
    "-nodefaults",
    "-machine",
    `${machineType},accel=${accelerator},memory-backend=mem`,
    "-cpu",
    cpu[accelerator],
    "-smp",
    "1",
    "-m",
    String(memoryMiB),
    "-object",
    ...memory,
    "-kernel",
    at.kernel,
    "-initrd",
    at.initrd,
    "-append",
    [...at.kernelArguments, ...kernelArguments[accelerator]].join(" "),
    "-drive",
    `file=${value(at.disk)},if=none,id=d0,format=qcow2,cache=unsafe,discard=unmap`,
    "-device",
    "virtio-blk-pci,drive=d0",
    "-netdev",
    "user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:0-:22",
    "-device",
    "virtio-net-pci,netdev=n0,id=nic0,romfile=",
    // The receive queue of the host's end: what the guest sends, and nothing of the megabytes that it is sent.
    ...(at.packets === undefined
      ? []
      : ["-object", `filter-dump,id=packets,netdev=n0,queue=rx,maxlen=${packetBytes},file=${value(at.packets)}`]),
    "-device",
    "virtio-serial",
    "-chardev",
    `socket,path=${value(at.identitySocket)},server=on,wait=off,id=identity`,
    "-device",
    `virtserialport,chardev=identity,name=${identityPort}`,
    "-device",
    "virtio-rng-pci",
    "-display",
    "none",
    "-serial",
    `file:${value(at.console)}`,
    "-qmp",
    `unix:${value(at.qmpSocket)},server=on,wait=off`,
    ...(at.role === "child" ? ["-incoming", "defer", "-S"] : []),
  ];
}
