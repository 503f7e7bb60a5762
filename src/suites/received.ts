/** What was uploaded is what was packed, and what is published is what is used. */
import { z } from "zod";
import type { Check } from "../checks/check.ts";
import { judge, unless } from "../checks/judging.ts";
import { shownWord } from "../edges/shell-word.mjs";

/**
 * Checks that the file received is the file packed; the digest is computed on the machine from the bytes that arrived. It
 * fails on the machine as well, so that nothing that needs this check runs what was not packed.
 */
export function receivedCheck(name: string, file: string, sha256: string): Check {
  const path = shownWord(file);
  return {
    name,
    run: `sha256sum <${path} && wc -c <${path}\nprintf '%s  %s\\n' ${sha256} ${path} | sha256sum -c --status`,
    within: 60,
    expect: { judge: { name: "received", given: { sha256 } } },
  };
}

/** From the digest of what arrived, and its size. */
export const receivedJudge = judge(z.strictObject({ sha256: z.string() }), ({ sha256 }, { own }) => {
  const [digest = "nothing", , bytes = "no"] = own.stdout.trim().split(/\s+/);
  const observed = `what arrived is not the archive that was packed: ${bytes} bytes with SHA-256 ${digest}`;
  return unless(digest === sha256, `an archive with SHA-256 ${sha256}`, observed);
});

/** Takes the installer out of the archive that it ships in: what is proven is what is published. */
export function unpackedInstaller(name: string, archive: string, to: string): Check {
  return {
    name,
    run: `mkdir -p "$(dirname ${shownWord(to)})" && unzip -p ${shownWord(archive)} install.sh >${shownWord(to)} && wc -l <${shownWord(to)}`,
    within: 60,
    expect: { stdout: { matches: "^[1-9][0-9]{2,}$" } },
  };
}
