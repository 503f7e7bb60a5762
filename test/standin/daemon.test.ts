/** The stand-in's daemons: sockets, health, dashboard, the files they write, and how they end. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { answer, freePorts, Installed, tcpFree, udpFree, type Ports } from "./installed.ts";

/** `tcp 127.0.0.1:7142` of every socket that the process listens on, from /proc. */
function socketsOf(pid: number): string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return (["tcp", "udp", "tcp6", "udp6"] as const)
    .flatMap((kind) =>
      readFileSync(`/proc/${pid}/net/${kind}`, "utf8")
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/\s+/))
        .flatMap((field) => {
          const [host = "", port = ""] = (field[1] ?? "").split(":");
          const listens = kind.startsWith("udp") || field[3] === "0A";
          if (!listens || !inodes.has(field[9] ?? "")) return [];
          return [`${kind} ${host === "0100007F" ? "127.0.0.1" : host}:${parseInt(port, 16)}`];
        }),
    )
    .sort();
}

/** SHA-256 of each certificate that is presented on a local port, the daemon's own first. */
function presented(port: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ALPNProtocols: ["h2"] }, () => {
      const own = socket.getPeerCertificate(true);
      socket.destroy();
      resolve([own.raw, own.issuerCertificate.raw].map((bytes) => createHash("sha256").update(bytes).digest("hex")));
    }).once("error", reject);
  });
}

describe("the stand-in's daemons", function () {
  this.timeout(300_000);
  let it0: Installed;
  let ports: Ports;
  before(async () => {
    it0 = await Installed.of();
    ports = await it0.configured();
  });
  after(() => it0?.remove());
  const work = (name: string): string => {
    const folder = join(it0.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  const stop = async (started: ReturnType<Installed["start"]>): Promise<number | NodeJS.Signals | null> => {
    started.child.kill("SIGTERM");
    return started.ended;
  };

  it("palyrad answers with its identity over HTTP and gRPC, listens on four sockets and nothing else, and ends with 0", async () => {
    const daemon = it0.start("palyrad", [], { cwd: work("W") });
    const { status, text } = await answer(`http://127.0.0.1:${ports.web}/healthz`);
    assert.equal(status, 200);
    const health = JSON.parse(text);
    assert.deepEqual(Object.keys(health), [
      "service",
      "status",
      "version",
      "git_hash",
      "build_profile",
      "uptime_seconds",
    ]);
    assert.deepEqual(
      [health.service, health.status, health.version, health.build_profile],
      ["palyrad", "ok", "0.1.0", "standin"],
    );

    const report = it0.json("health", "--json");
    assert.deepEqual(
      [report.overall, report.http.version, report.grpc.version, report.grpc.status],
      ["ok", "0.1.0", "0.1.0", "ok"],
    );
    assert.deepEqual(Object.keys(report.grpc), ["status", "service", "version", "git_hash", "uptime_seconds"]);
    const { daemon_url, grpc_url, ...reached } = it0.json("doctor", "--json").diagnostics.connectivity;
    assert.deepEqual([daemon_url, grpc_url], [`http://127.0.0.1:${ports.web}`, `http://127.0.0.1:${ports.grpc}`]);
    assert.deepEqual(reached, { admin: { ok: true }, grpc: { ok: true }, http: { ok: true } });
    if (process.platform === "linux") {
      assert.deepEqual(
        socketsOf(daemon.child.pid!),
        [
          `tcp 127.0.0.1:${ports.grpc}`,
          `tcp 127.0.0.1:${ports.grpc + 1}`,
          `tcp 127.0.0.1:${ports.web}`,
          `udp 127.0.0.1:${ports.grpc + 1}`,
        ].sort(),
      );
    }
    assert.match((await answer(`http://127.0.0.1:${ports.web}/`)).text, /stand-in/);
    assert.equal(await stop(daemon), 0);
    const lines = daemon
      .output()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.equal(lines.at(-1).fields.message, "stopping");
    assert.ok(!daemon.output().includes("palyra_admin_"), "no token in the log");
    assert.equal(it0.palyra("health").code, 4);
  });

  it("palyrad writes its data into the working directory, whatever the state root is, and the rest below the state root", async () => {
    const folder = work("trap");
    const daemon = it0.start("palyrad", [], { cwd: folder });
    await answer(`http://127.0.0.1:${ports.web}/healthz`);
    await stop(daemon);
    assert.deepEqual(readdirSync(join(folder, "data")).sort(), [
      "journal.connectors.sqlite3",
      "journal.sqlite3",
      "media",
      "media.sqlite3",
    ]);
    // `browserd` is made by the browser service, `data` lies where the journal does.
    const state = [
      "access_registry.json",
      "acp",
      "agents.toml",
      "auth_profile_runtime_state.toml",
      "auth_profiles.toml",
      "cli",
      "conversation-bindings.json",
      "identity",
      "objectives",
      "routines",
      "tool-posture",
      "vault",
      "webhooks.toml",
    ];
    assert.deepEqual(readdirSync(join(it0.folder, "state")).sort(), state);
    assert.ok(!existsSync(join(it0.folder, "state", "data")));
    assert.match(readFileSync(join(folder, "data", "journal.sqlite3"), "utf8"), /not an SQLite database/);
  });

  it("keeps what it adds in a log beside the journal while it runs, takes both away when it stops in order, and reads them after a crash", async () => {
    const folder = work("wal");
    const files = (): string[] =>
      readdirSync(join(folder, "data"))
        .filter((name) => name.startsWith("journal.sqlite3"))
        .sort();
    const journal = (): string => readFileSync(join(folder, "data", "journal.sqlite3"), "utf8");
    const start = async () => {
      const daemon = it0.start("palyrad", [], { cwd: folder });
      await answer(`http://127.0.0.1:${ports.web}/healthz`);
      return daemon;
    };
    const first = await start();
    assert.deepEqual(files(), ["journal.sqlite3", "journal.sqlite3-shm", "journal.sqlite3-wal"]);
    assert.doesNotMatch(journal(), /started/);
    first.child.kill("SIGKILL");
    await first.ended;
    assert.equal(await stop(await start()), 0);
    assert.deepEqual(files(), ["journal.sqlite3"]);
    assert.equal(journal().match(/palyrad 0\.1\.0 started/g)?.length, 2);
  });

  it("sets the state folders to 0700 when they start, whatever they were", async () => {
    const state = join(it0.folder, "state");
    const own = work("browser-state");
    for (const folder of [state, own]) chmodSync(folder, 0o750);
    const free = await freePorts();
    const daemon = it0.start("palyrad", [], { cwd: work("modes") });
    const browser = it0.start("palyra-browserd", ["--port", String(free.web), "--grpc-port", String(free.grpc)], {
      env: { PALYRA_BROWSERD_STATE_DIR: own },
    });
    for (const port of [ports.web, free.web]) await answer(`http://127.0.0.1:${port}/healthz`);
    assert.deepEqual(
      [state, own].map((folder) => statSync(folder).mode & 0o7777),
      [0o700, 0o700],
    );
    assert.deepEqual([await stop(daemon), await stop(browser)], [0, 0]);
  });

  it("seals its identity anew at every start, under a key that stays, and presents the same CA and node certificate", async () => {
    const folder = join(it0.folder, "state", "identity");
    /** What lies there by name, and the digests of the certificates that a node is shown: its own and the CA's. */
    const look = async (env: Record<string, string> = {}) => {
      const daemon = it0.start("palyrad", [], { cwd: work("sealed"), env });
      await answer(`http://127.0.0.1:${ports.web}/healthz`);
      const shown = await presented(ports.grpc + 1);
      assert.equal(await stop(daemon), 0);
      return {
        files: Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "hex")])),
        shown,
      };
    };
    const before = await look();
    const after = await look();
    const names = ["identity/ca/state.json", "identity/state.v1.json"].map((name) => Buffer.from(name).toString("hex"));
    assert.deepEqual(Object.keys(after.files).sort(), [".store-key.v1", ...names].sort());
    assert.equal(before.files[".store-key.v1"]!.length, 64);
    assert.equal(after.files[".store-key.v1"], before.files[".store-key.v1"]);
    for (const name of names) assert.notEqual(after.files[name], before.files[name], name);
    assert.equal(before.shown.length, 2);
    assert.deepEqual(after.shown, before.shown);
    const anew = await look({ PALYRA_STANDIN_FAULTS: "new-ca" });
    assert.equal(anew.files[".store-key.v1"], before.files[".store-key.v1"]);
    for (const n of [0, 1]) assert.notEqual(anew.shown[n], before.shown[n]);
    writeFileSync(join(folder, ".store-key.v1"), "x".repeat(32));
    const other = it0.run("palyrad", [], { cwd: work("other-key") });
    assert.deepEqual([other.code, /cannot be opened/.test(other.stderr)], [1, true]);
    rmSync(folder, { recursive: true });
  });

  it("PALYRA_JOURNAL_DB_PATH moves the data, and may not go up", async () => {
    const folder = work("moved");
    const daemon = it0.start("palyrad", [], {
      cwd: folder,
      env: { PALYRA_JOURNAL_DB_PATH: join(it0.folder, "state", "data", "journal.sqlite3") },
    });
    await answer(`http://127.0.0.1:${ports.web}/healthz`);
    await stop(daemon);
    assert.deepEqual(readdirSync(folder), []);
    assert.ok(existsSync(join(it0.folder, "state", "data", "journal.sqlite3")));
    const { code, stderr } = it0.run("palyrad", [], { env: { PALYRA_JOURNAL_DB_PATH: "a/../b" } });
    assert.equal(code, 2);
    assert.match(stderr, /parent folder/);
  });

  it("palyrad --journal-migrate-only makes the journal and ends", () => {
    const folder = work("migrate");
    const { code, stdout } = it0.run("palyrad", ["--journal-migrate-only"], { cwd: folder });
    assert.equal(code, 0);
    assert.equal(stdout, "journal.migration=ok db_path=data/journal.sqlite3 hash_chain_enabled=true\n");
  });

  it("palyrad does not start without the config that is named, without an admin token, or on a taken port", async () => {
    const missing = it0.run("palyrad", [], { env: { PALYRA_CONFIG: join(it0.folder, "none.toml") } });
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /does not exist/);
    const open = join(it0.folder, "open.toml");
    writeFileSync(open, "version = 1\n[admin]\nrequire_auth = true\n");
    const bare = it0.run("palyrad", [], { cwd: work("bare"), env: { PALYRA_CONFIG: open } });
    assert.equal(bare.code, 1);
    assert.match(bare.stderr, /no admin token/);

    const daemon = it0.start("palyrad", [], { cwd: work("first") });
    await answer(`http://127.0.0.1:${ports.web}/healthz`);
    const second = it0.run("palyrad", [], { cwd: work("second") });
    assert.equal(second.code, 1);
    assert.match(second.stderr, /address already in use/);
    await stop(daemon);
    // The token may come from the environment instead.
    const free = await freePorts();
    const given = it0.start("palyrad", ["--port", String(free.web), "--grpc-port", String(free.grpc)], {
      cwd: work("given"),
      env: { PALYRA_CONFIG: open, PALYRA_ADMIN_TOKEN: "t" },
    });
    assert.equal((await answer(`http://127.0.0.1:${free.web}/healthz`)).status, 200);
    assert.equal(await stop(given), 0);
  });

  it("palyrad does not bind outwards without the acknowledgement", () => {
    const { code, stderr } = it0.run("palyrad", ["--bind", "192.0.2.1"], { cwd: work("outwards") });
    assert.equal(code, 1);
    assert.match(stderr, /DANGEROUS_REMOTE_BIND_ACK/);
  });

  it("GET / is 503 when there is no dashboard beside the executable", async () => {
    const web = join(it0.root, "web");
    renameSync(web, `${web}-away`);
    try {
      const daemon = it0.start("palyrad", [], { cwd: work("no-web") });
      assert.equal((await answer(`http://127.0.0.1:${ports.web}/healthz`)).status, 200);
      assert.equal((await answer(`http://127.0.0.1:${ports.web}/`)).status, 503);
      await stop(daemon);
    } finally {
      renameSync(`${web}-away`, web);
    }
  });

  it("palyra-browserd answers on its own two ports, and takes others", async () => {
    const free = await freePorts();
    const daemon = it0.start("palyra-browserd", ["--port", String(free.web), "--grpc-port", String(free.grpc)]);
    assert.equal(JSON.parse((await answer(`http://127.0.0.1:${free.web}/healthz`)).text).service, "palyra-browserd");
    if (process.platform === "linux")
      assert.deepEqual(
        socketsOf(daemon.child.pid!),
        [`tcp 127.0.0.1:${free.grpc}`, `tcp 127.0.0.1:${free.web}`].sort(),
      );
    assert.equal(await stop(daemon), 0);
    const help = it0.run("palyra-browserd", ["--help"]);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /default: 7143[\s\S]*default: 7543/);
  });

  it("palyra-browserd takes a key that is standard base64 of exactly 32 bytes, and no other", async () => {
    const run = (key: string) => it0.run("palyra-browserd", [], { env: { PALYRA_BROWSERD_STATE_ENCRYPTION_KEY: key } });
    for (const key of [
      "0".repeat(64),
      "",
      Buffer.alloc(31).toString("base64"),
      Buffer.alloc(32, 255).toString("base64url"),
      "not base64",
    ]) {
      const { code, stderr } = run(key);
      assert.equal(code, 1, key);
      assert.match(stderr, /PALYRA_BROWSERD_STATE_ENCRYPTION_KEY must decode to exactly 32 bytes/);
    }
    const free = await freePorts();
    const daemon = it0.start("palyra-browserd", ["--port", String(free.web), "--grpc-port", String(free.grpc)], {
      env: { PALYRA_BROWSERD_STATE_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64") },
    });
    assert.equal((await answer(`http://127.0.0.1:${free.web}/healthz`)).status, 200);
    assert.equal(await stop(daemon), 0);
  });

  it("daemons print help with 0 and know no version option, as the real ones", () => {
    for (const name of ["palyrad", "palyra-browserd"]) {
      assert.equal(it0.run(name, ["--help"]).code, 0);
      assert.equal(it0.run(name, ["--version"]).code, 2);
      assert.equal(it0.run(name, ["more"]).code, 2);
    }
  });

  it("the desktop app stays until it is told to close", async () => {
    const app = it0.start("palyra-desktop-control-center");
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(app.child.exitCode, null);
    assert.equal(await stop(app), 0);
  });

  it("listens on the usual ports when nobody says otherwise", async function () {
    const taken = (
      await Promise.all([7142, 7443, 7444, 7143, 7543].map(async (port) => ((await tcpFree(port)) ? [] : [port])))
    ).flat();
    if (taken.length > 0 || !(await udpFree(7444))) {
      process.stdout.write(
        `      skipped: port ${taken[0] ?? "7444/udp"} of this machine is in use, and only the usual ports would show what is meant\n`,
      );
      this.skip();
    }
    const usual = join(it0.folder, "usual.toml");
    it0.palyra("setup", "--mode", "remote", "--path", usual, "--force");
    assert.equal(statSync(usual).isFile(), true);
    const daemon = it0.start("palyrad", [], { cwd: work("usual"), env: { PALYRA_CONFIG: usual } });
    const browser = it0.start("palyra-browserd");
    assert.equal((await answer("http://127.0.0.1:7142/healthz")).status, 200);
    assert.equal((await answer("http://127.0.0.1:7143/healthz")).status, 200);
    if (process.platform === "linux")
      assert.deepEqual(socketsOf(daemon.child.pid!), [
        "tcp 127.0.0.1:7142",
        "tcp 127.0.0.1:7443",
        "tcp 127.0.0.1:7444",
        "udp 127.0.0.1:7444",
      ]);
    assert.deepEqual([await stop(daemon), await stop(browser)], [0, 0]);
    rmSync(usual);
  });
});
