/** Publishing in this stack's channel the very bytes that another stack released: no candidate, no rebuild, a gate of its own. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { ReleasedSchema } from "../../src/channel/index.ts";
import type { PromotionAsked } from "../../src/contract/index.ts";
import type { Decision } from "../../src/decisions/index.ts";
import type { ChannelPolicy } from "../../src/policy/index.ts";
import { Gate, Publication } from "../resources.ts";
import { settled, settledOr, thoseThatStand } from "../settled.ts";
import { Decisions } from "./decisions.ts";

/** What another stack exports; where its release lies is its own business. */
const Exported = ReleasedSchema.omit({ folder: true });

export interface PromotionArgs {
  channel: string;
  product: string;
  /** stack whose release is promoted */
  from: string;
  /** empty: what that stack released last */
  version: string;
  /** kinds that the release must hold, no more and no fewer; empty for whatever it holds */
  kinds: readonly string[];
  /** what the destination asks */
  policy: ChannelPolicy;
  maxAgeHours: number;
}

/** What decides about a release that another channel holds: whoever judges reads it there. */
function aboutPromotion({
  product,
  version,
  released,
  fromChannel,
}: PromotionAsked): Omit<Decision, "gate" | "channel" | "policy" | "evidence"> {
  return {
    product,
    version: version || (released?.version ?? ""),
    revision: null,
    candidate: null,
    archives: [],
    from: { channel: fromChannel, release: released?.digest ?? "" },
  };
}

export class Promotion extends pulumi.ComponentResource {
  declare readonly gate: Gate;
  declare readonly publication: Publication;
  /** the gates beside it, by name */
  declare readonly decisions: Decisions;

  constructor(name: string, args: PromotionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:release:Promotion", name, {}, opts);
    const other = new pulumi.StackReference(`organization/${pulumi.getProject()}/${args.from}`, {}, { parent: this });
    const promotion = pulumi
      .all(
        ["released", "verdicts", "candidate", "channel"].map((name) =>
          settledOr(other.getOutput(name), () => undefined),
        ),
      )
      .apply(([released, verdicts, candidate, channel]): PromotionAsked => {
        const known = Exported.safeParse(released);
        return {
          fromChannel: typeof channel === "string" ? channel : args.from,
          toChannel: args.channel,
          product: args.product,
          released: known.success ? known.data : null,
          verdicts: z.record(z.string(), z.string()).catch({}).parse(verdicts),
          candidateVersion: z.object({ version: z.string() }).safeParse(candidate).data?.version ?? null,
          version: args.version,
          kinds: [...args.kinds],
          policy: args.policy,
          maxAgeHours: args.maxAgeHours,
        };
      });
    this.gate = new Gate(`${args.channel}-promotion`, { promotion }, { parent: this });
    this.decisions = new Decisions(
      `${name}-decisions`,
      {
        channel: args.channel,
        policy: args.policy,
        product: args.product,
        about: promotion.apply(aboutPromotion),
        evidence: [],
      },
      { parent: this },
    );
    this.publication = new Publication(
      args.channel,
      {
        promotion: pulumi
          .all([promotion, settled(this.gate.result, "the gate is not green"), this.decisions.decided])
          .apply(([promotion, gate, decided]) => ({ channel: args.channel, promotion, gate, decisions: decided })),
      },
      { parent: this, dependsOn: thoseThatStand([this.gate, ...this.decisions.gates.values()]) },
    );
    this.registerOutputs({});
  }
}
