/**
 * Taking an installation away leaves its state, file by file, until that is asked for too. What there is, is noted while its
 * services are stopped: then nothing lies there that is gone with them.
 */
import { placed } from "../products/index.ts";
import { quote } from "./quote.ts";
import type { Lifecycle } from "./standard.ts";
import type { Check } from "./suite.ts";

type Installed = Pick<Lifecycle, "kind" | "at">;

const note = '"$greenlight/notes/state"';

/** Folders of an installation's state. Without a service there is one as well, where the product sets itself up. */
export function stateFolders({ kind, at }: Installed): string[] {
  if (kind.services.length === 0) return kind.setup ? [at.state] : [];
  return [...new Set(kind.services.map(({ stateFolder }) => stateFolder))];
}

/** What must not even have grown, since it makes the installation itself: as patterns of sh. */
function lasting({ kind, at }: Installed): string {
  const places = (kind.identity ?? []).map((place) => quote(placed(place, at)));
  return places.map((place) => `${place}|${place}/*`).join("|");
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
      `find ${stateFolders(life).map(quote).join(" ")} -type f -printf '%s %p\\n' 2>/dev/null | while read -r size file; do sum=$(sha256sum <"$file"); echo "$size \${sum%% *} $file"; done >${note}`,
      '[ -z "$ran" ] || systemctl start $ran || exit',
      // A service that was never used may have nothing to keep.
      `for folder in ${stateFolders(life).map(quote).join(" ")}; do [ -d "$folder" ] || echo "$folder is not there"; done`,
      "echo noted",
    ].join("\n"),
    expect: { stdout: { equals: "noted" } },
  };
}

/** Every file of that is there, none is shorter, and what makes the installation itself is the same to the byte. */
export function stateKeptCheck(life: Installed, needs: string): Check {
  const same = lasting(life);
  return {
    name: "state-kept",
    needs,
    run: [
      `for folder in ${stateFolders(life).map(quote).join(" ")}; do [ -d "$folder" ] || { echo "$folder is gone although its removal was not asked for"; exit 1; }; done`,
      `[ -e ${note} ] || { echo "it is not known what was there"; exit 1; }`,
      "while read -r size sum file; do",
      '  [ -f "$file" ] || { echo "$file is gone although its removal was not asked for"; continue; }',
      '  [ "$(stat -c %s "$file")" -ge "$size" ] || echo "$file is shorter than it was"',
      ...(same === "" ? [] : [`  case $file in ${same}) now=$(sha256sum <"$file"); [ "\${now%% *}" = "$sum" ] || echo "$file is not what it was" ;; esac`]),
      `done <${note} >found`,
      "[ -s found ] && head -n 20 found || echo kept",
    ].join("\n"),
    expect: { stdout: { equals: "kept" } },
  };
}
