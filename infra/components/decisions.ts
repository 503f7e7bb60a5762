/** The gates that policy names beside the machines: one resource each, judged of the whole release. */
import * as pulumi from "@pulumi/pulumi";
import type { ReleaseArgs } from "../../src/contract/index.ts";
import type { Decision } from "../../src/decisions/index.ts";
import { gateNames, isDecision, type ChannelPolicy } from "../../src/policy/index.ts";
import { Gate } from "../resources.ts";
import { settled } from "../settled.ts";

/** What a publication is given of a decision. */
export type Decided = ReleaseArgs["decisions"][number];

export interface DecisionsArgs {
  channel: string;
  policy: ChannelPolicy;
  product: string;
  /** what is decided about, but for what differs from gate to gate */
  about: pulumi.Input<Omit<Decision, "gate" | "channel" | "policy" | "evidence">>;
  /** digests of the machines' evidence, for the gates that look at it */
  evidence: pulumi.Input<string[]>;
}

/** Gates that look at what machines have proven: they wait for it, and the others do not. */
const waitsForMachines: ReadonlySet<string> = new Set(["matrix", "readiness"]);

export class Decisions extends pulumi.ComponentResource {
  /** by name */
  readonly gates: ReadonlyMap<string, Gate>;
  /** as they were asked and what they said */
  readonly decided: pulumi.Output<Decided[]>;

  constructor(
    name: string,
    { channel, policy, product, about, evidence }: DecisionsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("greenlight:release:Decisions", name, {}, opts);
    const asked = gateNames(policy, product)
      .filter(isDecision)
      .map((gate) => ({
        gate,
        decision: pulumi
          .all([about, waitsForMachines.has(gate) ? evidence : []])
          .apply(([known, evidence]): Decision => ({
            ...(known as Omit<Decision, "evidence">),
            gate,
            channel,
            policy,
            evidence,
          })),
      }));
    this.gates = new Map(asked.map(({ gate, decision }) => [gate, new Gate(gate, { decision }, { parent: this })]));
    this.decided = pulumi.all(
      asked.map(({ gate, decision }) =>
        pulumi
          .all([decision, settled(this.gates.get(gate)!.result, "the gate is not green")])
          .apply(([asked, result]) => ({ asked, result })),
      ),
    );
    this.registerOutputs({});
  }
}

/** Says at once what no update can deliver, instead of only when the release is refused. */
export function sayWhatIsNotThere(channel: string, policy: ChannelPolicy, product: string): void {
  const unknown = gateNames(policy, product).filter((name) => !isDecision(name));
  if (unknown.length > 0)
    void pulumi.log.warn(
      `Nothing will be published: policy names ${unknown.map((name) => `gate ${name}`).join(", ")} for channel ${channel}, and Greenlight has no such gate.`,
    );
}
