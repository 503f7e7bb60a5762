/** Secrets have the form that the product declares; a value of another form is named, and neither changed nor shown. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { productNamed, type SecretFormat } from "../../src/products/index.ts";
import { Sandbox } from "./sandbox.ts";

describe("the form of secrets", function () {
  this.timeout(30_000);
  let box: Sandbox;
  let archive: { file: string; sha256: string };
  let file: string;
  const script = (...secrets: SecretFormat[]) =>
    box.script(renderInstaller(box.product({ secrets }), "server", box.subject(), box.layout));
  const install = (text: string) => box.run(text, ["install", "--archive", archive.file, "--sha256", archive.sha256]);
  const put = (text: string): void => {
    mkdirSync(join(box.machine, "etc/tool"), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, 0o600);
  };
  const base64: SecretFormat = { name: "KEY", bytes: 32, encoding: "base64" };

  beforeEach(async () => {
    box = await new Sandbox().open();
    archive = await box.archive("tool.zip");
    file = join(box.machine, "etc/tool/toold.secrets");
  });
  afterEach(() => box.close());

  const made: [form: Omit<SecretFormat, "name">, shape: RegExp][] = [
    [{ bytes: 32, encoding: "base64" }, /^KEY=([A-Za-z0-9+/]{43}=)\n$/],
    [{ bytes: 16, encoding: "base64" }, /^KEY=([A-Za-z0-9+/]{22}==)\n$/],
    [{ bytes: 510, encoding: "base64" }, /^KEY=([A-Za-z0-9+/]{680})\n$/],
    [{ bytes: 24, encoding: "hex" }, /^KEY=([0-9a-f]{48})\n$/],
    [{ bytes: 20, encoding: "hex", prefix: "sk-live_" }, /^KEY=sk-live_([0-9a-f]{40})\n$/],
  ];
  for (const [form, shape] of made) {
    it(`${form.prefix ?? ""}${form.bytes} bytes of ${form.encoding} are made so, told to nobody, and fit when it is installed again`, async () => {
      const text = script({ name: "KEY", ...form });
      const run = await install(text);
      assert.equal(run.code, 0, run.stderr);
      const [, value] = shape.exec(readFileSync(file, "utf8")) ?? assert.fail(readFileSync(file, "utf8"));
      assert.equal(Buffer.from(value!, form.encoding).length, form.bytes);
      assert.ok(!(run.stdout + run.stderr + box.log().join()).includes(value!));
      const again = await install(text);
      assert.deepEqual([again.keys["changed"], /is not/.test(again.stderr)], ["no", false], again.stderr);
    });
  }

  const good = Buffer.alloc(32, 0xa7).toString("base64");
  const hex = "0123456789abcdef".repeat(4);
  const unfit: [what: string, text: string, value: string][] = [
    ["64 hexadecimal digits, which decode to 48 bytes", `KEY=${hex}\n`, hex],
    ["31 bytes", `KEY=${Buffer.alloc(31, 1).toString("base64")}\n`, Buffer.alloc(31, 1).toString("base64")],
    ["no padding", `KEY=${good.slice(0, -1)}\n`, good.slice(0, -1)],
    [
      "the alphabet of addresses",
      `KEY=${Buffer.alloc(32, 0xff).toString("base64url")}=\n`,
      Buffer.alloc(32, 0xff).toString("base64url"),
    ],
    ["bits that stand for nothing", `KEY=${good.slice(0, -2)}d=\n`, `${good.slice(0, -2)}d=`],
    ["a later line that overrides a good one", `KEY=${good}\n  KEY = ${hex}\n`, hex],
    ["nothing", "KEY=\n", "\0"],
    ["text after it", `KEY=${good} # mine\n`, good],
  ];
  for (const [what, text, value] of unfit) {
    it(`a value with ${what} is named, and left as it is`, async () => {
      put(text);
      const run = await install(script(base64));
      assert.equal(run.code, 0, run.stderr);
      assert.equal(readFileSync(file, "utf8"), text);
      assert.match(run.stderr, /KEY in .*toold\.secrets is not 32 bytes in standard base64, .* left as it is/);
      const status = await box.run(script(base64), ["status"]);
      assert.match(status.stderr, /KEY in .*toold\.secrets is not 32 bytes in standard base64/);
      assert.ok(!(run.stdout + run.stderr + status.stderr + box.log().join()).includes(value));
    });
  }

  for (const [what, text] of [
    ["quotes", `KEY="${good}"\n`],
    ["white space", `  KEY = ${good} \n`],
    ["a comment before it", `# KEY=${hex}\n; KEY=x\nKEY='${good}'\n`],
  ]) {
    it(`a good value with ${what} fits, as systemd reads it, and no second one is made`, async () => {
      put(text!);
      const run = await install(script(base64));
      assert.deepEqual([run.code, /is not/.test(run.stderr)], [0, false], run.stderr);
      assert.equal(readFileSync(file, "utf8"), text);
    });
  }

  it("a prefix that is missing is named with the form", async () => {
    put(`KEY=${"ab".repeat(16)}\n`);
    assert.match(
      (await install(script({ name: "KEY", bytes: 16, encoding: "hex", prefix: "t_" }))).stderr,
      /is not 't_' and 16 bytes as 32 hexadecimal digits/,
    );
  });

  const wrong: [form: SecretFormat[], sentence: RegExp][] = [
    [[{ name: "KEY", bytes: 8, encoding: "hex" }], /has 8 bytes; give it 16 to 512/],
    [[{ name: "KEY", bytes: 20.5, encoding: "hex" }], /has 20\.5 bytes/],
    [[{ name: "KEY", bytes: 32, encoding: "base32" as "hex" }], /has the encoding "base32"; use hex or base64/],
    [[{ name: "KEY", bytes: 32, encoding: "hex", prefix: "a b" }], /has the prefix "a b"/],
    [[{ name: "a-b", bytes: 32, encoding: "hex" }], /is no name of an environment variable/],
    [[base64, base64], /has the secret KEY twice/],
  ];
  for (const [form, sentence] of wrong)
    it(`a definition is refused that says ${sentence.source}`, () => assert.throws(() => script(...form), sentence));

  it("Palyra's browser service is given standard base64 of 32 bytes", () => {
    const secrets = productNamed("palyra").kinds["headless"]!.services.flatMap(({ secrets = [] }) => secrets);
    assert.deepEqual(secrets, [{ name: "PALYRA_BROWSERD_STATE_ENCRYPTION_KEY", bytes: 32, encoding: "base64" }]);
  });
});
