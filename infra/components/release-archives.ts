/** Every archive of the candidate, packed and validated. */
import * as pulumi from "@pulumi/pulumi";
import type { PlannedArchive } from "../../src/plan/index.ts";
import { ReleaseArchive } from "../resources.ts";

export interface ReleaseArchivesArgs {
  product: string;
  candidate: string;
  archives: PlannedArchive[];
}

export class ReleaseArchives extends pulumi.ComponentResource {
  /** by the plan's name: `<kind>-<platform>` */
  declare readonly byName: Map<string, ReleaseArchive>;

  constructor(name: string, args: ReleaseArchivesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:release:Archives", name, {}, opts);
    const { product, candidate } = args;
    this.byName = new Map(
      args.archives.map(({ name: archive, kind, platform }) => [
        archive,
        new ReleaseArchive(archive, { product, kind, platform, candidate }, { parent: this }),
      ]),
    );
    this.registerOutputs({});
  }
}
