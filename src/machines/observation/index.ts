/** What a machine tried to reach, seen from outside. */
export { captureFile, observePackets } from "./packets.ts";
