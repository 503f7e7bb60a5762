/** Images: what they are made of, how this host runs them, and the booted parents that machines are forked from. */
export type { Host } from "./accelerator.ts";
export { imageBlueprint, type ImageBlueprint } from "./blueprint.ts";
export type { ImageFiles } from "./image.ts";
export { ensureImage, findImage, hostOf, type MachineImage } from "./machine-image.ts";
export { bootSeconds, createOverlay, ensureParent, stateSource } from "./parent.ts";
