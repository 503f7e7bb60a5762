/** The checks on secrets' forms and folders' access, run here on files of both kinds. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { productNamed, type SecretFormat, type Service } from "../../src/products/index.ts";
import { folderChecks, secretFormChecks } from "../../src/suites/declared.ts";
import { judgeSuite } from "../../src/suites/judge.ts";
import { runHere } from "./on-host.ts";

describe("what is declared of secrets and folders", () => {
  let folder: string;
  const service = (change: Partial<Service>): Service => ({
    ...productNamed("nats").kinds["server"]!.services[0]!,
    stateFolder: folder,
    configFolder: folder,
    ...change,
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "greenlight-declared-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const judged = async (check: ReturnType<typeof folderChecks>[number]): Promise<string> => {
    const { record } = await runHere([{ name: "s", checks: [check] }]);
    const { status, observed } = judgeSuite({ name: "s", checks: [check] }, record).checks[0]!;
    return observed ?? status;
  };
  const form = async (secret: Omit<SecretFormat, "name">, value: string): Promise<string> => {
    writeFileSync(join(folder, "nats-server.secrets"), `# made once\nKEY=${value}\n`);
    return judged(secretFormChecks({ services: [service({ secrets: [{ name: "KEY", ...secret }] })] })[0]!);
  };
  const key = Buffer.alloc(32, 0xfb);

  it("a secret of its form passes, and one of another form is red without being shown", async () => {
    const base64 = { bytes: 32, encoding: "base64" } as const;
    const hex = { bytes: 32, encoding: "hex", prefix: "k-" } as const;
    assert.equal(await form(base64, key.toString("base64")), "passed");
    assert.equal(await form(base64, `"${key.toString("base64")}"`), "passed");
    assert.equal(await form(hex, `k-${key.toString("hex")}`), "passed");
    for (const [secret, value] of [
      [base64, key.toString("hex")],
      [base64, key.toString("base64url")],
      [base64, key.subarray(1).toString("base64")],
      [base64, `${key.toString("base64").slice(0, -2)}t=`],
      [base64, ""],
      [hex, key.toString("hex")],
      [hex, `k-${key.toString("base64")}`],
      [hex, `k-${key.toString("hex")}0`],
    ] as const) {
      const seen = await form(secret, value);
      assert.match(seen, /KEY: [0-9]+ characters that are not 32 bytes of (base64|hex)/, value);
      assert.ok(value === "" || !seen.includes(value));
    }
    rmSync(join(folder, "nats-server.secrets"));
    assert.notEqual(
      await judged(secretFormChecks({ services: [service({ secrets: [{ name: "KEY", ...base64 }] })] })[0]!),
      "passed",
    );
  });

  it("a folder passes as declared and narrower, and is red where it is wider or another's", async () => {
    const { uid } = statSync(folder);
    if (uid !== 0) return;
    const owner = "root:root";
    const look = (mode: string, by = owner) =>
      judged(
        folderChecks({
          services: [service({ stateAccess: { owner: by, mode }, configAccess: { owner: by, mode } })],
        })[0]!,
      );
    chmodSync(folder, 0o700);
    assert.equal(await look("0700"), "passed");
    assert.equal(await look("0750"), "passed");
    assert.match(await look("0700", "{user}:{user}"), /root:root 700 .*, declared nats:nats 0700/);
    for (const mode of [0o710, 0o701, 0o1700]) {
      chmodSync(folder, mode);
      assert.match(await look("0700"), /declared root:root 0700/);
    }
    rmSync(folder, { recursive: true });
    assert.notEqual(await look("0700"), "passed");
    writeFileSync(folder, "");
  });
});
