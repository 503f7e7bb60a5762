/**
 * Kills the installer with everything that it started, before or after the n-th command that changes something. Every such command
 * is called through a wrapper that counts; what the shell itself writes lies between two of them.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "./sandbox.ts";

const changing = [
  "chmod",
  "chown",
  "cp",
  "find",
  "ln",
  "mkdir",
  "mv",
  "rm",
  "rmdir",
  "setpriv",
  "sync",
  "systemctl",
  "unzip",
  "useradd",
  "userdel",
  "groupdel",
];

const wrapper = `#!/bin/sh
PATH=\${PATH#*:}
read -r n <"$BOOKS/count" || n=0
n=$((n + 1))
echo "$n" >"$BOOKS/count"
end() { read -r group <"$BOOKS/group"; kill -s KILL -- "-$group"; sleep 10; }
[ "$KILL" != "before $n" ] || end
"\${0##*/}" "$@"
code=$?
[ "$KILL" != "after $n" ] || end
exit $code
`;

export class Killer {
  readonly #box: Sandbox;
  readonly #wrappers: string;

  constructor(box: Sandbox) {
    this.#box = box;
    this.#wrappers = join(box.folder, "wrappers");
    mkdirSync(this.#wrappers);
    for (const command of changing) writeFileSync(join(this.#wrappers, command), wrapper, { mode: 0o755 });
  }

  /** Runs until the kill; whether it came to that, and how many commands there were. */
  async run(script: string, args: string[], kill = ""): Promise<{ killed: boolean; count: number; stderr: string }> {
    const { folder, books, home, layout } = this.#box;
    rmSync(join(books, "count"), { force: true });
    writeFileSync(join(books, "count"), "0\n");
    const env = {
      PATH: [this.#wrappers, join(folder, "path"), layout.commands, "/usr/bin", "/bin"].join(":"),
      BOOKS: books,
      UNITS: layout.units,
      HOME: home,
      KILL: kill,
    };
    const child = spawn("dash", ["-c", 'echo $$ >"$BOOKS/group"; exec dash "$@"', "sh", script, ...args], {
      cwd: folder,
      env,
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const signal = await new Promise<NodeJS.Signals | null>((resolve) => child.on("close", (_, by) => resolve(by)));
    return { killed: signal === "SIGKILL", count: Number(readFileSync(join(books, "count"), "utf8")), stderr };
  }
}

/** The version that the command in that folder runs, once what it belongs to was found whole. @throws when it is not. */
export function wholeVersion(box: Sandbox, commands = box.layout.commands): string {
  const current = join(box.layout.roots, "tool/current");
  execFileSync("sha256sum", ["--check", "--quiet", "checksums.txt"], { cwd: current, stdio: "pipe" });
  const command = join(commands, "tool");
  const version = execFileSync(join(current, "tool"), { encoding: "utf8" }).trim().split(" ")[1]!;
  // Before the first one is switched to, there is no command.
  if (existsSync(command) && execFileSync(command, { encoding: "utf8" }).trim() !== `tool ${version}`)
    throw new Error("the command runs something else");
  return version;
}
