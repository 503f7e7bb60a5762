/** Secrets by name and by what files hold, and what only looks like one. Keys here are made for the test, each time anew. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { SecretScan, secretIn, secretInFile, secretsAmong } from "../../src/secret-search/index.ts";
import { unwantedName } from "../../src/candidate/unwanted-names.ts";
import { elfProgram } from "../binaries/samples.ts";
import { noise, put, temporaryFolder } from "./tiny-candidate.ts";

/** Alphabetic noise in place of a secret's own characters. */
const filler = (length: number): string => "aB3kL9qZ7tR2mX5wC8vN1pD4sF6gH0jY".repeat(20).slice(0, length);
const ed25519 = generateKeyPairSync("ed25519");
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
const pkcs8 = rsa.privateKey.export({ type: "pkcs8", format: "pem" }) as string;

describe("secrets by what a file holds", () => {
  const temporary = temporaryFolder();
  const secrets: Record<string, string | Buffer> = {
    "PKCS #8": pkcs8,
    "PKCS #1": rsa.privateKey.export({ type: "pkcs1", format: "pem" }),
    "SEC 1": ec.privateKey.export({ type: "sec1", format: "pem" }),
    "Ed25519, the shortest": ed25519.privateKey.export({ type: "pkcs8", format: "pem" }),
    "encrypted PKCS #8": rsa.privateKey.export({
      type: "pkcs8",
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase: "x",
    }),
    "encrypted of old": rsa.privateKey.export({ type: "pkcs1", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }),
    "carriage returns": pkcs8.replaceAll("\n", "\r\n"),
    "below a certificate": `-----BEGIN CERTIFICATE-----\n${filler(64)}\n-----END CERTIFICATE-----\n${pkcs8}`,
    "a service account": JSON.stringify({ type: "service_account", private_key: pkcs8 }),
    "in YAML": `key: |\n${pkcs8.replace(/^/gm, "    ")}`,
    "in source": `const key = "-----BEGIN PRIVATE KEY-----\\n" +\n  "${pkcs8.split("\n").slice(1, 3).join('\\n" +\n  "')}";`,
    "in UTF-16": Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(pkcs8, "utf16le")]),
    "DER of PKCS #8": rsa.privateKey.export({ type: "pkcs8", format: "der" }),
    "DER of PKCS #1": rsa.privateKey.export({ type: "pkcs1", format: "der" }),
    "DER of SEC 1": ec.privateKey.export({ type: "sec1", format: "der" }),
    OpenSSH: `-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA${filler(46)}\n-----END OPENSSH PRIVATE KEY-----\n`,
    OpenPGP: `-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n${filler(64)}\n`,
    PuTTY: `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\n${filler(44)}\n`,
    age: `# created\nAGE-SECRET-KEY-1${"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".repeat(2).slice(0, 58)}\n`,
    WireGuard: `[Interface]\nPrivateKey = ${filler(42)}A=\n`,
    JWK: JSON.stringify(ec.privateKey.export({ format: "jwk" })),
    "a Java store": Buffer.concat([Buffer.from("feedfeed000000020000000100000001", "hex"), noise(1, 40)]),
    "kubeconfig with a key": `users:\n- user:\n    client-key-data: ${Buffer.from(pkcs8).toString("base64")}\n`,
    "kubeconfig with a token": `apiVersion: v1\nkind: Config\nusers:\n- name: x\n  user:\n    token: ${filler(40)}\n`,
    Docker: JSON.stringify({ auths: { "r.example.org": { auth: Buffer.from("user:pass").toString("base64") } } }),
    npm: `//registry.example.org/:_authToken=${filler(36)}\n`,
    PyPI: `[distutils]\nindex-servers = pypi\n[pypi]\nusername = me\npassword = ${filler(12)}\n`,
    AWS: `[default]\naws_access_key_id = AKIA0000\naws_secret_access_key = ${filler(40)}\n`,
    GitHub: `token: gh${"p"}_${filler(36)}\n`,
    "a key in a comment": pkcs8.replace(/^/gm, "// "),
    "a key in HTML": pkcs8.replaceAll("\n", "<br>\n"),
    "a key in XML": pkcs8.replaceAll("\n", "&#10;"),
    "a key in an address": encodeURIComponent(pkcs8),
    "JSON in JSON": JSON.stringify(JSON.stringify({ private_key: pkcs8 })),
    "a key in lines of base64": Buffer.from(pkcs8).toString("base64").replace(/.{76}/g, "$&\n"),
    "in UTF-16, big end first": Buffer.from(`\ufeff${pkcs8}`, "utf16le").swap16(),
    "encrypted PKCS #8 in DER": rsa.privateKey.export({
      type: "pkcs8",
      format: "der",
      cipher: "aes-256-cbc",
      passphrase: "x",
    }),
    "a symmetric JWK": JSON.stringify({ kty: "oct", k: filler(43) }),
    "credentials of NATS": `-----BEGIN USER NKEY SEED-----\nSUA${"IBDPBAUTWCWBKIO6XHQNINK5FWJW4OHLXC3HQ2KFE4PEJUA44CNHTC4"}\n------END USER NKEY SEED------\n`,
    "a seed of NATS alone": `SUA${"IBDPBAUTWCWBKIO6XHQNINK5FWJW4OHLXC3HQ2KFE4PEJUA44CNHTC4"}\n`,
    netrc: `machine git.corp.test\n  login me\n  password ${filler(14)}\n`,
    Yarn: `npmAuthToken: "${filler(36)}"\n`,
    NuGet: `<packageSourceCredentials><x><add key="ClearTextPassword" value="${filler(14)}" /></x></packageSourceCredentials>`,
    Maven: `<settings><servers><server><id>x</id><password>${filler(14)}</password></server></servers></settings>`,
    "Google's OAuth": `{"installed":{"client_secret":"GOCSPX-${filler(28)}"}}`,
    OpenAI: `OPENAI_API_KEY=sk-proj-${filler(60)}\n`,
    "Slack's hook": `https://hooks.slack.com/services/T0AB12CD3/B0AB12CD3/${filler(24)}`,
    "pip's index": `[global]\nindex-url = https://me:${filler(20)}@pypi.example.org/simple\n`,
    "a dump of a program's memory": elfProgram({ machine: 62 }).fill(4, 16, 17),
    "a git remote": `[remote "origin"]\n\turl = https://me:${filler(20)}@git.example.org/a.git\n`,
  };
  for (const [name, text] of Object.entries(secrets)) {
    it(`finds ${name}`, () => {
      const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text);
      assert.ok(secretIn(bytes), name);
    });
  }

  it("finds each among others that lie beside it, and nothing in those", () => {
    const text = Buffer.from("nothing in here, nor anything that it could begin with\n");
    for (const [name, secret] of Object.entries(secrets)) {
      const files = [text, Buffer.from(secret), text];
      const secretInOne = secretsAmong(Buffer.concat(files));
      assert.deepEqual(files.map(secretInOne), files.map(secretIn), name);
    }
    // Words that only come about where one file ends and another begins.
    const halves = [Buffer.from("AGE-SECRET-"), Buffer.from(`KEY-1${"Q".repeat(50)}`)];
    assert.deepEqual(halves.map(secretsAmong(Buffer.concat(halves))), [undefined, undefined]);
  });

  const innocent: Record<string, string | Buffer> = {
    "a certificate": `-----BEGIN CERTIFICATE-----\nMIIB${filler(60)}\n-----END CERTIFICATE-----\n`,
    "a public key": rsa.publicKey.export({ type: "spki", format: "pem" }),
    "a public key in DER": rsa.publicKey.export({ type: "spki", format: "der" }),
    "a public JWK": JSON.stringify(ec.publicKey.export({ format: "jwk" })),
    "a program with the header as a constant": Buffer.concat([
      elfProgram({ machine: 62 }),
      Buffer.from("-----BEGIN RSA PRIVATE KEY-----\0-----END RSA PRIVATE KEY-----"),
    ]),
    "other data with the header as a constant": Buffer.from(
      "\0asm\x01-----BEGIN PRIVATE KEY----------BEGIN OPENSSH PRIVATE KEY-----crypto/tls: failed to find",
    ),
    "a text that explains a key":
      "A key begins with\n\n    -----BEGIN PRIVATE KEY-----\n    MIIEvQIBADANBgkq...\n    -----END PRIVATE KEY-----\n\nMore than that nobody needs to know about what is in it.\n",
    "a text that names a key":
      "The line -----BEGIN RSA PRIVATE KEY-----\nMarks the beginning of what nobody may see and everybody looks for at once\n",
    "a key that is crossed out": `-----BEGIN PRIVATE KEY-----\nMII${"x".repeat(61)}\n`,
    "addresses that explain logins":
      "nats://user:password@localhost:4222 https://user:password@example.com/ index-url = https://user:your_password@pypi.example.com/",
    "a password of Maven that is a variable":
      "<servers><server><password>${env.REPOSITORY_PASSWORD}</password></server></servers>",
    "capitals in base64": `data:;base64,${"SUABCDEFGHIJKLMNOPQRSTUVWXYZ234567".repeat(4)}=`,
    "a token of the environment": "//registry.example.org/:_authToken=${NPM_TOKEN}\n",
    "a token that is an example": `ghp_${"x".repeat(36)}\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n`,
    "a store of certificates": Buffer.concat([Buffer.from("feedfeed000000020000000100000002", "hex"), noise(1, 40)]),
    nothing: "",
  };
  for (const [name, text] of Object.entries(innocent)) {
    it(`finds none in ${name}`, () =>
      assert.equal(secretIn(Buffer.isBuffer(text) ? text : Buffer.from(text)), undefined));
  }

  it("finds a key at the end of a large text, and between two pieces", () => {
    const line = "Some words of a text that is long.\n";
    for (const before of [5 << 20, (1 << 20) - 40, (1 << 20) + (8 << 10) - 100]) {
      put(temporary.path, "large.txt", line.repeat(Math.ceil(before / line.length)).slice(0, before) + pkcs8);
      assert.ok(secretInFile(join(temporary.path, "large.txt")), `${before}`);
    }
    put(
      temporary.path,
      "large.bin",
      Buffer.concat([elfProgram({ machine: 62 }), noise(3, 3 << 20), Buffer.from(pkcs8)]),
    );
    assert.equal(
      secretInFile(join(temporary.path, "large.bin")),
      undefined,
      "programs are not asked for what they hold",
    );
    const scan = new SecretScan();
    for (const byte of Buffer.from(`text ${pkcs8}`)) scan.take(Buffer.from([byte]));
    assert.ok(scan.found, "byte by byte");
  });

  it("takes no time over texts that are made to take it", () => {
    for (const text of [
      "-----BEGIN RSA PRIVATE KEY-----" + " ".repeat(200_000),
      "-----BEGIN PRIVATE KEY-----".repeat(20_000),
      "kind: Config\nusers:\n".repeat(20_000),
      '"auths": {'.repeat(20_000),
      "url = https://".repeat(20_000),
      " ".repeat(200_000) + "PrivateKey",
    ]) {
      assert.equal(secretIn(Buffer.from(text)), undefined);
    }
  });
});

describe("names that are nobody's to release", () => {
  const secret = [
    "web/.env",
    ".env.production",
    "a/.env.local",
    "docs/.netrc",
    "_netrc",
    "x/.npmrc.d/.pypirc",
    "a/.docker/config.json",
    "a/.aws/credentials",
    "b/.kube/config",
    "k/kubeconfig",
    "x/id_rsa",
    "x/id_ed25519",
    "id_ecdsa.bak2",
    "certs/server.p12",
    "certs/server.PFX",
    "a.jks",
    "release.keystore",
    "a/.htpasswd",
    "infra/terraform.tfstate",
    "infra/terraform.tfstate.backup",
    "infra/.terraform/x",
    "a/.pgpass",
    "a/.ssh/known_hosts",
    "a/.gnupg/x",
    "a/.git-credentials",
    "etc/ssh_host_rsa_key",
    ".config/gcloud/legacy_credentials/x/adc.json",
    "application_default_credentials.json",
    "client_secret_12.json",
    "x.kdbx",
    "a/.envrc",
    "a/.ENV",
    "a/.Env.Local",
    "ID_RSA",
    "web/.\uff25\uff2e\uff36",
    "aws/credentials",
    "credentials.json",
    "rootkey.csv",
    "secrets.yaml",
    "config/secrets.yml",
    "secrets.json",
    ".streamlit/secrets.toml",
    "config/master.key",
    "prod.tfvars",
    "prod.env",
    "secrets.env",
    ".dev.vars",
    "x/.secrets",
    "user.creds",
    "operator.nk",
    "htpasswd",
    "rclone.conf",
    ".config/hub",
    ".gem/credentials",
    ".bundle/config",
    ".composer/auth.json",
    ".m2/settings-security.xml",
    ".chef/user.pem",
    ".minikube/x.key",
    ".config/doctl/config.yaml",
    "login.keychain-db",
    "Login Data",
    "logins.json",
    "sitemanager.xml",
    ".smbcredentials",
    ".msmtprc",
    "java.hprof",
    "crash.dmp",
    "vgcore.12",
  ];
  const litter = [
    "docs/.git/config",
    "vendor/x/.git",
    "x/.hg/hgrc",
    "x/.svn/entries",
    "repo.git/config",
    "x/CVS/Root",
    ".gitignore",
    "web/.gitkeep",
    "web/.DS_Store",
    "__MACOSX/web/._index.html",
    "web/._index.html",
    "web/Thumbs.db",
    "web/desktop.ini",
    "web/.idea/workspace.xml",
    "web/.vscode/settings.json",
    "web/app.js~",
    "web/.app.js.swp",
    "web/#app.js#",
    "web/.#app.js",
    "docs/~$guide.docx",
    "web/app.js.orig",
    "web/.bash_history",
    "web/__pycache__/a.pyc",
    "web/$RECYCLE.BIN/x",
    ".github/workflows/x.yml",
    "a/.gitlab-ci.yml",
    "a/.circleci/config.yml",
    "a/.venv/bin/python",
    "a/.cache/x",
    "a/.irb_history",
    "a/.rediscli_history",
    "a/.history/x.js",
    "a/RCS/x,v",
    "a/SCCS/s.x",
    "a/.sl/x",
    "docs/.~lock.a.odt#",
  ];
  const fine = [
    "web/index.html",
    "docs/cvs/guide.txt",
    "web/.well-known/security.txt",
    "deployment/single-vm/env/palyra.env.example",
    "web/.env.example",
    "web/.env.sample",
    "certs/ca.pem",
    "certs/server.crt",
    "x/id_rsa.pub",
    "certs/truststore.jks",
    "etc/ssl/cacerts.jks",
    "docs/git.md",
    "docs/terraform/main.tf",
    "deployment/palyra.env",
    "LICENSE-MIT",
    "web/keys.js",
    "docs/environment",
    "docs/.docker/Dockerfile",
    "web/git/x",
    "docs/credentials.md",
    "help_snapshots/secrets-help.txt",
    "docs/secrets.md",
    "web/secrets.js",
    "prod.env.example",
    "secrets.yaml.example",
    "etc/nats.conf",
    "web/cache/x",
    "docs/history/x.md",
    "web/core.js",
    "prod.tfvars.example",
  ];
  it("are secrets", () =>
    assert.deepEqual(
      secret.filter((path) => unwantedName(path)?.kind !== "secret"),
      [],
    ));
  it("are litter", () =>
    assert.deepEqual(
      litter.filter((path) => unwantedName(path)?.kind !== "litter"),
      [],
    ));
  it("are none of what releases have", () =>
    assert.deepEqual(
      fine.filter((path) => unwantedName(path)),
      [],
    ));
});
