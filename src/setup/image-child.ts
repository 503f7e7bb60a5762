/**
 * Child of setup, because the sources of machines need a newer Node than setup does: `find TARGET` says whether the machine image is
 * there, `get TARGET` makes it. When it is there the answer is a line `there <what>`; other lines are progress.
 */
import { ensureImage, findImage, type MachineImage } from "../machines/index.ts";
import { parseValue } from "../edges/edges.ts";
import { TargetSchema } from "../products/index.ts";

const [what, text] = process.argv.slice(2);
const target = parseValue(TargetSchema, text, { what: "The machine image's target", remedy: "name one as linux-x64/debian-12" });
const there = (image: MachineImage) => console.log(`there ${target}, ${image.digest.slice(0, 12)}, kernel ${image.kernel}, ${image.accelerator}`);

if (what === "get") {
  there(await ensureImage(target, { report: (line) => console.log(line) }));
} else {
  const image = await findImage(target);
  if (image) there(image);
}
