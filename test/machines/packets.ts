/** Packets and captures, byte by byte, as a machine would send them. */
import type { Frame } from "../../src/machines/observation/pcap.ts";

const own = Buffer.from("525400123456", "hex");
const number = (value: number, bytes: number): Buffer =>
  Buffer.from(value.toString(16).padStart(bytes * 2, "0"), "hex");
const dotted = (text: string): Buffer => Buffer.from(text.split(".").map(Number));

function ethernet(type: number, body: Buffer): Frame {
  const data = Buffer.concat([Buffer.from("525500000202", "hex"), own, number(type, 2), body]);
  return { data, length: data.length };
}

/** An IPv4 packet of a protocol by its number. */
export function ipv4(protocol: number, to: string, inside: Buffer, offset = 0): Frame {
  const header = Buffer.concat([
    Buffer.from([0x45, 0]),
    number(20 + inside.length, 2),
    number(0, 2),
    number(offset, 2),
    Buffer.from([64, protocol, 0, 0]),
    dotted("10.0.2.15"),
    dotted(to),
  ]);
  return ethernet(0x0800, Buffer.concat([header, inside]));
}

export const syn = 2;
export const synAck = 0x12;
export const ack = 0x10;

export function tcp(to: string, port: number, flags = syn, from = 40000): Frame {
  return ipv4(
    6,
    to,
    Buffer.concat([
      number(from, 2),
      number(port, 2),
      number(1, 4),
      number(0, 4),
      Buffer.from([0x50, flags]),
      Buffer.alloc(6),
    ]),
  );
}

export function udp(to: string, port: number, inside: Buffer = Buffer.alloc(0), from = 40000): Frame {
  return ipv4(
    17,
    to,
    Buffer.concat([number(from, 2), number(port, 2), number(8 + inside.length, 2), number(0, 2), inside]),
  );
}

/** A question for an address. */
export function question(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([Buffer.from("abcd01000001000000000000", "hex"), ...labels, Buffer.from([0, 0, 1, 0, 1])]);
}

export function arp(operation: 1 | 2, target: string, sender = "10.0.2.15"): Frame {
  return ethernet(
    0x0806,
    Buffer.concat([
      Buffer.from("0001080006040000", "hex").fill(operation, 7),
      own,
      dotted(sender),
      Buffer.alloc(6),
      dotted(target),
    ]),
  );
}

/** What QEMU sends for a machine that was forked. */
export function announcement(hardware: Buffer = own): Frame {
  return ethernet(
    0x8035,
    Buffer.concat([Buffer.from("0001080006040003", "hex"), hardware, Buffer.alloc(4), hardware, Buffer.alloc(4)]),
  );
}

/** An IPv6 packet; the address as 32 hex digits. */
export function ipv6(next: number, to: string, inside: Buffer): Frame {
  return ethernet(
    0x86dd,
    Buffer.concat([
      Buffer.from([0x60, 0, 0, 0]),
      number(inside.length, 2),
      Buffer.from([next, 255]),
      Buffer.from("fe80000000000000505400fffe123456", "hex"),
      Buffer.from(to, "hex"),
      inside,
    ]),
  );
}

/** A capture of packets, written as QEMU does. */
export function capture(frames: Frame[]): Buffer<ArrayBuffer> {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(192, 16);
  header.writeUInt32LE(1, 20);
  const records = frames.map(({ data, length }) => {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(data.length, 8);
    head.writeUInt32LE(length, 12);
    return Buffer.concat([head, data]);
  });
  return Buffer.concat([header, ...records]);
}
