/** Publishing in this stack's channel the very bytes that another stack released: no candidate, no rebuild, a gate of its own. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Gate, Publication, type Promotion as PromotionFacts } from "../resources.ts";
import { settled, settledOr, thoseThatStand } from "../settled.ts";

const Released = z.object({
  product: z.string(),
  version: z.string(),
  channel: z.string(),
  digest: z.string(),
  files: z.record(z.string(), z.string()),
});

export interface PromotionArgs {
  channel: string;
  product: string;
  /** stack whose release is promoted */
  from: string;
  /** empty: what that stack released last */
  version: string;
  /** kinds that the release must hold, no more and no fewer; empty for whatever it holds */
  kinds: readonly string[];
  requiredSuites: readonly string[];
  maxAgeHours: number;
}

export class Promotion extends pulumi.ComponentResource {
  declare readonly gate: Gate;
  declare readonly publication: Publication;

  constructor(name: string, args: PromotionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:release:Promotion", name, {}, opts);
    const other = new pulumi.StackReference(`organization/${pulumi.getProject()}/${args.from}`, {}, { parent: this });
    const promotion = pulumi
      .all(
        ["released", "verdicts", "candidate", "channel"].map((name) =>
          settledOr(other.getOutput(name), () => undefined),
        ),
      )
      .apply(([released, verdicts, candidate, channel]): PromotionFacts => {
        const known = Released.safeParse(released);
        return {
          fromChannel: typeof channel === "string" ? channel : args.from,
          toChannel: args.channel,
          product: args.product,
          released: known.success ? known.data : null,
          verdicts: z.record(z.string(), z.string()).catch({}).parse(verdicts),
          candidateVersion: z.object({ version: z.string() }).safeParse(candidate).data?.version ?? null,
          version: args.version,
          kinds: [...args.kinds],
          requiredSuites: [...args.requiredSuites],
          maxAgeHours: args.maxAgeHours,
        };
      });
    this.gate = new Gate(`${args.channel}-promotion`, { promotion }, { parent: this });
    this.publication = new Publication(
      args.channel,
      {
        promotion: pulumi
          .all([promotion, settled(this.gate.result, "the gate is not green")])
          .apply(([promotion, gate]) => ({ channel: args.channel, promotion, gate })),
      },
      { parent: this, dependsOn: thoseThatStand([this.gate]) },
    );
    this.registerOutputs({});
  }
}
