/** A workspace of its own for an end-to-end test: the program and plugin of this checkout, state and channels apart. */
import { spawn, type ChildProcess } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { environment } from "../../src/setup/environment.mjs";

export const checkout = fileURLToPath(new URL("../..", import.meta.url));

export interface Ran {
  code: number | null;
  /** stdout and stderr as a person sees them */
  text: string;
  seconds: number;
}

export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), "greenlight-e2e-"));

  constructor() {
    for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml", "package.json"]) copyFileSync(join(checkout, name), this.path(name));
    for (const name of ["infra", "src", "node_modules", "samples", "candidates"]) symlinkSync(join(checkout, name), this.path(name));
    mkdirSync(this.path(".greenlight", "state"), { recursive: true });
    writeFileSync(this.path(".greenlight", "passphrase"), "test", { mode: 0o600 });
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  start(command: string, args: string[]): { child: ChildProcess; ended: Promise<Ran> } {
    const started = performance.now();
    const env = { ...environment({ workspace: this.folder }), GREENLIGHT_WORKSPACE: this.folder };
    const child = spawn(command, args, { cwd: this.folder, env, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const ended = new Promise<Ran>((done) => child.on("close", (code) => done({ code, text, seconds: (performance.now() - started) / 1000 })));
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

  async dispose(): Promise<void> {
    await this.greenlight("destroy", "--stack", "dev");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
