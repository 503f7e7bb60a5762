/**
 * What is in Palyra's journal, read from its file, since no command of the product prints it: the records that were there before
 * a restart of the daemon and after it must be there for good, each with its text.
 *
 * A record is a stretch of readable text that names it (a ULID) or that is JSON: a line in a journal of lines, the text columns of
 * a row in an SQLite database, wherever its pages lie. Under the release that it was planted with, each stretch must still be
 * there to the byte. Another release may bring the journal to its own schema; then each record must still have the values that
 * stood beside its name (texts, and the numbers and truths of JSON), whatever they are called now and in whatever order. Left
 * out then are digests of 64 digits: the chain of hashes is sealed anew. Blobs, and in a migrated database columns that are
 * no JSON, are not seen. Bytes from the start of
 * the file are not compared: SQLite counts changes in its first page. A daemon that has nothing to record yet has a journal that
 * names no record: then its longer readable text is what must stay, and that is said; one with nothing to read is red.
 */
import { gateway } from "./services.ts";

/** Sh functions on the journal below `$state`: names of records, their texts, and of texts on standard input each record's values. */
export const journalFunctions = [
  // Not every awk knows how to count in a pattern.
  `d='[0-9A-HJKMNP-TV-Z]'; name=${"$d".repeat(26)}`,
  "journal() { cat \"$state\"/data/journal.sqlite3 \"$state\"/data/journal.sqlite3-wal 2>/dev/null | LC_ALL=C tr -cs '[:print:]' '\\n'; }",
  'records() { journal | grep -oE "$name" | LC_ALL=C sort -u; }',
  'texts() { journal >printed; { grep -E "$name|\\{\\"" printed || grep -E ".{24}" printed; } | LC_ALL=C sort -u; }',
  "values() {",
  "  LC_ALL=C awk -v name=\"$name\" 'match($0, name) {",
  "    record = substr($0, RSTART, RLENGTH); rest = $0",
  '    while (match(rest, /"([^"\\\\]|\\\\.)*"/)) {',
  "      value = substr(rest, RSTART, RLENGTH); rest = substr(rest, RSTART + RLENGTH)",
  '      if (rest !~ /^ *:/ && !(length(value) == 66 && value !~ /[^0-9a-f"]/)) print record, value',
  "      if (match(rest, /^ *: *(-?[0-9][-+.0-9eE]*|true|false)/)) { value = substr(rest, RSTART, RLENGTH); sub(/^[ :]*/, \"\", value); print record, value }",
  "    }",
  "  }' | LC_ALL=C sort -u",
  "}",
].join("\n");

/** A new daemon process on the same journal. */
const restart = `systemctl restart palyrad.service && http_wait ${gateway}/healthz 60 >healthz || exit`;

/** Notes what is kept over a restart, in `$notes`. It prints `journal: kept over a restart`, or what is wrong. */
export function plantJournal(release: string): string[] {
  return [
    "records >records-before; texts >texts-before",
    restart,
    "records >records-after; texts >texts-after",
    // What a restart loses is no record that was kept.
    "lost=$(comm -23 records-before records-after | wc -l)",
    'comm -12 records-before records-after >"$notes/records"; LC_ALL=C comm -12 texts-before texts-after >"$notes/texts"; values <"$notes/texts" >"$notes/values"',
    `echo ${release} >"$notes/release"`,
    'if [ "$lost" -gt 0 ]; then echo "journal: lost records by a restart"',
    'elif ! [ -s "$notes/texts" ]; then echo "journal: holds nothing that could be looked for"',
    'else',
    '  [ -s "$notes/records" ] || echo "The journal names no record yet; its readable text is what is looked for." >&2',
    '  echo "journal: kept over a restart"',
    "fi",
  ];
}

/** Looks for all of it, under a release. It prints `journal: every record as it was`, or what is wrong. */
export function lookAtJournal(release: string): string[] {
  return [
    'records >records; texts >texts; known=$(wc -l <"$notes/records"); lost=$(comm -23 "$notes/records" records | wc -l)',
    `if [ "$(cat "$notes/release")" = ${release} ]; then`,
    '  LC_ALL=C comm -23 "$notes/texts" texts >missing; all=$(wc -l <"$notes/texts") changed=0',
    // In a database, what is beside it may have become readable text as well.
    '  while IFS= read -r line; do grep -qF -e "$line" printed || changed=$((changed + 1)); done <missing',
    'else values <texts >values; LC_ALL=C comm -23 "$notes/values" values >missing; all=$known changed=$(cut -d " " -f 1 missing | uniq | wc -l); fi',
    'if ! [ -s "$notes/texts" ]; then echo "journal: nothing is known of it"',
    'elif [ "$lost" -gt 0 ]; then echo "journal: $lost of $known records are lost"',
    'elif [ "$changed" -gt 0 ]; then echo "journal: $changed of $all records are not what they were"',
    'else echo "journal: every record as it was"; fi',
  ];
}

/** Has the daemon write more, by a restart, and notes it: names of records, or where they have none, their texts. */
export const writeMoreJournal = [
  "records >records-before; texts >texts-before",
  restart,
  'records | comm -13 records-before - >"$notes/records-later"; texts | LC_ALL=C comm -13 texts-before - >"$notes/texts-later"',
  '[ -s "$notes/texts-later" ] && echo "journal: noted" || echo "journal: nothing was written"',
];

/** Looks whether any of it is left. It prints `journal: gone`, or how much is there. */
export const laterJournal = [
  'if [ -s "$notes/records-later" ]; then records >records; left=$(comm -12 "$notes/records-later" records | wc -l)',
  'else texts >texts; left=$(LC_ALL=C comm -12 "$notes/texts-later" texts | wc -l); fi',
  'if ! [ -s "$notes/texts-later" ]; then echo "journal: it is not known what was written"',
  'elif [ "$left" -gt 0 ]; then echo "journal: $left later records are still there"',
  'else echo "journal: gone"; fi',
];
