/** The end of the flow: a release in the stack's channel, when every gate is green. */
import * as pulumi from "@pulumi/pulumi";
import type { Plan } from "../../src/plan/index.ts";
import type { ReleaseArgs } from "../../src/contract/index.ts";
import type { ChannelPolicy } from "../../src/policy/index.ts";
import { Publication, type ReleaseArchive } from "../resources.ts";
import { settled, thoseThatStand } from "../settled.ts";
import type { Decisions } from "./decisions.ts";
import type { TestCell } from "./test-cell.ts";

export interface ChannelArgs {
  channel: string;
  plan: Plan;
  archives: Map<string, ReleaseArchive>;
  cells: TestCell[];
  /** the version that upgrades were to start from; empty for the newest */
  previous: string;
  policy: ChannelPolicy;
  /** every gate beside the machines */
  decisions: Decisions;
  maxAgeHours: number;
}

export class Channel extends pulumi.ComponentResource {
  declare readonly publication: Publication;

  constructor(name: string, args: ChannelArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:release:Channel", name, {}, opts);
    const { channel, plan, cells } = args;
    const proven = plan.archives.filter((archive) => plan.cells.some((cell) => cell.archive === archive.name));
    const archives = pulumi.all(
      proven.map(({ name, kind, platform }) =>
        args.archives
          .get(name)!
          .packed.apply(({ base, sha256, path, sidecars, recipe, revision }) => ({
            base,
            kind,
            platform,
            sha256,
            path,
            sidecars,
            recipe,
            revision,
          })),
      ),
    );
    const gates = pulumi.all(
      plan.cells.map((cell, i) =>
        pulumi
          .all([cells[i]!.subject, cells[i]!.asked, settled(cells[i]!.gate.result, "the gate is not green")])
          .apply(([subject, asked, result]) => ({ name: cell.name, subject, ...asked, result })),
      ),
    );
    const release = pulumi
      .all([archives, gates, args.decisions.decided])
      .apply(([archives, gates, decisions]): ReleaseArgs => ({
        channel,
        product: plan.product,
        version: plan.version,
        revision: archives[0]?.revision ?? null,
        archives: archives.map(({ revision: _, ...archive }) => archive),
        gates,
        decisions: decisions,
        policy: args.policy,
        withheld: plan.withheld,
        previous: args.previous,
        maxAgeHours: args.maxAgeHours,
      }));
    this.publication = new Publication(
      channel,
      { release },
      {
        parent: this,
        dependsOn: thoseThatStand([...cells.map((cell) => cell.gate), ...args.decisions.gates.values()]),
      },
    );
    this.registerOutputs({});
  }
}
