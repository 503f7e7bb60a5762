/** A machine image as the rest of Greenlight knows it: the files, how this host runs them, and a parent to fork from. */
import type { Target } from "../../products/index.ts";
import { probeHost } from "./accelerator.ts";
import type { Host } from "./accelerator.ts";
import type { Accelerator, Report } from "../host/index.ts";
import { ensureImageFiles, findImageFiles } from "./image.ts";
import type { ImageFiles } from "./image.ts";
import { ensureParent, findParent } from "./parent.ts";
import { markUsed, prune } from "./prune.ts";

/** Digests are SHA-256 in hex; `kernel` as `uname -r`, `qemu` as `7.2.22`. */
export interface MachineImage extends ImageFiles {
  accelerator: Accelerator;
  qemu: string;
  /** the host's processor where a saved machine depends on it, otherwise empty */
  processor: string;
}

/** How this host runs the image. */
export function hostOf(image: MachineImage): Host {
  const { qemu, accelerator, processor } = image;
  return { qemu, accelerator, processor };
}

/**
 * The target's image, ready to be forked from; built, probed and booted when it is not in the cache (two minutes once).
 * @throws EdgeError when the host lacks something; Error when the image does not come up.
 */
export async function ensureImage(
  target: Target,
  options: { report: Report; signal?: AbortSignal },
): Promise<MachineImage> {
  const files = await ensureImageFiles(target, options.report, options.signal);
  const host = await probeHost(files, options.report);
  const parent = await ensureParent(files, host, options.report, options.signal);
  markUsed(files.folder);
  markUsed(parent);
  prune();
  return { ...files, ...host };
}

/** The target's image when all of it is in the cache; starts and builds nothing. */
export async function findImage(target: Target): Promise<MachineImage | undefined> {
  const files = findImageFiles(target);
  if (!files) return undefined;
  try {
    const host = await probeHost(files, () => undefined);
    return findParent(files, host) ? { ...files, ...host } : undefined;
  } catch {
    // Without QEMU here there is no image either.
    return undefined;
  }
}
