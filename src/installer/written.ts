/**
 * The very texts that an installer writes at the usual places, for those who want to read them beforehand. The installer is
 * asked for them: there is one way only in which a unit or an environment file is written, and it is the installer's. It is
 * asked by Node itself, and at once: execa is loaded where a child process is waited for, and every command loads this file.
 */
import { spawnSync } from "node:child_process";
import { EdgeError } from "../edges/edges.ts";
import type { Installation } from "./installation.ts";
import { installerScript } from "./installer.ts";

/** The unit or the environment file of one service. @throws EdgeError when this host has no `sh`, or the text cannot be written. */
export function writtenText(installation: Installation, what: "unit" | "environment", service: string): string {
  const { status, stdout, stderr } = spawnSync(
    "sh",
    ["-s", "show", what, service, "--install-root", installation.root],
    { input: installerScript(installation), encoding: "utf8" },
  );
  if (status !== 0)
    throw new EdgeError(
      `The ${what} of service ${service} cannot be written (${(stderr ?? "").trim() || "this host has no sh"}); mend the product definition.`,
    );
  return stdout;
}
