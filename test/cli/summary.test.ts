/** What is said at the end of an update, of what the engine answers; a script stands in for it. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import { showProgress } from "../../src/cli/progress.ts";
import { cutShort, summarize, type Ending } from "../../src/cli/summary.ts";
import { scratch } from "../setup/scratch.ts";

describe("the summary of an update", () => {
  const { path, program } = scratch();

  /** The summary, when the stack exports these. */
  async function said(outputs: string, ending: Partial<Ending>): Promise<string> {
    program(
      "bin/pulumi",
      `#!/bin/sh\nif [ "$1" = version ]; then echo v3.300.0; else cat "$(dirname "$0")/outputs"; fi\n`,
    );
    program("bin/pulumi-language-nodejs", "#!/bin/sh\n");
    writeFileSync(path("bin/outputs"), outputs);
    process.env["PATH"] = [path("bin"), dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
    process.env["XDG_CACHE_HOME"] = path("cache");
    mkdirSync(path("w"), { recursive: true });
    const lines: string[] = [];
    const progress = showProgress(() => {});
    await summarize({
      workspace: path("w"),
      stack: "dev",
      channel: "early",
      progress,
      green: true,
      published: undefined,
      write: (line) => lines.push(line),
      ...ending,
    });
    return lines.join("\n");
  }
  const released = {
    product: "nats",
    version: "2.11.4",
    channel: "early",
    digest: "d",
    files: { "a.zip": "0123456789abcdef" },
    folder: "/gone/with/another/workspace",
  };
  const outputs = JSON.stringify({ channel: "early", verdicts: {}, released, withheld: [], notApplicable: [] });

  it("says published only of what the channel did not hold before", async () => {
    const changed = { ...showProgress(() => {}), changes: 1 };
    assert.match(
      await said(outputs, { published: "nats 2.11.4", progress: changed }),
      /^Published nats 2\.11\.4 to channel early\.$/m,
    );
    assert.match(
      await said(outputs, { progress: changed }),
      /^Green, and nothing to publish: nats 2\.11\.4 is in channel early already\.$/m,
    );
    assert.match(await said(outputs, {}), /^Nothing has changed: nats 2\.11\.4 is in channel early\.$/m);
  });

  it("says published of what came into the channel before the update failed, or was cut short", async () => {
    const text = await said(outputs, { green: false, published: "nats 2.12.0" });
    assert.match(text, /^Published nats 2\.12\.0 to channel early; what came after it in this update failed:$/m);
    assert.doesNotMatch(text, /Nothing was published|still holds/);
    assert.equal(cutShort("nats 2.12.0", "early"), "nats 2.12.0 was published to channel early before that");
    assert.equal(cutShort(undefined, "early"), "nothing was published in this run");
  });

  it("shows the folder in this workspace, whatever the state has kept", async () => {
    const text = await said(outputs, {});
    assert.match(text, /^ {2}0123456789ab {2}.*\/w\/\.greenlight\/channels\/early\/releases\/nats\/2\.11\.4\/a\.zip$/m);
    assert.doesNotMatch(text, /gone/);
  });

  it("names the channel of the settings when the stack has exported nothing, or what cannot be read", async () => {
    for (const green of [true, false])
      assert.match(await said("{}", { green }), /^Nothing was published to channel early\.$/m);
    await assert.rejects(said("{half", {}), /^EdgeError: `pulumi stack output` is not JSON/);
  });
});
