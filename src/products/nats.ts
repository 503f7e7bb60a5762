/** NATS: the messaging server and its CLI, the sample product. Facts from nats-server 2.11.4 and natscli 0.1.6. */
import type { Check } from "../checks/check.ts";
import { guest } from "../checks/guest.ts";
import { holding } from "../checks/json.ts";
import type { Product } from "./product.ts";

const server = "nats://127.0.0.1:4222";

/** A command of `nats` to the server of the machine. */
const asked = (...words: string[]): string[] => ["nats", "-s", server, ...words];

/** A check as somebody would type it who has just logged in. */
const command = (name: string, run: Check["run"], expect: Check["expect"]): Check => ({
  name,
  login: true,
  run,
  within: 60,
  expect,
});

/** The message that was written first. */
const kept = { stdout: { contains: ["kept across restarts"] } };

export const nats: Product = {
  name: "nats",
  title: "NATS",
  licence: "Apache-2.0",
  kinds: {
    server: {
      binaries: ["nats-server", "nats"],
      // Contexts and plug-ins of the command, in the home of whoever calls it.
      keeps: ["{home}/.config/nats"],
      // The stream that is planted; the server puts a folder of its own into the one it is given. What is in it is read through
      // the command (below): its files are the server's to rewrite.
      kept: [{ how: "sealed", path: "{state}/jetstream/jetstream/$G/streams/PROOF/meta.inf" }],
      services: [
        {
          name: "nats-server",
          description: "NATS messaging server",
          binary: "nats-server",
          args: "-c {config}/nats-server.conf",
          user: "nats",
          stateFolder: "/var/lib/nats",
          stateAccess: { owner: "{user}:{user}", mode: "0750" },
          configFolder: "/etc/nats",
          configFiles: {
            "nats-server.conf": [
              "# NATS server, on this machine only. Change `listen` to serve others, and then add authorization.",
              "listen: 127.0.0.1:4222",
              "http: 127.0.0.1:8222",
              "jetstream { store_dir: /var/lib/nats/jetstream }",
              "",
            ].join("\n"),
          },
          environment: { GOMEMLIMIT: "256MiB" },
          health: {
            url: "http://127.0.0.1:8222/healthz",
            json: [{ path: "status", equals: "ok" }],
            moved: { file: "nats-server.conf", settings: ["http", "http_port", "monitor_port"] },
          },
          identity: { url: "http://127.0.0.1:8222/varz", path: "version" },
          listens: [
            { address: "127.0.0.1", port: 4222 },
            { address: "127.0.0.1", port: 8222 },
          ],
        },
      ],
    },
  },
  binaries: {
    "nats-server": {
      role: "daemon",
      onPath: true,
      version: { args: "--version", prints: "nats-server: v{version}" },
      help: { args: "--help", contains: ["Usage: nats-server", "--jetstream"] },
    },
    nats: {
      role: "cli",
      onPath: true,
      version: { args: "--version", prints: "{version}" },
      ownVersion: true,
      help: { args: "--help", contains: ["usage: nats", "stream", "pub", "sub"] },
    },
  },
  checks: {
    smoke: () => [
      command("publish-subscribe", guest(import.meta.url, "nats-smoke", server), { stdout: { equals: "hello" } }),
    ],
    plant: () => [
      {
        ...command("jetstream-write", [], {}),
        steps: [
          {
            id: "stream",
            run: asked("stream", "add", "PROOF", "--subjects", "proof.>", "--storage", "file", "--defaults"),
          },
          {
            id: "message",
            run: asked("req", "proof.one", "kept across restarts", "--raw"),
            expect: { stdout: { schema: holding({ stream: "PROOF", seq: 1 }) } },
          },
        ],
      },
      {
        ...command("jetstream-restart-read", [], {}),
        steps: [
          { id: "restart", run: ["systemctl", "restart", "nats-server"] },
          { id: "ready", run: ["http_wait", "http://127.0.0.1:8222/healthz", "30"] },
          { id: "read", run: asked("stream", "get", "PROOF", "1"), expect: kept },
        ],
      },
    ],
    planted: () => [command("jetstream-read", asked("stream", "get", "PROOF", "1"), kept)],
    // Larger than what is left of a page in a file system that is full.
    write: () => asked("req", "proof.more", "{{Random 5000 5000}}", "--raw"),
    writeLater: () => [
      command("jetstream-write-later", asked("req", "proof.two", "after the upgrade", "--raw"), {
        stdout: { schema: holding({ stream: "PROOF", seq: 2 }) },
      }),
    ],
    laterIsGone: () => [
      command("jetstream-later-is-gone", asked("stream", "info", "PROOF", "--json"), {
        stdout: { schema: holding({ "state.messages": 1, "state.last_seq": 1 }) },
      }),
    ],
  },
  sample: "samples/nats/build.mjs",
};
