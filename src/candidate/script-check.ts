/** Scripts among the files of a candidate: each is packed as executable, and must be able to start where its archive goes. */
import { join } from "node:path";
import { expectedPrograms, scriptFaults } from "../binaries/index.ts";
import type { Finding } from "../edges/edges.ts";
import { targetsOf, type Platform, type Product } from "../products/index.ts";
import type { Sound } from "./asset-check.ts";
import { assetsOf, sealRemedy } from "./read.ts";
import type { Candidate, SealedFile } from "./schema.ts";

/** Every fault of a script's first line, once for a file that several platforms share; programs themselves are judged as such. */
export function scriptFindings(
  folder: string,
  candidate: Candidate,
  product: Product,
  platforms: readonly Platform[],
  sound: Sound,
): Finding[] {
  const said = new Map<string, Finding>();
  for (const platform of platforms) {
    const assets = assetsOf(candidate, platform).flatMap(([name, sealed]): [string, SealedFile][] =>
      sound(sealed.file)?.script ? [[`platforms.${platform}.assets.${name}`, sealed]] : [],
    );
    for (const [path, sealed] of [["licence", candidate.licence], ["notes", candidate.notes], ...assets] as [
      string,
      SealedFile | undefined,
    ][]) {
      const script = sealed && sound(sealed.file)?.script;
      if (!script) continue;
      for (const fault of scriptFaults(script, platform, targetsOf(platform), expectedPrograms(product))) {
        const message = `${join(folder, sealed.file)} ${fault}; mend its first line, then ${sealRemedy}.`;
        if (!said.has(message)) said.set(message, { path, message });
      }
    }
  }
  return [...said.values()];
}
