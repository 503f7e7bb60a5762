/** The recipe on real clean machines without a network: by an operator who types what its page says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { Guest } from "../installer/guest.ts";
import { operatorCommands } from "./operator-commands.ts";
import { pairs, recipeText, type Pair, type Released } from "./released.ts";

/** Everything that a deployment could leave behind, but for the two folders of this test. */
const inventory =
  "{ find /etc /opt /usr/local /var/lib /root -xdev ! -path '/etc/*-' ! -path '/var/lib/systemd/random-seed' ! -path '/var/lib/systemd/timers/stamp-*' ! -path '/etc/.pwd.lock' -printf '%p %y %m %u:%g %l\\n'; getent passwd; getent group; } | sort";

for (const [name, pairOf] of Object.entries(pairs)) {
  describe(`the recipe of ${name}`, function () {
    this.timeout(900_000);
    let pair: Pair;

    before(async function () {
      const found = await pairOf();
      if (!found) return this.skip();
      pair = found;
    });

    describe("in an operator's hands", () => {
      let guest: Guest;
      before(async () => {
        guest = await Guest.start("recipe-operator", pair.now.subject.sha256);
        for (const [folder, { archiveFile, recipeFile }] of [
          ["before", pair.before],
          ["now", pair.now],
        ] as const) {
          await ok(`mkdir /root/${folder}`);
          for (const file of [archiveFile, recipeFile])
            await guest.put(`/root/${folder}/${basename(file)}`, readFileSync(file));
          await ok(`cd /root/${folder} && unzip -q ${basename(recipeFile)} -d recipe`);
        }
      });
      after(() => guest?.end());

      const ok = async (text: string): Promise<string> => {
        const answer = await guest.sh(text);
        assert.equal(answer.code, 0, `${text}\n${answer.stdout}${answer.stderr}`);
        return answer.stdout;
      };
      const inUse = async (): Promise<string> =>
        basename((await ok(`readlink -f /opt/${pair.now.product.name}/current`)).trim());
      const folderOf = ({ subject }: Released): string => `${subject.version}-${subject.sha256.slice(0, 8)}`;

      it("every command of its page does what it says, in its order, and nothing is left in the end", async () => {
        const clean = await ok(inventory);
        assert.match(await ok("/root/before/recipe/deploy"), /^changed=yes$/m);
        assert.equal(await inUse(), folderOf(pair.before));
        const commands = operatorCommands(recipeText(pair.now, "README.md"));
        // What is in use after each of the recipe's own commands.
        const after: Record<string, Released | undefined> = {
          "./deploy": pair.now,
          "./upgrade": pair.now,
          "./rollback": pair.before,
        };
        for (const command of commands) {
          const said = await ok(`cd /root/now/recipe && ${command}`);
          if (after[command]) assert.equal(await inUse(), folderOf(after[command]), command);
          if (command === "./rollback") {
            await ok("/root/before/recipe/status");
            // What is deployed now is the other release's recipe to remove.
            const refused = await guest.sh("/root/now/recipe/remove --remove-state");
            assert.equal(refused.code, 7);
            assert.ok(refused.stderr.includes(basename(pair.before.recipeFile)), refused.stderr);
            assert.equal(await inUse(), folderOf(pair.before));
            await ok("/root/now/recipe/upgrade");
          }
          if (command === "./remove")
            for (const service of pair.now.product.kinds[pair.now.kind]!.services)
              await ok(`[ -d ${service.stateFolder} ] && ! systemctl is-active --quiet ${service.name}`);
          if (command.startsWith("systemd-analyze")) assert.match(said, /exposure level/i);
        }
        assert.equal(await ok(inventory), clean);
        assert.equal((await guest.sh("/root/now/recipe/status")).code, 7);
      });

      it("one character of the recipe makes every command refuse, and nothing happens", async () => {
        const clean = await ok(inventory);
        await ok(
          "cp -a /root/now/recipe /root/now/changed && sed -i 's/^User=/User=x/' /root/now/changed/systemd/*.service",
        );
        for (const command of ["deploy", "upgrade", "rollback", "status", "remove"]) {
          const answer = await guest.sh(`/root/now/changed/${command}`);
          assert.equal(answer.code, 4, command);
          assert.match(answer.stderr, /is not as it was published/);
        }
        await ok("rm -r /root/now/changed");
        assert.equal(await ok(inventory), clean);
      });

      it("what it shows is what it installs, and the machine is as its units need it", async () => {
        await ok("/root/now/recipe/deploy");
        const facts = JSON.parse(recipeText(pair.now, "recipe.json"));
        for (const { name, unit, user, state_folder: state, config_files: files, listens, health } of facts.services) {
          await ok(`cmp /root/now/recipe/${unit} /etc/systemd/system/${name}.service`);
          for (const { path, shown } of files) await ok(`cmp /root/now/recipe/${shown} ${path}`);
          // b, c, g, h: every environment file, the user, its folders and the program are there.
          await ok(
            `sed -n 's/^EnvironmentFile=//p' /etc/systemd/system/${name}.service | while read -r file; do [ -f "$file" ] || exit 1; done`,
          );
          assert.equal((await ok(`stat -c %U ${state}`)).trim(), user);
          await ok(`[ -x "$(sed -n 's/^ExecStart=\\([^ ]*\\).*/\\1/p' /etc/systemd/system/${name}.service)" ]`);
          // e: it answers where the recipe says.
          const sockets = await ok('ss -Hltnu | while read -r type _ _ _ local _; do echo "$local/$type"; done');
          for (const socket of listens) assert.ok(sockets.split("\n").includes(socket), `${socket} among ${sockets}`);
          await ok(`bash -c 'exec 3<>/dev/tcp/${new URL(health).hostname}/${new URL(health).port}'`);
          // d: nothing of the service lies in the release or at the root.
          assert.equal(await ok(`find /opt /data -user ${user} 2>/dev/null || :`), "");
        }
        if (name === "the stand-in") {
          await ok("[ -f /var/lib/palyra/data/journal.sqlite3 ]");
          assert.match(await ok("grep -c '^auth_token = \"palyra_admin_' /etc/palyra/palyra.toml"), /^1$/m);
          assert.equal(
            await ok("stat -c '%a %U' /etc/palyra/palyra.toml /etc/palyra/palyra-browserd.secrets"),
            "600 palyra\n600 root\n",
          );
          assert.match(await ok("palyra health --json"), /"overall": *"ok"/);
        }
        await ok("/root/now/recipe/remove --remove-state");
      });
    });
  });
}
