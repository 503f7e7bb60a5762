/** What files are called that say under which terms something is given: of every usual name, in any case. */

/** A licence by itself; further texts of the law (`NOTICE`, `PATENTS`) come beside one. */
const licence = new RegExp(
  [
    "(un)?licen[cs]es?\\d?([._ -].*)?",
    "(mit|bsd|isc|apache|mozilla|boost|software|user|product|end[-_ ]?user)[-_. ]?licen[cs]e([._ -].*)?",
    "copying\\d?([._-].*)?",
    "(copyright|eula)([._-].*)?",
    "(a|l)?gpl([._-]?v?\\d.*)?(\\.(txt|md))?",
    "(apache|mpl|epl|bsl|bsd|ofl|mit|cc0)([._-]?v?\\d.*)?(\\.(txt|md))?",
  ]
    .map((form) => `^${form}$`)
    .join("|"),
  "i",
);
const beside =
  /^(notices?|patents|authors|contributors|credits|legal|(third|3rd)[-_ ]?party[-_ ]?(notices?|licen[cs]es?)|(oss|open[-_ ]?source)[-_ ]?(notices?|licen[cs]es?))([._-].*)?$/i;

/** The file that becomes LICENSE.txt, of names at the top of a folder: the plainest of those that are a licence. */
export function licenceAmong(names: readonly string[]): string | undefined {
  const plain = [
    /^LICENSE\.txt$/,
    /^LICENSE$/,
    /^LICENSE\.md$/,
    /^LICENCE(\.(txt|md))?$/,
    /^licen[cs]e(\.\w+)?$/i,
    /^copying(\.(txt|md))?$/i,
    licence,
  ];
  for (const form of plain) {
    const found = names.filter((name) => form.test(name)).sort()[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a file at the top of a folder or an archive is a text of the law: these are packed under their own names. */
export function isLegalText(name: string): boolean {
  return licence.test(name) || beside.test(name);
}

/** Whether a path in an archive is a licence: at its top, or in REUSE's folder. */
export function isLicence(path: string): boolean {
  const [top = "", ...below] = path.split("/");
  return below.length === 0 ? licence.test(top) : below.length === 1 && /^licen[cs]es$/i.test(top);
}
