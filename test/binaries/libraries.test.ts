/** Libraries that a program brings: found as ld.so finds them, below its own archive alone, and judged with it. */
import assert from "node:assert/strict";
import { binaryFaults, bytesOfBuffer, neededBy, readBinaryFrom, type BinaryFacts } from "../../src/binaries/index.ts";
import { targetsOf } from "../../src/products/index.ts";
import { dynamicElf, elfProgram } from "./samples.ts";

type Files = Record<string, Buffer>;

async function read(files: Files): Promise<Map<string, BinaryFacts>> {
  const facts = new Map<string, BinaryFacts>();
  for (const [path, bytes] of Object.entries(files)) facts.set(path, await readBinaryFrom(bytesOfBuffer(bytes)));
  return facts;
}

async function faults(program: Buffer, files: Files = {}, path = "tool"): Promise<string[]> {
  const inside = await read(files);
  return binaryFaults(await readBinaryFrom(bytesOfBuffer(program)), {
    platform: "linux-x64",
    targets: targetsOf("linux-x64"),
    path,
    inside: (at) => inside.get(at),
  });
}

const library = dynamicElf({ shared: true });
const lacking = (name: string): string[] => [`needs the library ${name}, which linux-x64/debian-12 does not have`];
const own = (more: Parameters<typeof dynamicElf>[0] = {}): Buffer =>
  dynamicElf({ needed: ["libown.so.1", "libc.so.6"], runpath: "$ORIGIN/lib", ...more });

describe("libraries that come with a program", () => {
  const fine: [string, Buffer, Files, string?][] = [
    ["by $ORIGIN in DT_RUNPATH", own(), { "lib/libown.so.1": library }],
    [
      "by ${ORIGIN}, from a folder of its own",
      own({ runpath: "${ORIGIN}/../lib/" }),
      { "lib/libown.so.1": library },
      "bin/tool",
    ],
    ["beside it", own({ runpath: "$ORIGIN" }), { "libown.so.1": library }],
    ["by DT_RPATH", own({ runpath: "", rpath: "/usr/lib/x:$ORIGIN/lib" }), { "lib/libown.so.1": library }],
    ["by the second folder of two", own({ runpath: "$ORIGIN/none:$ORIGIN/lib" }), { "lib/libown.so.1": library }],
    [
      "by its own library's DT_RUNPATH",
      own(),
      {
        "lib/libown.so.1": dynamicElf({ shared: true, needed: ["libmore.so"], runpath: "$ORIGIN/more" }),
        "lib/more/libmore.so": library,
      },
    ],
    [
      "by the program's DT_RPATH, for a library of its own library",
      own({ runpath: "", rpath: "$ORIGIN/lib" }),
      { "lib/libown.so.1": dynamicElf({ shared: true, needed: ["libmore.so"] }), "lib/libmore.so": library },
    ],
    [
      "that the program has loaded already",
      own({ needed: ["libown.so.1", "libmore.so"] }),
      { "lib/libown.so.1": dynamicElf({ shared: true, needed: ["libmore.so"] }), "lib/libmore.so": library },
    ],
    [
      "that need each other",
      own(),
      {
        "lib/libown.so.1": dynamicElf({ shared: true, needed: ["libmore.so"], runpath: "$ORIGIN" }),
        "lib/libmore.so": dynamicElf({ shared: true, needed: ["libown.so.1"], runpath: "$ORIGIN" }),
      },
    ],
    [
      "named by where they lie",
      own({ needed: ["$ORIGIN/lib/libown.so.1"], runpath: "" }),
      { "lib/libown.so.1": library },
    ],
  ];
  for (const [name, program, files, path] of fine)
    it(`are found ${name}`, async () => assert.deepEqual(await faults(program, files, path), []));

  const wrong: [string, Buffer, Files, string[]][] = [
    ["a library that is not there", own(), {}, lacking("libown.so.1")],
    [
      "one that lies elsewhere",
      own(),
      { "libown.so.1": library, "other/libown.so.1": library },
      lacking("libown.so.1"),
    ],
    ["one that no search path leads to", own({ runpath: "" }), { "lib/libown.so.1": library }, lacking("libown.so.1")],
    [
      "a search path from where somebody stands",
      own({ runpath: "lib:." }),
      { "lib/libown.so.1": library },
      lacking("libown.so.1"),
    ],
    [
      "a search path out of the archive",
      own({ runpath: "$ORIGIN/../lib" }),
      { "lib/libown.so.1": library, "../lib/libown.so.1": library },
      lacking("libown.so.1"),
    ],
    [
      "a search path that is absolute",
      own({ runpath: "/lib" }),
      { "lib/libown.so.1": library },
      lacking("libown.so.1"),
    ],
    [
      "DT_RPATH beside DT_RUNPATH, which alone counts",
      own({ runpath: "$ORIGIN/none", rpath: "$ORIGIN/lib" }),
      { "lib/libown.so.1": library },
      lacking("libown.so.1"),
    ],
    [
      "a library of a library, by the program's DT_RUNPATH",
      own(),
      { "lib/libown.so.1": dynamicElf({ shared: true, needed: ["libmore.so"] }), "lib/libmore.so": library },
      lacking("libmore.so"),
    ],
    [
      "one for another processor",
      own(),
      { "lib/libown.so.1": dynamicElf({ shared: true, machine: 183 }) },
      lacking("libown.so.1"),
    ],
    [
      "one that needs a newer glibc",
      own(),
      { "lib/libown.so.1": dynamicElf({ shared: true, glibc: "2.38" }) },
      ["needs a symbol of GLIBC_2.38, and linux-x64/debian-12 has glibc 2.36"],
    ],
    [
      "a program in its place",
      own(),
      { "lib/libown.so.1": elfProgram() },
      ["finds lib/libown.so.1 for its library libown.so.1, which is no library of Linux"],
    ],
    [
      "a text in its place",
      own(),
      { "lib/libown.so.1": Buffer.from("404 Not Found") },
      ["finds lib/libown.so.1 for its library libown.so.1, which is no program of Linux, Windows or macOS"],
    ],
  ];
  for (const [name, program, files, expected] of wrong)
    it(`do not hide ${name}`, async () => assert.deepEqual(await faults(program, files), expected));

  it("are no needs of a machine, and theirs are", async () => {
    const inside = await read({
      "lib/libown.so.1": dynamicElf({ shared: true, needed: ["libssl.so.3"], glibc: "2.30" }),
    });
    const {
      host,
      own: found,
      glibc,
    } = neededBy("tool", await readBinaryFrom(bytesOfBuffer(own({ glibc: "2.4" }))), (at) => inside.get(at));
    assert.deepEqual([host, found, glibc?.version], [["libc.so.6", "libssl.so.3"], ["lib/libown.so.1"], "2.30"]);
  });
});
