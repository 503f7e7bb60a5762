/** Places of files, and what disagrees between them. */
import { pathText, type Path } from "../edges/located.ts";

/** Where something stands, or where it would have to stand. */
export interface Place {
  /** from the project's or the checkout's folder, or in full */
  file: string;
  /** counted from 1 */
  line: number;
  path: Path;
}

/** A file that places can be named in. */
export interface Source {
  file: string;
  line(path: Path): number;
}

export function placeIn({ file, line }: Source, path: Path): Place {
  return { file, line: line(path), path };
}

/** A place as one word: `file:line`, with the path in the file where there is one. */
export function placeText({ file, line, path }: Place): string {
  return path.length === 0 ? `${file}:${line}` : `${file}:${line} (${pathText(path)})`;
}

/** Several places in a sentence. */
export const placesText = (places: readonly Place[]): string => places.map(placeText).join(", ");

/** One thing that files do not agree on. */
export interface Disagreement {
  /** what it is about, by kind and name: each is found once */
  about: string;
  /** the whole of it, as a sentence with the remedy */
  message: string;
  /** where to mend it */
  mend: Place[];
}
