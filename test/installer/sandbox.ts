/**
 * A pretend machine for the installer: everything it writes lies in one temporary folder, and the few commands that would
 * reach the real system (accounts, owners, systemd) are stand-ins that keep books. The rest is executed for real.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { packEntries } from "../../src/archive/index.ts";
import { renderInstaller, type Layout } from "../../src/installer/index.ts";
import type { Product, Subject } from "../../src/products/index.ts";
import { sha256 } from "../../src/storage/digest.ts";

const standIns: Record<string, string> = {
  id: `case "$*" in -u) cat "$BOOKS/uid" 2>/dev/null || echo 0 ;; "-u "*) grep -qx "$2" "$BOOKS/users" 2>/dev/null && echo 999 ;; *) exit 1 ;; esac`,
  getent: `case "$*" in "passwd 0") echo "root:x:0:0:root:$(cat "$BOOKS/home"):/bin/sh" ;; "group "*) grep "^$2:" "$BOOKS/groups" 2>/dev/null ;; *) exec /usr/bin/getent "$@" ;; esac`,
  df: `if [ -e "$BOOKS/free" ]; then printf 'Avail\\n%8s\\n' "$(cat "$BOOKS/free")"; else exec /usr/bin/df "$@"; fi`,
  useradd: `for name; do :; done; echo "$name" >>"$BOOKS/users"; echo "useradd $*" >>"$BOOKS/log"`,
  userdel: `grep -vx "$1" "$BOOKS/users" >"$BOOKS/users.new"; mv "$BOOKS/users.new" "$BOOKS/users"; echo "userdel $1" >>"$BOOKS/log"`,
  setpriv: `echo "setpriv $*" >>"$BOOKS/log"; while [ "$1" != -- ]; do shift; done; shift; exec "$@"`,
  groupdel: `echo "groupdel $*" >>"$BOOKS/log"`,
  chown: `while [ $# -gt 0 ]; do case $1 in -*) ;; *:*) owner=$1 ;; *) printf '%s\\t%s\\n' "$owner" "$1" >>"$BOOKS/owners" ;; esac; shift; done`,
  stat: [
    "file=$3; owner=",
    `while IFS="$(printf '\\t')" read -r o f; do [ "$f" = "$file" ] && owner=$o; done 2>/dev/null <"$BOOKS/owners"`,
    `case $2 in %U) echo "\${owner%%:*}" | sed 's/^$/root/' ;; '%U:%G %a') echo "\${owner:-root:root} $(/usr/bin/stat -c %a "$file")" ;; *) exec /usr/bin/stat "$@" ;; esac`,
  ].join("\n"),
  systemctl: [
    'if [ "$1" = is-system-running ]; then cat "$BOOKS/system" 2>/dev/null || echo running; exit; fi',
    // What only looks before anything happens is not told.
    'case "$*" in *LoadState*) ;; *) echo "systemctl $*" >>"$BOOKS/log" ;; esac',
    // A unit is read when it is first started, and then again when all are.
    'if [ "$1" = daemon-reload ]; then rm -rf "$BOOKS/units"; fi',
    "command=$1; shift; units=; between=",
    'while [ $# -gt 0 ]; do case $1 in -p) shift ;; -*) ;; *) units="$units ${1%.service}" ;; esac; shift; done',
    "code=0",
    "for unit in $units; do case $command in",
    'enable) mkdir -p "$UNITS/multi-user.target.wants" && ln -sf "../$unit.service" "$UNITS/multi-user.target.wants/$unit.service" ;;',
    'disable) rm -f "$UNITS/multi-user.target.wants/$unit.service" "$BOOKS/active.$unit"; rmdir "$UNITS/multi-user.target.wants" 2>/dev/null ;;',
    'restart) mkdir -p "$BOOKS/units"; [ -e "$BOOKS/units/$unit" ] || cp "$UNITS/$unit.service" "$BOOKS/units/$unit"; if [ ! -e "$BOOKS/refuse-start" ]; then : >"$BOOKS/active.$unit"; [ ! -x "$BOOKS/on-start" ] || "$BOOKS/on-start"; else code=1; fi ;;',
    'stop) rm -f "$BOOKS/active.$unit" ;;',
    // As systemd has them: in an order of its own, with a blank line between units.
    'show) if [ -e "$BOOKS/active.$unit" ]; then state=active; else state=$(cat "$BOOKS/state" 2>/dev/null || echo inactive); fi',
    'printf "%sNRestarts=%s\\nId=%s.service\\nActiveState=%s\\n" "$between" "$(cat "$BOOKS/restarts.$unit" 2>/dev/null || echo 0)" "$unit" "$state"; between="',
    '"',
    // The process that answers is this one.
    'if [ "$state" = active ]; then pid=$(cat "$BOOKS/pid"); else pid=0; fi',
    'printf "MainPID=%s\\nControlGroup=%s\\nActiveEnterTimestampMonotonic=%s\\n" "$pid" "$(cat "$BOOKS/group" 2>/dev/null)" "$(cat "$BOOKS/since.$unit" 2>/dev/null || echo 1)"',
    'fragment=; load=not-found; if [ -e "$UNITS/$unit.service" ]; then fragment=$UNITS/$unit.service; load=loaded; fi',
    'printf "FragmentPath=%s\\nLoadState=%s\\n" "$(cat "$BOOKS/fragment.$unit" 2>/dev/null || echo "$fragment")" "$(cat "$BOOKS/load.$unit" 2>/dev/null || echo "$load")" ;;',
    "esac; done; exit $code",
  ].join("\n"),
  journalctl: "echo 'a line of the journal'",
  // Nothing here needs to survive a power cut, and what was healthy once is not watched in real time.
  sync: ":",
  sleep: 'case $1 in 5) [ ! -x "$BOOKS/on-watch" ] || "$BOOKS/on-watch" ;; *) exec /bin/sleep "$1" ;; esac',
};

export interface Run {
  code: number;
  stdout: string;
  stderr: string;
  /** the `key=value` lines of stdout; of a repeated key the last */
  keys: Record<string, string>;
}

export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), "greenlight-installer-"));
  readonly books = join(this.folder, "books");
  readonly machine: string;
  readonly layout: Layout;
  /** of whoever installs */
  readonly home: string;
  /** the block of root's installation, where one is needed */
  readonly profile: string;
  /** whether the services answer well; at /bad nothing ever does */
  healthy = true;
  /** what they answer */
  answer = "{}";
  #server: Server | undefined;
  port = 0;

  /** @param name of the folder that stands for the machine's root: put into it what should be hard to quote */
  constructor(name = "machine") {
    this.machine = join(this.folder, name);
    this.layout = {
      roots: join(this.machine, "opt"),
      commands: join(this.machine, "bin"),
      units: join(this.machine, "units"),
      profiles: join(this.machine, "profile.d"),
      accounts: this.books,
      // The pretend machine itself lies in a folder for temporary files.
      hidden: [[join(this.machine, "hidden"), "ProtectHome"]],
    };
    this.home = join(this.machine, "home");
    this.profile = join(this.machine, "profile.d", "tool.sh");
    for (const folder of [
      this.books,
      this.home,
      join(this.folder, "path"),
      this.machine,
      ...Object.values(this.layout).filter((value) => typeof value === "string"),
    ])
      mkdirSync(folder, { recursive: true });
    this.set("home", `${this.home}\n`);
    this.set("pid", `${process.pid}\n`);
    for (const [command, text] of Object.entries(standIns))
      writeFileSync(join(this.folder, "path", command), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  async open(): Promise<this> {
    this.#server = createServer((request, response) =>
      response.writeHead(this.healthy && request.url !== "/bad" ? 200 : 503).end(this.answer),
    );
    await new Promise<void>((resolve) => this.#server!.listen(0, "127.0.0.1", resolve));
    this.port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(undefined)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A product whose every folder lies on the pretend machine; `kind` changes its only kind. */
  product(
    change: Partial<Product["kinds"][string]["services"][number]> = {},
    kind: Partial<Product["kinds"][string]> = {},
  ): Product {
    return {
      name: "tool",
      title: "Tool",
      licence: "Apache-2.0",
      kinds: {
        server: {
          binaries: ["toold", "tool"],
          services: [
            {
              name: "toold",
              description: "A tool's daemon",
              binary: "toold",
              args: "-c {config}/toold.conf",
              user: "tool",
              stateFolder: join(this.machine, "state", "tool"),
              configFolder: join(this.machine, "etc", "tool"),
              configFiles: { "toold.conf": "data = {state}\n" },
              environment: { LEVEL: "info" },
              health: { url: `http://127.0.0.1:${this.port}/healthz`, json: [] },
              identity: { url: "http://127.0.0.1/", path: "version" },
              listens: [],
              ...change,
            },
          ],
          ...kind,
        },
      },
      binaries: Object.fromEntries(
        ["toold", "tool"].map((name) => [
          name,
          {
            role: name === "tool" ? "cli" : "daemon",
            onPath: true,
            version: { args: "", prints: "" },
            help: { args: "", contains: [] },
          },
        ]),
      ),
      checks: { smoke: () => [], plant: () => [], planted: () => [] },
    };
  }

  subject(version = "1.0.0"): Subject {
    return {
      product: "tool",
      kind: "server",
      version,
      binaryVersions: {},
      platform: process.arch === "arm64" ? "linux-arm64" : "linux-x64",
      sha256: "",
      base: `tool-server-${version}-linux-x64`,
    };
  }

  /** Packs an archive; `change` spoils its entries before they are packed, not their checksums. `programs` are texts of programs by name. */
  async archive(
    name: string,
    options: {
      version?: string;
      mode?: number;
      without?: string;
      spoil?: string;
      programs?: Record<string, string>;
      manifest?: Record<string, unknown>;
    } = {},
  ): Promise<{ file: string; sha256: string }> {
    const version = options.version ?? "1.0.0";
    const { kind, platform, base } = this.subject(version);
    const manifest = `${JSON.stringify({ schema_version: 1, artifact_kind: kind, artifact_name: base, version, platform, binaries: [], ...options.manifest }, null, 2)}\n`;
    const entries = [
      ...["toold", "tool"].map((path) => ({
        path,
        mode: options.mode ?? 0o755,
        data: Buffer.from(options.programs?.[path] ?? `#!/bin/sh\necho ${path} ${version}\n`),
      })),
      { path: "release-manifest.json", mode: 0o644, data: Buffer.from(manifest) },
    ];
    const checksums = entries.map(({ path, data }) => `${sha256(data)}  ${path}\n`).join("");
    const packed = entries
      .filter(({ path }) => path !== options.without)
      .map((entry) => (entry.path === options.spoil ? { ...entry, data: Buffer.from("spoiled") } : entry));
    const file = join(this.folder, name);
    return {
      file,
      sha256: (
        await packEntries([...packed, { path: "checksums.txt", mode: 0o644, data: Buffer.from(checksums) }], file)
      ).sha256,
    };
  }

  script(text: string, name = "install.sh"): string {
    const file = join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }

  run(script: string, args: string[], env: Record<string, string> = {}): Promise<Run> {
    return new Promise((resolve) => {
      const path = `${join(this.folder, "path")}:${this.layout.commands}:/usr/bin:/bin`;
      execFile(
        "dash",
        [script, ...args],
        { cwd: this.folder, env: { PATH: path, BOOKS: this.books, UNITS: this.layout.units, HOME: this.home, ...env } },
        (error, stdout, stderr) => {
          const keys = Object.fromEntries(
            stdout
              .split("\n")
              .filter((line) => line.includes("="))
              .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
          );
          resolve({ code: error ? (typeof error.code === "number" ? error.code : 255) : 0, stdout, stderr, keys });
        },
      );
    });
  }

  /** What the stand-ins were told since the last look. */
  log(): string[] {
    const file = join(this.books, "log");
    const lines = existsSync(file)
      ? readFileSync(file, "utf8")
          .split("\n")
          .filter((line) => line !== "")
      : [];
    rmSync(file, { force: true });
    return lines;
  }

  set(book: string, text = ""): void {
    writeFileSync(join(this.books, book), text);
  }

  unset(book: string): void {
    rmSync(join(this.books, book), { force: true });
  }

  /** The usual product's installer as a script, the arguments that install its archive, and where that goes. */
  async installer(): Promise<{ script: string; args: string[]; root: string }> {
    const script = this.script(renderInstaller(this.product(), "server", this.subject(), this.layout));
    const archive = await this.archive("tool.zip");
    return {
      script,
      args: ["install", "--archive", archive.file, "--sha256", archive.sha256],
      root: join(this.layout.roots, "tool"),
    };
  }

  /** That a run ends with this code and sentence, prints no fact, and has changed nothing. */
  async refuses(run: Promise<Run>, sentence: RegExp, code = 5): Promise<void> {
    const before = this.picture();
    const { code: found, stdout, stderr } = await run;
    assert.deepEqual([found, stdout], [code, ""], stderr);
    assert.match(stderr, sentence);
    assert.deepEqual(this.picture(), before);
  }

  /** Every entry on the machine with type, mode, content or link target, and inode: equal pictures mean that nothing was touched. */
  picture(inodes = false): string[] {
    const below = (folder: string): string[] =>
      readdirSync(join(this.machine, folder))
        .sort()
        .flatMap((name) => {
          const path = join(folder, name);
          const file = join(this.machine, path);
          const stat = lstatSync(file);
          const mark = inodes ? ` #${stat.ino}` : "";
          if (stat.isSymbolicLink()) return [`${path} -> ${readlinkSync(file)}${mark}`];
          if (stat.isDirectory()) return [`${path}/${mark}`, ...below(path)];
          return [`${path} ${(stat.mode & 0o777).toString(8)} ${sha256(readFileSync(file))}${mark}`];
        });
    return below("");
  }

  write(path: string, text: string, mode = 0o644): void {
    const file = join(this.machine, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  }
}
