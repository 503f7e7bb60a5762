/** A git checkout for tests to run commands in, and a matrix with the scenarios that they want. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readPolicy, type Matrix, type Scenario, type SetupStep } from "../../src/matrix/index.ts";

/** A checkout with these files in one commit; the caller removes it. */
export function checkoutOf(files: Record<string, string>): { folder: string; commit: string } {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-checkout-"));
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", folder, "-c", "user.name=T", "-c", "user.email=t@example.org", ...args], {
      encoding: "utf8",
    }).trim();
  git("init", "-q");
  for (const [path, text] of Object.entries({ "README.md": "A product.\n", ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  git("add", "-A");
  git("commit", "-q", "-m", "All of it");
  return { folder, commit: git("rev-parse", "HEAD") };
}

/** A scenario that a shell text proves. */
export function shellScenario(id: string, text: string, more: Partial<Scenario> = {}): Scenario {
  return {
    ...{
      id,
      label: `Scenario ${id}`,
      category: "runtime",
      profiles: ["fast"],
      subsystems: ["core_messaging"],
      chaos: false,
    },
    ...{ command: ["sh", "-c", text], time_limit_seconds: 60, proof: { command: { counted: "cargo" } } },
    ...more,
  };
}

export function shellStep(id: string, text: string, more: Partial<SetupStep> = {}): SetupStep {
  return { id, label: `Step ${id}`, profiles: ["fast"], command: ["sh", "-c", text], time_limit_seconds: 60, ...more };
}

/** A matrix with these steps and scenarios, whatever the rules say of it. */
export function matrixOf(scenarios: Scenario[], setup_steps: SetupStep[] = []): Matrix {
  return { ...readPolicy("nats").matrix.value, setup_steps, scenarios };
}

/** What rustc's harness prints at its end. */
export const cargoSays = (passed: number, failed = 0, ignored = 0): string =>
  `running ${passed + failed + ignored} tests\\n\\ntest result: ${failed > 0 ? "FAILED" : "ok"}. ${passed} passed; ${failed} failed; ${ignored} ignored; 0 measured; 7 filtered out; finished in 0.01s\\n`;
