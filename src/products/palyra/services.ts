/** Both daemons narrow their state folders to this when they start. */
const stateAccess = { owner: "{user}:{user}", mode: "0700" };

/** The services of a headless Palyra: the daemon and the browser service, both as one user, both on this machine only. */
import type { Service } from "../product.ts";

/** Where the daemon answers over HTTP, and the browser service. */
export const gateway = "http://127.0.0.1:7142";
export const browser = "http://127.0.0.1:7143";

export const services: Service[] = [
  {
    name: "palyrad",
    description: "Palyra daemon",
    binary: "palyrad",
    args: "",
    user: "palyra",
    stateFolder: "/var/lib/palyra",
    stateAccess,
    configFolder: "/etc/palyra",
    configFiles: {},
    environment: {
      PALYRA_CONFIG: "{config}/palyra.toml",
      PALYRA_STATE_ROOT: "{state}",
      // Otherwise the journal lies relative to the working directory.
      PALYRA_JOURNAL_DB_PATH: "{state}/data/journal.sqlite3",
      PALYRA_DEPLOYMENT_PROFILE: "single-vm",
      PALYRA_DEPLOYMENT_MODE: "remote_vps",
      PALYRA_GATEWAY_BIND_PROFILE: "loopback_only",
      PALYRA_ADMIN_REQUIRE_AUTH: "true",
      PALYRA_GATEWAY_DANGEROUS_REMOTE_BIND_ACK: "false",
      PALYRA_GATEWAY_TLS_ENABLED: "false",
      PALYRA_BROWSER_SERVICE_ENABLED: "false",
      PALYRA_BROWSER_SERVICE_ENDPOINT: "http://127.0.0.1:7543",
      PALYRA_EXPERIMENTAL_NETWORKED_WORKERS: "false",
      PALYRA_EXPERIMENTAL_EXECUTION_BACKEND_NETWORKED_WORKER: "false",
    },
    health: {
      url: `${gateway}/healthz`,
      json: [
        { path: "service", equals: "palyrad" },
        { path: "status", equals: "ok" },
      ],
    },
    identity: { url: `${gateway}/healthz`, path: "version" },
    // HTTP, gRPC, the nodes' gRPC and QUIC.
    listens: [
      { address: "127.0.0.1", port: 7142 },
      { address: "127.0.0.1", port: 7443 },
      { address: "127.0.0.1", port: 7444 },
      { address: "127.0.0.1", port: 7444, protocol: "udp" },
    ],
  },
  {
    name: "palyra-browserd",
    description: "Palyra browser service",
    binary: "palyra-browserd",
    args: "--bind 127.0.0.1 --port 7143 --grpc-bind 127.0.0.1 --grpc-port 7543",
    user: "palyra",
    stateFolder: "/var/lib/palyra/browserd",
    stateAccess,
    configFolder: "/etc/palyra",
    configFiles: {},
    environment: {
      PALYRA_CONFIG: "{config}/palyra.toml",
      PALYRA_STATE_ROOT: "/var/lib/palyra",
      PALYRA_BROWSERD_STATE_DIR: "{state}",
      PALYRA_BROWSERD_ENGINE_MODE: "chromium",
    },
    secrets: [{ name: "PALYRA_BROWSERD_STATE_ENCRYPTION_KEY", bytes: 32, encoding: "base64" }],
    hostPrograms: ["chromium"],
    health: {
      url: `${browser}/healthz`,
      json: [
        { path: "service", equals: "palyra-browserd" },
        { path: "status", equals: "ok" },
      ],
    },
    identity: { url: `${browser}/healthz`, path: "version" },
    listens: [
      { address: "127.0.0.1", port: 7143 },
      { address: "127.0.0.1", port: 7543 },
    ],
  },
];
