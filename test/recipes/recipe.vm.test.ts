import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packEntries } from "../../src/archive/index.ts";
import { nats } from "../../src/products/nats.ts";
import { recipeName, renderRecipe } from "../../src/recipes/index.ts";
import { Guest } from "../installer/guest.ts";
import { packedSample } from "../installer/nats.ts";

describe("the recipe on a clean machine", function () {
  this.timeout(600_000);
  let guest: Guest;

  before(async function () {
    const sample = await packedSample();
    if (!sample) return this.skip();
    const { subject, bytes } = sample;
    const folder = mkdtempSync(join(tmpdir(), "greenlight-recipe-"));
    const zip = join(folder, recipeName(subject.base));
    await packEntries(renderRecipe(nats, "server", subject).map(({ path, mode, text }) => ({ path, mode, data: Buffer.from(text) })), zip);
    guest = await Guest.start("recipe-test", subject.sha256);
    await guest.put(`/root/${subject.base}.zip`, bytes);
    await guest.put("/root/recipe.zip", readFileSync(zip));
    rmSync(folder, { recursive: true });
  });
  after(() => guest?.end());

  const ok = async (text: string) => {
    const answer = await guest.sh(text);
    assert.equal(answer.code, 0, `${text}\n${answer.stdout}${answer.stderr}`);
    return answer.stdout;
  };

  it("deploys from its bytes alone, converges, is healthy, and goes without a trace", async () => {
    await ok("unzip -q /root/recipe.zip -d /root/recipe");
    const inventory = "{ find /etc /opt /usr/local /var/lib /root -xdev ! -path '/etc/*-' ! -path '/var/lib/systemd/*' ! -path '/etc/.pwd.lock' -printf '%p %y %m %u:%g %l\\n'; getent passwd; getent group; } | sort";
    const clean = await ok(inventory);
    const started = Date.now();
    assert.match(await ok("/root/recipe/deploy"), /^changed=yes$/m);
    console.log(`      deploy ${((Date.now() - started) / 1000).toFixed(1)} s`);
    await ok("cmp /root/recipe/units/nats-server.service /etc/systemd/system/nats-server.service");
    await ok("cmp /root/recipe/config/nats-server/nats-server.env /etc/nats/nats-server.env");
    const picture = "find /opt/nats /usr/local/bin /etc -printf '%p %i %T@ %l\\n' | sort; systemctl show -p MainPID -p InvocationID nats-server";
    const before = await ok(picture);
    assert.match(await ok("/root/recipe/deploy"), /^changed=no$/m);
    assert.equal(await ok(picture), before);
    assert.match(await ok("cd /root/recipe && ./status"), /^healthy\.nats-server=yes$/m);
    await ok("/root/recipe/remove --remove-state");
    assert.equal(await ok(inventory), clean);
    assert.equal((await guest.sh("/root/recipe/status")).code, 7);
  });
});
