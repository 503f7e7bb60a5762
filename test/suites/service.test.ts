/** What is seen of a service that runs, and of an archive that has arrived: judged from what a machine printed. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { productNamed, type Subject } from "../../src/products/index.ts";
import { receivedCheck, receivedJudge } from "../../src/suites/received.ts";
import { socketsJudge } from "../../src/suites/service.ts";
import { lastsJudge, soakSuite } from "../../src/suites/soak.ts";
import type { Check } from "../../src/suites/index.ts";
import { judgedHere, verdict } from "./judged.ts";
import { changed } from "./on-host.ts";

describe("the sockets of a service", () => {
  const socket = (protocol: string, address: string, process: number): string =>
    `${protocol}   LISTEN 0      128      ${address}      0.0.0.0:*    users:(("tool",pid=${process},fd=7))`;
  const asked = (...lines: string[]): string[] =>
    verdict(
      socketsJudge,
      { sockets: ["tcp 127.0.0.1:1", "udp 127.0.0.1:2"] },
      { stdout: ["MainPID=30", ...lines].join("\n") },
    );
  const good = [socket("tcp", "127.0.0.1:1", 30), socket("udp", "127.0.0.1:2", 30), socket("tcp", "0.0.0.0:22", 3)];

  it("are those that it declares, whatever else is listened on", () => assert.deepEqual(asked(...good), []));
  it("are named where one is missing or nobody knows it", () => {
    assert.deepEqual(asked(good[0]!, good[2]!), ["does not listen on udp 127.0.0.1:2"]);
    const wide = socket("tcp", "*:1", 30);
    assert.deepEqual(asked(...good, wide), ["listens on tcp *:1, which is not declared"]);
  });
  it("are not known where no process is", () =>
    assert.deepEqual(verdict(socketsJudge, { sockets: [] }, { stdout: "MainPID=0\n" }), ["it does not run"]));
});

describe("a service that is to last", () => {
  const look = (process: number, up: number, answered = "yes", state = "0 running"): string => {
    const [restarts, sub] = state.split(" ");
    return `MainPID=${process}\nNRestarts=${restarts}\nSubState=${sub}\nAnswered=${answered}\nUp=${up}\n`;
  };
  const asked = (...looks: string[]): string[] =>
    verdict(lastsJudge, { seconds: 70 }, { stdout: looks.map((each) => `${each}\n`).join("") });

  it("has, as one process that answers, but for one question", () => {
    assert.deepEqual(asked(look(7, 66), look(7, 71)), []);
    assert.deepEqual(asked(look(7, 66, "no"), look(7, 71)), []);
  });
  it("has not as another process, without answers, too short, or not at all", () => {
    assert.deepEqual(asked(look(7, 66), look(8, 3)), [
      "changed from '7 0 running' to '8 0 running' (process, restarts, state)",
    ]);
    assert.deepEqual(asked(look(7, 66, "no"), look(7, 67, "no")), ["it stopped answering"]);
    assert.deepEqual(asked(look(7, 66)), ["it was seen up for 66 s"]);
    assert.deepEqual(asked(look(7, 71, "yes", "1 running")), ["7 1 running (process, restarts, state)"]);
    assert.deepEqual(asked(), ["nothing (process, restarts, state)", "it was seen up for 0 s"]);
  });

  describe("is looked at", function () {
    this.timeout(60_000);
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "greenlight-lasts-"))));
    afterEach(() => rmSync(folder, { recursive: true }));
    const subject: Subject = {
      ...{ product: "nats", kind: "server", version: "1.0.0", binaryVersions: {}, platform: "linux-x64" },
      ...{ sha256: "d".repeat(64), base: "b" },
    };
    const product = productNamed("nats");
    /** Its soak of so many seconds, with a systemd that says how it is, and a service that answers or not. */
    const lasts = async (seconds: number, states: string, answers: string): Promise<string> => {
      const systemctl = `#!/bin/sh\ncase $* in *Exec*) echo 0 ;; *) cat ${folder}/state; ${states} ;; esac\n`;
      writeFileSync(join(folder, "systemctl"), systemctl);
      chmodSync(join(folder, "systemctl"), 0o755);
      writeFileSync(join(folder, "state"), "MainPID=7\nNRestarts=0\nSubState=running\n");
      const files = { installer: "/i", archivePath: "/a", soakSeconds: seconds };
      const at = { root: "/r", state: "/s", config: "/c", commands: "/b" };
      const [check] = soakSuite({ product, kind: product.kinds["server"]!, subject, files, at }).checks as [Check];
      const own = changed({ ...check, within: 20 }, (text) =>
        [`PATH=${folder}:$PATH`, text.replace(/^(\. .*)$/m, `$1\nhttp_get() { ${answers}; }`)].join("\n"),
      );
      return (await judgedHere([own]))[0]!;
    };
    it("until it has been up for so long", async () => assert.equal(await lasts(1, ":", "echo ok"), "passed"));
    it("and no longer when it is another, or answers no more", async () => {
      const other = `echo MainPID=8 >${folder}/state`;
      assert.match(await lasts(3_000_000_000, other, "echo ok"), /^changed from '7 0 running' to '8 /);
      assert.equal(await lasts(3_000_000_000, ":", "return 7"), "it stopped answering");
    });
  });
});

describe("an archive that has arrived", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "greenlight-received-"))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  it("is the one that was packed, or is named with its size and digest", async () => {
    const file = join(folder, "it's.zip");
    const asked = async (text: string): Promise<string> => {
      writeFileSync(file, text);
      return (await judgedHere([receivedCheck("received", file, hello)]))[0]!;
    };
    assert.equal(await asked("hello"), "passed");
    assert.match(
      await asked("hello!"),
      /what arrived is not the archive that was packed: 6 bytes with SHA-256 ce06092f/,
    );
    rmSync(file);
    const [gone] = await judgedHere([receivedCheck("received", file, hello)]);
    assert.match(gone!, /No such file.*what arrived is not/);
    assert.match(verdict(receivedJudge, { sha256: hello }, {})[0]!, /what arrived is not/);
  });
});
