/** Capabilities are off unless somebody switches them on: looked for in all five places that could. */
import { z } from "zod";
import type { Check } from "../../checks/check.ts";
import { guest } from "../../checks/guest.ts";
import { judge, unless, type Miss } from "../../checks/judging.ts";
import { parseValue } from "../../edges/edges.ts";
import type { Places } from "../product.ts";

/** Rollout controls, and the capabilities that each keeps closed, as the readiness checklist has them. */
export const rolloutControls: Record<string, string[]> = {
  runtime_controls_snapshot: ["pruning_policy_matrix", "auxiliary_executor", "replay_capture"],
  session_queue_preview_mode: ["session_queue_policy"],
  retrieval_dual_path_guardrail: ["retrieval_dual_path"],
  flow_delivery_preview_flags: ["flow_orchestration", "delivery_arbitration"],
  networked_worker_preview_rollout: ["networked_workers"],
};

/** How a check of a control is called. */
export const controlCheck = (control: string): string => `closed-${control.replaceAll("_", "-")}`;

const GivenSchema = z.array(z.string()).min(1);
const ManifestSchema = z.looseObject({
  capabilities: z.array(z.looseObject({ id: z.string(), enabled_by_default: z.boolean() })),
});

/** Values by which a switch is off; any other is on. */
const off = new Set(["", "0", "false", "no", "off", "disabled"]);
const isOn = (value: string): boolean => !off.has(value.trim().toLowerCase());

/** Settings of one place, and whether it was read at all. One that is there twice is on when either is. */
interface Read {
  looked: boolean;
  settings: [name: string, value: string][];
}

function readPlace(place: string, stdout: string): Read {
  const lines = stdout
    .split("\n")
    .flatMap((line) => (line.startsWith(`${place} `) ? [line.slice(place.length + 1)] : []));
  const settings = lines.flatMap((line): Read["settings"] => {
    const [, name, value] = /^([^=]+)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value!.replace(/^(["'])(.*)\1$/, "$2")]];
  });
  return { looked: lines.includes("looked"), settings };
}

/** The settings that would switch a capability on. An inline table that names it is one. */
function switches(capability: string, { settings }: Read): string[] {
  const variable = `PALYRA_EXPERIMENTAL_${capability.toUpperCase()}`;
  const names = [variable, `feature_rollouts.${capability}`, `${capability}.mode`, capability];
  return settings
    .filter(([name, value]) =>
      name === "feature_rollouts" ? value.includes(capability) : names.includes(name) && isOn(value),
    )
    .map(([name, value]) => `${name}=${value}`);
}

/** Each capability that is given is off by default (step `default`) and in every place that step `switches` has read. */
export const capabilitiesOff = judge(GivenSchema, (capabilities, { own }) => {
  const manifest = own.step("default").stdout;
  const { capabilities: known } = parseValue(ManifestSchema, own.json(manifest, "the profile's manifest"), {
    what: "The profile's manifest",
    remedy: "look at the command",
  });
  const { stdout } = own.step("switches");
  const byDefault = capabilities.flatMap((each): Miss[] =>
    unless(
      !known.some(({ id, enabled_by_default }) => id === each && enabled_by_default),
      `${each} to be off by default`,
      `${each} is on by default`,
    ),
  );
  const places = ["configuration", "environment", "unit", "recipe"].flatMap((place): Miss[] => {
    const read = readPlace(place, stdout);
    if (!read.looked) return [{ expected: `the ${place} to be read`, observed: `the ${place} was not read` }];
    return capabilities.flatMap((each) => {
      const on = switches(each, read);
      return unless(on.length === 0, `${each} to be off`, `${each} is on in ${place}: ${on.join(", ")}`);
    });
  });
  return [...byDefault, ...places];
});

function offCheck(name: string, at: Places, capabilities: string[]): Check {
  const recipe = `${at.root}/current/deployment/single-vm/env/palyra.env.example`;
  return {
    name,
    login: true,
    within: 60,
    run: [],
    steps: [
      { id: "default", run: ["palyra", "deployment", "manifest", "--deployment-profile", "single-vm"] },
      { id: "switches", run: guest(import.meta.url, "switches", `${at.config}/palyra.toml`, recipe, "palyrad") },
    ],
    expect: { judge: { name: "palyra/capabilities-off", given: capabilities } },
  };
}

/** A check for each control, so that one that is open is red by its name. */
export function controlChecks(at: Places): Check[] {
  return Object.entries(rolloutControls).map(([id, capabilities]) => offCheck(controlCheck(id), at, capabilities));
}

/** All capabilities in one check, for after each step of an installation's life. */
export function allOffCheck(at: Places): Check {
  return offCheck("capabilities-off", at, Object.values(rolloutControls).flat());
}
