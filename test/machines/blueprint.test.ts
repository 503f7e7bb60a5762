import assert from "node:assert/strict";
import { imageBlueprint } from "../../src/machines/images/blueprint.ts";
import { proxiesFrom, sourcesFrom } from "../../src/machines/images/apt-sources.ts";

describe("the blueprint of a machine image", () => {
  const blueprint = imageBlueprint("linux-x64/debian-12");

  it("has the same digest every time, in any order of asking", () => {
    assert.equal(imageBlueprint("linux-x64/debian-12").digest, blueprint.digest);
    assert.match(blueprint.digest, /^[0-9a-f]{64}$/);
  });

  it("brings no tool that would hide what a product forgot to bring", () => {
    for (const name of ["curl", "wget", "python3", "gcc"]) assert.ok(!blueprint.packages.includes(name), name);
  });

  it("names no host, no path of the host and no key", () => {
    const text = JSON.stringify(blueprint);
    assert.doesNotMatch(text, /PRIVATE KEY|ssh-ed25519 AAAA|\/home\/|\/tmp\/|\/root\/\.cache/);
  });

  it("lets only root in, by key, with one kind of host key", () => {
    const file = blueprint.files.find((f) => f.path === "/etc/ssh/sshd_config");
    assert.ok(file && "text" in file);
    assert.match(file.text, /^UsePAM no$/m);
    assert.match(file.text, /^PasswordAuthentication no$/m);
    assert.match(file.text, /^PermitRootLogin prohibit-password$/m);
    assert.match(file.text, /^Subsystem sftp internal-sftp$/m);
    assert.deepEqual(file.text.match(/^HostKey .*$/gm), ["HostKey /etc/ssh/ssh_host_ed25519_key"]);
  });

  it("sends what wants to get out to where the host sees it", () => {
    const text = (path: string): string =>
      blueprint.files.flatMap((f) => (f.path === path && "text" in f ? [f.text] : [])).join();
    assert.match(
      text("/etc/systemd/system/static-network.service"),
      /^ExecStart=\/sbin\/ip route add default via 10\.0\.2\.2$/m,
    );
    assert.match(text("/etc/resolv.conf"), /^nameserver 10\.0\.2\.3$/m);
  });

  it("has a driver for disk and network before anything looks for one", () => {
    const modules = blueprint.bootFiles.find((f) => f.path === "/etc/initramfs-tools/modules");
    assert.deepEqual(modules?.text.split("\n"), ["virtio_pci", "virtio_blk", "virtio_net", ""]);
  });

  it("writes every file once", () => {
    const paths = [...blueprint.bootFiles, ...blueprint.files].map((f) => f.path);
    assert.equal(new Set(paths).size, paths.length);
  });
});

describe("where packages come from", () => {
  const targets = [
    "Packages Debian http://deb.debian.org/debian/ bookworm main",
    "Packages Debian http://mirror.example/debian-security/ bookworm-security main",
    "Packages Debian http://deb.debian.org/debian/ bookworm contrib",
    "Packages Node http://deb.nodesource.example/ nodistro main",
    "DEP-11 Debian http://deb.debian.org/debian/ bookworm main",
  ].join("\n");

  it("takes the host's mirrors of the suite and nothing else", () => {
    assert.deepEqual(sourcesFrom(targets, "bookworm"), [
      "deb http://deb.debian.org/debian/ bookworm main",
      "deb http://mirror.example/debian-security/ bookworm-security main",
    ]);
  });

  it("takes none of a host of another suite", () => assert.deepEqual(sourcesFrom(targets, "trixie"), []));

  it("hands on proxies that are set, and only those", () => {
    const dump =
      'Acquire::http::Proxy "http://127.0.0.1:3142";\nAcquire::https::Proxy "";\nAcquire::cdrom::mount "/media";\n';
    assert.deepEqual(proxiesFrom(dump), ['--aptopt=Acquire::http::Proxy "http://127.0.0.1:3142";']);
  });
});
