/**
 * What a machine's system has beyond its packages, as data: network, SSH server, quiet timers and the listener that
 * gives a newborn machine its identity. Nothing here names a host, a path of the host or a key: the image is the
 * same for everybody.
 */
import { bootOmissions } from "./boot-files.ts";
import type { GuestFile } from "./guest-file.ts";
import { coreFolder } from "../places/index.ts";
import { identityListener, identityUnit } from "../identity/index.ts";

/**
 * The address that QEMU's user network gives to its first guest. There is a default route and below a name server although
 * nothing answers behind either: so whoever tries to get out sends packets, and the host sees who was tried. Set by two commands and done: a network manager would
 * take the processor each time the link comes up, which is when a fork's first connection waits. The driver is there from the first moment
 * on, and so is the network: whoever knocks while the machine boots is refused at once and knocks again, where silence would keep him for
 * a quarter of a minute.
 */
const network = `[Unit]
Description=Static network
DefaultDependencies=no
Before=network.target network-online.target shutdown.target
Wants=network.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/sbin/ip address add 10.0.2.15/24 broadcast + dev eth0
ExecStart=/sbin/ip link set eth0 up
ExecStart=/sbin/ip route add default via 10.0.2.2

[Install]
WantedBy=multi-user.target network-online.target
`;

/** Only root by key; the cheapest sound algorithms, because each handshake is emulated instruction by instruction. */
const sshServer = `Port 22
AddressFamily inet
ListenAddress 0.0.0.0
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PubkeyAuthentication yes
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile .ssh/authorized_keys
PubkeyAcceptedAlgorithms ssh-ed25519
HostKeyAlgorithms ssh-ed25519
KexAlgorithms curve25519-sha256,curve25519-sha256@libssh.org
Ciphers aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr
MACs umac-64-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-256
Compression no
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
X11Forwarding no
AllowAgentForwarding no
TCPKeepAlive no
MaxStartups 100
MaxSessions 100
LoginGraceTime 60
LogLevel ERROR
Subsystem sftp internal-sftp
`;

/** A machine that was never given an identity (a fork parent) still needs some host key to start the server with. */
const sshUnit = `[Service]
ExecStartPre=
ExecStartPre=/bin/sh -c 'test -s /etc/ssh/ssh_host_ed25519_key || ssh-keygen -q -t ed25519 -N "" -C "" -f /etc/ssh/ssh_host_ed25519_key'
`;

/** What tells the kernel whom to hand the memory of a program that crashed. */
const keepCore = "/usr/libexec/keep-core";

/**
 * A pipe, not a file name: the kernel would write a file as the crashed process and in its view of the file system, where a
 * hardened service may write nearly nowhere, and only up to its own limit. Programs that changed their user are kept as well.
 */
const cores = `kernel.core_pattern=|${keepCore} %P %s %E
fs.suid_dumpable=2
`;

/** One line a crash, on disk at once (the machine may lose power next), and of the memory as much as a debugger needs to say where. */
const coreKeeper = `#!/bin/sh
umask 077
PATH=/usr/bin:/bin
mkdir -p ${coreFolder}
printf '%s was ended by signal %s\\n' "$(printf %s "$3" | tr '!' /)" "$2" >>${coreFolder}/list
sync ${coreFolder}/list
exec head -c 67108864 >${coreFolder}/core.$1
`;

/** What was logged before a reboot can be read after it. */
const journal = `[Journal]
Storage=persistent
`;

/** No package source is reachable from a machine, and none of the host that built it may be left in it. */
const noSources = "# This machine has no way out: what is installed on it brings everything along.\n";

/**
 * Jobs of a long-lived host. A fork's clock jumps from the parent's hour to now, which would set them all off at once
 * in the middle of a proof.
 */
const masked = [
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "dpkg-db-backup.timer",
  "e2scrub_all.timer",
  "e2scrub_reap.service",
  "fstrim.timer",
  "man-db.timer",
  "systemd-pstore.service",
  "systemd-networkd-wait-online.service",
  "getty@tty1.service",
  "serial-getty@ttyS0.service",
  // Kernel interfaces for debugging, tracing and hardware that no machine has; each costs a process or two at every boot.
  "sys-kernel-debug.mount",
  "sys-kernel-tracing.mount",
  "sys-kernel-config.mount",
  "sys-fs-fuse-connections.mount",
  "dev-hugepages.mount",
  "modprobe@configfs.service",
  "modprobe@dm_mod.service",
  "modprobe@drm.service",
  "modprobe@efi_pstore.service",
  "modprobe@fuse.service",
  "modprobe@loop.service",
  "proc-sys-fs-binfmt_misc.automount",
];

/** Drivers that udev finds devices for and nothing uses: loading one is half a second of emulation at every boot. */
const withoutDrivers = [
  "aesni_intel",
  "ghash_clmulni_intel",
  "crct10dif_pclmul",
  "crc32_pclmul",
  "sha512_ssse3",
  "sha256_ssse3",
  "sha1_ssse3",
  "evdev",
  "serio_raw",
  "button",
  "kvm_amd",
  "kvm_intel",
  "i2c_i801",
  "lpc_ich",
];

const wants = "/etc/systemd/system/multi-user.target.wants";

/** The files that a system is given, in a fixed order. */
export function guestFiles(): GuestFile[] {
  return [
    { path: "/etc/hostname", mode: 0o644, text: "machine\n" },
    { path: "/etc/hosts", mode: 0o644, text: "127.0.0.1 localhost\n127.0.1.1 machine\n::1 localhost machine\n" },
    {
      path: "/etc/resolv.conf",
      mode: 0o644,
      text: "# This machine has no way out: nobody answers here.\nnameserver 10.0.2.3\noptions timeout:1 attempts:1\n",
    },
    { path: "/etc/fstab", mode: 0o644, text: "/dev/vda / ext4 defaults 0 0\n" },
    { path: "/etc/apt/sources.list", mode: 0o644, text: noSources },
    // Empty: the first boot makes one, and every fork is given its own.
    { path: "/etc/machine-id", mode: 0o444, text: "" },
    { path: "/var/lib/dbus/machine-id", link: "/etc/machine-id" },
    { path: "/etc/systemd/system/static-network.service", mode: 0o644, text: network },
    { path: `${wants}/static-network.service`, link: "/etc/systemd/system/static-network.service" },
    {
      path: "/etc/systemd/system/network-online.target.wants/static-network.service",
      link: "/etc/systemd/system/static-network.service",
    },
    {
      path: "/etc/modprobe.d/greenlight.conf",
      mode: 0o644,
      text: withoutDrivers.map((name) => `blacklist ${name}\n`).join(""),
    },
    { path: "/etc/sysctl.d/60-cores.conf", mode: 0o644, text: cores },
    { path: keepCore, mode: 0o755, text: coreKeeper },
    { path: "/etc/systemd/journald.conf.d/greenlight.conf", mode: 0o644, text: journal },
    { path: "/etc/ssh/sshd_config", mode: 0o644, text: sshServer },
    { path: "/etc/systemd/system/ssh.service.d/greenlight.conf", mode: 0o644, text: sshUnit },
    { path: "/etc/systemd/system/greenlight-identity.service", mode: 0o644, text: identityUnit },
    { path: `${wants}/greenlight-identity.service`, link: "/etc/systemd/system/greenlight-identity.service" },
    { path: "/usr/lib/greenlight/identity", mode: 0o755, text: identityListener },
    ...bootOmissions,
    ...masked.map((unit) => ({ path: `/etc/systemd/system/${unit}`, link: "/dev/null" })),
  ];
}

/** What package installation left behind and no machine may inherit: keys, identities, caches, logs. */
export const guestRemovals = [
  "/etc/ssh/ssh_host_rsa_key",
  "/etc/ssh/ssh_host_rsa_key.pub",
  "/etc/ssh/ssh_host_ecdsa_key",
  "/etc/ssh/ssh_host_ecdsa_key.pub",
  "/etc/ssh/ssh_host_ed25519_key",
  "/etc/ssh/ssh_host_ed25519_key.pub",
  "/var/lib/dbus/machine-id",
  "/var/lib/systemd/random-seed",
  "/var/log/apt",
  "/var/log/dpkg.log",
  "/var/log/bootstrap.log",
  "/var/log/alternatives.log",
  "/etc/apt/apt.conf.d/99mmdebstrap",
  "/etc/motd",
  "/etc/update-motd.d",
];
