import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { EdgeError } from "../../src/edges/edges.ts";
import { contactLines, contactOf } from "../../src/machines/observation/contacts.ts";
import { captureFile, observePackets } from "../../src/machines/observation/packets.ts";
import { readCapture } from "../../src/machines/observation/pcap.ts";
import { machineFolder } from "../../src/machines/host/record.ts";
import { ack, announcement, arp, capture, ipv4, ipv6, question, syn, synAck, tcp, udp } from "./packets.ts";

const refused = (bytes: Buffer, pattern: RegExp): void =>
  assert.throws(
    () => [...readCapture(bytes, "Capture x")],
    (e: unknown) => e instanceof EdgeError && pattern.test(e.message),
  );

describe("a capture of packets", () => {
  const frames = [tcp("1.1.1.1", 443), udp("10.0.2.3", 53, question("example.org"))];
  it("is read as it was written", () => assert.deepEqual([...readCapture(capture(frames), "x")], frames));
  it("is read in the other byte order, and with nanoseconds", () => {
    const swapped = Buffer.from(capture(frames));
    for (let at = 0; at < 24;) at = at === 4 ? 8 : (swapped.subarray(at, at + 4).reverse(), at + 4);
    let at = 24;
    for (const { data } of frames) {
      for (let i = 0; i < 16; i += 4) swapped.subarray(at + i, at + i + 4).reverse();
      at += 16 + data.length;
    }
    assert.equal([...readCapture(swapped, "x")].length, 2);
    const nano = Buffer.from(capture(frames));
    nano.writeUInt32LE(0xa1b23c4d, 0);
    assert.equal([...readCapture(nano, "x")].length, 2);
  });
  it("may hold nothing", () => assert.deepEqual([...readCapture(capture([]), "x")], []));
  it("that is none, of another link, or cut off is refused in a sentence", () => {
    refused(Buffer.alloc(0), /has 0 bytes/);
    refused(Buffer.from("#!/bin/sh\necho this is no capture\n"), /begins with 23212f62/);
    const other = Buffer.from(capture(frames));
    other.writeUInt32LE(113, 20);
    refused(other, /link type 113/);
    const whole = capture(frames);
    for (const cut of [1, 20, 60]) refused(whole.subarray(0, whole.length - cut), /ends within a packet/);
    const liar = Buffer.from(whole);
    liar.writeUInt32LE(5, 24 + 12);
    refused(liar, /packet of 5 bytes of which 54 are kept/);
  });
  it("of any bytes gives packets or an EdgeError, and of any packets sentences", () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((list) => Buffer.from(list));
    const begun = fc
      .tuple(fc.constantFrom(capture([]), capture(frames)), bytes)
      .map(([head, rest]) => Buffer.concat([head, rest]));
    const spoiled = fc.tuple(fc.nat(capture(frames).length - 1), fc.nat(255)).map(([at, value]) => {
      const copy = Buffer.from(capture(frames));
      copy[at] = value;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(bytes, begun, spoiled), (input) => {
        try {
          assert.equal(typeof contactLines(readCapture(input, "x")), "string");
        } catch (e) {
          assert.ok(e instanceof EdgeError, String(e));
        }
      }),
      { numRuns: 3000 },
    );
    const typed = fc
      .tuple(fc.constantFrom("0800", "0806", "86dd", "88cc"), bytes, fc.nat(255))
      .map(([type, rest, kind]) => {
        const data = Buffer.concat([
          Buffer.alloc(12),
          Buffer.from(type, "hex"),
          Buffer.from(type === "0800" ? [0x45] : [0x60]),
          rest,
        ]);
        if (type === "86dd" && data.length > 20) data[20] = [0, 43, 44, 58, 60, 17, 6][kind % 7]!;
        return { data, length: data.length };
      });
    fc.assert(
      fc.property(typed, (frame) => assert.equal(typeof contactLines([frame]), "string")),
      { numRuns: 3000 },
    );
  });
});

describe("what a machine tries", () => {
  const line = (...frames: ReturnType<typeof tcp>[]): string => contactLines(frames);
  it("is nothing when it answers over SSH and keeps its link", () => {
    const all = "ff020000000000000000000000000002";
    const own = "fe80000000000000505400fffe123456";
    const solicit = (target: string): Buffer =>
      Buffer.concat([Buffer.from([135, 0, 0, 0, 0, 0, 0, 0]), Buffer.from(target, "hex")]);
    const report = Buffer.concat([Buffer.from([58, 0, 5, 2, 0, 0, 1, 0]), Buffer.from([143, 0, 0, 0, 0, 0, 0, 1])]);
    assert.equal(
      line(
        tcp("10.0.2.2", 51234, synAck, 22),
        tcp("10.0.2.2", 51234, ack, 22),
        tcp("10.0.2.2", 51234, 0x14, 22),
        arp(1, "10.0.2.2"),
        arp(2, "10.0.2.2"),
        arp(1, "10.0.2.15"),
        announcement(),
        ipv6(58, all, Buffer.from([133, 0, 0, 0, 0, 0, 0, 0])),
        ipv6(58, "ff0200000000000000000001ff123456", solicit(own)),
        ipv6(58, "ff0200000000000000000001ff123456", solicit("fec0000000000000505400fffe123456")),
        ipv6(58, "ff0200000000000000000001ff000002", solicit("fe800000000000000000000000000002")),
        ipv6(0, "ff020000000000000000000000000016", report),
      ),
      "nothing",
    );
  });
  it("is named: protocol, destination, port, and the name that was asked for", () => {
    const cases: [ReturnType<typeof tcp>, string][] = [
      [tcp("1.1.1.1", 443), "tcp 1.1.1.1:443"],
      [tcp("10.0.2.2", 8080), "tcp 10.0.2.2:8080"],
      [tcp("10.0.2.2", 8080, syn, 22), "tcp 10.0.2.2:8080"],
      [tcp("9.9.9.9", 443, synAck, 22), "tcp 9.9.9.9:443"],
      [udp("10.0.2.3", 53, question("telemetry.example.org")), "udp 10.0.2.3:53 asks for telemetry.example.org"],
      [udp("10.0.2.3", 53, Buffer.from("abcd81800001000000000000036f6e6500", "hex")), "udp 10.0.2.3:53"],
      [udp("10.0.2.3", 53, question("a".repeat(60)).subarray(0, 40)), `udp 10.0.2.3:53 asks for ${"a".repeat(27)}…`],
      [udp("224.0.0.251", 5353), "udp 224.0.0.251:5353"],
      [ipv4(1, "8.8.8.8", Buffer.from([8, 0, 0, 0])), "icmp 8.8.8.8"],
      [ipv4(2, "224.0.0.22", Buffer.alloc(8)), "igmp 224.0.0.22"],
      [ipv4(17, "8.8.8.8", Buffer.alloc(8), 100), "udp 8.8.8.8"],
      [ipv4(99, "8.8.8.8", Buffer.alloc(8)), "ip protocol 99 8.8.8.8"],
      [arp(1, "10.0.2.9"), "arp 10.0.2.9"],
      [arp(2, "10.0.2.2", "10.0.2.99"), "arp 10.0.2.2"],
      [arp(1, "10.0.2.15", "10.0.2.99"), "arp 10.0.2.15"],
      [announcement(Buffer.alloc(6, 7)), "ethernet type 8035 52:55:00:00:02:02"],
      [ipv6(6, "20010db8000000000000000000000001", Buffer.from("9c4001bb", "hex")), "tcp [2001:db8::1]:443"],
      [ipv6(58, "20010db8000000000000000000000001", Buffer.alloc(8, 128)), "ipv6-icmp type 128 2001:db8::1"],
      [
        ipv6(
          58,
          "ff0200000000000000000001ff000005",
          Buffer.concat([
            Buffer.from([135, 0, 0, 0, 0, 0, 0, 0]),
            Buffer.from("fec00000000000000000000000000005", "hex"),
          ]),
        ),
        "ipv6-icmp type 135 ff02::1:ff00:5",
      ],
      [
        { data: Buffer.from("0180c200000e52540012345688cc0207", "hex"), length: 16 },
        "ethernet type 88cc 01:80:c2:00:00:0e",
      ],
    ];
    for (const [frame, expected] of cases) assert.equal(line(frame), expected);
  });
  it("is said once, with how often it was tried", () =>
    assert.equal(
      line(tcp("1.1.1.1", 443), udp("8.8.8.8", 123), tcp("1.1.1.1", 443)),
      "tcp 1.1.1.1:443 (2 packets)\nudp 8.8.8.8:123",
    ));
  it("is at most a hundred lines", () => {
    const lines = line(...Array.from({ length: 300 }, (_, i) => tcp(`10.9.${i >> 8}.${i & 255}`, 1))).split("\n");
    assert.deepEqual([lines.length, lines.at(-1)], [101, "and 200 more"]);
  });
  it("is an attempt too when it cannot be read", () => {
    assert.notEqual(contactOf({ data: Buffer.alloc(5), length: 5 }), undefined);
    assert.equal(line({ data: tcp("1.1.1.1", 1).data.subarray(0, 20), length: 60 }), "ipv4 unreadable");
  });
});

describe("the packets of a machine", () => {
  let folder = "";
  const before = process.env["XDG_CACHE_HOME"];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "greenlight-packets-"));
    process.env["XDG_CACHE_HOME"] = folder;
    mkdirSync(machineFolder("0123456789"), { recursive: true });
  });
  afterEach(() => {
    if (before === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = before;
    rmSync(folder, { recursive: true });
  });
  const answer = tcp("10.0.2.2", 50000, synAck, 22);
  const write = (bytes: Buffer): void => writeFileSync(captureFile(machineFolder("0123456789")), bytes);
  it("are read from its folder; without a capture nothing is known of them", async () => {
    assert.equal(await observePackets("0123456789"), undefined);
    write(capture([]));
    await assert.rejects(observePackets("0123456789"), /holds not even the machine's answers to this host/);
    write(capture([arp(1, "10.0.2.2"), tcp("10.0.2.2", 50000, syn, 22)]));
    await assert.rejects(observePackets("0123456789"), /its silence says nothing/);
    write(capture([answer]));
    assert.equal(await observePackets("0123456789"), "nothing");
    write(capture([answer, tcp("1.1.1.1", 443)]));
    assert.equal(await observePackets("0123456789"), "tcp 1.1.1.1:443");
  });
  it("that are being written are read a moment later; a spoiled capture is refused", async () => {
    const whole = capture([answer, tcp("1.1.1.1", 443)]);
    write(whole.subarray(0, 50));
    setTimeout(() => write(whole), 20);
    assert.equal(await observePackets("0123456789"), "tcp 1.1.1.1:443");
    write(Buffer.from("nothing of the kind"));
    await assert.rejects(observePackets("0123456789"), EdgeError);
  });
});
