import assert from "node:assert/strict";
import { renderInstaller, shellWord } from "../../src/installer/index.ts";
import { nats } from "../../src/products/nats.ts";
import { Guest } from "./guest.ts";
import { packedSample, type PackedSample } from "./nats.ts";

describe("the installer on a clean machine", function () {
  this.timeout(600_000);
  let guest: Guest;
  let sample: PackedSample;
  let install: string;

  before(async function () {
    const found = await packedSample();
    if (!found) return this.skip();
    sample = found;
    const { subject } = sample;
    guest = await Guest.start("installer-test", subject.sha256);
    await guest.put("/root/install.sh", renderInstaller(nats, "server", subject));
    await guest.put("/root/archive.zip", sample.bytes);
    install = `sh /root/install.sh install --archive /root/archive.zip --sha256 ${subject.sha256}`;
  });
  after(() => guest?.end());

  const ok = async (text: string) => {
    const answer = await guest.sh(text);
    assert.equal(answer.code, 0, `${text}\n${answer.stdout}${answer.stderr}`);
    return answer.stdout;
  };
  // Not counted: what the CLI keeps for its user, and the system's own files beside the accounts that a killed useradd leaves.
  const inventory =
    "{ find /etc /opt /usr/local /var/lib /root -xdev ! -path '/etc/*-' ! -path '/var/lib/systemd/*' ! -path '/etc/.pwd.lock' ! -path '/root/.config*' ! -name '*.lock' ! -regex '/etc/[a-z]*\\.[0-9]+' -printf '%p %y %m %u:%g %l\\n'; getent passwd; getent group; } | sort";
  let clean: string;

  it("installs, and the service is healthy under its own user, hardened below 2.0", async () => {
    clean = await ok(inventory);
    const started = Date.now();
    const stdout = await ok(install);
    console.log(`      first install ${((Date.now() - started) / 1000).toFixed(1)} s`);
    assert.match(stdout, /^changed=yes$/m);
    assert.match(await ok("bash -lc 'nats-server --version; nats --version'"), /nats-server: v2\.11\.4\n/);
    assert.equal(
      await ok(
        "stat -c %U:%a /var/lib/nats; stat -c %U:%G:%a /etc/nats /etc/nats/nats-server.conf; ps -o user= -C nats-server",
      ),
      "nats:750\nroot:nats:750\nroot:nats:640\nnats\n",
    );
    await ok(
      "systemd-analyze verify nats-server.service && systemd-analyze security --no-pager --threshold=20 nats-server.service",
    );
    console.log(`      ${(await ok("systemd-analyze security --no-pager nats-server.service | tail -n 1")).trim()}`);
    assert.equal(await ok("systemctl is-enabled nats-server"), "enabled\n");
    assert.match(
      await ok("tr '\\0' '\\n' </proc/$(systemctl show -p MainPID --value nats-server)/environ"),
      /^GOMEMLIMIT=256MiB$/m,
    );
  });

  it("changes and restarts nothing the second time", async () => {
    const picture =
      "find /opt/nats /usr/local/bin /etc/nats /etc/systemd/system -printf '%p %i %m %T@ %l\\n' | sort; systemctl show -p MainPID -p InvocationID nats-server";
    const before = await ok(picture);
    const started = Date.now();
    assert.match(await ok(install), /^changed=no$/m);
    console.log(`      second install ${((Date.now() - started) / 1000).toFixed(1)} s`);
    assert.equal(await ok(picture), before);
    assert.match(
      await ok("sh /root/install.sh status"),
      /intact=yes\nservice\.nats-server=active\nhealthy\.nats-server=yes|healthy\.nats-server=yes/,
    );
  });

  it("is finished by the next run when it was killed, wherever", async () => {
    await ok("sh /root/install.sh uninstall --remove-state");
    // The pauses reach from the digest over unpacking and the user to the wait for health.
    for (const pause of [0.3, 0.8, 1.5, 2.2, 3, 4]) {
      await guest.sh(
        `setsid sh /root/install.sh install --archive /root/archive.zip --sha256 ${sample.subject.sha256} >/dev/null 2>&1 & p=$!; sleep ${pause}; kill -KILL -$p 2>/dev/null; wait $p 2>/dev/null; true`,
      );
      const current = await guest.sh("readlink -e /opt/nats/current");
      if (current.code === 0) await ok("cd /opt/nats/current && sha256sum --check --quiet checksums.txt");
    }
    await ok(install);
    assert.match(await ok(install), /^changed=no$/m);
    await ok("sh /root/install.sh status");
  });

  it("mends a killed service, a spoiled release and a unit that systemd has read", async () => {
    await ok("systemctl kill -s KILL nats-server; echo spoiled >/opt/nats/current/README.txt");
    const delay = "systemctl show -p RestartUSec --value nats-server";
    await ok(
      "sed -i 's/^RestartSec=.*/RestartSec=7/' /etc/systemd/system/nats-server.service && touch -d '+1 hour' /etc/systemd/system/nats-server.service && systemctl daemon-reload",
    );
    assert.equal(await ok(delay), "7s\n");
    assert.match(await ok(install), /^changed=yes$/m);
    assert.equal(await ok(delay), "2s\n");
    await ok("sh /root/install.sh status");
  });

  it("says why a service does not become healthy, and exits with 6", async () => {
    await ok("echo 'no such setting: {' >/etc/nats/nats-server.conf; systemctl kill -s KILL nats-server");
    const answer = await guest.sh(install);
    assert.equal(answer.code, 6, answer.stderr);
    assert.match(answer.stderr, /Parse error|parse error|nats-server\.conf/);
    // It is not started again for ever.
    await ok(
      "i=0; until journalctl -u nats-server | grep -q 'Start request repeated too quickly'; do i=$((i + 1)); [ $i -lt 60 ] || exit 1; sleep 1; done; [ \"$(systemctl is-failed nats-server)\" = failed ]",
    );
    await ok(
      "printf 'listen: 127.0.0.1:4222\\nhttp: 127.0.0.1:8222\\njetstream { store_dir: /var/lib/nats/jetstream }\\n' >/etc/nats/nats-server.conf",
    );
    await ok(install);
  });

  it("writes units that systemd reads as they were meant, with the hardest names", async () => {
    const hard = `it's "a" $(touch pwned) \`b\` $HOME %i & ; | \\ * [x] é -x`;
    const folder = `/srv/${hard}`;
    const [service] = nats.kinds["server"]!.services;
    const product = {
      ...nats,
      kinds: {
        server: {
          ...nats.kinds["server"]!,
          binaries: ["print"],
          setup: { binary: "print", args: "", creates: "{config}/x.conf", validate: "" },
          services: [
            {
              ...service!,
              name: "hard",
              description: hard,
              binary: "print",
              user: "daemon",
              args: "{state}/a -n %% $$ {config}",
              configFiles: {},
              secrets: [{ name: "KEY", bytes: 32, encoding: "hex" as const }],
              environment: { HARD: "{state}" },
            },
          ],
        },
      },
    };
    const script = renderInstaller(product, "server", sample.subject);
    const places = [
      "--install-root",
      `${folder}/root`,
      "--state-root",
      `${folder}/state`,
      "--config",
      `${folder}/etc/x.conf`,
    ]
      .map(shellWord)
      .join(" ");
    await guest.put("/root/hard.sh", script);
    await guest.put("/tmp/print", `#!/bin/sh\nprintf '%s\\n' "$@" "$HARD" "$PWD" "$KEY" >out\nsleep 60\n`);
    await ok(
      `cd /srv && mkdir -p ${["root/current", "state", "etc"].map((part) => shellWord(`${folder}/${part}`)).join(" ")} && chown daemon:daemon ${shellWord(`${folder}/state`)}`,
    );
    await ok(
      `install -m 755 /tmp/print ${shellWord(`${folder}/root/current/print`)} && sh /root/hard.sh show environment hard ${places} >${shellWord(`${folder}/etc/hard.env`)} && sh /root/hard.sh show unit hard ${places} >/etc/systemd/system/hard.service`,
    );
    // As root leaves it who edits it by way of a new file, where the service may write.
    await ok(
      `cd ${shellWord(`${folder}/etc`)} && echo KEY=hidden >hard.secrets && : >x.conf && chmod 600 hard.secrets x.conf && chgrp daemon . && chmod 1770 .`,
    );
    await ok("systemctl daemon-reload && systemctl start hard && sleep 2");
    assert.equal(await ok(`stat -c %U:%G ${shellWord(`${folder}/etc/x.conf`)}`), "daemon:daemon\n");
    assert.equal(
      await ok(`cat ${shellWord(`${folder}/state/out`)}`),
      [`${folder}/state/a`, "-n", "%%", "$$", `${folder}/etc`, `${folder}/state`, `${folder}/state`, "hidden", ""].join(
        "\n",
      ),
    );
    assert.equal(await ok("systemctl show -p Description --value hard"), `${hard}\n`);
    await ok(
      `systemctl stop hard; rm -rf /root/hard.sh /etc/systemd/system/hard.service ${shellWord(folder)}; systemctl daemon-reload; [ ! -e /pwned ]`,
    );
  });

  it("uninstalls, keeps state and changed configuration, takes them up again, and in the end leaves nothing", async () => {
    await ok("echo data >/var/lib/nats/mine");
    const kept = await ok("sh /root/install.sh uninstall");
    assert.match(kept, /^kept=\/etc\/nats\/nats-server\.conf$/m);
    assert.match(kept, /^kept=\/var\/lib\/nats$/m);
    assert.equal(
      await ok("stat -c %U:%G /var/lib/nats /var/lib/nats/mine; getent passwd nats || echo none"),
      "root:root\nroot:root\nnone\n",
    );
    await ok(install);
    assert.equal(await ok("stat -c %U /var/lib/nats/mine"), "nats\n");
    await ok("sh /root/install.sh uninstall --remove-state");
    const left = (await ok(inventory)).split("\n").filter((line) => !clean.split("\n").includes(line));
    assert.deepEqual(left, []);
    assert.equal((await guest.sh("systemctl cat nats-server")).code, 1);
  });
});
