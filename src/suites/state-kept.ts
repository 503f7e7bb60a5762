/**
 * Taking an installation away leaves its state, file by file, until that is asked for too. What there is, is noted while its
 * services are stopped: then nothing lies there that is gone with them.
 */
import { keptBy } from "./kept.ts";
import { quote } from "../checks/quote.ts";
import type { Lifecycle } from "./standard.ts";
import type { Check } from "../checks/check.ts";

type Installed = Pick<Lifecycle, "kind" | "at">;

const note = '"$greenlight/notes/state"';

/** Folders of an installation's state. Without a service there is one as well, where the product sets itself up. */
export function stateFolders({ kind, at }: Installed): string[] {
  if (kind.services.length === 0) return kind.setup ? [at.state] : [];
  return [...new Set(kind.services.map(({ stateFolder }) => stateFolder))];
}

/** Patterns of sh for what is declared as kept in one way; empty when nothing is. */
function declared(life: Installed, how: "bytes" | "sealed" | "records"): string {
  const places = keptBy(life).flatMap((what) => (what.how === how ? [quote(what.path)] : []));
  return places
    .flatMap((place) =>
      how === "bytes" ? [place] : how === "sealed" ? [place, `${place}/*`] : [`${place}-wal`, `${place}-shm`],
    )
    .join("|");
}

/** Notes every file of the state: stops what runs, looks, and starts it again. */
export function stateNotedCheck(life: Installed, needs: string): Check {
  const units = life.kind.services.map(({ name }) => quote(`${name}.service`));
  return {
    name: "state-noted",
    needs,
    within: 90,
    run: [
      `ran=; for unit in ${units.join(" ")}; do ! systemctl is-active --quiet "$unit" || ran="$unit $ran"; done`,
      '[ -z "$ran" ] || systemctl stop $ran',
      `find ${stateFolders(life).map(quote).join(" ")} -type f -printf '%s %m %p\\n' 2>/dev/null | while read -r size mode file; do sum=$(sha256sum <"$file"); echo "$size $mode \${sum%% *} $file"; done >${note}`,
      '[ -z "$ran" ] || systemctl start $ran || exit',
      // A service that was never used may have nothing to keep.
      `for folder in ${stateFolders(life).map(quote).join(" ")}; do [ -d "$folder" ] || echo "$folder is not there"; done`,
      "echo noted",
    ].join("\n"),
    expect: { stdout: { equals: "noted" } },
  };
}

/**
 * Every file of that is there and none is shorter; what is declared as bytes is the same to the byte. What is sealed may have another
 * length, and has the mode that it had; a database may have taken in the files beside it.
 */
export function stateKeptCheck(life: Installed, needs: string): Check {
  const [bytes, sealed, beside] = (["bytes", "sealed", "records"] as const).map((how) => declared(life, how));
  const when = (patterns: string | undefined, then: string): string[] =>
    patterns ? [`  case $file in ${patterns}) ${then} ;; esac`] : [];
  return {
    name: "state-kept",
    needs,
    run: [
      `for folder in ${stateFolders(life).map(quote).join(" ")}; do [ -d "$folder" ] || { echo "$folder is gone although its removal was not asked for"; exit 1; }; done`,
      `[ -e ${note} ] || { echo "it is not known what was there"; exit 1; }`,
      "while read -r size mode sum file; do",
      ...when(beside, "continue"),
      '  [ -f "$file" ] || { echo "$file is gone although its removal was not asked for"; continue; }',
      ...when(
        bytes,
        'now=$(sha256sum <"$file"); [ "${now%% *}" = "$sum" ] || echo "$file is not what it was"; continue',
      ),
      ...when(sealed, '[ "$(stat -c %a "$file")" = "$mode" ] || echo "$file has another mode than it had"; continue'),
      '  [ "$(stat -c %s "$file")" -ge "$size" ] || echo "$file is shorter than it was"',
      `done <${note} >found`,
      "[ -s found ] && head -n 20 found || echo kept",
    ].join("\n"),
    expect: { stdout: { equals: "kept" } },
  };
}
