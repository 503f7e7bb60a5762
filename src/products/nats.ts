/** NATS: the messaging server and its CLI, the sample product. Facts from nats-server 2.11.4 and natscli 0.1.6. */
import { holding } from "../checks/json.ts";
import type { Product } from "./product.ts";

const server = "nats://127.0.0.1:4222";

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
          health: { url: "http://127.0.0.1:8222/healthz", json: [{ path: "status", equals: "ok" }] },
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
      {
        name: "publish-subscribe",
        login: true,
        run: [
          `nats -s ${server} sub --count 1 --raw greenlight.smoke >received & sub=$!`,
          // A message that is published before the subscription stands is lost, as it should be: publish until it is seen.
          `for i in 1 2 3 4 5 6 7 8 9 10; do nats -s ${server} pub greenlight.smoke hello >/dev/null 2>&1; kill -0 $sub 2>/dev/null || break; sleep 0.3; done`,
          "wait $sub && cat received",
        ].join("\n"),
        within: 60,
        expect: { stdout: { equals: "hello" } },
      },
    ],
    plant: () => [
      {
        name: "jetstream-write",
        login: true,
        run: [
          `nats -s ${server} stream add PROOF --subjects 'proof.>' --storage file --defaults >/dev/null`,
          `nats -s ${server} req proof.one 'kept across restarts' --raw`,
        ].join("\n"),
        within: 60,
        expect: { stdout: { schema: holding({ stream: "PROOF", seq: 1 }) } },
      },
      {
        name: "jetstream-restart-read",
        login: true,
        run: [
          "systemctl restart nats-server",
          "http_wait http://127.0.0.1:8222/healthz 30 >/dev/null || exit",
          `nats -s ${server} stream get PROOF 1`,
        ].join("\n"),
        within: 60,
        expect: { stdout: { contains: ["kept across restarts"] } },
      },
    ],
    planted: () => [
      {
        name: "jetstream-read",
        login: true,
        run: `nats -s ${server} stream get PROOF 1`,
        within: 60,
        expect: { stdout: { contains: ["kept across restarts"] } },
      },
    ],
    writeLater: () => [
      {
        name: "jetstream-write-later",
        login: true,
        run: `nats -s ${server} req proof.two 'after the upgrade' --raw`,
        within: 60,
        expect: { stdout: { schema: holding({ stream: "PROOF", seq: 2 }) } },
      },
    ],
    laterIsGone: () => [
      {
        name: "jetstream-later-is-gone",
        login: true,
        run: `nats -s ${server} stream info PROOF --json`,
        within: 60,
        expect: { stdout: { schema: holding({ "state.messages": 1, "state.last_seq": 1 }) } },
      },
    ],
  },
  sample: "samples/nats/build.mjs",
};
