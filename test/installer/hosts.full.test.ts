/** Hosts as they are, on a real one: somebody else on the ports, a unit of a package, settings that were moved, a service that was stopped. */
import assert from "node:assert/strict";
import { renderInstaller } from "../../src/installer/index.ts";
import { nats } from "../../src/products/nats.ts";
import { Guest } from "./guest.ts";
import { packedSample, type PackedSample } from "./nats.ts";

describe("the installer on a host that is in use", function () {
  this.timeout(600_000);
  let guest: Guest;
  let sample: PackedSample;
  let install: string;
  const ok = async (text: string) => {
    const answer = await guest.sh(text);
    assert.equal(answer.code, 0, `${text}\n${answer.stdout}${answer.stderr}`);
    return answer.stdout;
  };
  const remove = () => ok("sh /root/install.sh uninstall --remove-state");

  before(async function () {
    const found = await packedSample();
    if (!found) return this.skip();
    sample = found;
    const { subject } = sample;
    guest = await Guest.start("hosts-test", subject.sha256);
    await guest.put("/root/install.sh", renderInstaller(nats, "server", subject));
    await guest.put("/root/archive.zip", sample.bytes);
    install = `sh /root/install.sh install --archive /root/archive.zip --sha256 ${subject.sha256}`;
    await ok(
      "mkdir /srv/other && cd /srv/other && { unzip -q /root/archive.zip nats-server || python3 -m zipfile -e /root/archive.zip /srv/other; } && chmod 755 nats-server",
    );
  });
  after(() => guest?.end());

  it("does not take another server on its ports for its service, and names it", async () => {
    await ok("systemd-run --unit=theirs /srv/other/nats-server -a 127.0.0.1 -p 4222 -m 8222 && sleep 2");
    const answer = await guest.sh(install);
    assert.equal(answer.code, 6, answer.stderr);
    assert.match(
      answer.stderr,
      /127\.0\.0\.1:8222\/healthz .*process \d+ \(nats-server of user root, in theirs\.service\)/,
    );
    assert.match(answer.stderr, /port 4222 of 127\.0\.0\.1, .* is held by process \d+ \(nats-server/);
    const status = await guest.sh("sh /root/install.sh status");
    assert.match(status.stdout, /^healthy\.nats-server=no$/m);
    await ok("systemctl stop theirs");
    await ok(install);
    await remove();
  });

  it("refuses the unit of a package that runs, and leaves it running", async () => {
    await ok(
      "printf '[Service]\\nExecStart=/srv/other/nats-server -a 127.0.0.1 -p 4222 -m 8222\\n[Install]\\nWantedBy=multi-user.target\\n' >/usr/lib/systemd/system/nats-server.service && systemctl daemon-reload && systemctl enable --now nats-server",
    );
    const answer = await guest.sh(install);
    const left = await guest.sh(
      "systemctl is-active nats-server && systemctl is-enabled nats-server && [ ! -e /opt/nats ]",
    );
    await ok(
      "systemctl disable --now nats-server; rm /usr/lib/systemd/system/nats-server.service; systemctl daemon-reload",
    );
    assert.deepEqual([answer.code, answer.stdout, left.code], [5, "", 0], answer.stderr + left.stdout);
    assert.match(
      answer.stderr,
      /\/lib\/systemd\/system\/nats-server\.service is the unit nats-server\.service of this machine already/,
    );
  });

  it("goes into the system's folder under sudo with another PATH and HOME, for a reader that is gone", async () => {
    await ok("useradd -m caller");
    const answer = await guest.sh(
      `env HOME=/home/caller PATH=/usr/sbin:/usr/bin:/sbin:/bin ${install} 2>&1 | true; sh /root/install.sh status >/dev/null`,
    );
    for (let tries = 0; tries < 60 && (await guest.sh("sh /root/install.sh status")).code !== 0; tries++)
      await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.notEqual(answer.code, -1);
    await ok("sh /root/install.sh status");
    await ok(
      "[ -x /usr/local/bin/nats ] && [ -z \"$(find /home/caller /root -user root -path '*.local*' -name 'nats*')\" ] && [ ! -e /home/caller/.local ]",
    );
  });

  it("asks where the product's configuration has moved its monitor", async () => {
    await ok(
      "sed -i 's/^http:.*/http: 127.0.0.1:9222/' /etc/nats/nats-server.conf && systemctl restart nats-server && sleep 2",
    );
    await ok("sh /root/install.sh status");
    assert.match(await ok(install), /^changed=no$/m);
    await ok(
      "echo http://127.0.0.1:9222/healthz?js-enabled-only=true >/etc/nats/nats-server.health && sh /root/install.sh status",
    );
  });

  it("leaves a service that was stopped and disabled so", async () => {
    await ok("systemctl disable --now nats-server; echo spoiled >/opt/nats/current/README.txt");
    const answer = await guest.sh(install);
    assert.equal(answer.code, 0, answer.stderr);
    assert.match(answer.stderr, /nats-server was disabled and stays so[^]*nats-server was stopped and stays so/);
    assert.equal((await guest.sh("systemctl is-active nats-server")).stdout, "inactive\n");
    await ok("systemctl enable --now nats-server && sleep 2 && sh /root/install.sh status");
    await ok(
      "mkdir /etc/systemd/system/nats-server.service.d && printf '[Service]\\nMemoryMax=1G\\n' >/etc/systemd/system/nats-server.service.d/local.conf",
    );
    await remove();
    await ok("[ ! -e /etc/systemd/system/nats-server.service.d ] && ! systemctl cat nats-server");
  });

  it("refuses a root that no service could see, one that runs nothing, and a read-only /etc", async () => {
    for (const [before, options, code, after] of [
      ["true", "--state-root /home/caller/state", 2, "true"],
      ["mkdir -p /srv/nx && mount -t tmpfs -o noexec none /srv/nx", "--install-root /srv/nx/nats", 3, "umount /srv/nx"],
      ["mount --bind /etc /etc && mount -o remount,bind,ro /etc", "", 3, "umount /etc"],
      ["groupadd nats", "", 5, "groupdel nats"],
    ] as const) {
      await ok(before);
      const answer = await guest.sh(`${install} ${options}`);
      await ok(after);
      assert.deepEqual([answer.code, answer.stdout], [code, ""], answer.stderr);
      assert.match(answer.stderr, /nothing was changed/);
      await ok("[ ! -e /opt/nats ] && ! id nats");
    }
  });

  it("installs nothing in a chroot, where systemd does not run", async () => {
    await ok(
      "mkdir -p /srv/root && mount -t tmpfs none /srv/root && cd /srv/root && mkdir tmp var opt && cp -d /bin /sbin /lib /lib64 . && for folder in usr etc proc dev root; do mkdir $folder && mount --bind /$folder $folder || exit; done",
    );
    const answer = await guest.sh(`chroot /srv/root ${install}`);
    assert.equal(answer.code, 3, answer.stderr);
    assert.match(answer.stderr, /systemd is not the first process here/);
    await ok("[ ! -e /opt/nats ]");
  });
});
