/**
 * Child of setup, because the sources of machines need a newer Node than setup does: `find TARGET` says whether the machine image is
 * there, `get TARGET` makes it. When it is there the answer is a line `there <what>`; other lines are progress.
 */
import { ensureImage, findImage, type MachineImage } from "../machines/index.ts";
import { EdgeError, parseValue } from "../edges/edges.ts";
import { TargetSchema } from "../products/index.ts";

async function main([what, text]: string[]): Promise<void> {
  const target = parseValue(TargetSchema, text, {
    what: "The machine image's target",
    remedy: "name one as linux-x64/debian-12",
  });
  const image =
    what === "get"
      ? await ensureImage(target, { report: (line: string) => console.log(line) })
      : await findImage(target);
  if (image) console.log(`there ${described(target, image)}`);
}

function described(target: string, { digest, kernel, accelerator }: MachineImage): string {
  return `${target}, ${digest.slice(0, 12)}, kernel ${kernel}, ${accelerator}`;
}

await main(process.argv.slice(2)).catch((e: unknown) => {
  console.error(e instanceof EdgeError ? e.message : e);
  process.exitCode = 1;
});
