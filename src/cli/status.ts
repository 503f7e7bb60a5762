/** `greenlight status`: candidates, gates and channels at a glance. */
import { channelsOf, readChannel } from "../channel/index.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import { plain } from "./findings.ts";
import { stackState, type StackState } from "./gates-of-stack.ts";
import { stacksWithSettings } from "./stack.ts";

/** What a channel offers of each product. */
interface ChannelState {
  channel: string;
  products: { product: string; current: string; versions: string[] }[];
}

const named = (what: { product: string; version: string } | undefined): string =>
  what ? `${what.product} ${what.version}` : "nothing";

function stackLines({ stack, channel, candidate, released, gates }: StackState): string[] {
  const offers = candidate ? `candidate ${named(candidate)}, ` : "";
  const marks = { green: "✓", red: "✗", inconclusive: "?" } as const;
  return [
    `Stack ${stack}: channel ${channel ?? "unknown"}, ${offers}released ${named(released)}`,
    ...gates.map(({ name, verdict }) => `  ${marks[verdict]} ${verdict.padEnd(12)} ${name}`),
    ...(gates.length === 0 ? ["  no gate has judged anything"] : []),
    ...(gates.some(({ verdict }) => verdict !== "green") && channel
      ? [`  what keeps it closed: npm start -- why-not ${channel}`]
      : []),
  ];
}

/** Writes what there is. @returns the exit code: red when a gate is not green */
export function status(workspace: string, { json = false }: { json?: boolean }, write: (line: string) => void): number {
  const names = stacksWithSettings(workspace).sort();
  const states = names.map((stack) => stackState(workspace, stack) ?? { stack, gates: [] });
  const channels = channelsOf(workspace).map((channel): ChannelState => ({
    channel,
    products: Object.entries(readChannel(workspace, channel)).map(([product, index]) => ({
      product,
      current: index.current,
      versions: index.releases.map(({ version }) => version),
    })),
  }));
  const open = states.some(({ gates }) => gates.some(({ verdict }) => verdict !== "green"));
  if (json) {
    const stacks = states.map(({ gates, ...rest }) => ({
      ...rest,
      gates: gates.map(({ name, of, verdict, reasons }) => ({ name, of, verdict, reasons })),
    }));
    write(JSON.stringify({ schema: 1, stacks, channels }, null, 2));
    return open ? exitCodes.red : exitCodes.green;
  }
  for (const line of states.flatMap(stackLines)) write(plain(line));
  for (const { channel, products } of channels)
    for (const { product, current, versions } of products)
      write(
        plain(`Channel ${channel}: ${product} ${current}${versions.length > 1 ? ` of ${versions.join(", ")}` : ""}`),
      );
  if (channels.length === 0) write("No channel holds anything yet.");
  return open ? exitCodes.red : exitCodes.green;
}
