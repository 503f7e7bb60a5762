/** Binaries are known by their bytes: system, processor, needs and signature, whatever their file is called, and whatever is done to them. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { binaryFaults, readBinary, type BinaryFacts } from "../../src/binaries/index.ts";
import { targetsOf, type Platform } from "../../src/products/index.ts";
import { temporaryFolder } from "../candidate/tiny-candidate.ts";
import { forAarch64, needingLibrary } from "../elf.ts";
import { elfProgram, machOProgram, peProgram, universal } from "./samples.ts";

describe("reading binaries", () => {
  const temporary = temporaryFolder();
  let number = 0;
  const facts = (bytes: Buffer): Promise<BinaryFacts> => {
    const file = join(temporary.path, `b${number++ % 50}`);
    writeFileSync(file, bytes);
    return readBinary(file);
  };
  const faults = async (bytes: Buffer, platform: Platform, expected: string[] = []): Promise<string[]> =>
    binaryFaults(await facts(bytes), { platform, targets: targetsOf(platform), expected });

  /** The same bytes, said to run at any address. */
  const asPie = (bytes: Buffer): Buffer => (bytes.writeUInt16LE(3, 16), bytes);
  const cases: [string, Buffer, Partial<Omit<BinaryFacts, "fault"> & { fault: BinaryFacts["fault"] | RegExp }>][] = [
    [
      "a static program of Linux",
      elfProgram(),
      {
        format: "elf",
        os: "linux",
        architectures: ["x64"],
        interpreter: null,
        libraries: [],
        glibc: null,
        fault: null,
      },
    ],
    ["one for AArch64", forAarch64(elfProgram()), { os: "linux", architectures: ["arm64"] }],
    ["one of FreeBSD", elfProgram({ abi: 9 }), { os: null, architectures: ["x64"] }],
    ["one for RISC-V", elfProgram({ machine: 243 }), { os: "linux", architectures: ["other"] }],
    [
      "an object of a compiler",
      elfProgram({ type: 1 }),
      { format: "elf", fault: "is an object or a core dump, not a program" },
    ],
    [
      "a program that needs a library",
      needingLibrary("libssl.so.3"),
      { interpreter: "/lib64/ld-linux-x86-64.so.2", libraries: ["libssl.so.3"] },
    ],
    [
      "a program of Windows",
      peProgram({ libraries: ["KERNEL32.dll", "ws2_32.dll"] }),
      {
        format: "pe",
        os: "windows",
        architectures: ["x64"],
        libraries: ["KERNEL32.dll", "ws2_32.dll"],
        signature: null,
        fault: null,
      },
    ],
    ["a signed one", peProgram({ signed: true }), { signature: "authenticode" }],
    ["one for arm64", peProgram({ machine: 0xaa64 }), { architectures: ["arm64"] }],
    ["a DLL", peProgram({ dll: true }), { fault: "is a library or an object, not a program" }],
    ["a program of DOS", Buffer.concat([Buffer.from("MZ"), Buffer.alloc(100)]), { fault: "is a program of DOS" }],
    [
      "a program of macOS",
      machOProgram(),
      {
        format: "mach-o",
        os: "macos",
        architectures: ["arm64"],
        libraries: ["/usr/lib/libSystem.B.dylib"],
        signature: "ad-hoc",
        fault: null,
      },
    ],
    ["one with a signer", machOProgram({ seal: "signed" }), { signature: "code-signature" }],
    [
      "one without a seal",
      machOProgram({ seal: "none", processor: 0x01000007 }),
      { signature: null, architectures: ["x64"] },
    ],
    ["one of iOS", machOProgram({ platform: 2 }), { os: null }],
    ["a library of macOS", machOProgram({ type: 6 }), { fault: "is a library or an object, not a program" }],
    [
      "a universal one",
      universal(machOProgram({ processor: 0x01000007, seal: "signed" }), machOProgram()),
      { os: "macos", architectures: ["x64", "arm64"], fault: null },
    ],
    [
      "a program of Linux that lost its end",
      elfProgram({ length: 400 }).subarray(0, 399),
      { format: "elf", fault: "is cut short: its segments end at byte 400, and it has 399" },
    ],
    [
      "one that lost its table of sections",
      elfProgram({ sections: 1 }).subarray(0, -1),
      { fault: "is cut short: its table of sections ends at byte 192, and it has 191" },
    ],
    ["one whose sections were stripped", elfProgram(), { fault: null }],
    ["a shared library of Linux", elfProgram({ type: 3, flags1: 0 }), { fault: "is a shared library, not a program" }],
    ["one without a word about it", elfProgram({ type: 3 }), { fault: "is a shared library, not a program" }],
    ["a static program that runs at any address", elfProgram({ type: 3, flags1: 0x08000001 }), { fault: null }],
    ["a dynamic program that runs at any address", asPie(needingLibrary("libssl.so.3")), { fault: null }],
    [
      "a program of macOS that lost its end",
      machOProgram({ segment: 400 }).subarray(0, -1),
      { format: "mach-o", fault: /^is cut short: its segments end at byte \d+, and it has \d+$/ },
    ],
    [
      "a universal one whose last part lost its end",
      universal(machOProgram(), machOProgram({ segment: 400 })).subarray(0, -1),
      { fault: /^is cut short: its part for processor 2 ends at byte \d+, and it has \d+$/ },
    ],
    [
      "a program of Windows that lost its end",
      peProgram().subarray(0, 0x3ff),
      { format: "pe", fault: "is cut short: its sections end at byte 1024, and it has 1023" },
    ],
    ["a script", Buffer.from("#!/bin/sh\n"), { format: "script", os: null, fault: null }],
    [
      "a class of Java",
      Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61]),
      { format: "unknown", fault: "is no program of Linux, Windows or macOS" },
    ],
    ["nothing", Buffer.alloc(0), { fault: "is empty" }],
  ];
  for (const [name, bytes, expected] of cases) {
    it(`knows ${name}`, async () => {
      const found = await facts(bytes);
      for (const [key, value] of Object.entries(expected)) {
        const fact = found[key as keyof BinaryFacts];
        if (!(value instanceof RegExp)) assert.deepEqual(fact, value, key);
        else if (typeof fact === "string") assert.match(fact, value);
        else assert.fail(`${key} is no text`);
      }
    });
  }

  it("finds libraries and the newest symbol of glibc in a real program", async () => {
    const found = await readBinary(process.execPath);
    assert.equal(found.fault, null);
    if (found.glibc === null) return; // a Node for another C library
    assert.ok(found.libraries.includes("libc.so.6"));
    assert.match(found.glibc.version, /^2\.\d+$/);
    assert.match(found.glibc.symbol ?? "", /^[A-Za-z_]\w+$/);
  });

  const refusals: [string, Buffer, Platform, RegExp[]][] = [
    [
      "another processor",
      forAarch64(elfProgram()),
      "linux-x64",
      [/^is for linux on arm64 \(elf\), and linux-x64 was asked for$/],
    ],
    ["another system", peProgram(), "linux-x64", [/^is for windows on x64 \(pe\)/]],
    ["a program of Linux named .exe", elfProgram(), "windows-x64", [/^is for linux on x64 \(elf\), and windows-x64/]],
    ["the other half of macOS", machOProgram({ processor: 0x01000007 }), "macos-arm64", [/^is for macos on x64/]],
    ["no seal where macOS wants one", machOProgram({ seal: "none" }), "macos-arm64", [/^carries no code signature/]],
    [
      "a library that the target has not",
      needingLibrary("libwebkit2gtk-4.1.so.0"),
      "linux-x64",
      [/^needs the library libwebkit2gtk-4\.1\.so\.0, which linux-x64\/debian-12 does not have$/],
    ],
    ["a script", Buffer.from("#!/bin/sh\n"), "linux-x64", [/^is a script/]],
  ];
  for (const [name, bytes, platform, expected] of refusals) {
    it(`refuses ${name}`, async () => {
      const found = await faults(bytes, platform);
      assert.equal(found.length, expected.length, found.join("; "));
      expected.forEach((pattern, n) => assert.match(found[n]!, pattern));
    });
  }

  it("refuses what needs a glibc that the target has not, and names binary's symbol and target", async () => {
    const newer = (version: string | null): BinaryFacts => ({
      format: "elf",
      os: "linux",
      architectures: ["x64"],
      interpreter: "/lib64/ld-linux-x86-64.so.2",
      libraries: ["libc.so.6"],
      glibc: version === null ? null : { version, symbol: "strlcpy" },
      signature: null,
      runpath: [],
      rpath: [],
      loadable: false,
      slices: [],
      fault: null,
    });
    const judge = (version: string | null): string[] =>
      binaryFaults(newer(version), { platform: "linux-x64", targets: targetsOf("linux-x64") });
    assert.deepEqual(judge("2.38"), ["needs the symbol strlcpy of GLIBC_2.38, and linux-x64/debian-12 has glibc 2.36"]);
    for (const fine of ["2.36", "2.9", "2.2.5", null]) assert.deepEqual(judge(fine), []);
    assert.deepEqual(
      binaryFaults(
        { ...newer(null), interpreter: "/lib/ld-musl-x86_64.so.1" },
        { platform: "linux-x64", targets: targetsOf("linux-x64") },
      ),
      ["is loaded by /lib/ld-musl-x86_64.so.1, which linux-x64/debian-12 does not have"],
    );
  });

  it("takes a script for a program only where that is said, and never on Windows", async () => {
    const script = await facts(Buffer.from("#!/bin/sh\n"));
    const judge = (platform: Platform, scripts: boolean): string[] =>
      binaryFaults(script, { platform, targets: targetsOf(platform), scripts });
    assert.deepEqual([judge("linux-x64", true), judge("macos-arm64", true)], [[], []]);
    for (const [platform, scripts] of [
      ["linux-x64", false],
      ["windows-x64", true],
    ] as const)
      assert.deepEqual(judge(platform, scripts), ["is a script, not a program"]);
  });

  it("accepts what fits: universal programs, libraries that the kind tells its users of, platforms without a target", async () => {
    assert.deepEqual(await faults(universal(machOProgram({ processor: 0x01000007 }), machOProgram()), "macos-x64"), []);
    assert.deepEqual(
      await faults(needingLibrary("libwebkit2gtk-4.1.so.0"), "linux-x64", ["libwebkit2gtk-4.1.so.0"]),
      [],
    );
    assert.deepEqual(await faults(needingLibrary("libssl.so.3"), "linux-x64"), []);
    assert.deepEqual(await faults(forAarch64(elfProgram()), "linux-arm64"), []);
    assert.deepEqual(await faults(peProgram(), "windows-x64"), []);
  });

  it("never throws, hangs or takes memory, whatever a program's headers say", async () => {
    const models = [
      elfProgram(),
      needingLibrary("libgreenlight.so"),
      peProgram({ signed: true }),
      machOProgram({ seal: "signed" }),
      universal(machOProgram(), machOProgram()),
    ];
    const values = fc.oneof(fc.constantFrom(0, 1, 0xff, 0xffff, 0x7fffffff, 0xffffffff), fc.nat());
    await fc.assert(
      fc.asyncProperty(
        fc.nat(models.length - 1),
        fc.array(fc.tuple(fc.nat(), values), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat()),
        async (model, changes, cut) => {
          const bytes = Buffer.from(models[model]!);
          for (const [at, value] of changes) bytes.writeUInt32LE(value >>> 0, at % (bytes.length - 4));
          const found = await facts(cut === null ? bytes : bytes.subarray(0, cut % bytes.length));
          assert.ok(["elf", "pe", "mach-o", "script", "unknown"].includes(found.format));
        },
      ),
      { numRuns: 3000 },
    );
  }).timeout(30_000);
});
