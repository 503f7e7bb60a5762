/** Updates that are ended from outside while a machine is at work: the next command leaves nothing of them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { goodCandidate } from "../good-candidate.ts";
import { assertNothingLeft } from "./inventory.ts";
import { until, Workspace } from "./workspace.ts";

/** The `greenlight` plugin's process that serves a workspace. */
function pluginOf(workspace: string): number {
  const pid = readdirSync("/proc").find((name) => {
    try {
      return (
        /^\d+$/.test(name) &&
        readFileSync(`/proc/${name}/cmdline`, "utf8").includes("src/provider/main.ts") &&
        readFileSync(`/proc/${name}/environ`, "utf8").includes(`GREENLIGHT_WORKSPACE=${workspace}\0`)
      );
    } catch {
      return false;
    }
  });
  if (!pid) throw new Error("the plugin does not run");
  return Number(pid);
}

describe("an update that is ended from outside", function () {
  this.timeout(15 * 60_000);
  let good: string;
  before(async () => (good = await goodCandidate()));

  const ways: [string, (workspace: Workspace, engine: number) => void][] = [
    ["Ctrl-C", (_, engine) => process.kill(engine, "SIGINT")],
    ["kill -9 of the plugin", (workspace) => process.kill(pluginOf(workspace.folder), "SIGKILL")],
    ["kill -9 of the engine", (_, engine) => process.kill(engine, "SIGKILL")],
  ];
  for (const [way, end] of ways) {
    it(`by ${way}: it fails, and after destroy no process, socket, overlay or temporary file is left`, async () => {
      const workspace = new Workspace();
      try {
        await workspace.lite();
        await workspace.set("candidate", good);
        const { child, ended } = workspace.start("pulumi", [
          "--non-interactive",
          "up",
          "--yes",
          "--skip-preview",
          "--stack",
          "dev",
        ]);
        await until(8 * 60_000, async () => (await workspace.machines()).some((m) => m.alive));
        end(workspace, child.pid!);
        const { code, text } = await ended;
        assert.notEqual(code, 0, text);
        const destroyed = await workspace.greenlight("destroy", "--stack", "dev");
        assert.equal(destroyed.code, 0, destroyed.text);
        await assertNothingLeft(workspace.folder);
      } finally {
        await workspace.dispose();
      }
    });
  }
});
