import assert from "node:assert/strict";
import { placesOf, productNamed } from "../../src/products/index.ts";
import { declaredFootprint, declaredToStay } from "../../src/suites/footprint-declared.ts";
import { differences, lookOf, systemGrowth } from "../../src/suites/footprint-inventory.ts";
import type { Lifecycle } from "../../src/suites/index.ts";
import { footprintJudge, inventoryCheck, inventoryJudge } from "../../src/suites/footprint.ts";
import { verdict } from "./judged.ts";
import { changed, recordOf, runHere, said } from "./on-host.ts";

function life(name: string, kind: string): Lifecycle {
  const product = productNamed(name);
  const definition = product.kinds[kind]!;
  const subject = {
    product: name,
    kind,
    version: "1.2.3",
    binaryVersions: {},
    platform: "linux-x64",
    sha256: "d".repeat(64),
    base: "b",
  };
  return {
    product,
    kind: definition,
    subject,
    files: { installer: "/i", archivePath: "/a", soakSeconds: 0 },
    at: placesOf(product, definition),
  };
}
const headless = life("palyra", "headless");

/** What is open between two looks. */
const compared = (before: readonly string[], now: readonly string[], declared: readonly string[]): string[] =>
  differences(new Set(before), new Set(now), declared);

const clean = [
  "account root:x:0:0:root:/root:/bin/bash",
  "environment PATH=/usr/bin",
  "file f 644 root:root 161 /root/.profile",
  "file f 644 root:root 800 /etc/passwd",
  "socket tcp 0.0.0.0:22 sshd",
  "unit ssh.service",
];

/** What an installation of the headless kind adds. */
const installed = [
  "file d 755 root:root - /opt/palyra",
  "file d 755 root:root - /opt/palyra/versions/1.2.3-dddddddd/docs",
  "file f 755 root:root 4096 /opt/palyra/versions/1.2.3-dddddddd/palyrad",
  "file f 600 root:root 4096 /opt/palyra/install-record",
  "file l 777 root:root - /opt/palyra/current -> versions/1.2.3-dddddddd",
  "file f 755 root:root 4096 /usr/local/bin/palyra",
  "file d 1770 root:palyra - /etc/palyra",
  "file f 600 palyra:palyra 900 /etc/palyra/palyra.toml",
  "file f 600 root:root 100 /etc/palyra/palyra-browserd.secrets",
  "file d 750 palyra:palyra - /var/lib/palyra",
  "file f 600 palyra:palyra - /var/lib/palyra/data/journal.sqlite3",
  "file f 644 root:root 700 /etc/systemd/system/palyrad.service",
  "file f 644 root:root 700 /etc/systemd/system/palyra-browserd.service",
  "file l 777 root:root - /etc/systemd/system/multi-user.target.wants/palyrad.service -> /etc/systemd/system/palyrad.service",
  "file l 777 root:root - /etc/systemd/system/multi-user.target.wants/palyra-browserd.service -> ../palyra-browserd.service",
  "account palyra:x:999:998::/var/lib/palyra:/usr/sbin/nologin",
  "group palyra:x:998:",
  "file f 644 root:root 860 /etc/passwd",
  "unit palyrad.service",
  "socket tcp 127.0.0.1:7142 palyrad",
  "socket udp 127.0.0.1:7444 palyrad",
  "socket tcp 127.0.0.1:7543 palyra-browserd",
  "program /opt/palyra/versions/1.2.3-dddddddd/palyrad",
];
const withInstalled = [...clean.filter((line) => !line.endsWith(" /etc/passwd")), ...installed];

describe("a product's footprint", () => {
  it("is what it declares, and all of that", () =>
    assert.deepEqual(compared(clean, withInstalled, declaredFootprint(headless)), []));

  it("is red for everything else, by name", () => {
    const undeclared = [
      "file f 4755 root:root 4096 /opt/palyra/versions/1.2.3-dddddddd/helper",
      "file f 2755 root:root 4096 /usr/local/bin/palyra",
      "file f 4755 root:root 4096 /usr/bin/dash",
      "file f 666 root:root 4096 /opt/palyra/writable",
      "file f 755 palyra:palyra 4096 /opt/palyra/versions/1.2.3-dddddddd/palyrad2",
      "file f 755 root:root 4096 /opt/palyra-other",
      "file f 755 root:root 4096 /usr/local/bin/palyra2",
      "file l 777 root:root - /usr/local/bin/palyra -> /tmp/elsewhere",
      "file f 644 root:root 10 /etc/palyra.conf",
      "file f 666 root:root 10 /etc/palyra/open.toml",
      "file d 770 root:palyra - /etc/palyra",
      "file d 1777 root:palyra - /etc/palyra",
      "file f 644 root:root 300 /root/.profile",
      "file f 644 root:root 30 /etc/profile.d/palyra.sh",
      "file f 644 root:root 90 /etc/systemd/system/palyra-extra.service",
      "file f 644 root:root 90 /etc/systemd/system/palyrad.service.d/override.conf",
      "file f 600 root:root 4096 /data/journal.sqlite3",
      "file b 660 root:disk - /var/lib/palyra/device",
      "file f 646 palyra:palyra - /var/lib/palyra/data/open",
      "account helper:x:997:997::/:/bin/sh",
      "account palyra:$y$hash:999:998::/var/lib/palyra:/bin/sh",
      "group palyra:x:998:root",
      "unit palyra-cleanup.timer",
      "unit run-r0123456789.service",
      "socket tcp 0.0.0.0:7142 palyrad",
      "socket tcp 127.0.0.1:9999 palyrad",
      "socket udp 127.0.0.1:7142 palyrad",
      "program /tmp/palyra-helper",
      "environment PATH=/opt/palyra:/usr/bin",
      "environment PALYRA_TOKEN=1",
    ];
    const lines = compared(clean, [...withInstalled, ...undeclared], declaredFootprint(headless));
    assert.deepEqual(lines, undeclared.map((line) => `undeclared: ${line}`).sort());
  });

  it("is red for what is gone", () => {
    const now = withInstalled.filter((line) => line !== "unit ssh.service" && !line.includes(".profile"));
    assert.deepEqual(compared(clean, now, declaredFootprint(headless)), [
      "gone: file f 644 root:root 161 /root/.profile",
      "gone: unit ssh.service",
    ]);
  });

  it("leaves nothing when it is taken away: each thing that was declared is one too many then", () => {
    assert.deepEqual(compared(clean, clean, declaredToStay(headless)), []);
    for (const line of installed)
      assert.deepEqual(compared(clean, [...clean, line], declaredToStay(headless)), [`undeclared: ${line}`]);
  });

  it("of a kind without services is in its user's home, and what is its user's own stays", () => {
    const desktop = life("palyra", "desktop");
    const nats = life("nats", "server");
    const home = ["file d 700 root:root - /root/.local", "file d 700 root:root - /root/.local/state"];
    const state = [
      "file d 700 root:root - /root/.local/state/palyra",
      "file f 600 root:root 800 /root/.local/state/palyra/config/palyra.toml",
    ];
    const kept = [
      "file d 700 root:root - /root/.config",
      "file d 700 root:root - /root/.config/nats",
      "file f 600 root:root 20 /root/.config/nats/context/a.json",
    ];
    const others = ["file d 700 root:root - /root/.cache", "file f 600 root:root 20 /root/.config/natsx"];
    const folder = "file d 755 root:root - /opt/palyra-desktop";
    const undeclared = (more: readonly string[], declared: readonly string[]): string[] =>
      compared(clean, [...clean, ...more], declared).map((line) => line.replace(/^undeclared: /, ""));
    assert.deepEqual(undeclared([...home, ...state, folder], declaredFootprint(desktop)), []);
    assert.deepEqual(undeclared(home, declaredToStay(desktop)), []);
    assert.deepEqual(undeclared([...home, ...state], declaredToStay(desktop)), state);
    assert.deepEqual(undeclared(kept, declaredToStay(nats)), []);
    assert.deepEqual(undeclared(others, declaredToStay(nats)), others);
  });
});

/** A look as a machine prints it: a thousand files and something of everything else, and more. */
const printed = (...more: string[]): string =>
  [
    ...Array.from({ length: 1000 }, (_, i) => `file f 644 0:0 1 /usr/share/doc/${i}`),
    "account root:x:0:0:root:/root:/bin/bash",
    "account tool:x:998:997::/:/bin/sh",
    "group root:x:0:",
    "group tools:x:997:",
    "unit ssh.service loaded active running OpenBSD Secure Shell server",
    'socket tcp   LISTEN 0      128    0.0.0.0:22      0.0.0.0:*    users:(("sshd",pid=300,fd=3))',
    "program /usr/bin/dash",
    "environment HOME=/root",
    "",
    ...more,
  ].join("\n");
/** What a look has more than that. */
const seen = (...more: string[]): string[] => {
  const usual = lookOf(printed());
  return [...lookOf(printed(...more))].filter((line) => !usual.has(line));
};

describe("an inventory", function () {
  this.timeout(60_000);

  it("names owners, and says nothing of sizes where programs write", () => {
    assert.deepEqual(
      seen(
        "file f 4711 998:997 4 /a b",
        "file f 644 999:996 12 /root/.profile",
        "file f 640 0:0 12 /var/lib/tool/file",
        "file f 640 0:0 12 /variable",
        "file l 777 0:997 - /usr/local/bin/tool -> /opt/tool/current/tool",
      ),
      [
        "file f 4711 tool:tools 4 /a b",
        "file f 644 999:996 12 /root/.profile",
        "file f 640 root:root - /var/lib/tool/file",
        "file f 640 root:root 12 /variable",
        "file l 777 root:tools - /usr/local/bin/tool -> /opt/tool/current/tool",
      ],
    );
  });
  it("tells units, sockets, programs and variables by what stays of them", () => {
    assert.deepEqual(
      seen(
        "unit tool.timer loaded active waiting Tool",
        "unit systemd-tmpfiles-clean.service loaded active running x",
        'socket udp   UNCONN 0 0 [::1]:53 *:* users:(("tool",pid=1,fd=3),("tool",pid=2,fd=3))',
        "program /opt/tool/tool (deleted)",
        "program /usr/lib/systemd/systemd",
        "environment TOOL=1",
        "environment PWD=/tmp",
        "second line of a name",
      ),
      [
        "second line of a name",
        "unit tool.timer",
        "socket udp [::1]:53 tool",
        "program /opt/tool/tool (deleted)",
        "environment TOOL=1",
      ],
    );
  });
  it("has man pages, completions, runtime units and locks, and not what systemd and udev note as they run", () => {
    const files = [
      ...["/run/lock/left", "/run/systemd/system/left.service", "/run/user/0/left", "/usr/lib/modules/6.1/left.ko"],
      "/usr/share/bash-completion/completions/left",
      ...["/usr/share/man/man1/left.1", "/var/lib/systemd/linger/left", "/etc/passwd-left", "/var/crashes"],
    ];
    const notes = [
      ...["/run/systemd/journal/streams/8:1", "/run/systemd/units/invocation:a.service", "/run/udev/data/n3"],
      ...["/run/systemd/propagate/a.service/x", "/run/log/journal/x/system.journal", "/etc/passwd-", "/run/udev/data"],
      ...["/var/lib/systemd/timers/stamp-a.timer", "/var/lib/systemd/random-seed", "/var/crash/core"],
      "/run/systemd/units/log-extra -> x",
    ];
    const lines = seen(...[...files, ...notes].map((path) => `file p 644 0:0 - ${path}`));
    assert.deepEqual(
      lines,
      files.map((path) => `file p 644 root:root - ${path}`),
    );
    for (const [path, why] of Object.entries(systemGrowth)) assert.ok(path.startsWith("/") && why.length >= 7, path);
  });

  it("is not taken for whole when it misses a kind of thing, or nearly all files", () => {
    assert.deepEqual(verdict(inventoryJudge, undefined, { stdout: printed() }), []);
    for (const kind of ["file", "account", "group", "unit", "socket", "program", "environment"]) {
      const blind = printed().replace(new RegExp(`^${kind} .*\n`, "gm"), "");
      assert.deepEqual(verdict(inventoryJudge, undefined, { stdout: blind }), [
        `the inventory does not list every ${kind} of the machine`,
      ]);
    }
    assert.match(verdict(inventoryJudge, undefined, { stdout: printed().replace("file f", "") })[0]!, /every file/);
    assert.match(verdict(inventoryJudge, undefined, { stdout: printed().replace(":22 ", ":23 ") })[0]!, /every socket/);
  });

  it("is compared with the earlier one, which must be whole as well", () => {
    const given = { since: "install/inventory", declared: ["program /opt/tool/.*"] };
    const asked = (now: string, before?: string): string[] =>
      verdict(
        footprintJudge,
        given,
        { stdout: now },
        before === undefined ? {} : { [given.since]: { stdout: before } },
      );
    assert.deepEqual(asked(printed("program /opt/tool/tool"), printed()), []);
    assert.deepEqual(asked(printed("program /tmp/tool"), printed("unit x")), [
      "undeclared: program /tmp/tool; gone: unit x",
    ]);
    assert.deepEqual(asked(printed()), ["install/inventory has no record"]);
    assert.match(asked(printed(), "")[0]!, /does not list every file, account/);
    assert.match(asked("", printed())[0]!, /does not list every file, account/);
    const broken = { ...given, declared: ["("] };
    assert.match(verdict(footprintJudge, broken, { stdout: printed() })[0]!, /not a regular expression/);
  });

  it("is printed by a machine so", async () => {
    const prepare = [
      "umask 022",
      "mkdir -m 750 seen; mkdir seen/root",
      "printf 1234 >'seen/a b'; chmod 4711 'seen/a b'",
      "ln -s /nowhere seen/link; mkfifo -m 600 seen/pipe",
    ];
    const check = changed(inventoryCheck("install/received"), (text) =>
      [...prepare, text.replace("find / /run /run/lock /dev/shm -xdev", "find seen -xdev")].join("\n"),
    );
    const { login: _, needs: __, ...plain } = check;
    const { record } = await runHere([{ name: "footprint", checks: [plain] }]);
    const lines = said(recordOf(record, "inventory")).split("\n");
    const me = `${process.getuid!()}:${process.getgid!()}`;
    assert.deepEqual(lines.filter((line) => line.startsWith("file")).sort(), [
      `file d 750 ${me} - seen`,
      `file d 755 ${me} - seen/root`,
      `file f 4711 ${me} 4 seen/a b`,
      `file l 777 ${me} - seen/link -> /nowhere`,
      `file p 600 ${me} - seen/pipe`,
    ]);
    for (const line of [/^account root:x:0:0:/, /^group root:x:0:/, /^program \/.*readlink$/, /^environment PATH=/])
      assert.ok(
        lines.some((each) => line.test(each)),
        String(line),
      );
  });
});
