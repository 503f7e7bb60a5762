/**
 * The program inside every image that gives a newborn machine its identity. A fork wakes up as its parent's twin, in
 * the middle of a blocked read in this program; the host's answer to that read is the identity. It is already in
 * memory and starts no other process, because under emulation each process costs a tenth of a second.
 * It speaks over a virtio-serial port, in lines; `name hex` sets a value, a verb acts on them:
 *
 *     ping    → pong
 *     settle  → settled STATE       the system is up (STATE of `systemctl is-system-running`) and warm: to be stopped and forked
 *     become  → done | failed WHY   entropy, clock, hostname, machine-id, host key, authorized key, nonce; it then removes itself
 *
 * Perl is in every Debian (`perl-base` is essential). Numbers: ioctl RNDADDENTROPY 0x40085203 and RNDRESEEDCRNG 0x5207
 * (linux/random.h), system calls clock_settime 227 and sethostname 170 on x86-64.
 */

import { birthFolder, identityPort, markerFolder } from "../places/index.ts";

export const identityUnit = `[Unit]
Description=Gives this machine an identity of its own
After=ssh.service

[Service]
ExecStart=/usr/lib/greenlight/identity

[Install]
WantedBy=multi-user.target
`;

export const identityListener = `#!/usr/bin/perl
use strict;
use warnings;

my $name = '/dev/virtio-ports/${identityPort}';
select(undef, undef, undef, 0.1) until -e $name;
open(my $port, '+<:unix', $name) or die "$name: $!";

sub answer { syswrite($port, "$_[0]\\n") }

sub put {
    my ($file, $mode, $text) = @_;
    open(my $out, '>', "$file.new") or die "$file: $!";
    chmod($mode, $out);
    print $out $text;
    close($out) or die "$file: $!";
    rename("$file.new", $file) or die "$file: $!";
}

sub settle {
    my $state = \`systemctl is-system-running --wait\`;
    chomp $state;
    # One connection to itself, so that every page that a first connection needs is in memory.
    system('rm -rf /root/.ssh; mkdir -m 700 /root/.ssh && cd /root/.ssh && ssh-keygen -q -t ed25519 -N "" -f k && mv k.pub authorized_keys'
      . ' && ssh -q -i k -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null root@127.0.0.1 "read -r x < /proc/sys/kernel/osrelease; mkdir -p ${markerFolder}; true"'
      . ' && ssh -q -i k -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null root@127.0.0.1 -s sftp </dev/null >/dev/null');
    my $warm = $? == 0 ? '' : ' cold';
    system('rm -rf /root/.ssh; systemctl list-timers >/dev/null; sync');
    sleep 2;
    return "$state$warm";
}

sub become {
    my %v = @_;
    open(my $random, '+<', '/dev/urandom') or die "urandom: $!";
    my $seed = pack('ii', 8 * length $v{entropy}, length $v{entropy}) . $v{entropy};
    ioctl($random, 0x40085203, $seed) or die "RNDADDENTROPY: $!";
    ioctl($random, 0x5207, 0) or die "RNDRESEEDCRNG: $!";
    close($random);
    my $now = pack('qq', split(/\\./, $v{clock}));
    syscall(227, 0, $now) == 0 or die "clock_settime: $!";
    my $host = $v{hostname};
    syscall(170, $host, length $host) == 0 or die "sethostname: $!";
    put('/etc/hostname', 0644, "$host\\n");
    put('/etc/hosts', 0644, "127.0.0.1 localhost\\n127.0.1.1 $host\\n::1 localhost $host\\n");
    open(my $id, '<', '/etc/machine-id') or die "machine-id: $!";
    my $parent = <$id>;
    chomp $parent;
    put('/etc/machine-id', 0444, "$v{machineId}\\n");
    # The journal keeps writing to its open file; readers look for it under the machine's own name.
    for my $at ('/var/log/journal', '/run/log/journal') {
        rename("$at/$parent", "$at/$v{machineId}") if -d "$at/$parent";
    }
    unlink('/var/lib/systemd/random-seed');
    put('/etc/ssh/ssh_host_ed25519_key', 0600, $v{hostKey});
    put('/etc/ssh/ssh_host_ed25519_key.pub', 0644, "$v{hostKeyPublic}\\n");
    mkdir('/root/.ssh', 0700);
    put('/root/.ssh/authorized_keys', 0600, "$v{clientKey}\\n");
    mkdir('${markerFolder}', 0700);
    mkdir('${birthFolder}', 0755);
    put('${birthFolder}/boot-id', 0444, "$v{nonce}\\n");
    unlink('/etc/systemd/system/multi-user.target.wants/greenlight-identity.service', '/etc/systemd/system/greenlight-identity.service',
      '/usr/lib/greenlight/identity');
    rmdir('/usr/lib/greenlight');
}

my ($buffer, %value) = ('');
while (1) {
    my $got = sysread($port, $buffer, 65536, length $buffer);
    # Nobody at the other end: look again soon.
    if (!$got) { select(undef, undef, undef, 0.05); next; }
    while ($buffer =~ s/^([^\\n]*)\\n//) {
        my ($verb, $hex) = split(/ /, $1);
        if (defined $hex) { $value{$verb} = pack('H*', $hex); }
        elsif ($verb eq 'ping') { answer('pong'); }
        elsif ($verb eq 'settle') { answer('settled ' . settle()); }
        elsif ($verb eq 'become') {
            eval { become(%value); 1 } or do { my $why = $@; $why =~ s/\\n/ /g; answer("failed $why"); exit 1; };
            answer('done');
            # Leaving wakes the service manager, which would take the processor from the first connection.
            sleep 3;
            exit 0;
        }
    }
}
`;
