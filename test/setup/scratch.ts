import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A temporary folder for each test, and the process's environment put back after it. */
export function scratch(): { path: (...parts: string[]) => string; program: (file: string, text: string) => string } {
  let folder = "";
  const before = { ...process.env };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "greenlight-setup-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });
  const path = (...parts: string[]) => join(folder, ...parts);
  return {
    path,
    /** Writes an executable script below the folder and answers its path. */
    program(file, text) {
      mkdirSync(dirname(path(file)), { recursive: true });
      writeFileSync(path(file), text);
      chmodSync(path(file), 0o755);
      return path(file);
    },
  };
}
