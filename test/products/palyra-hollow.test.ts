/** Answers of a Palyra that have the right form and nothing behind it: each is red in the check that asks for more. */
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { profiles } from "../../src/products/palyra/profiles.ts";
import { scenarioGroups } from "../../src/products/palyra/scenarios.ts";
import { hollowed } from "./hollow.ts";
import { LaidOut, product } from "./laid-out.ts";

describe("A hollow Palyra", function () {
  this.timeout(300_000);
  let laid: LaidOut;
  before(async () => {
    laid = await LaidOut.of("desktop");
  });
  after(() => laid?.remove());

  /** All that a check of the smoke says, which must be red, with these answers. */
  const red = (check: string, answers: Record<string, string>): Promise<string> =>
    hollowed(laid, answers, async () => {
      const results = await laid.judge(laid.smoke.filter(({ name }) => name === check));
      assert.deepEqual(
        results.map(({ status }) => status),
        ["failed"],
      );
      return results[0]!.observed!;
    });
  const prints = (value: unknown): string => `cat <<'END'\n${JSON.stringify(value)}\nEND\n:`;
  /** The release's own answer, changed: one value stands on a line of its own in it. */
  const edited = (sed: string): string => `real "$@" | sed ${sed}`;

  for (const { id, recipeFiles } of profiles) {
    const none = `missing: ${recipeFiles.join("; ")}`;
    describe(`on the deployment ${id}`, () => {
      const check = `deployment-${id}`;
      const on = (command: string): string => `*"deployment ${command} --deployment-profile ${id}"*`;
      it("is red with a preflight whose only check is of nothing", async () => {
        const report = {
          profile_id: id,
          status: "passed",
          blocking_failures: 0,
          config_path: "CONFIG",
          manifest: { blockers: [] },
          checks: [{ id: "nothing", required: false, status: "ok" }],
        };
        assert.match(await red(check, { [on("preflight")]: prints(report) }), /preflight: \/checks\/0\/id = "nothing"/);
      });
      it("is red with a preflight that requires nothing any more, and one whose check has no status", async () => {
        assert.match(
          await red(check, { [on("preflight")]: edited('\'s/"required": true/"required": false/\'') }),
          /preflight: \/checks\/0\/required = false/,
        );
        assert.match(
          await red(check, { [on("preflight")]: edited('\'/"status": "ok"/d\'') }),
          /preflight: no \/checks\/0\/status/,
        );
      });
      it("is red with gates of one name, and one without", async () => {
        const gates = [{ id: "a" }, { id: "a" }, {}].map((gate) => ({ ...gate, required: true, status: "manual" }));
        assert.match(
          await red(check, {
            [on("promotion-check")]: prints({
              profile_id: id,
              status: "ready_for_staging",
              blocking_failures: 0,
              gates,
            }),
          }),
          /promotion-check: \/gates\/0\/id = "a"; .*promotion-check: \/gates\/1\/id = "a"; .*promotion-check: no \/gates\/2\/id/,
        );
      });
      it("is red with a smoke of upgrades that names no files, or is of other checks and gates", async () => {
        const smoke = {
          profile_id: id,
          status: "passed",
          preflight: { status: "passed" },
          promotion: { status: "ready_for_staging" },
          rollback: { profile_id: id },
          recipe_files: recipeFiles.map(() => 0),
        };
        const said = await red(check, { [on("upgrade-smoke")]: prints(smoke) });
        for (const [at] of recipeFiles.entries())
          assert.ok(said.includes(`upgrade-smoke: /recipe_files/${at} = 0`), said);
        for (const list of ["preflight/checks", "promotion/gates"])
          assert.ok(said.includes(`upgrade-smoke: no /${list} `), said);
      });
      it("is red with a recipe that is told of and not written", async () => {
        const said = await red(check, {
          [on("recipe")]: `echo "deployment.recipe profile=${id} output_dir=made files=${recipeFiles.length}"`,
        });
        for (const who of ["says", "writes"]) assert.ok(said.includes(`recipe-${who}: ${none}`), said);
      });
      it("is red with a recipe of empty files, of other names, or of another deployment", async () => {
        const empty = await red(check, { [on("recipe")]: 'real "$@"; find "$6" -type f -exec truncate -s 0 {} +' });
        assert.doesNotMatch(empty, /recipe-says/);
        assert.ok(empty.includes(`recipe-writes: ${none}`), empty);
        const renamed = await red(check, {
          [on("recipe")]: 'real "$@"; mv "$6/docker/Dockerfile.palyra" "$6/docker/Dockerfile"',
        });
        const line = "recipe-writes: unexpected: docker/Dockerfile; missing: docker/Dockerfile.palyra";
        assert.ok(renamed.includes(line), renamed);
        const other = profiles.find((profile) => profile.id !== id)!.id;
        const said = await red(check, {
          [on("recipe")]:
            `real deployment recipe --deployment-profile ${other} --output-dir "$6" >/dev/null; real "$@"; real deployment manifest --deployment-profile ${other} >"$6/profile-manifest.json"; echo '{"steps": []}' >"$6/release/rollback-plan.json"; echo PALYRA_DEPLOYMENT_PROFILE=${other} >"$6/env/palyra.env.example"`,
        });
        assert.match(said, /made-profile-manifest-json: \{.* instead of \{/);
        assert.match(said, /made-release-rollback-plan-json: \{"steps":\[\]\} instead of \{/);
        assert.match(said, new RegExp(`environment: "${other}"`));
        assert.match(said, new RegExp(`recipe-writes: unexpected: .*compose/${other}\\.yml`));
      });
      it("is red with a manifest or a plan that goes to no file when it is told to", async () => {
        for (const [command, said] of [
          ["manifest", "manifest-json"],
          ["rollback-plan", "plan-json"],
        ] as const) {
          for (const text of ["exit 0", 'for file; do :; done; echo "{}" >"$file"'])
            assert.match(
              await red(check, { [`${on(command)}--output*`]: text }),
              new RegExp(`(^|; )${said}: (exit code 1|\\{\\} instead of )`),
            );
        }
      });
      it("is red with a manifest that lists no preflights", async () =>
        assert.match(
          await red(check, { [on("manifest")]: edited('\'s/"health_preflights"/"preflights"/\'') }),
          /manifest: no \/health_preflights/,
        ));
    });
  }

  describe("of a doctor", () => {
    const report = (checks: object[], required: number) => ({
      diagnostics: {
        checks,
        summary: { required_checks_total: required, required_checks_ok: required, required_checks_failed: 0 },
      },
    });
    const optional = { key: "config_present", ok: true, required: false };
    it("is red when it requires nothing and says of nothing what it found, or looks at nothing", async () => {
      assert.match(
        await red("doctor", { "doctor*": prints(report([optional], 0)) }),
        /no \/diagnostics\/config .*no \/diagnostics\/identity /,
      );
      assert.match(await red("doctor", { "doctor*": prints(report([], 0)) }), /diagnostics\.checks: /);
    });
    it("is red when a check is not said to be required or not, and when one without a name fails", async () => {
      assert.match(
        await red("doctor", {
          "doctor*": prints(
            report(
              [
                { ...optional, required: true },
                { key: "other", ok: true },
              ],
              1,
            ),
          ),
        }),
        /diagnostics\.checks\.1\.required: /,
      );
      assert.match(
        await red("doctor", {
          "doctor*": prints(
            report(
              [
                { ...optional, required: true },
                { ok: false, required: true },
              ],
              1,
            ),
          ),
        }),
        /diagnostics\.checks\.1\.key: /,
      );
    });
  });

  describe("in scenarios that print JSON", () => {
    const scenes = Object.entries(scenarioGroups).flatMap(([group, list]) =>
      list.filter(({ expect }) => expect?.stdout?.schema).map(({ id, expect }) => ({ group, id, expect })),
    );
    it("is asked for one value at least in each", () =>
      assert.deepEqual(
        scenes.filter(
          ({ expect }) => ((expect!.stdout!.schema!["required"] as string[] | undefined) ?? []).length === 0,
        ),
        [],
      ));
    for (const text of ["null", "7", "true", '"a=b"', "{}", "[]"]) {
      it(`is red with ${text} in each`, async () => {
        for (const group of new Set(scenes.map((scene) => scene.group))) {
          const said = await red(`scenarios-${group}`, {
            '*--json*|*"--output-format json"*': `real "$@" >/dev/null || exit; echo '${text}'`,
          });
          for (const { id } of scenes.filter((scene) => scene.group === group))
            assert.ok(said.includes(`${id}: ${text === "{}" ? "no /" : text}`), said);
        }
      });
    }
    it("is red with other JSON, and with values that are empty", async () => {
      const said = await red("scenarios-setup", {
        "configure*": prints({ status: null, config_path: "" }),
        "onboarding*": prints([{}, {}]),
      });
      for (const line of [
        "configure-gateway: /status = null",
        'configure-gateway: /config_path = ""',
        "onboarding-wizard-remote: [{},{}]",
      ])
        assert.ok(said.includes(line), said);
      assert.match(
        await red("scenarios-docs", { "doctor*": prints({ schema_version: {}, diagnostics: [] }) }),
        /doctor-json: \/schema_version = \{\}/,
      );
    });
  });

  describe("as a control center", () => {
    const ends = async (text: string) => {
      const file = join(laid.at.root, "current/palyra-desktop-control-center");
      const kept = readFileSync(file);
      writeFileSync(file, `#!/bin/sh\n${text}\n`);
      try {
        const [result] = await laid.judge(product.checks.healthy!(laid.subject, laid.at));
        return [result!.status, laid.said("control-center-stays").split("\n")[0]];
      } finally {
        writeFileSync(file, kept);
      }
    };
    it("is red when it ends at once, by the exit code of a program that had to be ended, and by others", async () => {
      for (const code of [124, 0])
        assert.deepEqual(await ends(`echo away >&2; exit ${code}`), [
          "failed",
          `ended by itself with exit code ${code}`,
        ]);
    });
    it("is red when it ends within two seconds", async () =>
      assert.deepEqual(await ends("sleep 1.5; exit 124"), ["failed", "ended by itself with exit code 124"]));
    it("is asked no less on a display of its own", async () => {
      const display = join(laid.at.commands, "xvfb-run");
      writeFileSync(display, '#!/bin/sh\n[ "$1" = -a ] && shift\nDISPLAY=:99 exec "$@"\n', { mode: 0o755 });
      try {
        assert.deepEqual(await ends('exit "${DISPLAY#:}"'), ["failed", "ended by itself with exit code 99"]);
        assert.deepEqual(await ends('[ "$DISPLAY" = :99 ] && exec sleep 30'), ["passed", "up for two seconds"]);
      } finally {
        rmSync(display);
      }
    });
    it("is up when it runs on, whatever it says when it is ended", async () =>
      assert.deepEqual(await ends("trap 'exit 1' TERM; sleep 30 & wait"), ["passed", "up for two seconds"]));
  });

  describe("whose dry run changes what is not its own folder", () => {
    const changes: Record<string, [place: () => string, file: string]> = {
      "the shim": [() => laid.at.commands, "palyra"],
      "another command": [() => laid.at.commands, "other"],
      "a unit": [() => laid.units, "palyrad.service"],
      "a drop-in of a unit": [() => laid.units, "palyrad.service.d/own.conf"],
      "root's profile": [() => laid.home, ".profile"],
      "a profile of bash": [() => laid.home, ".bashrc"],
    };
    for (const [name, [place, file]] of Object.entries(changes)) {
      it(`is red for ${name}`, async () => {
        const path = join(place(), file);
        const kept = file === "palyra" ? readFileSync(path) : undefined;
        try {
          const said = await red("dry-runs", {
            "uninstall*": `mkdir -p '${join(path, "..")}'; echo '# more' >>'${path}'; real "$@"`,
          });
          assert.match(said, /^after: /);
          assert.ok(said.includes(path), said);
        } finally {
          if (kept) writeFileSync(path, kept);
          else rmSync(path);
        }
      });
    }
    it("is red when it takes a shim, a unit or a profile away", async () => {
      for (const path of [
        join(laid.at.commands, "palyra-more"),
        join(laid.units, "palyrad.service"),
        join(laid.home, ".profile"),
      ]) {
        writeFileSync(path, "text\n");
        assert.ok((await red("dry-runs", { "uninstall*": `rm '${path}'; real "$@"` })).includes(path), path);
      }
    });
    it("is red when it takes a database away or makes one, and not for what a service writes there", async () => {
      const database = join(laid.at.state, "connectors.sqlite3");
      writeFileSync(database, "text\n");
      assert.ok((await red("dry-runs", { "uninstall*": `rm '${database}'; real "$@"` })).includes(database));
      assert.ok((await red("dry-runs", { "uninstall*": `: >'${database}'; real "$@"` })).includes(database));
      const [written] = await hollowed(
        laid,
        { "uninstall*": `echo more >>'${database}'; : >'${database}-wal'; real "$@"` },
        () => laid.judge(laid.smoke.filter(({ name }) => name === "dry-runs")),
      );
      assert.equal(written!.status, "passed", written!.observed);
      for (const path of [database, `${database}-wal`]) rmSync(path);
    });
  });

  it("is good where nothing is hollow", async () => {
    const results = await hollowed(laid, {}, () => laid.judge(laid.smoke));
    assert.deepEqual(
      results.filter(({ status }) => status !== "passed"),
      [],
    );
  });
});
