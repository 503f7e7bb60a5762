/** Whether a text holds another one as it stands: blanks are alike, and a name is not found in a longer one. */

const plain = (text: string): string => text.replace(/\s+/g, " ").trim();
const isWord = (character: string | undefined): boolean => character !== undefined && /\w/.test(character);

export function holds(whole: string, wanted: string): boolean {
  const [text, part] = [plain(whole), plain(wanted)];
  if (part === "") return false;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    const [before, after] = [text[at - 1], text[at + part.length]];
    if (!(isWord(before) && isWord(part[0])) && !(isWord(after) && isWord(part.at(-1)))) return true;
  }
  return false;
}
