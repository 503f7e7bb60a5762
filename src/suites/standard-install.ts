/** The suites around the installer: what it must put in place, and that nothing of it is left when it has taken all away. */
import { executableName } from "../products/index.ts";
import type { Places, Platform, Subject } from "../products/index.ts";
import { quote } from "./quote.ts";
import type { Lifecycle } from "./standard.ts";
import type { Check, Suite } from "./suite.ts";

/** Everything else needs this one: without an installation no check has anything to look at. */
export const installed = "install/install";

/** Where an installed release lies: `<root>/versions/<version>-<first 8 digits of the archive's digest>`. */
export function releaseFolder(at: Places, subject: Subject): string {
  return `${at.root}/versions/${subject.version}-${subject.sha256.slice(0, 8)}`;
}

/** The command's name on the machine. */
export function commandName(binary: string, subject: Subject): string {
  return executableName(binary, subject.platform as Platform);
}

/** Checks that the file received is the file packed; the digest is computed on the machine from the bytes that arrived. */
export function receivedCheck(name: string, file: string, sha256: string): Check {
  return {
    name,
    run: [
      `received=$(sha256sum <${quote(file)}) || exit 2`,
      "received=${received%% *}",
      'echo "$received"',
      `[ "$received" = ${sha256} ] || { echo "what arrived is not the archive that was packed ($(wc -c <${quote(file)}) bytes)" >&2; exit 1; }`,
    ].join("\n"),
    within: 60,
    expect: { stdout: { equals: sha256 } },
  };
}

/**
 * Lists, as sh text, what an installation could leave behind: files with type, mode, owner and link target below the usual places, and the
 * accounts. Not listed: what the system itself writes as it runs (backups of the account files, systemd's own state), and
 * what users of a command keep in their home's `.config`, `.cache` and `.local`: that is theirs, not the installation's.
 */
export function inventory(to: string): string {
  const places = "/etc /opt /srv /usr/local /usr/bin /usr/sbin /usr/lib/systemd /var/lib /home /root";
  const ours = ['-path "$greenlight"', "-path /var/lib/systemd", "-path '*/.config'", "-path '*/.cache'", "-path '*/.local'"].join(" -o ");
  return [
    `{ find ${places} -xdev \\( ${ours} \\) -prune -o ! -path '/etc/*-' ! -path /etc/.pwd.lock -printf '%y %m %u:%g %p %l\\n'`,
    "while IFS= read -r account; do echo \"account $account\"; done </etc/passwd",
    "while IFS= read -r account; do echo \"group $account\"; done </etc/group",
    `} 2>/dev/null | LC_ALL=C sort >${to}`,
  ].join("\n");
}

const inventoryBefore = '"$greenlight/notes/inventory"';

/** Unpacks and installs, twice: the second time changes nothing. */
export function installSuite({ product, kind, subject, files, at }: Lifecycle): Suite {
  const folder = releaseFolder(at, subject);
  const install = `sh ${quote(files.installer)} install --archive ${quote(files.archivePath)} --sha256 ${subject.sha256}`;
  const pids = kind.services.map(({ name }) => `systemctl show -p MainPID ${name}.service`).join("; ");
  const picture = `{ find ${at.root} ${at.commands} -printf '%p %y %m %U:%G %s %l\\n' | LC_ALL=C sort; ${pids || ":"}; }`;
  const commands = kind.binaries.map((binary): Check => {
    const command = commandName(binary, subject);
    const onPath = product.binaries[binary]?.onPath;
    return {
      name: `executable-${binary}`,
      login: true,
      needs: installed,
      run: [
        onPath ? `file=$(command -v ${command}) || { echo "${command} is not on PATH ($PATH)"; exit 1; }` : `file=$(find -L ${folder} -name ${command} -type f)`,
        onPath ? 'echo "$file"' : `echo "${folder}"`,
        '[ -x "$file" ] || { echo "$file cannot be executed: $(ls -lL "$file")"; exit 1; }',
        // Commands on PATH are small scripts, which end in the program that they lead to.
        ...(onPath ? [`target=$(sed -n "s/^exec '\\(.*\\)' .*/\\1/p" "$file")`] : ["target=$file"]),
        `case $(readlink -f "$target") in ${folder}/*) ;; *) echo "$file leads to $(readlink -f "$target")"; exit 1 ;; esac`,
      ].join("\n"),
      expect: { stdout: { equals: onPath ? `${at.commands}/${command}` : folder } },
    };
  });
  return {
    name: "install",
    checks: [
      receivedCheck("received", files.archivePath, subject.sha256),
      ...(files.installerText === undefined
        ? []
        : [{ name: "installer", needs: "install/received", run: `mkdir -p "$(dirname ${quote(files.installer)})" && printf '%s' ${quote(files.installerText)} >${quote(files.installer)}`, expect: {} } satisfies Check]),
      { name: "inventory", needs: "install/received", run: `${inventory(inventoryBefore)}\nwc -l <${inventoryBefore}`, within: 60, expect: { stdout: { matches: "^[1-9][0-9]{2,}$" } } },
      { name: "install", needs: "install/received", run: install, within: 180, expect: {} },
      { name: "placed", needs: installed, run: `readlink -f ${at.root}/current`, expect: { stdout: { equals: folder } } },
      ...commands,
      {
        name: "install-again",
        needs: installed,
        run: [`${picture} >before`, install, "code=$?", `${picture} >after`, "[ $code -eq 0 ] || exit $code", "diff before after || { echo 'installing again changed this' >&2; exit 1; }"].join("\n"),
        within: 180,
        expect: {},
      },
    ],
  };
}

/** Takes the installation away, first without and then with its state, and looks for what is left. */
export function uninstallSuite({ product, kind, subject, files }: Lifecycle): Suite {
  const uninstall = `sh ${quote(files.installer)} uninstall`;
  const states = kind.services.map((service) => service.stateFolder);
  const onPath = kind.binaries.filter((binary) => product.binaries[binary]?.onPath).map((binary) => commandName(binary, subject));
  const users = [...new Set(kind.services.map((service) => service.user))];
  return {
    name: "uninstall",
    checks: [
      { name: "uninstall", needs: installed, run: uninstall, within: 120, expect: {} },
      ...states.map((folder, i): Check => ({
        name: `state-kept${i === 0 ? "" : `-${i + 1}`}`,
        needs: "uninstall/uninstall",
        run: `[ -d ${quote(folder)} ] && echo kept || { echo "${folder} is gone although its removal was not asked for"; exit 1; }`,
        expect: { stdout: { equals: "kept" } },
      })),
      ...(states.length > 0 ? [{ name: "remove-state", needs: installed, run: `${uninstall} --remove-state`, within: 120, expect: {} } satisfies Check] : []),
      {
        name: "commands-gone",
        needs: installed,
        login: true,
        run: `for c in ${onPath.join(" ")}; do command -v "$c" && { echo "$c is still there" >&2; exit 1; }; done; echo gone`,
        expect: { stdout: { equals: "gone" } },
      },
      ...kind.services.map(({ name }): Check => ({
        name: `service-gone-${name}`,
        needs: installed,
        run: `systemctl show -p LoadState -p ActiveState -p FragmentPath ${name}.service`,
        expect: { stdout: { contains: ["LoadState=not-found", "ActiveState=inactive"] } },
      })),
      ...users.map((user): Check => ({
        name: `user-gone-${user}`,
        needs: installed,
        run: `getent passwd ${user}; getent group ${user}; echo "no more accounts"`,
        expect: { stdout: { equals: "no more accounts" } },
      })),
      {
        name: "nothing-left",
        needs: installed,
        run: [
          inventory("after"),
          `comm -13 ${inventoryBefore} after >left; comm -23 ${inventoryBefore} after >lost`,
          "[ ! -s left ] || { echo 'left behind or changed:'; cat left; }",
          "[ ! -s lost ] || { echo 'was there before:'; cat lost; }",
          "[ ! -s left ] && [ ! -s lost ] && echo nothing",
        ].join("\n"),
        within: 60,
        expect: { stdout: { equals: "nothing" } },
      },
    ],
  };
}
