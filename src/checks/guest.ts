/** Commands that are files of shell: they lie beside the checks that use them, and travel with the runner. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sha256 } from "../storage/digest.ts";
import type { GuestScript } from "./check.ts";

const sources = new URL("../", import.meta.url);

const texts = new Map<string, string>();

/** Its text without comment lines, which are for readers here and would only be sent along. */
export function guestText(script: string): string {
  const known = texts.get(script);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(script, sources), "utf8").replace(/^\s*#.*\n/gm, "");
  texts.set(script, text);
  return text;
}

/**
 * A command that runs `<name>.sh` of a room's `guest` folder with arguments.
 * @param room `import.meta.url` of a file in the room
 */
export function guest(room: string, name: string, ...args: (string | number)[]): GuestScript {
  const folder = fileURLToPath(new URL("guest/", room)).slice(fileURLToPath(sources).length);
  const script = `${folder}${name}.sh`;
  return { script, sha256: sha256(guestText(script)), args: args.map(String) };
}
