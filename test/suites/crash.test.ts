import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crashSuite, judgeSuite, type Suite } from "../../src/suites/index.ts";
import { runHere, temporaryFolder, textOf } from "./on-host.ts";

/** What a journal holds: lines as `journalctl -o short-iso` prints them. */
interface Logged {
  before?: string[];
  complaints?: string[];
  kernel?: string[];
  restarts?: string[];
  cores?: string[];
  /** journalctl fails */
  broken?: boolean;
  /** what is logged does not arrive */
  deaf?: boolean;
}

/** The suite as a machine with such a journal answers it: check → status and what was observed. */
async function crashed(logged: Logged): Promise<Record<string, string>> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "notes"));
  const write = (name: string, lines: string[] = []): void =>
    writeFileSync(join(folder, "notes", name), lines.map((line) => `${line}\n`).join(""));
  write("before", logged.before);
  write("complaints", logged.complaints);
  write("kernel", logged.kernel);
  write("restarts", logged.restarts);
  if (logged.cores) {
    mkdirSync(join(folder, "crash"));
    writeFileSync(join(folder, "crash/list"), logged.cores.map((line) => `${line}\n`).join(""));
  }
  const journal = [
    "logger() { :; }",
    "journalctl() {",
    logged.broken ? "  return 1" : "",
    '  case "$*" in',
    `    *--sync*) ;; *"-t greenlight"*) ${logged.deaf ? ":" : "echo looking"} ;;`,
    '    *--until=*) cat "$greenlight/notes/before" ;; *_TRANSPORT=kernel*) cat "$greenlight/notes/kernel" ;;',
    '    *MESSAGE_ID=*) cat "$greenlight/notes/restarts" ;; *"-p 3"*) cat "$greenlight/notes/complaints" ;;',
    "    *) return 1 ;;",
    "  esac",
    "}",
  ].join("\n");
  const suite: Suite = {
    ...crashSuite(),
    checks: crashSuite().checks.map((check) => ({
      ...check,
      run: `${journal}\n${textOf(check).replaceAll("/var/crash", '"$greenlight"/crash')}`,
    })),
  };
  const { record } = await runHere([suite], { host: { folder } });
  return Object.fromEntries(
    judgeSuite(suite, record).checks.map(({ check, status, observed }) => [
      check,
      status === "passed" ? "passed" : `${status}: ${observed}`,
    ]),
  );
}

const passed = { "core-dumps": "passed", "kernel-log": "passed", journal: "passed", restarts: "passed" };
const line = (message: string, at = "2026-01-02T03:04:05+0000"): string => `${at} machine-1 ${message}`;

describe("the crash suite", function () {
  this.timeout(60_000);

  it("is green on a machine on which nothing happened", async () => assert.deepEqual(await crashed({}), passed));

  it("is red for a core dump, a segfault, an OOM kill, a complaint and a restart, each by its check and its name", async () => {
    const cases: [Logged, string, RegExp][] = [
      [
        { cores: ["/opt/palyra/current/palyrad was ended by signal 11"] },
        "core-dumps",
        /palyrad was ended by signal 11/,
      ],
      [
        { kernel: [line("kernel: palyrad[812]: segfault at 0 ip 00005566 sp 00007ffd error 4 in palyrad[5566+1000]")] },
        "kernel-log",
        /palyrad.*segfault at 0/,
      ],
      [
        { kernel: [line("kernel: traps: palyrad[812] trap invalid opcode ip:5566 sp:7ffd error:0")] },
        "kernel-log",
        /invalid opcode/,
      ],
      [
        { kernel: [line("kernel: Out of memory: Killed process 812 (palyrad) total-vm:1")] },
        "kernel-log",
        /Killed process 812 \(palyrad\)/,
      ],
      [
        { kernel: [line("kernel: Memory cgroup out of memory: Killed process 812 (palyrad)")] },
        "kernel-log",
        /Memory cgroup out of memory/,
      ],
      [
        { complaints: [line("palyrad[812]: cannot write the journal")] },
        "journal",
        /palyrad: cannot write the journal/,
      ],
      [
        { restarts: [line("systemd[1]: palyrad.service: Scheduled restart job, restart counter is at 1.")] },
        "restarts",
        /palyrad\.service: Scheduled restart/,
      ],
    ];
    for (const [logged, check, observed] of cases) {
      const { [check]: found, ...others } = await crashed(logged);
      assert.match(found!, observed);
      assert.match(found!, /^failed: /);
      assert.deepEqual({ ...others, [check]: "passed" }, passed);
    }
  });

  it("passes over what a clean machine says as well, whatever numbers are in it, what is ours, and what is harmless in the kernel", async () => {
    assert.deepEqual(
      await crashed({
        before: [line("kernel: APIC calibration 102ms instead of 100ms"), line("udevd[77]: device 3 is slow")],
        complaints: [
          line("kernel: APIC calibration 99ms instead of 100ms", "2026-01-02T09:09:09+0000"),
          line("udevd[412]: device 12 is slow"),
          line("sshd[99]: error: kex_exchange_identification: Connection closed"),
        ],
        kernel: [line("kernel: EXT4-fs (vda): recovery complete")],
      }),
      passed,
    );
    assert.match(
      (
        await crashed({
          before: [line("udevd[77]: device 3 is slow")],
          complaints: [line("udevd[78]: device 3 is dead")],
        })
      )["journal"]!,
      /device 3 is dead/,
    );
  });

  it("does not take the silence of a journal that does not work for a good sign", async () => {
    const broken = await crashed({ broken: true });
    for (const check of ["kernel-log", "journal", "restarts"]) assert.match(broken[check]!, /^failed: /, check);
    assert.match((await crashed({ deaf: true }))["journal"]!, /does not keep what it is told/);
  });
});
