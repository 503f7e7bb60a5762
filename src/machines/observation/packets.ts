/** What a machine tried to reach: QEMU writes every packet that it sends to a file in its folder, and that is read here. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EdgeError } from "../../edges/edges.ts";
import { contactLines, isAnswer } from "./contacts.ts";
import { readCapture } from "./pcap.ts";
import { machineFolder } from "../host/index.ts";

/** Largest capture that is read, in bytes. A proof makes a few megabytes: acknowledgements of what is uploaded, and answers. */
const largest = 512 * 1024 * 1024;

/** The capture in a machine's folder. */
export function captureFile(folder: string): string {
  return join(folder, "packets.pcap");
}

/**
 * What the machine has tried to reach until now, one line each, or `nothing`; undefined when there is no capture of it. It goes
 * with the machine's folder, so it is read before the machine is stopped.
 * @throws EdgeError when there is one and it cannot be used.
 */
export async function observePackets(id: string): Promise<string | undefined> {
  const file = captureFile(machineFolder(id));
  // The machine may be sending while it is read: half a packet at the end is whole a moment later.
  for (let tries = 1; ; tries++) {
    const bytes = captured(file);
    if (!bytes) return undefined;
    try {
      const frames = [...readCapture(bytes, `Capture ${file}`)];
      if (!frames.some(isAnswer))
        throw new EdgeError(
          `Capture ${file} holds not even the machine's answers to this host, so that its silence says nothing; prove the cell again with \`greenlight rerun\`.`,
          "machine",
        );
      return contactLines(frames);
    } catch (e) {
      if (tries === 3) throw e;
      await sleep(50);
    }
  }
}

function captured(file: string): Buffer | undefined {
  try {
    const { size } = statSync(file);
    if (size > largest)
      throw new EdgeError(
        `Capture ${file} has ${size} bytes, more than a machine that is meant to be silent sends; look at what floods the network.`,
        "machine",
      );
    return readFileSync(file);
  } catch (e) {
    if (e instanceof EdgeError) throw e;
    const code = (e as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return undefined;
    throw new EdgeError(
      `Capture ${file} cannot be read (${code}); make it readable and run the same command again.`,
      "machine",
    );
  }
}
