/**
 * The contract that a command plugin keeps with the engine, on real SSH servers. `GREENLIGHT_COMMAND_PLUGIN` names another
 * plugin to be put through it; cases that the real one is known to fail are left out then, each with the reason.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectionCases } from "./cases/connection.ts";
import { copyCases } from "./cases/copy.ts";
import { endingCases } from "./cases/ending.ts";
import { outputCases } from "./cases/output.ts";
import { remoteCommandCases } from "./cases/remote-command.ts";
import type { Case, World } from "./cases/case.ts";
import { PluginClient } from "./plugin-client.ts";
import { sshdInstalled, startSshd, type Sshd } from "./sshd.ts";

const another = process.env["GREENLIGHT_COMMAND_PLUGIN"] !== undefined;
const groups: Record<string, Case[]> = {
  "remote commands": remoteCommandCases,
  output: outputCases,
  connections: connectionCases,
  endings: endingCases,
  copies: copyCases,
};

describe("command plugin contract", function () {
  this.timeout(20_000);
  let sshd: Sshd;
  let plugin: PluginClient;
  const slow = new Map<Case, Promise<unknown>>();

  async function inWorld(testCase: Case, shared: PluginClient | undefined): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "greenlight-case-"));
    const connection: World["connection"] = (over = {}) => ({
      host: sshd.host,
      port: sshd.port,
      user: sshd.user,
      privateKey: sshd.privateKey,
      hostKey: sshd.hostKey,
      ...over,
    });
    const used = shared ?? (await PluginClient.start());
    try {
      await testCase.run({ plugin: used, sshd, folder, connection });
    } finally {
      rmSync(folder, { recursive: true, force: true });
      if (!shared) await used.stop();
    }
  }

  before(async () => {
    if (!sshdInstalled())
      throw new Error("The contract suite needs an SSH server; install it with `apt-get install -y openssh-server`.");
    sshd = await startSshd();
    plugin = await PluginClient.start();
    for (const testCase of Object.values(groups).flat()) {
      if (!testCase.slow || (another && testCase.real)) continue;
      slow.set(
        testCase,
        inWorld(testCase, undefined).then(
          () => undefined,
          (error: unknown) => error ?? new Error("failed"),
        ),
      );
    }
  });

  after(async function () {
    this.timeout(60_000);
    await Promise.all(slow.values());
    await plugin?.stop();
    await sshd?.stop();
  });

  for (const [group, cases] of Object.entries(groups)) {
    describe(group, () => {
      for (const testCase of cases.filter((c) => !c.slow)) {
        if (another && testCase.real) it.skip(`${testCase.name} (the real one ${testCase.real})`);
        else it(testCase.name, () => inWorld(testCase, plugin));
      }
    });
  }

  describe("slow ones, which ran beside the others", () => {
    for (const testCase of Object.values(groups)
      .flat()
      .filter((c) => c.slow)) {
      it(testCase.name, async function () {
        this.timeout(60_000);
        if (another && testCase.real) return this.skip();
        const failure = await slow.get(testCase);
        if (failure) throw failure as Error;
      });
    }
  });
});
