/** How a server is reached, recognised and told who we are. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PluginClient } from "../plugin-client.ts";
import { freePort, startSshd } from "../sshd.ts";
import { failureOf, remoteCommand, took, type Case } from "./case.ts";

export const connectionCases: Case[] = [
  {
    name: "a server with another host key than the one named is refused",
    async run({ plugin, connection, sshd }) {
      const text = await failureOf(
        plugin.create(remoteCommand, {
          connection: connection({ hostKey: sshd.strangerKey, dialErrorLimit: 1 }),
          create: "true",
        }),
      );
      assert.match(text, /host key mismatch/);
    },
  },
  {
    name: "a wrong host key fails at once, whatever the limit of tries",
    real: "tries again until the limit, 11 s with the default",
    async run({ plugin, connection, sshd }) {
      const ms = await took(
        plugin.create(remoteCommand, {
          connection: connection({ hostKey: sshd.strangerKey, dialErrorLimit: 60 }),
          create: "true",
        }),
      );
      assert.ok(ms < 3_000, `${ms} ms`);
    },
  },
  {
    name: "an RSA host key can be named",
    real: "asks for SHA-1 signatures alone, which OpenSSH has refused since 8.8",
    async run({ plugin, connection, sshd }) {
      const made = await plugin.create(remoteCommand, {
        connection: connection({ hostKey: sshd.rsaHostKey }),
        create: "echo in",
      });
      assert.equal(made.outputs["stdout"], "in");
    },
  },
  {
    name: "without a host key any server is taken",
    async run({ plugin, connection }) {
      const { hostKey: _, ...open } = connection();
      assert.equal(
        (await plugin.create(remoteCommand, { connection: open, create: "echo in" })).outputs["stdout"],
        "in",
      );
    },
  },
  {
    name: "a port where nobody listens fails after the limit of tries, and says so",
    async run({ plugin, connection }) {
      const port = await freePort();
      const text = await failureOf(
        plugin.create(remoteCommand, { connection: connection({ port, dialErrorLimit: 2 }), create: "true" }),
      );
      assert.match(text, /after 2 failed attempts: dial tcp 127\.0\.0\.1:\d+: connect: connection refused/);
    },
  },
  {
    name: "a server that comes up while it is tried is reached",
    async run({ plugin }) {
      let port = 0;
      const late = freePort().then(async (p) => {
        port = p;
        await sleep(600);
        return await startSshd([`Port ${p}`, `ListenAddress 127.0.0.1:${p}`]);
      });
      await sleep(50);
      const given = { host: "127.0.0.1", port, dialErrorLimit: 30 };
      // The key is made with the server: so this waits for a refusal of the key, which counts as a failed try, and then for the server.
      const early = plugin
        .create(remoteCommand, {
          connection: { ...given, user: "nobody", password: "wrong", dialErrorLimit: 7 },
          create: "true",
        })
        .catch((e: Error) => e.message);
      const server = await late;
      try {
        const made = await plugin.create(remoteCommand, {
          connection: { ...given, user: server.user, privateKey: server.privateKey, hostKey: server.hostKey },
          create: "echo up",
        });
        assert.equal(made.outputs["stdout"], "up");
        // That it fails is what counts: of a refused password the real plugin says `unexpected message type 51`.
        assert.equal(typeof (await early), "string");
      } finally {
        await server.stop();
      }
    },
  },
  {
    name: "a server that takes the connection and says nothing is given up after perDialTimeout",
    real: "waits for ever: its limit covers the TCP connection only",
    async run({ plugin, connection }) {
      const sockets: Socket[] = [];
      const silent = createServer((socket) => sockets.push(socket.on("error", () => {})));
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      try {
        const { port } = silent.address() as { port: number };
        const call = plugin.create(remoteCommand, {
          connection: connection({ port, perDialTimeout: 1, dialErrorLimit: 1 }),
          create: "true",
        });
        const [text, ms] = await Promise.all([failureOf(call), took(call)]);
        assert.match(text, /did not answer within 1 s/);
        assert.ok(ms < 4_000, `${ms} ms`);
      } finally {
        for (const socket of sockets) socket.destroy();
        silent.close();
      }
    },
  },
  {
    name: "a key that the server does not know is refused, in words that name the methods",
    async run({ plugin, connection, folder }) {
      spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "key")]);
      const { readFileSync } = await import("node:fs");
      const text = await failureOf(
        plugin.create(remoteCommand, {
          connection: connection({ privateKey: readFileSync(join(folder, "key"), "utf8"), dialErrorLimit: 0 }),
          create: "true",
        }),
      );
      assert.match(text, /unable to authenticate.*attempted methods \[none publickey\]/);
    },
  },
  {
    name: "a private key that cannot be read fails without a try",
    async run({ plugin, connection }) {
      const call = plugin.create(remoteCommand, {
        connection: connection({ privateKey: "not a key" }),
        create: "true",
      });
      const [, ms] = await Promise.all([failureOf(call), took(call)]);
      assert.ok(ms < 2_000, `${ms} ms`);
    },
  },
  {
    name: "an encrypted private key is opened with its password",
    async run({ plugin, connection, sshd }) {
      const locked = connection({ privateKey: sshd.encryptedKey, privateKeyPassword: sshd.keyPassword });
      assert.equal(
        (await plugin.create(remoteCommand, { connection: locked, create: "echo in" })).outputs["stdout"],
        "in",
      );
    },
  },
  {
    name: "an agent's key is used: agentSocketPath, and SSH_AUTH_SOCK without it",
    async run({ connection, sshd, folder, plugin }) {
      const socket = join(folder, "agent.sock");
      const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
      try {
        writeFileSync(join(folder, "key"), sshd.privateKey, { mode: 0o600 });
        for (
          let i = 0;
          i < 50 &&
          spawnSync("ssh-add", [join(folder, "key")], { env: { ...process.env, SSH_AUTH_SOCK: socket } }).status !== 0;
          i++
        )
          await sleep(50);
        const { privateKey: _, ...keyless } = connection();
        assert.equal(
          (
            await plugin.create(remoteCommand, {
              connection: { ...keyless, agentSocketPath: socket },
              create: "echo in",
            })
          ).outputs["stdout"],
          "in",
        );
        const other = await PluginClient.start({ SSH_AUTH_SOCK: socket });
        try {
          assert.equal(
            (await other.create(remoteCommand, { connection: keyless, create: "echo in" })).outputs["stdout"],
            "in",
          );
        } finally {
          await other.stop();
        }
      } finally {
        agent.kill();
      }
    },
  },
  {
    name: "a stale SSH_AUTH_SOCK does no harm where there is a private key",
    real: "fails: it dials the agent in any case",
    async run({ connection, folder }) {
      const other = await PluginClient.start({ SSH_AUTH_SOCK: join(folder, "gone.sock") });
      try {
        assert.equal(
          (await other.create(remoteCommand, { connection: connection(), create: "echo in" })).outputs["stdout"],
          "in",
        );
      } finally {
        await other.stop();
      }
    },
  },
  {
    name: "a server is reached through another one, and a proxy's fault is said to be the proxy's",
    async run({ plugin, connection }) {
      const jump = await startSshd();
      try {
        const proxy = {
          host: jump.host,
          port: jump.port,
          user: jump.user,
          privateKey: jump.privateKey,
          hostKey: jump.hostKey,
        };
        const made = await plugin.create(remoteCommand, {
          connection: connection({ proxy }),
          create: "echo $SSH_CONNECTION",
        });
        assert.match(made.outputs["stdout"] as string, /^127\.0\.0\.1 /);
        const text = await failureOf(
          plugin.create(remoteCommand, {
            connection: connection({ proxy: { ...proxy, port: await freePort(), dialErrorLimit: 0 } }),
            create: "true",
          }),
        );
        assert.match(text, /^proxy: .*connection refused/);
      } finally {
        await jump.stop();
      }
    },
  },
];
