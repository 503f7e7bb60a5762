/** What a service presents over TLS, as the machine looks at it: against Node's own server. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Server, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type TlsOptions } from "node:tls";
import { promisify } from "node:util";
import { guestText } from "../../src/checks/guest.ts";
import { authorityOf, certificatesIn } from "../../src/suites/presented.ts";

// Certificates of a node: a1 and a2 of one authority, b1 of another one with the same name. Keys for nothing but this test.
const a1 = {
  key: `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIH+b8JnH/0wV0EOUVQeo3G6gBu0y7F2suEBJk9V1AayRoAoGCCqGSM49
AwEHoUQDQgAExFpQjoNoOvQfqqmYWU3ytiAyuSJHu9ZRzk2yzR+nCh2Fy2SbfiB3
ReGmFRp4hTugi+JXUA+MH8jzilbxxaHlig==
-----END EC PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBfTCCASOgAwIBAgIUBO4gxIW8iyHRzSo4f4IgfmAL2KwwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjgxNDIxMjRaGA8yMDUxMDcyMDE0
MjEyNFowDzENMAsGA1UEAwwEbm9kZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
BMRaUI6DaDr0H6qpmFlN8rYgMrkiR7vWUc5Nss0fpwodhctkm34gd0XhphUaeIU7
oIviV1APjB/I84pW8cWh5YqjWDBWMB8GA1UdIwQYMBaAFNvgqM8bg7CWQqg678w8
yCakC4zQMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAdBgNVHQ4EFgQUWU3Zn6LrWaMb
eGqGZbdqKioBLf0wCgYIKoZIzj0EAwIDSAAwRQIhAKjK1Ug0ogtpRczDTApuAJ6y
4/c9ou7L5MSjkRO+jb8SAiBcwO4Sj0wZGbt9RHHT8oa2R7cJsWvTLp1blF8VasWn
+w==
-----END CERTIFICATE-----
`,
};
const a2 = {
  key: `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIBg4acP2lNxzN6h7bcf02fnuicXnulJ4fAsC5P5rFZgEoAoGCCqGSM49
AwEHoUQDQgAEVRSbr1trQ8Uvuqaunt1fQWXkWQEGcMcnYIuEGn6LT/03AbaKuaHS
mIUZc6f4x8wp8gm9tfAKJrg9epF5F9pSJw==
-----END EC PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBfjCCASOgAwIBAgIUBO4gxIW8iyHRzSo4f4IgfmAL2K0wCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjgxNDIxMjRaGA8yMDUxMDcyMDE0
MjEyNFowDzENMAsGA1UEAwwEbm9kZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
BFUUm69ba0PFL7qmrp7dX0Fl5FkBBnDHJ2CLhBp+i0/9NwG2irmh0piFGXOn+MfM
KfIJvbXwCia4PXqReRfaUiejWDBWMB8GA1UdIwQYMBaAFNvgqM8bg7CWQqg678w8
yCakC4zQMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAdBgNVHQ4EFgQUk6TgftCeDSFG
OoePt1COjW9B86kwCgYIKoZIzj0EAwIDSQAwRgIhAJ4/sSZdl2nD/u1/wf4aIjWZ
LrFYx5A/3in88FduUsEOAiEA2lmHzFnZF8CgKKnJpIJcb0A228vOwkk8itZHE3XS
YcM=
-----END CERTIFICATE-----
`,
};
const b1 = {
  key: `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEINRbRPr52TVOZAQi46lfpxvTEkydTA8OD1fE3j7PiojyoAoGCCqGSM49
AwEHoUQDQgAEXnuQEV74eY1VKe3Ewr1+o+HKZJvJy4JmhUg8Ai9UzgpqhCkiO/CH
pedGG7gPTMgag+6nfjlQ3wSfEk8gsEKqdw==
-----END EC PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBfTCCASOgAwIBAgIUJpGZKxruEvpD7LHdkzA/zCPRg9QwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjgxNDIxMjRaGA8yMDUxMDcyMDE0
MjEyNFowDzENMAsGA1UEAwwEbm9kZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
BF57kBFe+HmNVSntxMK9fqPhymSbycuCZoVIPAIvVM4KaoQpIjvwh6XnRhu4D0zI
GoPup345UN8EnxJPILBCqnejWDBWMB8GA1UdIwQYMBaAFKQZM61W8D1skxXuR9Bn
72ChIHKVMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAdBgNVHQ4EFgQUFUtnaLhIeHN9
Wo0ITPBdZdOI3KQwCgYIKoZIzj0EAwIDSAAwRQIhALnajO7gxuKFg1VJfmfEaB2I
ZKcs3HaSIWdjBILn8uOpAiApt9WhqbwmnC2mfd0j8yohZLiKEMPs4ipgqZEGck8O
KQ==
-----END CERTIFICATE-----
`,
};
const caA = `-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUfb9EbdTF6n30AP3M1NCh9KFezJ4wCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjgxNDIxMjRaGA8yMDUxMDcyMDE0
MjEyNFowEjEQMA4GA1UEAwwHVGVzdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABDcIyqFamICX9EUtxP9rAz9ugckt9g2RDLHLgjcgm850XWnLeCgpfzHjPx7m
0hoAhhvNAo6XWKSGW2F/NRzSYxajUzBRMB0GA1UdDgQWBBTb4KjPG4OwlkKoOu/M
PMgmpAuM0DAfBgNVHSMEGDAWgBTb4KjPG4OwlkKoOu/MPMgmpAuM0DAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCj8DdqXQE6fvSpnriH1EASDtcK
3a3yUR2CZWnDqZNIhwIgIvNvFBXEbCNdViRrPd6ylz5V0CicFxu2eLz3JeOVblE=
-----END CERTIFICATE-----
`;
const caB = `-----BEGIN CERTIFICATE-----
MIIBfDCCASGgAwIBAgIUGLBJipdcfcZshvYlLiwz60IIrSMwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjgxNDIxMjRaGA8yMDUxMDcyMDE0
MjEyNFowEjEQMA4GA1UEAwwHVGVzdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABH3MeHFKq468Ko1iBHPaPOG9OhE4jW8I6+mPj4OHnGLAen7GYYLNCM9i81D0
Zb7yoBhxY1lUlMiF8hbwdLj6/h6jUzBRMB0GA1UdDgQWBBSkGTOtVvA9bJMV7kfQ
Z+9goSBylTAfBgNVHSMEGDAWgBSkGTOtVvA9bJMV7kfQZ+9goSBylTAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDNqKGYld01VGILEYH5dkjP7/u3
lz4wx/bSvbnO8Mi9ZAIhAJneORUPH9dy8T88YHt5ffvYB1Cif88lEaTk/0+7kta0
-----END CERTIFICATE-----
`;

describe("what a service presents", function () {
  this.timeout(60_000);
  const look = guestText("suites/guest/kept.sh").replace("sleep 1\n", ":\n");
  const shown = async (options: TlsOptions | Server): Promise<string> => {
    const folder = mkdtempSync(join(tmpdir(), "greenlight-presented-"));
    const server = (options instanceof Server ? options : createServer(options).on("tlsClientError", () => undefined))
      .on("connection", (socket: Socket) => socket.on("error", () => undefined))
      .listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      writeFileSync(join(folder, "prelude.sh"), "");
      const words = ["look", "now", "presented", "127.0.0.1", String(port), "0"];
      await promisify(execFile)("sh", ["-c", look, "kept", ...words], {
        cwd: folder,
        env: { ...process.env, greenlight: folder },
      });
      return readFileSync(join(folder, "now/0.presented"), "utf8");
    } finally {
      server.close();
      rmSync(folder, { recursive: true });
    }
  };
  const presented = async (options: TlsOptions): Promise<string> => authorityOf(certificatesIn(await shown(options)));

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    const only = { minVersion: version, maxVersion: version };
    it(`is read from ${version}, also where a client must show a certificate of its own`, async () => {
      for (const more of [{}, { requestCert: true }]) {
        const [own] = certificatesIn(await shown({ ...only, ...more, key: a1.key, cert: a1.cert }));
        assert.equal(own?.subject, "CN=node");
        assert.equal(own?.issuer, "CN=Test CA");
      }
      assert.equal(certificatesIn(await shown({ ...only, key: a1.key, cert: a1.cert + caA })).length, 2);
    });
    it(`is of the same authority with a new certificate of it, and not with one of another by the same name (${version})`, async () => {
      const first = await presented({ ...only, key: a1.key, cert: a1.cert });
      assert.equal(await presented({ ...only, key: a2.key, cert: a2.cert }), first);
      assert.notEqual(await presented({ ...only, key: b1.key, cert: b1.cert }), first);
      const chained = await presented({ ...only, key: a1.key, cert: a1.cert + caA });
      assert.equal(await presented({ ...only, key: a2.key, cert: a2.cert + caA }), chained);
      assert.notEqual(await presented({ ...only, key: b1.key, cert: b1.cert + caB }), chained);
    });
  }
  it("is nothing where something else answers, or what came is damaged", async () => {
    const plain = new Server((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert.equal(await shown(plain), "");
    for (const text of ["", "no certificate", a1.cert.slice(0, 200), a1.cert.replace("MIIB", "MIIC")]) {
      assert.deepEqual(certificatesIn(text), []);
      assert.equal(authorityOf(certificatesIn(text)), "");
    }
  });
  it("is all that comes back: nothing else that a client knows of its session", async () => {
    const text = await shown({ key: a1.key, cert: a1.cert });
    assert.notEqual(text, "");
    assert.equal(text.replaceAll(a1.cert, ""), "");
  });
});
