import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { EdgeError } from "../../src/edges/edges.ts";
import { converse } from "../../src/machines/identity/identity.ts";
import { Qmp, connectSoon, forwardedPort, takeMessages } from "../../src/machines/host/qmp.ts";

const usernet = `VLAN -1 (n0):
  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
  TCP[HOST_FORWARD]  14       127.0.0.1 44651       10.0.2.15    22     0     0
`;

describe("QEMU's control protocol", () => {
  it("takes whole lines however they are cut", () => {
    const text =
      '{"QMP": {"version": {}, "capabilities": []}}\r\n{"return": {}}\r\n{"event": "STOP", "timestamp": {}}\r\n{"error": {"class": "GenericError", "desc": "no"}}\r\n';
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(text.length), (a, b) => {
        let rest = "";
        const all = [
          text.slice(0, Math.min(a, b)),
          text.slice(Math.min(a, b), Math.max(a, b)),
          text.slice(Math.max(a, b)),
        ].flatMap((part) => {
          const taken = takeMessages(rest + part);
          rest = taken.rest;
          return taken.messages;
        });
        assert.deepEqual(
          all.map((m) => Object.keys(m)[0]),
          ["QMP", "return", "event", "error"],
        );
        assert.equal(rest, "");
      }),
    );
  });

  it("refuses what is no message of QEMU's", () => {
    assert.throws(() => takeMessages("hello\n"), EdgeError);
    assert.throws(() => takeMessages('{"answer": 1}\n'), EdgeError);
  });

  it("reads the forwarded port", () => {
    assert.equal(forwardedPort(usernet), 44651);
    assert.throws(() => forwardedPort("VLAN -1 (n0):\n"), /forwards no port/);
  });

  it("answers a command, tells QEMU's refusal in its words, and gives up when QEMU ends", async () => {
    const folder = mkdtempSync(join(tmpdir(), "qmp-"));
    const path = join(folder, "s");
    const server = createServer((socket) => {
      socket.write('{"QMP": {"version": {}, "capabilities": []}}\r\n');
      socket.on("data", (data) => {
        const { execute } = JSON.parse(String(data)) as { execute: string };
        if (execute === "quit") socket.destroy();
        else
          socket.write(
            execute === "bad"
              ? '{"error": {"class": "GenericError", "desc": "not that"}}\r\n'
              : '{"event": "X"}\r\n{"return": {"it": 1}}\r\n',
          );
      });
    }).listen(path);
    try {
      const qmp = await Qmp.open(path, () => true);
      assert.deepEqual(await qmp.execute("good"), { it: 1 });
      await assert.rejects(qmp.execute("bad"), /QEMU refused: not that/);
      await assert.rejects(qmp.execute("quit"), /closed its control socket/);
      qmp.close();
    } finally {
      server.close();
      rmSync(folder, { recursive: true });
    }
  });

  /** A QEMU that answers its first command and then does `then` to the connection. */
  async function against(
    then: (socket: Socket) => void,
    work: (qmp: Qmp, closed: Promise<unknown>) => Promise<void>,
  ): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "qmp-"));
    const path = join(folder, "s");
    let closed = () => {};
    const ended = new Promise<void>((done) => (closed = done));
    const server = createServer((socket) => {
      socket.write('{"QMP": {"version": {}}}\n');
      socket.on("close", closed).on("error", () => undefined);
      socket.once("data", () => socket.write('{"return": {}}\n', () => then(socket)));
    }).listen(path);
    let qmp: Qmp | undefined;
    try {
      qmp = await Qmp.open(path, () => true);
      await work(qmp, ended);
    } finally {
      qmp?.close();
      server.close();
      rmSync(folder, { recursive: true });
    }
  }

  // Red without it: each command would wait its 30 s, and a test has 20.
  for (const [how, then] of [
    ["is killed", (socket: Socket) => void socket.destroy()],
    ["closes its end", (socket: Socket) => void socket.end()],
  ] as const) {
    it(`knows at once that QEMU has ended when it ${how} between two commands`, () =>
      against(then, async (qmp, closed) => {
        await closed;
        for (let i = 0; i < 3; i++) await new Promise((done) => setImmediate(done));
        for (const command of ["query-migrate", "cont"])
          await assert.rejects(qmp.execute(command), /closed its control socket/);
        await assert.rejects(qmp.migrated(60), /closed its control socket/);
      }));
  }

  it("asks nothing more where an answer could not be read", () =>
    against(
      (socket) => void socket.once("data", () => socket.write("hello\n")),
      async (qmp) => {
        await assert.rejects(qmp.execute("one"), /QEMU's control socket/);
        await assert.rejects(qmp.execute("two"), /QEMU's control socket/);
      },
    ));

  it("does not ask a machine for its identity over a socket that was closed before", async () => {
    const folder = mkdtempSync(join(tmpdir(), "qmp-"));
    const path = join(folder, "s");
    const server = createServer((socket) => void socket.destroy()).listen(path);
    try {
      const socket = await connectSoon(path, 10, () => true);
      await new Promise((done) => socket.on("close", done).resume());
      await assert.rejects(converse(socket, "ping\n", 240), /ended before it had an identity/);
      const another = await connectSoon(path, 10, () => true);
      await assert.rejects(converse(another, "ping\n", 240), /ended before it had an identity/);
    } finally {
      server.close();
      rmSync(folder, { recursive: true });
    }
  });

  it("does not wait for a socket of a QEMU that has ended", async () => {
    await assert.rejects(
      connectSoon("/nonexistent/s", 10, () => false),
      /ended before/,
    );
  });
});
