/** First lines of scripts: what systems read of them, and whether what runs them is there. */
import assert from "node:assert/strict";
import { beginningOf, scriptFaults } from "../../src/binaries/index.ts";
import { targetsOf, type Platform } from "../../src/products/index.ts";

const faults = (text: string, platform: Platform = "linux-x64", expected: string[] = []): string[] =>
  scriptFaults(beginningOf(Buffer.from(text, "latin1")).script!, platform, targetsOf(platform), expected);

describe("first lines of scripts", () => {
  const fine = [
    "#!/bin/sh\n",
    "#! /bin/sh -e\n",
    "#!/usr/bin/bash\necho\r\n",
    "#!/usr/bin/env bash\n",
    "#!/usr/bin/env -S bash -eu\n",
    "#!/usr/bin/env -S LANG=C perl -w\n",
    "#!/usr/bin/env -iS sh\n",
    "#!/bin/sh",
    "#!/usr/bin/awk -f\n",
    "#!/usr/bin/env /bin/sh\n",
    "#!/usr/bin//env sh\n",
    "#!/bin/../bin/sh\n",
    "#!/usr/bin/env -S NAME='a b' sh -e\n",
  ];
  for (const text of fine) it(`finds nothing in ${JSON.stringify(text)}`, () => assert.deepEqual(faults(text), []));

  const wrong: [string, RegExp][] = [
    ["#!/bin/sh\r\necho\r\n", /^has a carriage return in its first line/],
    ["#!/bin/sh -e\r\n", /^has a carriage return/],
    ["#!/bin/sh\recho\r", /^has a carriage return/],
    ["#!/usr/bin/env bash\r\n", /^has a carriage return/],
    ["\xef\xbb\xbf#!/bin/sh\n", /^has a byte order mark/],
    ["#!\n", /^names no program/],
    ["#!   \n", /^names no program/],
    ["#!sh\n", /^names "sh" .*not absolute/],
    ["#!bin/sh\n", /not absolute/],
    ["#!./run\n", /not absolute/],
    ["#!/bin/sh\0\n", /^has a NUL/],
    [`#!/bin/sh ${"x".repeat(300)}\n`, /^has a first line of 310 bytes, of which systems read 255$/],
    ["#!/usr/local/bin/bash\n", /^is run by "\/usr\/local\/bin\/bash", which linux-x64\/debian-12 does not have$/],
    ["#!/usr/bin/python3\n", /^is run by "\/usr\/bin\/python3"/],
    ["#!/bin/zsh\n", /^is run by "\/bin\/zsh"/],
    ["#!/bin/sh/\n", /^is run by/],
    ["#!/usr/bin/env node\n", /^is run by "node"/],
    ["#!/usr/bin/env\n", /^has env look for no program/],
    ["#!/usr/bin/env -i\n", /^has env look for no program/],
    ["#!/usr/bin/env bash -e\n", /^has env look for a program named "bash -e"/],
    ["#!/usr/bin/env -S -u PATH ruby -w\n", /^is run by "ruby"/],
    ["#!/usr/bin/env /opt/x/sh\n", /^is run by "\/opt\/x\/sh"/],
  ];
  for (const [text, pattern] of wrong)
    it(`finds what is wrong with ${JSON.stringify(text.slice(0, 40))}`, () =>
      assert.match(faults(text).join("; "), pattern));

  it("asks what a target has only where there is a target, and nothing of Windows", () => {
    assert.deepEqual(faults("#!/bin/zsh\n", "macos-arm64"), []);
    assert.match(faults("#!/bin/zsh\r\n", "macos-arm64").join(), /carriage return/);
    assert.match(faults("#!sh\n", "linux-arm64").join(), /not absolute/);
    assert.deepEqual(faults("#!sh\r\n", "windows-x64"), []);
  });

  it("takes what users are told to install for there", () =>
    assert.deepEqual(faults("#!/usr/bin/env python3\n", "linux-x64", ["python3"]), []));

  it("sees no script in other beginnings", () => {
    for (const text of [
      "",
      "#",
      " #!/bin/sh\n",
      "# !/bin/sh\n",
      "\xef\xbb#!/bin/sh\n",
      "#![feature(x)]\n",
      "\xef\xbb\xbf#![no_std]\n",
    ])
      assert.equal(beginningOf(Buffer.from(text, "latin1")).script, undefined, text);
  });
});
