/** How a command is found: by its own folder, and into the installed release, whether it is a link or a script. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { productNamed, type Places, type Subject } from "../../src/products/index.ts";
import { executableJudge, installSuite } from "../../src/suites/install.ts";
import { judgedHere, verdict } from "./judged.ts";
import { changed, temporaryFolder } from "./on-host.ts";

const product = productNamed("palyra");

describe("a command that is exposed", function () {
  this.timeout(60_000);
  const folder = temporaryFolder().replace(/[' ]/g, "-");
  after(() => rmSync(folder, { recursive: true, force: true }));
  const at: Places = {
    root: join(folder, "root"),
    state: join(folder, "state"),
    config: join(folder, "config"),
    commands: join(folder, "bin"),
  };
  const subject: Subject = {
    product: "palyra",
    kind: "headless",
    version: "0.1.0",
    binaryVersions: {},
    platform: "linux-x64",
    sha256: "d".repeat(64),
    base: "palyra-headless-0.1.0-linux-x64",
  };
  const release = join(at.root, "versions/0.1.0-dddddddd");
  const command = join(at.commands, "palyra");
  const life = {
    product,
    kind: product.kinds["headless"]!,
    subject,
    files: { installer: "/root/upload/install.sh", archivePath: "/root/upload/x.zip", soakSeconds: 0 },
    at,
  };
  const check = installSuite(life).checks.find(({ name }) => name === "executable-palyra")!;

  beforeEach(() => {
    for (const made of [release, at.commands, `${at.root}-2`]) mkdirSync(made, { recursive: true });
    writeFileSync(join(release, "palyra"), "#!/bin/sh\n", { mode: 0o755 });
    writeFileSync(join(`${at.root}-2`, "palyra"), "#!/bin/sh\n", { mode: 0o755 });
    symlinkSync(release, join(at.root, "current"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const shim = (target: string, more = ""): void =>
    writeFileSync(
      command,
      `#!/bin/sh\nset -eu\nexport PALYRA_CONFIG='/etc/palyra/palyra.toml'\n${more}exec '${target}' "$@"\n`,
      { mode: 0o755 },
    );
  const judge = async (path = at.commands): Promise<string> =>
    (await judgedHere([changed(check, (text) => `PATH=${path}:/usr/bin:/bin\n${text}`)]))[0]!;

  it("is a script that ends in the release, or a link into it", async () => {
    shim(join(at.root, "current/palyra"));
    assert.equal(await judge(), "passed");
    rmSync(command);
    symlinkSync(join(at.root, "current/palyra"), command);
    assert.equal(await judge(), "passed");
  });
  it("is not one that leads elsewhere, even where the path begins alike", async () => {
    shim(join(`${at.root}-2`, "palyra"));
    assert.match(await judge(), /leads to .*root-2\/palyra/);
    shim("/bin/true");
    assert.match(await judge(), /leads to \/.*bin\/true/);
  });
  it("is not one that has another program before it", async () => {
    shim(join(at.root, "current/palyra"), "exec '/bin/true' \"$@\"\n");
    assert.match(await judge(), /leads to \/\S*bin\/true/);
  });
  it("is not one that leads to nothing, or says nothing", async () => {
    shim(join(at.root, "current/gone"));
    assert.match(await judge(), /cannot be executed/);
    writeFileSync(command, "#!/bin/sh\necho palyra\n", { mode: 0o755 });
    assert.match(await judge(), /leads to nothing/);
  });
  it("is not one in another folder, nor one that cannot be executed", async () => {
    const other = `${at.commands}2`;
    mkdirSync(other);
    shim(join(at.root, "current/palyra"));
    writeFileSync(join(other, "palyra"), readFileSync(command), { mode: 0o755 });
    assert.match(await judge(`${other}:${at.commands}`), /bin2\/palyra/);
    chmodSync(command, 0o644);
    assert.match(await judge(), /not on PATH|cannot be executed/);
  });
  it("that is not on the PATH is whatever lies under its name in the release", () => {
    const asked = (stdout: string): string[] => verdict(executableJudge, { folder: "/opt/t" }, { stdout });
    assert.deepEqual(asked("yes\t/opt/t/lib/x\t/opt/t/lib/x\n"), []);
    assert.deepEqual(asked(""), ["there is none"]);
    assert.deepEqual(asked("no\t/opt/t/x\t/opt/t/x\n"), ["/opt/t/x cannot be executed"]);
    assert.deepEqual(asked("yes\t/opt/t/x\t/usr/bin/x\n"), ["/opt/t/x leads to /usr/bin/x"]);
  });
});
