/** The stand-in for Palyra on a clean machine, headless: two services with one user, its own setup, upgrades, a power cut. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { Guest } from "./guest.ts";
import { packedStandin, type PackedStandin } from "./standin.ts";

describe("the installer with the stand-in on a clean machine", function () {
  this.timeout(900_000);
  let guest: Guest;
  const releases: Record<string, PackedStandin> = {};
  const ok = async (text: string) => {
    const answer = await guest.sh(text);
    assert.equal(answer.code, 0, `${text}\n${answer.stdout}${answer.stderr}`);
    return answer.stdout;
  };
  const installing = (version: string, ...more: string[]) =>
    `sh /root/${version}.sh install --archive /root/${version}.zip --sha256 ${releases[version]!.subject.sha256} ${more.join(" ")}`;
  const timed = async (what: string, text: string, code = 0) => {
    const started = Date.now();
    const answer = await guest.sh(text);
    console.log(`      ${what} ${((Date.now() - started) / 1000).toFixed(1)} s`);
    assert.equal(answer.code, code, `${answer.stdout}${answer.stderr}`);
    return answer;
  };
  const inventory =
    "{ find /etc /opt /usr/local /var/lib /root -xdev ! -path '/etc/*-' ! -path '/var/lib/systemd/*' ! -path '/etc/.pwd.lock' ! -name '*.lock' ! -regex '/root/[0-9.]*\\(sh\\|zip\\)' -printf '%p %y %m %u:%g %l\\n'; getent passwd; getent group; } | sort";
  const journal = "cat /var/lib/palyra/data/journal.sqlite3";
  const secret = "cat /etc/palyra/palyra.toml /etc/palyra/palyra-browserd.secrets";
  let clean: string;
  let secrets: string;

  before(async () => {
    for (const [version, faults] of [
      ["0.1.0", []],
      ["0.2.0", []],
      ["0.3.0", ["unhealthy"]],
    ] as const)
      releases[version] = await packedStandin("headless", version, [...faults]);
    guest = await Guest.start("installer-palyra-test", releases["0.1.0"]!.subject.sha256);
    for (const [version, { bytes, installer }] of Object.entries(releases)) {
      await guest.put(`/root/${version}.sh`, installer);
      await guest.put(`/root/${version}.zip`, bytes);
    }
    clean = await ok(inventory);
  });
  after(() => guest?.end());

  it("installs both services, healthy, hardened, with a configuration for their user alone", async () => {
    const { stdout, stderr } = await timed("install", installing("0.1.0"));
    assert.match(
      stdout,
      /^install_root=\/opt\/palyra\nconfig_path=\/etc\/palyra\/palyra\.toml\nstate_root=\/var\/lib\/palyra\ncli_command_root=\/usr\/local\/bin\ncli_command_path=\/usr\/local\/bin\/palyra\ncli_persistence_strategy=existing-path\n/,
    );
    assert.doesNotMatch(stdout + stderr, /palyra_admin_/);
    assert.equal(
      await ok(
        "stat -c %U:%G:%a /etc/palyra/palyra.toml /etc/palyra/palyra-browserd.secrets /var/lib/palyra /var/lib/palyra/browserd; ps -o user= -C palyrad,palyra-browserd",
      ),
      "palyra:palyra:600\nroot:root:600\npalyra:palyra:700\npalyra:palyra:700\npalyra\npalyra\n",
    );
    await ok(
      "systemd-analyze verify palyrad.service palyra-browserd.service && for u in palyrad palyra-browserd; do systemd-analyze security --no-pager --threshold=20 $u.service; done",
    );
    console.log(
      `      ${(await ok("systemd-analyze security --no-pager palyra-browserd.service | tail -n 1")).trim()}`,
    );
    assert.match(await ok("bash -lc 'palyra health --json'"), /"overall": "ok"/);
    assert.match(
      await ok(
        "palyra update --install-root /opt/palyra --dry-run --output-format json; palyra uninstall --install-root /opt/palyra --dry-run --output-format json",
      ),
      /"current_artifact_kind": "headless"[^]*"install_root": "\/opt\/palyra"/,
    );
    // As operators do it: the file is another one afterwards, and root's.
    await ok(
      "sed -i s/x/x/ /etc/palyra/palyra.toml && chown root:root /etc/palyra/palyra.toml && systemctl restart palyrad && sleep 1 && palyra health --json && stat -c %U:%a /etc/palyra/palyra.toml | grep -x palyra:600",
    );
    secrets = await ok(secret);
  });

  it("changes nothing the second time", async () => {
    const picture =
      "find /opt/palyra /usr/local/bin /etc/palyra /etc/systemd/system -printf '%p %i %m %T@ %l\\n' | sort; systemctl show -p MainPID -p InvocationID palyrad palyra-browserd";
    const before = await ok(picture);
    assert.match((await timed("install again", installing("0.1.0"))).stdout, /^changed=no$/m);
    assert.equal(await ok(picture), before);
    await timed("status", "sh /root/0.1.0.sh status");
  });

  it("upgrades with its data, its token and its secrets", async () => {
    assert.match(await ok(journal), /"schema_version":31/);
    const { stdout } = await timed("upgrade", installing("0.2.0"));
    assert.match(stdout, /^version=0\.2\.0$/m);
    assert.match(await ok("palyra version"), /version=0\.2\.0 /);
    assert.match(await ok(journal), /"schema_version":32[^]*palyrad 0\.1\.0 started/);
    assert.equal(await ok(secret), secrets);
  });

  it("refuses the older version, and takes an unhealthy one back with its data", async () => {
    assert.match((await timed("downgrade", installing("0.1.0"), 9)).stderr, /one direction only/);
    const { stdout } = await timed("unhealthy upgrade", installing("0.3.0", "--wait", "4"), 8);
    assert.match(stdout, /^version=0\.2\.0$/m);
    assert.match(await ok("palyra health --json"), /"overall": "ok"/);
    assert.match(await ok(journal), /"schema_version":32/);
    const aside = /^kept_aside=(.*)$/m.exec(stdout)![1];
    assert.match(await ok(`cat ${aside}/1/data/journal.sqlite3`), /"schema_version":33/);
    await ok("sh /root/0.2.0.sh status");
  });

  it("goes back to 0.1.0 on demand, with the data that it had", async () => {
    const { stdout } = await timed("rollback", "sh /root/0.2.0.sh rollback");
    assert.match(stdout, /^version=0\.1\.0$/m);
    assert.match(await ok(journal), /"schema_version":31/);
    assert.match(await ok("palyra health --json; palyra version"), /"overall": "ok"[^]*version=0\.1\.0 /);
    assert.equal(await ok(secret), secrets);
  });

  // What the transition says afterwards; before the backup is whole, none of it needs to be on the disk.
  for (const [when, reached, left] of [
    ["while the backup is made", "[ -d /opt/palyra/backups/.partial ]", /^(phase=upgrade|decided)$/],
    ["when the new version is about to start", "[ -L /opt/palyra/previous ]", /^phase=upgrade$/],
  ] as const) {
    it(`survives a power cut ${when}, and is finished by the next run`, async () => {
      const boot = "cat /proc/sys/kernel/random/boot_id";
      const before = await ok(boot);
      // Nobody closes this connection: the machine is gone from one moment to the next.
      void guest
        .sh(
          `setsid sh -c '${installing("0.2.0")}' >/dev/null 2>&1 & until ${reached}; do sleep 0.05; done; echo b >/proc/sysrq-trigger`,
        )
        .catch(() => undefined);
      await pause(45_000);
      await guest.again();
      assert.notEqual(await ok(boot), before, "the machine was not cut off");
      const version = /version=(0\.[12]\.0) /.exec(await ok("palyra version"))?.[1];
      const phase = (await guest.sh("grep phase /opt/palyra/transition || echo decided")).stdout.trim();
      console.log(`      after the cut: ${version}, ${phase}`);
      assert.match(phase, left);
      await ok(
        "cd /opt/palyra/current && sha256sum --check --quiet checksums.txt; i=0; until palyra health --json; do i=$((i + 1)); [ $i -lt 20 ] || exit 1; sleep 1; done",
      );
      await timed("upgrade again", installing("0.2.0"));
      assert.match(await ok("palyra health --json; palyra version"), /"overall": "ok"[^]*version=0\.2\.0 /);
      assert.match(await ok(journal), /"schema_version":32/);
      assert.equal(await ok(secret), secrets);
      assert.match((await guest.sh(installing("0.2.0"))).stdout, /^changed=no$/m);
      await ok("sh /root/0.2.0.sh rollback");
    });
  }

  it("shares the command folder with a desktop: the later one has the command, and gives it back", async () => {
    const desktop = await packedStandin("desktop", "0.2.0");
    await guest.put("/tmp/desktop.sh", desktop.installer);
    await guest.put("/tmp/desktop.zip", desktop.bytes);
    const { stdout } = await timed(
      "desktop install",
      `sh /tmp/desktop.sh install --archive /tmp/desktop.zip --sha256 ${desktop.subject.sha256}`,
    );
    assert.match(stdout, /^install_root=\/opt\/palyra-desktop\n[^]*^cli_command_path=\/usr\/local\/bin\/palyra$/m);
    assert.match(await ok("palyra version; sh /root/0.1.0.sh status; sh /tmp/desktop.sh status"), /version=0\.2\.0 /);
    await ok("sh /tmp/desktop.sh uninstall --remove-state; rm /tmp/desktop.*; ! [ -e /opt/palyra-desktop ]");
    assert.match(await ok("palyra version; palyra health --json"), /version=0\.1\.0 [^]*"overall": "ok"/);
    await ok("sh /root/0.1.0.sh status");
  });

  it("leaves nothing when it is removed with its state", async () => {
    await timed("uninstall", "sh /root/0.1.0.sh uninstall --remove-state");
    assert.deepEqual(
      (await ok(inventory)).split("\n").filter((line) => !clean.split("\n").includes(line)),
      [],
    );
    assert.equal((await guest.sh("systemctl cat palyrad palyra-browserd")).code, 1);
  });

  it("is a desktop for an ordinary user, without root", async () => {
    const desktop = await packedStandin("desktop", "0.1.0");
    releases["desktop"] = desktop;
    await guest.put("/tmp/desktop.sh", desktop.installer);
    await guest.put("/tmp/desktop.zip", desktop.bytes);
    await ok("useradd -m ada && chmod 644 /tmp/desktop.*");
    const as = (text: string) => `su - ada -c '${text}'`;
    const run = as(`sh /tmp/desktop.sh install --archive /tmp/desktop.zip --sha256 ${desktop.subject.sha256}`);
    const before = await ok("find /home/ada | sort");
    const { stdout } = await timed("desktop install", run);
    assert.match(
      stdout,
      /^install_root=\/home\/ada\/\.local\/opt\/palyra-desktop\nconfig_path=\/home\/ada\/\.local\/state\/palyra\/config\/palyra\.toml\n[^]*\ncli_persistence_strategy=posix-profile\n/,
    );
    assert.match(await ok(run), /^changed=no$/m);
    assert.match(
      await ok(as("command -v palyra; palyra version; stat -c %a .local/state/palyra/config/palyra.toml")),
      /^\/home\/ada\/\.local\/bin\/palyra\n.*version=0\.1\.0 .*\n600\n$/,
    );
    await ok(as("sh /tmp/desktop.sh status"));
    await ok(as("cd; sh /tmp/desktop.sh uninstall --remove-state"));
    assert.equal(await ok("find /home/ada | sort"), before);
  });
});
