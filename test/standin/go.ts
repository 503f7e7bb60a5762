/** The Go command for the stand-in, with nothing of the user's environment that would change what comes out. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { EdgeError } from "../../src/edges/edges.ts";
import type { Platform } from "../../src/products/index.ts";
import { canonicalJson, sha256 } from "../../src/storage/digest.ts";

const run = promisify(execFile);
const here = import.meta.dirname;

/** Greenlight's platform → Go's, at the lowest processor level of each. */
export const goPlatforms: Record<Platform, Record<string, string>> = {
  "linux-x64": { GOOS: "linux", GOARCH: "amd64", GOAMD64: "v1" },
  "linux-arm64": { GOOS: "linux", GOARCH: "arm64", GOARM64: "v8.0" },
  "windows-x64": { GOOS: "windows", GOARCH: "amd64", GOAMD64: "v1" },
  "macos-arm64": { GOOS: "darwin", GOARCH: "arm64", GOARM64: "v8.0" },
  "macos-x64": { GOOS: "darwin", GOARCH: "amd64", GOAMD64: "v1" },
};

/** The platform of this machine, as archives name it. */
export function hostPlatform(): Platform {
  const os = { linux: "linux", darwin: "macos", win32: "windows" }[process.platform as string];
  return `${os}-${process.arch}` as Platform;
}

/** Standard output of `go …args`. @throws EdgeError one sentence when Go is missing, Go's own words when it fails. */
export async function go(args: string[], environment: Record<string, string> = {}): Promise<string> {
  try {
    const env = {
      ...process.env,
      CGO_ENABLED: "0",
      GOFLAGS: "-mod=readonly",
      GOWORK: "off",
      GOEXPERIMENT: "",
      GODEBUG: "",
      ...environment,
    };
    return (await run("go", args, { cwd: here, env, maxBuffer: 1 << 24 })).stdout;
  } catch (e) {
    const failed = e as NodeJS.ErrnoException & { stderr?: string };
    if (failed.code === "ENOENT")
      throw new EdgeError(
        "Building the stand-in needs Go 1.24 or newer, and there is no `go` on PATH; install it from https://go.dev/dl.",
      );
    throw new EdgeError(
      `\`go ${args.join(" ")}\` failed: ${(failed.stderr || failed.message).trim().split("\n").slice(-8).join("\n")}`,
    );
  }
}

/** Digest of the Go program's own files. */
export function sourcesDigest(): string {
  const names = readdirSync(here)
    .filter((name) => /\.(go|json|mod)$/.test(name))
    .sort();
  return sha256(canonicalJson(names.map((name) => [name, readFileSync(join(here, name), "utf8")])));
}
