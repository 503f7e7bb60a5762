import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placesOf, productNamed } from "../../src/products/index.ts";
import {
  hasSecrets,
  judgeSuite,
  secretsSuite,
  type Check,
  type Lifecycle,
  type Suite,
} from "../../src/suites/index.ts";
import { runHere, temporaryFolder, textOf } from "./on-host.ts";

const token = "palyra_admin_01ARZ3NDEKTSV4RRFFQ69G5FAV_01BX5ZZKBKACTAV9WEVGEMMVRZ";
const key = "0f".repeat(32);

const product = productNamed("palyra");
const kind = product.kinds["headless"]!;
const subject = {
  product: "palyra",
  kind: "headless",
  version: "1.2.3",
  binaryVersions: {},
  platform: "linux-x64",
  sha256: "d".repeat(64),
  base: "b",
};

/** What is done on the machine before the suite looks; `$place` is a folder that stands for all of its file system, `$hidden` one for the test alone. */
interface Leak {
  /** a check of another suite that ran before */
  earlier?: string;
  /** files that it brings back */
  files?: string[];
  /** in the background while the suite looks */
  meanwhile?: string;
  /** what journalctl prints with every field, and as lines */
  fields?: string;
  lines?: string;
  /** what systemctl show prints */
  settings?: string;
  /** changed text of the suite's own checks */
  change?: (check: Check) => Check;
  config?: { mode?: number; text?: string };
}

/** The suite on a machine with such a leak: check → `passed` or what was observed, and everything that was printed. */
async function looked(leak: Leak): Promise<{ found: Record<string, string>; all: string }> {
  const folder = temporaryFolder();
  const place = mkdtempSync(join(tmpdir(), "greenlight-place-"));
  after(() => rmSync(place, { recursive: true, force: true }));
  chmodSync(place, 0o755);
  const at = { ...placesOf(product, kind), config: join(place, "etc"), root: join(place, "opt") };
  for (const path of [at.config, at.root, join(folder, "notes")]) mkdirSync(path, { recursive: true });
  const { mode = 0o600, text = `[admin]\nauth_token = "${token}"\n` } = leak.config ?? {};
  writeFileSync(join(at.config, "palyra.toml"), text, { mode });
  chmodSync(join(at.config, "palyra.toml"), mode);
  writeFileSync(
    join(at.config, "palyra-browserd.secrets"),
    `# made once\nPALYRA_BROWSERD_STATE_ENCRYPTION_KEY="${key}"\n`,
    { mode: 0o600 },
  );
  const services = kind.services.map((service) => ({ ...service, configFolder: at.config }));
  const life: Lifecycle = {
    product,
    kind: { ...kind, services },
    subject,
    files: { installer: "/i", archivePath: "/a", soakSeconds: 0 },
    at,
  };
  // Leaks come from files that others cannot read: the texts of checks are readable, and would be leaks themselves.
  const hidden = join(place, "hidden");
  mkdirSync(hidden, { mode: 0o700 });
  mkdirSync(join(place, "log"));
  const hide = (name: string, said = ""): void => writeFileSync(join(hidden, name), `${said}\n`);
  hide("token", token);
  hide("key", key);
  hide("fields", leak.fields);
  hide("lines", leak.lines);
  hide("settings", leak.settings);
  const stubs = [
    `place=${place} hidden=${hidden}`,
    `logger() { echo "$3" >"$greenlight/notes/logged"; }`,
    `journalctl() { case "$*" in *export*) cat "$hidden/fields" "$greenlight/notes/logged" ;; *) cat "$hidden/lines" ;; esac; }`,
    'systemctl() { cat "$hidden/settings"; }',
  ].join("\n");
  const here = (check: Check): Check => ({
    ...check,
    run: `${stubs}\n${textOf(check).replace("readable-files / /run /dev/shm", 'readable-files "$greenlight" "$place"').replace("/var/log", '"$place/log"')}`,
  });
  const suite = secretsSuite(life);
  const change = leak.change ?? ((check) => check);
  const checks = suite.checks.map((check) =>
    change(
      here({
        ...check,
        ...(check.name === "processes" && leak.meanwhile ? { run: `${leak.meanwhile}\n${textOf(check)}` } : {}),
      }),
    ),
  );
  const earlier: Suite = {
    name: "install",
    checks: [{ name: "install", run: `${stubs}\n${leak.earlier ?? ":"}`, expect: {}, files: leak.files ?? [] }],
  };
  const { record, run } = await runHere([earlier, { ...suite, checks }], { host: { folder } });
  assert.equal(existsSync(join(folder, "notes/secrets")), false);
  const found = judgeSuite(suite, record).checks.map(({ check, status, observed }) => [
    check,
    status === "passed" ? "passed" : observed!,
  ]);
  const all = record.checks
    .filter((check) => check.suite === "secrets")
    .map((check) => Buffer.from(check.stdout.head + check.stderr.head, "base64").toString("latin1"))
    .join("\n");
  return { found: Object.fromEntries(found) as Record<string, string>, all: all + run.stderr };
}

const passed = {
  known: "passed",
  "files-private": "passed",
  journal: "passed",
  processes: "passed",
  "readable-files": "passed",
  printed: "passed",
  forgotten: "passed",
};

describe("the secrets suite", function () {
  this.timeout(120_000);
  before(function () {
    // It looks as somebody else, which takes root.
    if (process.getuid!() !== 0) this.skip();
  });

  it("is green when every secret is where it belongs, and prints none", async () => {
    const { found, all } = await looked({});
    assert.deepEqual(found, passed);
    for (const secret of [token, key]) assert.ok(!all.includes(secret));
  });

  const cases: [what: string, leak: Leak, check: string, observed: RegExp][] = [
    [
      "a field of the journal",
      { fields: `_CMDLINE=palyrad --admin-token ${token}` },
      "journal",
      /in the journal: admin token/,
    ],
    [
      "a message in the journal",
      { fields: `MESSAGE=${token}`, lines: `2026-01-02T03:04:05+0000 machine palyrad[7]: token ${token}` },
      "journal",
      /in the journal: admin token\\nsaid by palyrad/,
    ],
    [
      "a command line",
      { meanwhile: `sh -c 'sleep 3; :' "$(cat "$hidden/key")" & sleep 0.3` },
      "processes",
      /cmdline of sh: secret environment of palyra-browserd/,
    ],
    [
      "the environment of a stranger's process",
      {
        meanwhile: `TOKEN=$(cat "$hidden/token") setpriv --reuid=nobody --regid=nogroup --clear-groups sleep 3 & sleep 0.3`,
      },
      "processes",
      /environ of sleep: admin token/,
    ],
    [
      "the settings of a unit",
      { settings: `Environment=TOKEN=${token}` },
      "processes",
      /settings of units: admin token/,
    ],
    [
      "a file that everybody may read",
      { earlier: `cp "$place/etc/palyra.toml" "$place/copy"; chmod 644 "$place/copy"` },
      "readable-files",
      /place-\w+\/copy: admin token/,
    ],
    [
      "the installer's log",
      { earlier: `umask 077; cat "$place/etc/palyra.toml" >"$place/opt/install.log"` },
      "printed",
      /opt\/install\.log: admin token/,
    ],
    ["a configuration that others may read", { config: { mode: 0o640 } }, "files-private", /palyra\.toml has mode 640/],
  ];
  for (const [what, leak, check, observed] of cases) {
    it(`is red for ${what}, says whose secret it is, and does not print it`, async () => {
      const { found, all } = await looked(leak);
      assert.match(found[check]!, observed);
      assert.deepEqual({ ...found, [check]: "passed" }, passed);
      for (const secret of [token, key]) assert.ok(!all.includes(secret));
    });
  }

  it("is red for what a check or the installer printed, which others may read here as well", async () => {
    const { found } = await looked({ earlier: 'cat "$place/etc/palyra.toml"' });
    assert.match(found["printed"]!, /out of install\/install: admin token/);
  });

  it("is red for what a check brings back, packed or not, and says which check", async () => {
    for (const [packs, file] of [
      ["cat", "look/note"],
      ["gzip -c", "look/note.gz"],
    ] as const) {
      const { found, all } = await looked({
        earlier: `mkdir look; ${packs} <"$place/etc/palyra.toml" >${file}; chmod -R go= look`,
        files: ["look"],
      });
      assert.match(found["printed"]!, new RegExp(`^"${file} of install/install: admin token"$`));
      assert.deepEqual({ ...found, printed: "passed" }, passed);
      assert.ok(!all.includes(token));
    }
  });

  it("is red when there is no secret where one must be", async () => {
    const { found } = await looked({ config: { text: "[admin]\nauth_token = ''\n" } });
    assert.match(found["known"]!, /admin token: 0/);
  });

  it("does not take the silence of a search that does not work for a good sign", async () => {
    for (const name of ["journal", "processes", "readable-files", "printed"]) {
      const { found } = await looked({
        change: (check) =>
          check.name === name
            ? {
                ...check,
                run: textOf(check).replace(
                  "umask 077",
                  "umask 077\ngrep() { return 1; }\nsetpriv() { return 127; }\nfind() { return 1; }",
                ),
              }
            : check,
      });
      assert.match(found[name]!, /the search does not work/, name);
    }
  });

  it("has nothing to look for where a product has no secrets", () => {
    const nats = productNamed("nats");
    const server = nats.kinds["server"]!;
    const life = (definition: typeof server): Lifecycle => ({
      product: nats,
      kind: definition,
      subject,
      files: { installer: "/i", archivePath: "/a", soakSeconds: 0 },
      at: placesOf(nats, definition),
    });
    assert.equal(hasSecrets(life(server)), false);
    assert.equal(
      hasSecrets(
        life({
          ...server,
          services: [{ ...server.services[0]!, secrets: [{ name: "KEY", bytes: 32, encoding: "hex" }] }],
        }),
      ),
      true,
    );
  });
});
