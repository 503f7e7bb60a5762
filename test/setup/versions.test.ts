import assert from "node:assert/strict";
import fc from "fast-check";
import { atLeast, parseVersion, runsTypeScript, versionText } from "../../src/setup/versions.mjs";

describe("versions in a tool's words", () => {
  for (const [text, version] of [
    ["v3.259.0", "3.259.0"],
    ["3.260.1-alpha.x+dirty", "3.260.1"],
    ["QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\nCopyright (c) 2003-2022", "7.2.22"],
    ["go version go1.26.8 linux/amd64", "1.26.8"],
    ["mmdebstrap 1.3.5", "1.3.5"],
    ["go version go1.26 linux/amd64", "1.26.0"],
  ] as const) {
    it(`${JSON.stringify(text.slice(0, 30))} is ${version}`, () =>
      assert.equal(versionText(parseVersion(text)!), version));
  }

  it("an empty or wordy answer is no version", () => {
    for (const text of ["", "command not found", "version 7"]) assert.equal(parseVersion(text), undefined);
  });

  it("order is by number, not by letter, whatever the numbers", () => {
    const version = fc.tuple(fc.nat(400), fc.nat(400), fc.nat(400));
    fc.assert(
      fc.property(version, version, (a, b) => {
        const number = (v: readonly number[]) => v[0]! * 1e6 + v[1]! * 1e3 + v[2]!;
        assert.equal(atLeast(a, b), number(a) >= number(b));
        assert.deepEqual(parseVersion(`tool v${versionText(a)} (x)`), a);
      }),
    );
  });

  it("TypeScript runs without a flag since 22.18 and 23.6", () => {
    const answer = (text: string) => runsTypeScript(parseVersion(text)!);
    assert.deepEqual(["v18.0.0", "v20.20.2", "v22.17.9", "v23.5.0"].map(answer), [false, false, false, false]);
    assert.deepEqual(["v22.18.0", "v23.6.0", "v24.0.0", "v26.1.0"].map(answer), [true, true, true, true]);
  });
});
