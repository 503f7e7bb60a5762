/** Whole updates by the real engine in a workspace of their own: with the suites that dev requires, with all of them, and with nothing to do. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import { environment } from "../src/setup/environment.mjs";
import { goodCandidate } from "../test/good-candidate.ts";
import { Workspace, type Ran } from "../test/e2e/workspace.ts";
import { rowOf, type Row } from "./row.ts";

function ok(ran: Ran): number {
  if (ran.code !== 0) throw new Error(ran.text);
  return ran.seconds;
}

/** What the engine itself takes for a program of that many resources of its own, when nothing changes: the limit for a no-op. */
function bareEngine(rounds: number, modules: string): number[] {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  try {
    mkdirSync(join(folder, ".greenlight", "state"), { recursive: true });
    writeFileSync(join(folder, ".greenlight", "passphrase"), "bench", { mode: 0o600 });
    writeFileSync(
      join(folder, "Pulumi.yaml"),
      "name: bare\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nbackend:\n  url: file://.greenlight/state\n",
    );
    writeFileSync(join(folder, "package.json"), '{ "type": "module", "main": "index.js" }');
    symlinkSync(modules, join(folder, "node_modules"));
    writeFileSync(
      join(folder, "index.js"),
      'import * as pulumi from "@pulumi/pulumi";\nfor (let i = 0; i < 20; i++) new pulumi.ComponentResource("bare:index:Thing", `thing-${i}`);\n',
    );
    const env = environment({ workspace: folder });
    const run = (...args: string[]): number => {
      const started = performance.now();
      execaSync("pulumi", ["--non-interactive", ...args], { cwd: folder, env, extendEnv: false });
      return (performance.now() - started) / 1000;
    };
    run("stack", "init", "dev", "--secrets-provider", "passphrase");
    run("up", "--yes", "--skip-preview");
    return Array.from({ length: rounds }, () => run("up", "--yes", "--skip-preview"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Measures `rounds` updates of each kind; no-ops are cheap and run five times. */
export async function benchUp(rounds = 1): Promise<Row[]> {
  const good = await goodCandidate();
  const rows: Row[] = [];
  const noops: number[] = [];
  for (const [name, lite] of [
    ["up: install, smoke, service, uninstall", true],
    ["up: all suites, with soak, reboot and recipe", false],
  ] as const) {
    const seconds: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const workspace = new Workspace();
      try {
        if (lite) await workspace.lite();
        ok(await workspace.greenlight("preview", "--candidate", good));
        seconds.push(ok(await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "dev")));
        if (!lite && i === 0)
          for (let n = 0; n < 5; n++)
            noops.push(
              ok(await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "dev", "--expect-no-changes")),
            );
      } finally {
        await workspace.dispose();
      }
    }
    rows.push(rowOf(name, "s", seconds));
  }
  rows.push(rowOf("up: nothing changed", "s", noops));
  const bare = bareEngine(5, join(import.meta.dirname, "..", "node_modules"));
  rows.push(rowOf("up: the bare engine, nothing changed (peer)", "s", bare));
  return rows;
}
