/** Every fault that the stand-in can be seeded with shows, each in the place where a release would go wrong. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answer, Installed, tcpFree, udpFree, type Ports } from "./installed.ts";

const known = Object.keys(
  JSON.parse(readFileSync(join(import.meta.dirname, "faults.json"), "utf8")) as Record<string, string>,
);

describe("the stand-in's faults", function () {
  this.timeout(300_000);
  let it0: Installed;
  let ports: Ports;
  before(async () => {
    it0 = await Installed.of();
    ports = await it0.configured();
  });
  after(() => it0?.remove());

  const seeded = (fault: string, ...args: string[]) =>
    it0.run("palyra", args, { env: { PALYRA_STANDIN_FAULTS: fault } });
  const work = (name: string): string => {
    const folder = join(it0.folder, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  const start = (fault: string) =>
    it0.start("palyrad", [], { cwd: work(`w-${fault}`), env: { PALYRA_STANDIN_FAULTS: fault } });
  const url = (path: string): string => `http://127.0.0.1:${ports.web}${path}`;
  /** Runs palyrad with the fault while `look` looks; answers how it ended after SIGTERM. */
  const during = async (fault: string, look: (daemon: ReturnType<typeof start>) => Promise<unknown>) => {
    const daemon = start(fault);
    await answer(url("/healthz"));
    await look(daemon);
    daemon.child.kill("SIGTERM");
    return daemon.ended;
  };
  const health = async () => JSON.parse((await answer(url("/healthz"))).text);

  const shows: Record<string, () => unknown> = {
    "version-mismatch": async () => {
      assert.match(seeded("version-mismatch", "version").stdout, /version=9\.9\.9 /);
      await during("version-mismatch", async () => assert.equal((await health()).version, "9.9.9"));
    },
    "cli-version-mismatch": async () => {
      assert.match(seeded("cli-version-mismatch", "version").stdout, /version=9\.9\.9 /);
      await during("cli-version-mismatch", async () => assert.equal((await health()).version, "0.1.0"));
    },
    "healthz-version-mismatch": async () => {
      assert.match(seeded("healthz-version-mismatch", "version").stdout, /version=0\.1\.0 /);
      await during("healthz-version-mismatch", async () => assert.equal((await health()).version, "9.9.9"));
    },
    "git-hash-mismatch": async () => {
      assert.match(seeded("git-hash-mismatch", "version").stdout, /git_hash=0badc0de0bad /);
      await during("git-hash-mismatch", async () => assert.equal((await health()).git_hash, "0badc0de0bad"));
    },
    "group-help-fails": () => {
      assert.equal(seeded("group-help-fails", "gateway", "--help").code, 1);
      assert.equal(seeded("group-help-fails", "node", "--help").code, 0);
    },
    "help-differs": () =>
      assert.notEqual(seeded("help-differs", "node", "--help").stdout, it0.palyra("node", "--help").stdout),
    "subcommand-help-differs": () =>
      assert.notEqual(
        seeded("subcommand-help-differs", "skills", "list", "--help").stdout,
        it0.palyra("skills", "list", "--help").stdout,
      ),
    "command-unlisted": () => assert.match(seeded("command-unlisted", "--help").stdout, /^  stowaway/m),
    "config-set-ignored": () => {
      const before = readFileSync(it0.config, "utf8");
      assert.equal(
        seeded("config-set-ignored", "config", "set", "--key", "networked_workers.lease_ttl_ms", "--value", "5").code,
        0,
      );
      assert.equal(readFileSync(it0.config, "utf8"), before);
    },
    "dry-run-writes": () => {
      assert.equal(seeded("dry-run-writes", "update", "--dry-run").code, 0);
      assert.ok(existsSync(join(it0.root, "update-plan.tmp")));
    },
    "desktop-ends": async () =>
      assert.equal(
        await it0.start("palyra-desktop-control-center", [], { env: { PALYRA_STANDIN_FAULTS: "desktop-ends" } }).ended,
        0,
      ),
    "new-identity": async () => {
      const identity = () => readFileSync(join(it0.env["PALYRA_STATE_ROOT"]!, "identity", ".store-key.v1"), "hex");
      await during("plain-logs", async () => undefined);
      const first = identity();
      await during("plain-logs", async () => undefined);
      assert.equal(identity(), first);
      await during("new-identity", async () => assert.notEqual(identity(), first));
    },
    "log-left": async () => {
      await during("log-left", async () => undefined);
      assert.ok(existsSync(join(it0.folder, "w-log-left", "data", "journal.sqlite3-wal")));
    },
    "state-readable": () =>
      during("state-readable", async () => assert.equal(statSync(it0.env["PALYRA_STATE_ROOT"]!).mode & 0o777, 0o755)),
    "help-fails": () => assert.equal(seeded("help-fails", "--help").code, 1),
    "setup-prints-token": () =>
      assert.match(
        seeded("setup-prints-token", "setup", "--path", join(it0.folder, "token.toml")).stdout,
        /palyra_admin_/,
      ),
    "capability-open": () => {
      const path = join(it0.folder, "open.toml");
      assert.equal(seeded("capability-open", "setup", "--path", path).code, 0);
      assert.match(readFileSync(path, "utf8"), /^\[feature_rollouts\]\nflow_orchestration = true$/m);
    },
    "setup-fails": () => {
      const path = join(it0.folder, "half.toml");
      assert.equal(seeded("setup-fails", "setup", "--path", path).code, 1);
      assert.ok(existsSync(path));
    },
    "config-invalid": () => assert.equal(seeded("config-invalid", "config", "validate").code, 2),
    "doctor-broken": () => assert.throws(() => JSON.parse(seeded("doctor-broken", "doctor", "--json").stdout)),
    "doctor-complains": () => {
      const { code, stdout } = seeded("doctor-complains", "doctor", "--json");
      const { checks, summary } = JSON.parse(stdout).diagnostics;
      assert.deepEqual(
        [code, checks.find((check: any) => check.key === "memory_embeddings_model_configured").ok],
        [0, false],
      );
      assert.ok(summary.required_checks_failed > 0);
    },
    "version-unnamed": () => assert.match(seeded("version-unnamed", "version").stdout, /^name=palyra 0\.1\.0 /),
    "version-twice": () =>
      assert.match(seeded("version-twice", "version").stdout, / version=0\.1\.0 .* version=9\.9\.9$/m),
    "version-text-mismatch": () =>
      assert.match(seeded("version-text-mismatch", "version").stdout, / git_hash=0badc0de0bad /),
    "middle-page-differs": () =>
      assert.match(seeded("middle-page-differs", "browser", "tabs", "open", "--help").stdout, /in no package/),
    "doctor-as-developer": () => {
      const record = join(it0.root, "install-metadata.json");
      writeFileSync(record, "{}");
      assert.equal(JSON.parse(seeded("doctor-as-developer", "doctor", "--json").stdout).diagnostics.checks.length, 22);
      rmSync(record);
    },
    "doctor-elsewhere": () =>
      assert.equal(
        JSON.parse(seeded("doctor-elsewhere", "doctor", "--json").stdout).diagnostics.config.path,
        "/nowhere/palyra.toml",
      ),
    "doctor-migrates": () =>
      assert.equal(
        JSON.parse(seeded("doctor-migrates", "doctor", "--json").stdout).diagnostics.config.migration
          .requires_writeback,
        true,
      ),
    "docs-missing": () => assert.equal(seeded("docs-missing", "docs", "search", "gateway").code, 8),
    "secret-altered": () => {
      it0.run("palyra", ["secrets", "set", "global", "k", "--value-stdin"], { input: "v" });
      assert.notEqual(seeded("secret-altered", "secrets", "get", "global", "k", "--reveal").stdout, "v");
    },
    "configure-prints-secret": () => {
      const configured = it0.run(
        "palyra",
        ["secrets", "configure", "openai-api-key", "global", "o", "--value-stdin", "--json"],
        { input: "sk-of-nobody", env: { PALYRA_STANDIN_FAULTS: "configure-prints-secret" } },
      );
      assert.match(configured.stdout, /sk-of-nobody/);
    },
    "models-forgotten": () => {
      assert.equal(seeded("models-forgotten", "models", "set", "some-model").code, 0);
      assert.doesNotMatch(it0.palyra("models", "status").stdout, /some-model/);
    },
    "patch-dry-run-writes": () => {
      const file = join(work("patched"), "notes.txt");
      writeFileSync(file, "as it was\n");
      const input = `*** Begin Patch\n*** Update File: ${file}\n*** End Patch\n`;
      assert.equal(
        it0.run("palyra", ["patch", "apply", "--stdin", "--dry-run"], {
          input,
          env: { PALYRA_STANDIN_FAULTS: "patch-dry-run-writes" },
        }).code,
        0,
      );
      assert.notEqual(readFileSync(file, "utf8"), "as it was\n");
    },
    "any-id-valid": () => assert.equal(seeded("any-id-valid", "protocol", "validate-id", "--id", "none").code, 0),
    "preflight-blocked": () =>
      assert.equal(
        JSON.parse(seeded("preflight-blocked", "deployment", "preflight", "--json").stdout).status,
        "blocked",
      ),
    "promotion-blocked": () =>
      assert.equal(
        JSON.parse(
          seeded("promotion-blocked", "deployment", "promotion-check", "--deployment-profile", "single-vm", "--json")
            .stdout,
        ).status,
        "blocked",
      ),
    "promotion-open": () =>
      assert.equal(
        JSON.parse(
          seeded("promotion-open", "deployment", "promotion-check", "--deployment-profile", "worker-enabled", "--json")
            .stdout,
        ).status,
        "ready_for_staging",
      ),
    "recipe-incomplete": () =>
      assert.doesNotMatch(
        seeded(
          "recipe-incomplete",
          "deployment",
          "recipe",
          "--deployment-profile",
          "single-vm",
          "--output-dir",
          work("r"),
        ).stdout,
        /palyra\.env/,
      ),
    "crash-at-start": async () => assert.equal(await start("crash-at-start").ended, 1),
    "crash-later": async () => {
      const daemon = start("crash-later");
      await answer(url("/healthz"));
      assert.equal(await daemon.ended, 1);
    },
    "dies-at-reboot": async () => {
      await during("dies-at-reboot", async () => undefined);
      const note = join(it0.folder, "w-dies-at-reboot", "data", "first-boot");
      const again = () =>
        it0.start("palyrad", [], {
          cwd: join(it0.folder, "w-dies-at-reboot"),
          env: { PALYRA_STANDIN_FAULTS: "dies-at-reboot" },
        });
      const daemon = again();
      await answer(url("/healthz"));
      daemon.child.kill("SIGTERM");
      assert.equal(await daemon.ended, 0, "in the same boot it starts again");
      writeFileSync(note, String(Number(readFileSync(note, "utf8")) - 60));
      assert.equal(await again().ended, 1);
    },
    "dumps-core": async () => {
      // As the helper: of no other is the end seen.
      const { ended } = it0.start("palyrad", ["--seeded-crash"], {
        env: { PALYRA_STANDIN_FAULTS: "dumps-core" },
        cwd: work("core"),
      });
      assert.equal(await ended, "SIGABRT");
    },
    "build-path": () =>
      during("build-path", async () => {
        assert.match((await answer(url("/"))).text, /\/build\/palyra/);
        assert.equal(seeded("build-path", "docs", "search", "gateway").code, 8);
      }),
    "commands-litter": () => {
      seeded("commands-litter", "version");
      assert.ok(existsSync(join(it0.folder, ".palyra-called")));
    },
    "slow-start": async () => {
      const daemon = start("slow-start");
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.ok(await tcpFree(ports.web), "nobody listens yet");
      daemon.child.kill("SIGKILL");
      await daemon.ended;
    },
    unhealthy: () =>
      during("unhealthy", async () => {
        const { status, text } = await answer(url("/healthz"));
        assert.deepEqual([status, JSON.parse(text).status], [503, "degraded"]);
      }),
    "admin-refuses": () =>
      during("admin-refuses", async () => {
        const token = /^auth_token = "(.*)"$/m.exec(readFileSync(it0.config, "utf8"))![1]!;
        assert.equal(
          (await fetch(url("/admin/v1/status"), { headers: { authorization: `Bearer ${token}` } })).status,
          401,
        );
      }),
    "no-grpc": () => during("no-grpc", async () => assert.equal(it0.palyra("health").code, 4)),
    "no-quic": () => during("no-quic", async () => assert.ok(await udpFree(ports.grpc + 1))),
    "extra-socket": () => during("extra-socket", async () => assert.equal(await tcpFree(7999), undefined)),
    "no-dashboard": () => during("no-dashboard", async () => assert.equal((await answer(url("/"))).status, 503)),
    "plain-logs": () =>
      during("plain-logs", async (daemon) => assert.throws(() => JSON.parse(daemon.output().split("\n")[0]!))),
    "token-in-log": () => during("token-in-log", async (daemon) => assert.match(daemon.output(), /palyra_admin_/)),
    deaf: async () => {
      const daemon = start("deaf");
      await answer(url("/healthz"));
      daemon.child.kill("SIGTERM");
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.equal((await answer(url("/healthz"))).status, 200);
      daemon.child.kill("SIGKILL");
      await daemon.ended;
    },
    "bad-goodbye": async () => assert.equal(await during("bad-goodbye", async () => undefined), 3),
    "trusts-lock": async () => {
      const killed = start("trusts-lock");
      await answer(url("/healthz"));
      killed.child.kill("SIGKILL");
      await killed.ended;
      const env = { PALYRA_STANDIN_FAULTS: "trusts-lock" };
      assert.equal(await it0.start("palyrad", [], { cwd: join(it0.folder, "w-trusts-lock"), env }).ended, 1);
    },
    litter: () => during("litter", async () => assert.ok(existsSync(join(it0.folder, ".palyra-litter", "cache")))),
  };

  /** Seen by other tests, or only on machines, where they harm nobody and time is taken for them. */
  const elsewhere = {
    ...{
      "migration-fails": "journal.test.ts",
      "loses-on-migration": "journal.test.ts",
      "changes-on-migration": "journal.test.ts",
      "alters-on-migration": "journal.test.ts",
      forgets: "journal.test.ts",
    },
    ...{ "new-ca": "daemon.test.ts" },
    ...{ "wide-open": "machines", "calls-out": "machines", "dies-late": "machines", "stays-behind": "machines" },
    ...{ "drops-when-full": "machines", "syncs-half": "machines" },
    ...{ "fears-the-past": "machines", "link-shy": "machines" },
  };

  it("are all looked at", () => {
    assert.deepEqual([...Object.keys(shows), ...Object.keys(elsewhere)].sort(), [...known].sort());
  });

  for (const [fault, look] of Object.entries(shows)) it(fault, look as () => Promise<void>);

  it("end the program when one is not known, since such a seed would prove nothing", () => {
    const { code, stderr } = seeded("no-such-fault", "version");
    assert.equal(code, 1);
    assert.match(stderr, /no fault is named no-such-fault/);
  });
});
