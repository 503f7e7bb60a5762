/** Packs the tiny candidate of a folder in a process of its own, for tests of what must not matter: `pack-once.ts CANDIDATE OUT PLATFORM`. */
import { packArchive } from "../../src/archive/index.ts";
import { readCandidate } from "../../src/candidate/index.ts";
import { productNamed, PlatformSchema } from "../../src/products/index.ts";

const [candidateFolder = "", outputFolder = "", platform = ""] = process.argv.slice(2);
const { identity, sha256, size } = await packArchive({
  candidateFolder,
  candidate: readCandidate(candidateFolder),
  product: productNamed("nats"),
  kind: "server",
  platform: PlatformSchema.parse(platform),
  outputFolder,
});
console.log(JSON.stringify({ identity, sha256, size }));
