/** One machine's birth: a fork of the parent or a cold boot, then its identity, then its link, then the first verified command. */
import { chmodSync, copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../../storage/process-identity.ts";
import type { ProcessIdentity } from "../../storage/process-identity.ts";
import {
  bootSeconds,
  createOverlay,
  imageBlueprint,
  stateSource,
  type Host,
  type ImageFiles,
} from "../images/index.ts";
import {
  Qmp,
  connectSoon,
  endProcesses,
  forwardedPort,
  guardedQemu,
  lastWords,
  qemuArguments,
  startGuarded,
} from "../host/index.ts";
import { becomeMessage, converse, type Identity } from "../identity/index.ts";
import { captureFile } from "../observation/index.ts";
import { verifyMachine } from "./verify.ts";

/** What a birth needs to be given. */
export interface BirthPlan {
  id: string;
  image: ImageFiles;
  host: Host;
  /** folder of the fork parent; undefined for a cold boot */
  parent: string | undefined;
  /** the machine's own folder, and the one for its sockets */
  folder: string;
  runFolder: string;
  identity: Identity;
  lifeSeconds: number;
  signal?: AbortSignal;
  /** told as soon as there are processes, so that they are written down before anything else happens */
  onProcesses: (guard: ProcessIdentity, qemu: ProcessIdentity | undefined) => void | Promise<void>;
}

/** A machine that has proven to be itself. Seconds since the birth began. */
export interface Born {
  port: number;
  kernel: string;
  times: { running: number; identified: number; verified: number };
}

/** Seconds that a fork has from its start to its first verified command; it takes one or two. */
const forkSeconds = 45;

/** Brings the machine up. @throws Error when it does not come up, the machine then is to be thrown away. */
export async function giveBirth(plan: BirthPlan): Promise<Born> {
  const { image, host, parent, folder, identity, signal } = plan;
  const started = performance.now();
  const since = () => (performance.now() - started) / 1000;
  const limit = parent ? forkSeconds : bootSeconds;
  signal?.throwIfAborted();
  const overlay = join(folder, "overlay.qcow2");
  await makeOverlay(overlay, parent, image);
  const qmpSocket = join(plan.runFolder, "qmp.sock");
  const identitySocket = join(plan.runFolder, "identity.sock");
  const guard = startGuarded(
    folder,
    plan.lifeSeconds,
    qemuArguments(host.accelerator, {
      name: `greenlight-${plan.id}`,
      kernel: join(image.folder, "vmlinuz"),
      initrd: join(image.folder, "initrd.img"),
      kernelArguments: imageBlueprint(image.target).kernelArguments,
      disk: overlay,
      ram: parent ? join(parent, "ram.img") : undefined,
      role: parent ? "child" : "alone",
      qmpSocket,
      identitySocket,
      console: join(folder, "console.log"),
      packets: captureFile(folder),
    }),
  );
  const alive = () => isAlive(guard);
  await plan.onProcesses(guard, undefined);
  let qmp: Qmp | undefined;
  const abandon = () => void endProcesses([guard]);
  signal?.addEventListener("abort", abandon, { once: true });
  try {
    qmp = await Qmp.open(qmpSocket, alive);
    await plan.onProcesses(guard, guardedQemu(guard));
    const socket = await connectSoon(identitySocket, 10, alive);
    // Told before it wakes: the answer to the read in which its parent was stopped is there at once.
    const become = () => converse(socket, becomeMessage(identity), limit - since());
    let became: Promise<string>;
    if (parent) {
      await qmp.execute("migrate-set-capabilities", { capabilities: [{ capability: "x-ignore-shared", state: true }] });
      await qmp.execute("migrate-incoming", { uri: stateSource(parent) });
      await qmp.migrated(limit);
      became = become();
      became.catch(() => undefined);
      await qmp.execute("cont");
    } else {
      await qmp.execute("set_link", { name: "nic0", up: false });
      // Asked first, so that the clock in the message is not as old as the boot.
      became = converse(socket, "ping\n", limit).then(become);
      became.catch(() => undefined);
    }
    const running = since();
    const port = forwardedPort(String(await qmp.execute("human-monitor-command", { "command-line": "info usernet" })));
    const answer = await became;
    if (answer !== "done") throw new Error(`the machine could not take its identity: ${answer}`);
    const identified = since();
    await qmp.execute("set_link", { name: "nic0", up: true });
    const seen = await verify(plan, port, limit - since(), alive);
    socket.destroy();
    return { port, kernel: seen.kernel, times: { running, identified, verified: since() } };
  } catch (e) {
    signal?.throwIfAborted();
    const words = lastWords(folder);
    throw new Error(`${(e as Error).message}${words ? ` (QEMU: ${words})` : ""}`);
  } finally {
    signal?.removeEventListener("abort", abandon);
    qmp?.close();
  }
}

/** The machine's own disk: copied from the parent's template, where there is one, because a copy needs no process. */
async function makeOverlay(overlay: string, parent: string | undefined, image: ImageFiles): Promise<void> {
  const template = parent ? join(parent, "overlay.qcow2") : undefined;
  if (template && existsSync(template)) copyFileSync(template, overlay);
  else await createOverlay(join(parent ?? image.folder, "disk.qcow2"), overlay);
  chmodSync(overlay, 0o600);
}

/** Tries until the machine shows that it is the one that was born, or the time is over. */
async function verify(
  plan: BirthPlan,
  port: number,
  seconds: number,
  alive: () => boolean,
): Promise<{ kernel: string }> {
  const { identity, signal } = plan;
  const until = performance.now() + seconds * 1000;
  for (;;) {
    try {
      const left = (until - performance.now()) / 1000;
      const seen = await verifyMachine({
        port,
        privateKey: identity.privateKey,
        hostKey: identity.hostKeyPublic,
        seconds: left,
        ...(signal ? { signal } : {}),
      });
      if (seen.nonce !== identity.nonce)
        throw new Error(`the machine on port ${port} is another one (birth ${seen.nonce || "unknown"})`);
      return seen;
    } catch (e) {
      signal?.throwIfAborted();
      if (!alive()) throw new Error("the machine ended before its first command");
      if (performance.now() > until)
        throw new Error(
          `the machine ran no command over SSH within ${Math.round(seconds)} s (${(e as Error).message})`,
        );
      await sleep(200);
    }
  }
}
