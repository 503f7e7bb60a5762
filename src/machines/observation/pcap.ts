/**
 * Packet captures as QEMU's `filter-dump` writes them (the classic pcap format, Ethernet, of either byte order), read. The
 * bytes come from a machine that runs something unproven, so nothing in them is believed without a look at the bounds.
 */
import { EdgeError } from "../../edges/edges.ts";

/** One captured packet. */
export interface Frame {
  /** as much of it as was kept, from its Ethernet header on */
  data: Buffer;
  /** bytes that it had */
  length: number;
}

const fileHeader = 24;
const frameHeader = 16;
/** `a1b2c3d4` with microseconds, `a1b23c4d` with nanoseconds; which bytes come first says the byte order. */
const magics = [0xa1b2c3d4, 0xa1b23c4d];
const ethernet = 1;

/**
 * The packets of a capture, in order.
 * @throws EdgeError when the bytes are no capture, or end in the middle of a packet.
 */
export function* readCapture(bytes: Buffer, what: string): Generator<Frame> {
  const wrong = (found: string): never => {
    throw new EdgeError(
      `${what} is no usable packet capture: ${found}; prove the cell again with \`greenlight rerun\`.`,
      "machine",
    );
  };
  if (bytes.length < fileHeader) wrong(`it has ${bytes.length} bytes, and its header alone has ${fileHeader}`);
  const little = magics.includes(bytes.readUInt32LE(0));
  if (!little && !magics.includes(bytes.readUInt32BE(0)))
    wrong(`it begins with ${bytes.subarray(0, 4).toString("hex")}`);
  const number = (at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  if ((number(20) & 0xffff) !== ethernet) wrong(`its packets are of link type ${number(20)} and not Ethernet`);
  for (let at = fileHeader; at < bytes.length;) {
    if (bytes.length - at < frameHeader) wrong(`it ends within a packet at byte ${at}`);
    const kept = number(at + 8);
    const length = number(at + 12);
    at += frameHeader;
    if (kept > length) wrong(`it has a packet of ${length} bytes of which ${kept} are kept`);
    if (kept > bytes.length - at) wrong(`it ends within a packet at byte ${at}`);
    yield { data: bytes.subarray(at, at + kept), length };
    at += kept;
  }
}
