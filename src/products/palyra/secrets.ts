/** Secrets of an installation of Palyra, and where each is to be had: by whoever looks whether they lie anywhere else. */
import type { Places, Secret, Subject } from "../product.ts";

/** The minted admin token, and what was planted in the vault (once it was). */
export function secrets(_subject: Subject, at: Places): Secret[] {
  const config = `${at.config}/palyra.toml`;
  return [
    { name: "admin token", prints: `grep -ohE 'palyra_admin_[0-9A-Z]{26}_[0-9A-Z]{26}' ${config}` },
    {
      name: "planted secret",
      where: '[ -e "$greenlight/notes/planted/secret" ]',
      // As whoever owns the installation, so that it is the vault that was planted in, and no file in it changes hands.
      prints: [
        `set -- $(stat -c '%U %G' ${config})`,
        `HOME=${at.state} PALYRA_VAULT_BACKEND=encrypted_file setpriv --reuid="$1" --regid="$2" --init-groups ${at.commands}/palyra secrets get global planted --reveal`,
      ].join("\n"),
    },
  ];
}
