/**
 * What a packet that a machine sent tries: pure, from its bytes. A machine has nobody to talk to but the host that came in
 * by SSH, so whatever is not that, or the kernel's own care for its link, is an attempt to get out.
 */
import type { Frame } from "./pcap.ts";

/** Somebody on the machine tried to reach this. */
export interface Contact {
  /** `tcp`, `udp`, `icmp`, `arp`, `ipv6-icmp type 128`, … */
  protocol: string;
  /** address, as people write it */
  destination: string;
  port?: number;
  /** the name that it asks for, when it is a question to a name server */
  asks?: string;
}

/** The host as the machine sees it: QEMU's user network, its IPv6 twin included. */
const host = "10.0.2.2";
const ownAddress = "10.0.2.15";
const router = "fe80::2";
const sshPort = 22;

const protocols: Record<number, string> = { 1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp", 132: "sctp" };
/** Of IPv6: headers between the address and what is sent; hop-by-hop, routing, destination options. */
const extensions = new Set([0, 43, 60]);
const fragment = 44;

/** What the packet tries, or undefined when a machine at rest sends it too. What cannot be read is an attempt as well. */
export function contactOf({ data }: Frame): Contact | undefined {
  if (data.length < 14)
    return { protocol: "a packet without an address", destination: data.toString("hex") || "nobody" };
  const type = data.readUInt16BE(12);
  const body = data.subarray(14);
  if (type === 0x0806) return arp(body);
  if (type === 0x8035 && announces(body, data.subarray(6, 12))) return undefined;
  if (type === 0x0800) return ipv4(body);
  if (type === 0x86dd) return ipv6(body, data.subarray(6, 12));
  return {
    protocol: `ethernet type ${type.toString(16).padStart(4, "0")}`,
    destination: [...data.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, "0")).join(":"),
  };
}

/** One line for each thing that was tried, in the order in which it was tried first; `nothing` when nothing was. At most a hundred lines. */
export function contactLines(frames: Iterable<Frame>): string {
  const packets = new Map<string, number>();
  for (const frame of frames) {
    const attempt = contactOf(frame);
    if (!attempt) continue;
    const line = sentence(attempt);
    packets.set(line, (packets.get(line) ?? 0) + 1);
  }
  const lines = [...packets].map(([line, count]) => (count === 1 ? line : `${line} (${count} packets)`));
  if (lines.length === 0) return "nothing";
  return (lines.length > 100 ? [...lines.slice(0, 100), `and ${lines.length - 100} more`] : lines).join("\n");
}

function sentence({ protocol, destination, port, asks }: Contact): string {
  const place =
    port === undefined
      ? destination
      : destination.includes(":")
        ? `[${destination}]:${port}`
        : `${destination}:${port}`;
  return `${protocol} ${place}${asks === undefined ? "" : ` asks for ${asks}`}`;
}

const dotted = (bytes: Buffer): string => [...bytes].join(".");

/** A fork was moved to another link, as far as QEMU knows, which then says for it which hardware address is there now (reverse ARP for itself). */
function announces(body: Buffer, sender: Buffer): boolean {
  return (
    body.length >= 28 &&
    body.readUInt16BE(6) === 3 &&
    body.subarray(8, 14).equals(sender) &&
    body.subarray(18, 24).equals(sender)
  );
}

/** Questions for the host's address, answers about its own, and the announcement that it is there: so a machine keeps its link. */
function arp(body: Buffer): Contact | undefined {
  if (body.length < 28) return { protocol: "arp", destination: "unreadable" };
  const question = body.readUInt16BE(6) === 1;
  const sender = dotted(body.subarray(14, 18));
  const target = dotted(body.subarray(24, 28));
  const keeps = target === host ? question || sender === ownAddress : target === ownAddress && sender === ownAddress;
  return keeps ? undefined : { protocol: "arp", destination: target };
}

function ipv4(body: Buffer): Contact | undefined {
  if (body.length < 20 || (body[0]! & 15) < 5) return { protocol: "ipv4", destination: "unreadable" };
  const destination = dotted(body.subarray(16, 20));
  const number = body[9]!;
  // The ports are in the first fragment alone.
  const inside = (body.readUInt16BE(6) & 0x1fff) === 0 ? body.subarray((body[0]! & 15) * 4) : Buffer.alloc(0);
  const attempt = transport(protocols[number] ?? `ip protocol ${number}`, destination, inside);
  return destination === host && attempt.protocol === "tcp" && answersSsh(inside) ? undefined : attempt;
}

/** Of the SSH server: nobody begins a connection that way (a first packet alone has SYN without ACK). */
function answersSsh(segment: Buffer): boolean {
  return segment.length >= 14 && segment.readUInt16BE(0) === sshPort && (segment[13]! & 0x12) !== 0x02;
}

/**
 * Whether a packet is the machine's own answer to the host that came in. Every machine that was proven has sent such: a capture
 * without one has not captured, and then its silence says nothing.
 */
export function isAnswer({ data }: Frame): boolean {
  if (data.length < 34 || data.readUInt16BE(12) !== 0x0800 || data[23] !== 6 || dotted(data.subarray(30, 34)) !== host)
    return false;
  return answersSsh(data.subarray(14 + (data[14]! & 15) * 4));
}

function ipv6(body: Buffer, sender: Buffer): Contact | undefined {
  if (body.length < 40) return { protocol: "ipv6", destination: "unreadable" };
  const destination = colons(body.subarray(24, 40));
  let number = body[6]!;
  let inside = body.subarray(40);
  while ((extensions.has(number) || number === fragment) && inside.length >= 8) {
    const length = number === fragment ? 8 : (inside[1]! + 1) * 8;
    const later = number === fragment && (inside.readUInt16BE(2) & 0xfff8) !== 0;
    number = inside[0]!;
    inside = later ? Buffer.alloc(0) : inside.subarray(length);
  }
  if (number === 58 && keepsLink(inside, destination, sender)) return undefined;
  const name = protocols[number] ?? `ip protocol ${number}`;
  return transport(number === 58 ? `${name} type ${inside[0] ?? "unknown"}` : name, destination, inside);
}

/**
 * What the kernel sends by itself: it looks for a router, says which groups it is in, and asks who has an address only when
 * that is its own (is it free?) or the router's. Asking for another's is the beginning of an attempt to reach that.
 */
function keepsLink(message: Buffer, destination: string, sender: Buffer): boolean {
  const local = destination.startsWith("ff02::") || destination.startsWith("fe80::");
  if (!local || message.length < 8) return false;
  const type = message[0]!;
  if (type !== 135) return [131, 132, 133, 136, 143].includes(type);
  if (message.length < 24) return false;
  const target = message.subarray(8, 24);
  const own = Buffer.from([sender[0]! ^ 2, sender[1]!, sender[2]!, 0xff, 0xfe, sender[3]!, sender[4]!, sender[5]!]);
  return colons(target) === router || target.subarray(8).equals(own);
}

function transport(protocol: string, destination: string, inside: Buffer): Contact {
  if (!["tcp", "udp", "sctp"].includes(protocol) || inside.length < 4) return { protocol, destination };
  const port = inside.readUInt16BE(2);
  const asks = protocol === "udp" && port === 53 ? askedName(inside.subarray(8)) : undefined;
  return { protocol, destination, port, ...(asks === undefined ? {} : { asks }) };
}

/** The first name of a DNS question (RFC 1035, 4.1), or undefined when there is none to be read. */
function askedName(message: Buffer): string | undefined {
  if (message.length < 13 || (message[2]! & 0x80) !== 0 || message.readUInt16BE(4) === 0) return undefined;
  const labels: string[] = [];
  for (let at = 12; at < message.length;) {
    const length = message[at]!;
    if (length === 0) return labels.join(".") || ".";
    if (length > 63) return undefined;
    const label = message.subarray(at + 1, at + 1 + length);
    labels.push(label.toString("latin1").replace(/[^\x21-\x7e]/g, "?"));
    if (label.length < length) break;
    at += 1 + length;
  }
  // Longer than what was kept of it.
  return labels.length > 0 ? `${labels.join(".")}…` : undefined;
}

/** An IPv6 address as people write it (RFC 5952): the longest run of zero groups is `::`. */
function colons(address: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => address.readUInt16BE(i * 2));
  let [from, length] = [0, 0];
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && groups[i + run] === 0) run++;
    if (run > length) [from, length] = [i, run];
  }
  const hex = (list: number[]): string => list.map((group) => group.toString(16)).join(":");
  return length < 2 ? hex(groups) : `${hex(groups.slice(0, from))}::${hex(groups.slice(from + length))}`;
}
