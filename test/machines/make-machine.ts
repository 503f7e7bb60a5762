/** Makes a machine and says how far it is: a process for a test to kill. Arguments: the image as JSON, the workspace. */
import { setTimeout as sleep } from "node:timers/promises";
import { createMachine } from "../../src/machines/index.ts";
import type { MachineImage } from "../../src/machines/index.ts";

const [image, workspace] = process.argv.slice(2);
const machine = await createMachine({
  image: JSON.parse(image!) as MachineImage,
  owner: { workspace: workspace!, stack: "test", urn: "urn:maker" },
  incarnation: 1,
  cell: "maker",
  subject: "0".repeat(64),
  lifeSeconds: 100,
  report: () => undefined,
  onAttempt: () => console.log("begun"),
});
console.log(`ready ${machine.id}`);
await sleep(60_000);
