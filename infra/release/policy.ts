/** Release policy as data: what each channel requires. */
import { z } from "zod";
import { readFileSync } from "node:fs";
import { parseJson } from "../../src/edges/edges.ts";
import { suiteNames } from "../../src/plan/index.ts";

const ChannelPoliciesSchema = z.strictObject({
  schema: z.literal(1),
  channels: z.record(z.string(), z.strictObject({ requiredSuites: z.array(z.enum(suiteNames)).min(1) })),
});

const file = new URL("./policy.json", import.meta.url);

/** Suites that must be proven for a release in a channel. A channel that the policy does not name requires all of them. */
export function requiredSuites(channel: string): readonly string[] {
  const policy = parseJson(ChannelPoliciesSchema, readFileSync(file, "utf8"), {
    what: "infra/release/policy.json",
    remedy: "mend the file",
  });
  return policy.channels[channel]?.requiredSuites ?? suiteNames;
}
