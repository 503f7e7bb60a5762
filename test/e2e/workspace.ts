/** A workspace of its own for an end-to-end test: the program and plugin of this checkout, state and channels apart. */
import { spawn, type ChildProcess } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listMachines } from "../../src/machines/index.ts";
import { breakCandidate, brokenCandidates } from "../broken-candidates.ts";
import { stateNames } from "../../src/cli/state-file.ts";
import { environment } from "../../src/setup/environment.mjs";

export const checkout = fileURLToPath(new URL("../..", import.meta.url));

export interface Ran {
  code: number | null;
  /** stdout and stderr as a person sees them */
  text: string;
  seconds: number;
}

/** Waits until something is so; where machines are waited for, generously: other tests may hold the slots. @throws when it is not within `ms`. */
export async function until(ms: number, so: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + ms;
  while (!(await so())) {
    if (Date.now() > end) throw new Error(`not so within ${ms / 1000} s: ${String(so)}`);
    await new Promise((done) => setTimeout(done, 200));
  }
}

/** The good candidate broken in one way, in a folder of its own; answers the folder. */
export async function brokenCandidate(name: string, good: string, folder: string): Promise<string> {
  await breakCandidate(
    brokenCandidates.find((b) => b.name === name)!,
    good,
    folder,
  );
  return folder;
}

export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), "greenlight-e2e-"));

  constructor() {
    for (const name of ["Pulumi.yaml", "package.json"]) copyFileSync(join(checkout, name), this.path(name));
    // Without what a stack on this checkout may have added: its salt, and settings of whoever works here.
    for (const [stack, settings] of Object.entries({
      dev: { channel: "dev" },
      prod: { channel: "stable", promoteFrom: "dev" },
    })) {
      const lines = Object.entries(settings).map(([key, value]) => `  greenlight:${key}: ${value}\n`);
      writeFileSync(this.path(`Pulumi.${stack}.yaml`), `config:\n${lines.join("")}`);
    }
    for (const name of ["infra", "src", "node_modules", "samples"]) symlinkSync(join(checkout, name), this.path(name));
    mkdirSync(this.path(".greenlight", "state"), { recursive: true });
    writeFileSync(this.path(".greenlight", "passphrase"), "test", { mode: 0o600 });
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** Starts a command; `input` is what it reads, nothing without it. */
  start(command: string, args: string[], input?: string): { child: ChildProcess; ended: Promise<Ran> } {
    const started = performance.now();
    const env = { ...environment({ workspace: this.folder }), GREENLIGHT_WORKSPACE: this.folder };
    const child = spawn(command, args, {
      cwd: this.folder,
      env,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    child.stdin?.end(input);
    let text = "";
    for (const stream of [child.stdout!, child.stderr!])
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const ended = new Promise<Ran>((done) =>
      child.on("close", (code) => done({ code, text, seconds: (performance.now() - started) / 1000 })),
    );
    return { child, ended };
  }

  /** `greenlight ARGS`, as `npm start -- ARGS` runs it once setup is done. */
  greenlight(...args: string[]): Promise<Ran> {
    return this.start(process.execPath, [join(checkout, "src/cli/main.ts"), ...args]).ended;
  }

  /** `pulumi ARGS`, by hand. */
  pulumi(...args: string[]): Promise<Ran> {
    return this.start("pulumi", ["--non-interactive", ...args]).ended;
  }

  readonly cli = join(checkout, "src/cli/main.ts");

  /** Makes a stack, as its first `up` does; a preview makes none. */
  async make(stack = "dev"): Promise<void> {
    const { code, text } = await this.pulumi(
      "stack",
      "init",
      stack,
      "--secrets-provider",
      "passphrase",
      ...(stack === "dev" ? [] : ["--no-select"]),
    );
    if (code !== 0 && !stateNames(this.folder).some((name) => name.startsWith(`${stack}.json`))) throw new Error(text);
  }

  /** Only the suites that dev requires, on one machine: for tests that are not about the others. */
  async lite(): Promise<void> {
    await this.make();
    for (const [i, suite] of ["install", "smoke", "service", "crash", "uninstall"].entries())
      await this.set(`suites[${i}]`, suite);
    await this.set("soakSeconds", "0");
  }

  /** Sets one setting of dev; `key` is a path below `greenlight:`. */
  async set(key: string, value: string): Promise<void> {
    const { code, text } = await this.pulumi("config", "set", "--path", "--stack", "dev", `greenlight:${key}`, value);
    if (code !== 0) throw new Error(text);
  }

  machines() {
    return listMachines({ workspace: this.folder });
  }

  /** Ends a cell's machine as a crash of its host would. */
  async killMachine(cell: string): Promise<void> {
    const machine = (await this.machines()).find((m) => m.alive && m.cell === cell);
    if (!machine) throw new Error(`no machine of ${cell} is alive`);
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      let words: string[] = [];
      try {
        words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      } catch {
        continue; // ended while we looked
      }
      if (/qemu-system-[^/]*$/.test(words[0]!) && words.includes(`greenlight-${machine.id}`))
        process.kill(Number(pid), "SIGKILL");
    }
  }

  async dispose(): Promise<void> {
    await this.greenlight("destroy", "--stack", "dev");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
