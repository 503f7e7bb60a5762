/** `greenlight product check`: whether a product's definition is whole. */
import { exitCodes } from "../edges/exit-codes.ts";
import { definitionFile, productNamed } from "../products/index.ts";

/** Says that it is. @throws EdgeError with everything that is wrong with it */
export function check(name: string, write: (line: string) => void): number {
  const { kinds, binaries } = productNamed(name);
  const count = (of: object, what: string, more: string): string =>
    `${Object.keys(of).length} ${Object.keys(of).length === 1 ? what : more}`;
  const parts = `${count(kinds, "kind", "kinds")}, ${count(binaries, "binary", "binaries")}`;
  write(`${definitionFile(name)} is whole: ${parts}.`);
  return exitCodes.green;
}
