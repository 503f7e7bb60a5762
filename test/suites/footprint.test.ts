import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { placesOf, productNamed } from "../../src/products/index.ts";
import { declaredFootprint, declaredToStay } from "../../src/suites/footprint-declared.ts";
import { comparison, inventory, systemGrowth } from "../../src/suites/footprint-inventory.ts";
import type { Lifecycle } from "../../src/suites/index.ts";
import { execute, recordOf, runHere, said, temporaryFolder } from "./on-host.ts";

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

/** What a comparison says of two inventories: exit code and lines. */
async function compared(
  before: string[],
  now: string[],
  declared: readonly string[],
): Promise<{ exit: number | null; lines: string[] }> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "notes"));
  const write = (name: string, list: string[]): void =>
    writeFileSync(
      join(folder, "notes", name),
      [...list]
        .sort()
        .map((line) => `${line}\n`)
        .join(""),
    );
  write("before", before);
  write("now", now);
  const run = comparison('"$greenlight/notes/before"', '"$greenlight/notes/now"', declared);
  const { record } = await runHere([{ name: "footprint", checks: [{ name: "compare", run, expect: {} }] }], {
    host: { folder },
  });
  const check = recordOf(record, "compare");
  return { exit: check.exit, lines: said(check).trim().split("\n") };
}

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

describe("a product's footprint", function () {
  this.timeout(60_000);

  it("is what it declares, and all of that", async () =>
    assert.deepEqual(await compared(clean, withInstalled, declaredFootprint(headless)), {
      exit: 0,
      lines: ["nothing"],
    }));

  it("is red for everything else, by name", async () => {
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
    const { lines } = await compared(clean, [...withInstalled, ...undeclared], declaredFootprint(headless));
    assert.deepEqual(lines, undeclared.map((line) => `undeclared: ${line}`).sort());
  });

  it("is red for what is gone", async () => {
    const { lines } = await compared(
      clean,
      withInstalled.filter((line) => line !== "unit ssh.service" && !line.includes(".profile")),
      declaredFootprint(headless),
    );
    assert.deepEqual(lines, ["gone: file f 644 root:root 161 /root/.profile", "gone: unit ssh.service"]);
  });

  it("leaves nothing when it is taken away: each thing that was declared is one too many then", async () => {
    assert.deepEqual((await compared(clean, clean, declaredToStay(headless))).lines, ["nothing"]);
    for (const line of installed) {
      const { lines } = await compared(clean, [...clean, line], declaredToStay(headless));
      assert.deepEqual(lines, [`undeclared: ${line}`]);
    }
  });

  it("of a kind without services is in its user's home, and what is its user's own stays", async () => {
    const desktop = life("palyra", "desktop");
    const home = ["file d 700 root:root - /root/.local", "file d 700 root:root - /root/.local/state"];
    const state = [
      "file d 700 root:root - /root/.local/state/palyra",
      "file f 600 root:root 800 /root/.local/state/palyra/config/palyra.toml",
    ];
    assert.deepEqual(
      (
        await compared(
          clean,
          [...clean, ...home, ...state, "file d 755 root:root - /opt/palyra-desktop"],
          declaredFootprint(desktop),
        )
      ).lines,
      ["nothing"],
    );
    assert.deepEqual((await compared(clean, [...clean, ...home], declaredToStay(desktop))).lines, ["nothing"]);
    assert.deepEqual(
      (await compared(clean, [...clean, ...home, ...state], declaredToStay(desktop))).lines,
      state.map((line) => `undeclared: ${line}`),
    );
    const nats = life("nats", "server");
    const kept = [
      "file d 700 root:root - /root/.config",
      "file d 700 root:root - /root/.config/nats",
      "file f 600 root:root 20 /root/.config/nats/context/a.json",
    ];
    assert.deepEqual((await compared(clean, [...clean, ...kept], declaredToStay(nats))).lines, ["nothing"]);
    const others = ["file d 700 root:root - /root/.cache", "file f 600 root:root 20 /root/.config/natsx"];
    assert.deepEqual(
      (await compared(clean, [...clean, ...others], declaredToStay(nats))).lines,
      others.map((line) => `undeclared: ${line}`),
    );
  });

  it("is not taken for clean when an inventory is missing or empty, or a pattern is none", async () => {
    for (const [before, now] of [
      [[], clean],
      [clean, []],
    ] as const)
      assert.equal((await compared([...before], [...now], [])).exit, 2);
    assert.equal((await compared(clean, [...clean, "unit x"], ["("])).exit, 2);
  });
});

describe("an inventory", function () {
  this.timeout(60_000);
  it("is text that dash takes, and gives a reason for each place that it leaves out", async () => {
    assert.equal((await execute(inventory("list"), ["dash", "-n"])).code, 0);
    for (const { path, why } of systemGrowth) assert.ok(path.startsWith("/") && why.length >= 7, path);
  });
  /** The lines of files of an inventory of a folder `seen`, made by `prepare`, in the place of the machine's root. */
  async function listed(prepare: string[]): Promise<string[]> {
    const text = inventory("list")
      .replace(/find (\/\S* )+-xdev/, "find seen -xdev")
      .replace(/-path ('?)\//g, "-path $1seen/");
    const { record } = await runHere(
      [
        {
          name: "footprint",
          checks: [{ name: "list", run: [...prepare, text, "grep '^file' list"].join("\n"), expect: {} }],
        },
      ],
      { host: { folder: temporaryFolder() } },
    );
    return said(recordOf(record, "list")).trim().split("\n");
  }
  const me = async (): Promise<string> =>
    `${(await execute("id -un")).stdout.trim()}:${(await execute("id -gn")).stdout.trim()}`;

  it("lists files with type, mode and owner, links with their targets, and sizes but where programs write", async () => {
    const owner = await me();
    const root = owner === "root:root";
    const lines = await listed([
      ...[
        "umask 022",
        "mkdir -m 750 seen; mkdir seen/root seen/var",
        "printf 1234 >'seen/a b'; chmod 4711 'seen/a b'",
        "ln -s /nowhere seen/link",
      ],
      ...[
        "printf 12345 >seen/root/.profile; chmod 600 seen/root/.profile",
        "printf 12345 >seen/var/file; chmod 640 seen/var/file",
      ],
      ...(root ? ["printf 1 >seen/other; chown daemon:adm seen/other"] : []),
    ]);
    assert.deepEqual(lines, [
      `file d 750 ${owner} - seen`,
      `file d 755 ${owner} - seen/root`,
      `file d 755 ${owner} - seen/var`,
      `file f 4711 ${owner} 4 seen/a b`,
      `file f 600 ${owner} 5 seen/root/.profile`,
      `file f 640 ${owner} - seen/var/file`,
      ...(root ? ["file f 644 daemon:adm 1 seen/other"] : []),
      `file l 777 ${owner} - seen/link -> /nowhere`,
    ]);
  });

  it("lists man pages, completions, runtime units and locks, and leaves out what systemd and udev note as they run", async () => {
    const files = [
      "run/lock/left",
      "run/systemd/system/left.service",
      "run/user/0/left",
      "usr/lib/modules/6.1/left.ko",
      "usr/share/bash-completion/completions/left",
      "usr/share/man/man1/left.1",
      "var/lib/systemd/linger/left",
    ];
    const notes = [
      "run/systemd/journal/streams/8:1",
      "run/systemd/units/invocation:a.service",
      "run/systemd/propagate/a.service/x",
      "run/udev/data/n3",
      "run/log/journal/x/system.journal",
      "var/lib/systemd/timers/stamp-a.timer",
      "var/lib/systemd/random-seed",
    ];
    const lines = await listed([
      `umask 022; for file in ${[...files, ...notes].join(" ")}; do mkdir -p "seen/\${file%/*}"; : >"seen/$file"; done`,
    ]);
    const owner = await me();
    assert.deepEqual(
      lines.filter((line) => line.startsWith("file f")).sort(),
      files.map((file) => `file f 644 ${owner} ${/^(run|var)\//.test(file) ? "-" : "0"} seen/${file}`).sort(),
    );
  });

  it("enters each place that may be a mount of its own", () => {
    assert.match(inventory("list"), /find \/ \/run \/run\/lock \/dev\/shm -xdev/);
  });
});
