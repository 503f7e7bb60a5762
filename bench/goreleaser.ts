/**
 * GoReleaser as a peer for packing: its open edition packs binaries that are there already when a build's `tool` is a script
 * that copies them. Built once from its Go module, in about 3 minutes, into the user's cache.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { execa, execaSync } from "execa";
import { cachePath } from "../src/storage/folders.ts";

const version = "2.12.0";

/** What is packed: programs by their name in the archive, further files by theirs, all as paths of this host. */
export interface Load {
  programs: Record<string, string>;
  files: Record<string, string>;
}

/** Path of GoReleaser, built when it is not there; undefined where there is no Go to build it. */
export async function goreleaser(report: (line: string) => void): Promise<string | undefined> {
  const file = cachePath("bench", `goreleaser-${version}`, "goreleaser");
  if (existsSync(file)) return file;
  try {
    execaSync("go", ["version"], { stdio: "ignore" });
  } catch {
    report(
      "GoReleaser, the peer for packing, is built with Go, and there is no `go` on PATH: packing is measured without it.",
    );
    return undefined;
  }
  report(`Building GoReleaser ${version} from its Go module, once, in about 3 minutes.`);
  mkdirSync(cachePath("bench"), { recursive: true });
  const stage = mkdtempSync(cachePath("bench", "part-"));
  try {
    await execa("go", ["install", `github.com/goreleaser/goreleaser/v2@v${version}`], {
      env: { GOBIN: stage, CGO_ENABLED: "0", GOFLAGS: "" },
      cwd: stage,
    });
    rmSync(dirname(file), { recursive: true, force: true });
    renameSync(stage, dirname(file));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return file;
}

/** A project for GoReleaser in `folder`, which packs the load into one ZIP for linux-x64. @returns how to pack, answering the ZIP's bytes */
export function goreleaserProject(program: string, folder: string, { programs, files }: Load): () => Promise<number> {
  mkdirSync(folder, { recursive: true });
  for (const [name, file] of Object.entries({ ...programs, ...files })) {
    const to = join(folder, name in programs ? "prebuilt" : ".", name);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(file, to);
  }
  // Called as Go is, with the place of the result behind -o; anything else that Go is asked for needs no answer.
  const tool = join(folder, "tool");
  writeFileSync(
    tool,
    `#!/bin/sh\nwhile [ $# -gt 0 ]; do\n  if [ "$1" = -o ]; then exec cp "${folder}/prebuilt/$(basename "$2")" "$2"; fi\n  shift\ndone\n`,
    { mode: 0o755 },
  );
  const builds = Object.keys(programs).map((name) => ({
    id: name,
    binary: name,
    tool,
    no_main_check: true,
    goos: ["linux"],
    goarch: ["amd64"],
    env: ["CGO_ENABLED=0"],
  }));
  const config = {
    version: 2,
    project_name: "peer",
    builds,
    archives: [{ formats: ["zip"], files: Object.keys(files) }],
    checksum: { name_template: "checksums.txt" },
  };
  writeFileSync(join(folder, ".goreleaser.yaml"), JSON.stringify(config));
  writeFileSync(join(folder, ".gitignore"), "dist/\n");
  writeFileSync(join(folder, "go.mod"), "module example.org/peer\n\ngo 1.24\n");
  const git = (...args: string[]): unknown =>
    execaSync("git", ["-C", folder, "-c", "user.name=Bench", "-c", "user.email=bench@example.org", ...args], {
      stdio: "ignore",
    });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "Files to pack");
  git("tag", "v1.0.0");
  return async () => {
    await execa(program, ["release", "--snapshot", "--clean", "--skip=publish,announce,validate,sbom,sign"], {
      cwd: folder,
    });
    const zip = readdirSync(join(folder, "dist")).find((name) => name.endsWith(".zip"));
    if (!zip) throw new Error(`GoReleaser packed nothing in ${basename(folder)}`);
    return statSync(join(folder, "dist", zip)).size;
  };
}
