import assert from "node:assert/strict";
import { guardArguments } from "../../src/machines/host/guard.ts";
import { qemuArguments } from "../../src/machines/host/qemu.ts";
import type { QemuPlaces } from "../../src/machines/host/qemu.ts";

const places: QemuPlaces = {
  name: "greenlight-0123456789",
  kernel: "/i/vmlinuz",
  initrd: "/i/initrd.img",
  kernelArguments: ["root=/dev/vda", "rw"],
  disk: "/m/overlay.qcow2",
  ram: "/p/ram.img",
  role: "child",
  qmpSocket: "/m/qmp.sock",
  identitySocket: "/m/identity.sock",
  console: "/m/console.log",
  packets: "/m/packets.pcap",
};

describe("the command line of a machine", () => {
  it("is exactly this for a fork: a saved state fits no other", () => {
    assert.deepEqual(
      qemuArguments("tcg", places)
        .join(" ")
        .split(/ (?=-)/),
      [
        "-name greenlight-0123456789",
        "-no-user-config",
        "-nodefaults",
        "-machine pc-q35-7.2,accel=tcg,memory-backend=mem",
        "-cpu max,la57=off,svm=off,erms=off",
        "-smp 1",
        "-m 1024",
        "-object memory-backend-file,id=mem,size=1024M,mem-path=/p/ram.img,share=off",
        "-kernel /i/vmlinuz",
        "-initrd /i/initrd.img",
        "-append root=/dev/vda rw norandmaps no_timer_check",
        "-drive file=/m/overlay.qcow2,if=none,id=d0,format=qcow2,cache=unsafe,discard=unmap",
        "-device virtio-blk-pci,drive=d0",
        "-netdev user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:0-:22",
        "-device virtio-net-pci,netdev=n0,id=nic0,romfile=",
        "-object filter-dump,id=packets,netdev=n0,queue=rx,maxlen=192,file=/m/packets.pcap",
        "-device virtio-serial",
        "-chardev socket,path=/m/identity.sock,server=on,wait=off,id=identity",
        "-device virtserialport,chardev=identity,name=greenlight.identity",
        "-device virtio-rng-pci",
        "-display none",
        "-serial file:/m/console.log",
        "-qmp unix:/m/qmp.sock,server=on,wait=off",
        "-incoming defer",
        "-S",
      ],
    );
  });

  it("differs for the parent only in who may write the memory, in what is looked at and where it starts", () => {
    const child = qemuArguments("tcg", places);
    const parent = qemuArguments("tcg", { ...places, role: "parent", packets: undefined });
    assert.deepEqual(
      child.filter((a) => !parent.includes(a)),
      [
        "memory-backend-file,id=mem,size=1024M,mem-path=/p/ram.img,share=off",
        "filter-dump,id=packets,netdev=n0,queue=rx,maxlen=192,file=/m/packets.pcap",
        "-incoming",
        "defer",
        "-S",
      ],
    );
  });

  it("has random addresses where processes are not translated", () => {
    const args = qemuArguments("kvm", places);
    assert.equal(args[args.indexOf("-append") + 1], "root=/dev/vda rw");
  });

  it("never opens the guest to anything but one port of this host", () => {
    for (const role of ["parent", "child", "alone"] as const) {
      const netdev = qemuArguments("kvm", { ...places, role }).filter((a) => a.startsWith("user,"));
      assert.deepEqual(netdev, ["user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:0-:22"]);
    }
  });

  it("keeps a comma in a path from becoming an option", () => {
    const args = qemuArguments("tcg", { ...places, disk: "/a,b/disk" });
    assert.ok(args.some((a) => a.startsWith("file=/a,,b/disk,if=none")));
  });

  it("runs under a guard that kills at the limit, and dies with the guard", () => {
    assert.deepEqual(guardArguments(90, ["-m", "1"]), [
      "-s",
      "KILL",
      "90",
      "setpriv",
      "--pdeathsig",
      "KILL",
      "qemu-system-x86_64",
      "-m",
      "1",
    ]);
  });
});
