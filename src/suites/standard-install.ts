/** The suites around the installer: what it must put in place, and that nothing of it is left when it has taken all away. */
import { executableName } from "../products/index.ts";
import type { Places, Platform, Service, Subject } from "../products/index.ts";
import { crashedLater } from "./crash.ts";
import { footprintCheck, inventoryCheck, nothingLeftCheck } from "./footprint.ts";
import { keptRemoved } from "./kept.ts";
import { quote } from "../checks/quote.ts";
import type { Lifecycle } from "./standard.ts";
import { stateFolders, stateKeptCheck, stateNotedCheck } from "./state-kept.ts";
import type { Check, Suite } from "../checks/check.ts";
import { runAgain } from "./unchanged.ts";

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

/** Takes the installer out of the archive that it ships in: what is proven is what is published. */
export function unpackedInstaller(name: string, archive: string, to: string): Check {
  return {
    name,
    run: `mkdir -p "$(dirname ${quote(to)})" && unzip -p ${quote(archive)} install.sh >${quote(to)} && wc -l <${quote(to)}`,
    within: 60,
    expect: { stdout: { matches: "^[1-9][0-9]{2,}$" } },
  };
}

/** Unpacks and installs, twice: the second time changes nothing. */
export function installSuite(life: Lifecycle): Suite {
  const { product, kind, subject, files, at } = life;
  const folder = releaseFolder(at, subject);
  const install = `sh ${quote(files.installer)} install --archive ${quote(files.archivePath)} --sha256 ${subject.sha256}`;
  const commands = kind.binaries.map((binary): Check => {
    const command = commandName(binary, subject);
    const onPath = product.binaries[binary]?.onPath;
    return {
      name: `executable-${binary}`,
      login: true,
      needs: installed,
      run: [
        onPath
          ? `file=$(command -v ${command}) || { echo "${command} is not on PATH ($PATH)"; exit 1; }`
          : `file=$(find -L ${folder} -name ${command} -type f)`,
        onPath ? 'echo "$file"' : `echo "${folder}"`,
        '[ -x "$file" ] || { echo "$file cannot be executed: $(ls -lL "$file")"; exit 1; }',
        // A command is a link, or a script that ends in the program: then the program that it names is what counts.
        `target=$(readlink -f "$file"); case $target in ${folder}/*) ;; *) target=$(sed -n "s/^exec '\\([^']*\\)'.*/\\1/p; s/^exec \\([^' ]*\\) .*/\\1/p" "$target") ;; esac`,
        '[ -x "$target" ] || { echo "$file leads to ${target:-nothing}, which cannot be executed"; exit 1; }',
        `case $(readlink -f "$target") in ${folder}/*) ;; *) echo "$file leads to $(readlink -f "$target")"; exit 1 ;; esac`,
      ].join("\n"),
      expect: { stdout: { equals: onPath ? `${at.commands}/${command}` : folder } },
    };
  });
  return {
    name: "install",
    checks: [
      receivedCheck("received", files.archivePath, subject.sha256),
      { ...unpackedInstaller("installer", files.archivePath, files.installer), needs: "install/received" },
      inventoryCheck("install/received"),
      { name: "install", needs: "install/installer", run: install, within: 180, expect: {} },
      {
        name: "placed",
        needs: installed,
        run: `readlink -f ${at.root}/current`,
        expect: { stdout: { equals: folder } },
      },
      ...commands,
      {
        name: "install-again",
        needs: installed,
        run: runAgain(life, install),
        within: 240,
        expect: { stdout: { contains: ["changed=no"] } },
      },
      footprintCheck("installed-footprint", life, installed),
    ],
  };
}

/** Most seconds that a service may take to stop, of those that its unit gives it before it is killed. */
const mostStopSeconds = 10;

/**
 * A service stops when it is told to, in order and soon, and is then started again. Only before it is removed: how long it has
 * lasted and how often it was restarted is counted from its last start by hand.
 */
function stopsCheck({ name }: Service): Check {
  const unit = quote(`${name}.service`);
  return {
    name: `stops-${name}`,
    needs: installed,
    run: [
      `systemctl is-active --quiet ${unit} || { echo "it does not run"; exit 1; }`,
      "read -r before _ </proc/uptime",
      `systemctl stop ${unit}`,
      "read -r after _ </proc/uptime; took=$((${after%.*} - ${before%.*}))",
      `[ "$took" -le ${mostStopSeconds} ] && echo "soon" || echo "after $took s"`,
      `systemctl show -p ActiveState -p Result ${unit}`,
      `systemctl start ${unit}`,
    ].join("\n"),
    within: 90,
    expect: { stdout: { contains: ["soon", "ActiveState=inactive", "Result=success"] } },
  };
}

/** Takes the installation away, first without and then with its state, and looks for what is left. */
export function uninstallSuite(life: Lifecycle): Suite {
  const { product, kind, subject, files } = life;
  const uninstall = `sh ${quote(files.installer)} uninstall`;
  const keeps = stateFolders(life).length > 0;
  const onPath = kind.binaries
    .filter((binary) => product.binaries[binary]?.onPath)
    .map((binary) => commandName(binary, subject));
  const users = [...new Set(kind.services.map((service) => service.user))];
  return {
    name: "uninstall",
    checks: [
      ...(keeps ? [stateNotedCheck(life, installed)] : []),
      ...kind.services.map(stopsCheck),
      { name: "uninstall", needs: installed, run: uninstall, within: 120, expect: {} },
      ...(keeps
        ? [
            stateKeptCheck(life, "uninstall/uninstall"),
            ...keptRemoved(life, false).map((check) => ({ ...check, needs: "uninstall/uninstall" })),
            {
              name: "remove-state",
              needs: installed,
              run: `${uninstall} --remove-state`,
              within: 120,
              expect: {},
            } satisfies Check,
          ]
        : []),
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
      nothingLeftCheck(life, installed),
      ...crashedLater,
    ],
  };
}
