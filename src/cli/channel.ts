/**
 * `greenlight channel repair`: indexes rebuilt from the release folders that are there, and what was found, said by
 * version.
 */
import { relative } from "node:path";
import { channelsOf, repairChannel, type Repaired } from "../channel/index.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import { plain } from "./findings.ts";

function lines(
  channel: string,
  { product, indexFault, remedy, aside, whole, damaged, added, left, current }: Repaired,
): string[] {
  const near = (path: string): string => relative(process.cwd(), path) || ".";
  return [
    `Channel ${channel}, ${product}: the index ${indexFault ?? "is readable"}.`,
    ...whole.map((version) => `  ✓ ${version}  named and whole`),
    ...added.map(({ version, publishedAt }) => `  + ${version}  taken back in; its release.json is of ${publishedAt}`),
    ...damaged.map(
      ({ version, why }) => `  ✗ ${version}  stays named and is damaged: ${why}; restore it from a backup`,
    ),
    ...left.map(({ version, why }) => `  ✗ ${version}  left out: ${why}`),
    ...(aside === undefined ? [] : [`  The index that could not be used is kept as ${near(aside)}.`]),
    remedy !== undefined
      ? `  Nothing was changed; ${remedy}.`
      : current === undefined
        ? "  No release of it verifies, so that there is nothing to write an index from."
        : `  The channel offers ${current}${added.length === 0 ? "; nothing was changed" : ""}.`,
  ];
}

/** Whether everything that lies in the channel is in its index, whole. */
const isWhole = ({ damaged, left, current }: Repaired): boolean =>
  damaged.length + left.length === 0 && current !== undefined;

/**
 * Repairs one channel, or all of them, and writes what was found.
 * @returns {@link exitCodes.red} when something is damaged or was left out
 * @throws EdgeError when there is no such channel.
 */
export async function repair(
  workspace: string,
  name: string | undefined,
  write: (line: string) => void,
): Promise<number> {
  const names = name === undefined ? channelsOf(workspace) : [name];
  if (names.length === 0) write("There is no channel yet; nothing was ever published here.");
  let whole = true;
  for (const channel of names) {
    const results = await repairChannel(workspace, channel);
    if (results.length === 0) write(`Channel ${channel} holds nothing.`);
    for (const result of results) for (const line of lines(channel, result)) write(plain(line));
    whole &&= results.every(isWhole);
  }
  return whole ? exitCodes.green : exitCodes.red;
}
