/** A process that publishes or promotes, and ends itself with SIGKILL at a given step: `publisher.ts ARGS-FILE STEP-NUMBER`. */
import { readFileSync } from "node:fs";
import { promoteRelease, publishRelease } from "../../src/channel/index.ts";

const [file = "", at = ""] = process.argv.slice(2);
const { publish, promote } = JSON.parse(readFileSync(file, "utf8"));
let count = 0;
const step = (name: string) => {
  console.log(name);
  if (++count === Number(at)) process.kill(process.pid, "SIGKILL");
};
if (publish) await publishRelease({ ...publish, now: new Date(publish.now), step });
else await promoteRelease({ ...promote, step });
