/** What healthy means for Palyra, beyond that its services answer: they are the release, over each way there is to ask them. */
import { z } from "zod";
import type { Check, Step } from "../../checks/check.ts";
import { guest } from "../../checks/guest.ts";
import { holding } from "../../checks/json.ts";
import { judge, unless } from "../../checks/judging.ts";
import { parseValue } from "../../edges/edges.ts";
import type { Places, Subject } from "../product.ts";
import { allOffCheck } from "./rollout.ts";
import { browser, gateway } from "./services.ts";

const GivenSchema = z.strictObject({
  version: z.string(),
  /** steps that state version and commit in their JSON, `<step>` or `<step>/<key>`, and what they are called */
  stated: z.record(z.string(), z.string()),
  /** fields that the step `text` states as the first of those steps does */
  fields: z.array(z.string()).default([]),
});
const StatedSchema = z.record(z.string(), z.unknown());

/** Version and commit are those that the manifest has (step `manifest`), wherever else they are stated. */
export const asReleased = judge(GivenSchema, ({ version, stated, fields }, { own }) => {
  const read = (name: string): Record<string, unknown> => {
    const [step, key] = name.split("/") as [string, string | undefined];
    const found = own.json(own.step(step).stdout, step);
    const value = key === undefined ? found : (found as Record<string, unknown> | null)?.[key];
    return parseValue(StatedSchema, value, { what: `What ${name} says`, remedy: "look at the command" });
  };
  const { source_sha: commit } = read("manifest");
  const hash = typeof commit === "string" ? commit.slice(0, 12) : "";
  if (hash.length < 12) {
    const observed = "the manifest states no commit of the sources; seal the candidate with --source CHECKOUT";
    return [{ expected: "a manifest with a commit", observed }];
  }
  const places = Object.entries(stated).flatMap(([step, name]) => {
    const { version: of, git_hash } = read(step);
    const said = [
      of === version ? "version" : `version ${String(of)}`,
      git_hash === hash ? "git hash" : `git hash ${String(git_hash)} instead of ${hash}`,
    ];
    const right = "version and git hash";
    return unless(said.join(" and ") === right, `${name}: ${right}`, `${name}: ${said.join(" and ")} of the manifest`);
  });
  // By their names, in any order and among others, since there are more once the command line has a profile. One that is there
  // twice is not stated.
  const words = fields.length > 0 ? own.step("text").stdout.split(/\s+/) : [];
  const texts = fields.flatMap((field) => {
    const wanted = String(read(Object.keys(stated)[0]!)[field]);
    const found = words.filter((word) => word.startsWith(`${field}=`)).map((word) => word.slice(field.length + 1));
    const is = found.join(" and ") || "not stated";
    return unless(is === wanted, `text: ${field} ${wanted}`, `text: ${field} is ${is}, and as JSON ${wanted}`);
  });
  return [...places, ...texts];
});

/** A step that prints JSON with these values in it. */
const prints = (id: string, run: string[], values: Record<string, unknown>): Step => ({
  id,
  run,
  expect: { stdout: { schema: holding(values) } },
});

function releasedCheck(name: string, at: Places, steps: Step[], given: z.input<typeof GivenSchema>): Check {
  const manifest = prints("manifest", ["cat", `${at.root}/current/release-manifest.json`], { version: given.version });
  const expect = { judge: { name: "palyra/as-released", given } };
  return { name, login: true, within: 90, run: [], steps: [manifest, ...steps], expect };
}

/** Every way in which a command can state what it is: as text, as JSON, and as its manifest has it. */
export function versionCheck({ version }: Subject, at: Places): Check {
  const steps = [
    prints("json", ["palyra", "version", "--output-format", "json"], { name: "palyra" }),
    { id: "text", run: ["palyra", "version"] },
  ];
  const fields = ["name", "version", "git_hash", "build_profile"];
  return releasedCheck("version-agrees", at, steps, { version, stated: { json: "json" }, fields });
}

function serviceChecks({ version, binaryVersions }: Subject, at: Places): Check[] {
  // Whoever asks has waited for the services already.
  const steps = [
    prints("healthz", ["http_get", `${gateway}/healthz`], { service: "palyrad", status: "ok" }),
    prints("health", ["palyra", "health", "--json"], { overall: "ok", "http.status": "ok", "grpc.status": "ok" }),
    prints("browser-service", ["http_get", `${browser}/healthz`], {
      status: "ok",
      version: binaryVersions["palyra-browserd"] ?? version,
    }),
  ];
  const stated = { healthz: "healthz", "health/http": "http", "health/grpc": "grpc" };
  const page = "web/index.html";
  return [
    releasedCheck("answers-as-released", at, steps, { version, stated }),
    {
      name: "dashboard-as-packaged",
      run: ["mkdir", "web"],
      steps: [
        { id: "page", run: ["http_get", `${gateway}/`] },
        { id: "packaged", run: ["grep", `  ${page}$`, `${at.root}/current/checksums.txt`] },
        { id: "served-file", run: ["cp", "page.out", page] },
        { id: "served", run: ["sha256sum", page], expect: { stdout: { sameAs: { check: "packaged" } } } },
      ],
      expect: {},
    },
    allOffCheck(at),
  ];
}

/** The control center stays up for two seconds. It is shown on a display of its own where the machine can make one; none is installed for it. */
function controlCenterCheck(at: Places): Check {
  return {
    name: "control-center-stays",
    run: guest(import.meta.url, "stays", `${at.root}/current/palyra-desktop-control-center`),
    expect: { stdout: { equals: "up for two seconds" } },
  };
}

/** Asked after install, reboot, upgrade and rollback. That nothing restarts meanwhile is asked around it (src/suites/unrestarted.ts). */
export function healthy(subject: Subject, at: Places): Check[] {
  return subject.kind === "desktop" ? [controlCenterCheck(at)] : serviceChecks(subject, at);
}
