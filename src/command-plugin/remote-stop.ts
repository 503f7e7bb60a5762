/**
 * Ends a command on a server. Closing its connection would leave it running there; signals of SSH (RFC 4254, 6.9) are
 * refused by OpenSSH when root is logged in, and not sent by ssh2 once a command's input has ended; so a second command on the same connection ends the first.
 */
import type { Client } from "ssh2";
import { shellQuoted } from "../edges/shell-word.mjs";

/**
 * The server's process for this connection is the parent of every command on it, and each command leads a session of its
 * own. The script ends every process of those sessions but its own: TERM, and KILL a second later. By session and not by
 * process group, since `timeout` makes a group of its own. Where there is no /proc (macOS), by the groups that ps knows.
 */
const script = `
others() {
  if [ -r /proc/self/stat ]; then
    for p in /proc/[0-9]*; do
      { read -r l <$p/stat; } 2>/dev/null || continue
      n=\${p#/proc/}; set -- \${l##*) }
      if [ "$2" = "$PPID" ] && [ "$n" != $$ ]; then leaders="$leaders $n "; fi
    done
    for p in /proc/[0-9]*; do
      { read -r l <$p/stat; } 2>/dev/null || continue
      set -- \${l##*) }
      case "$leaders" in *" $4 "*) echo "\${p#/proc/}" ;; esac
    done
  else
    ps -A -o pid= -o ppid= | while read -r n parent; do [ "$parent" = "$PPID" ] && [ "$n" != $$ ] && echo "-$n"; done
  fi
}
pids=$(others)
[ -n "$pids" ] || exit 0
kill -TERM $pids 2>/dev/null
sleep 1
kill -KILL $pids 2>/dev/null
exit 0`;

/** How long a stopped command may take to be gone before its connection is closed all the same. */
const patienceMs = 5_000;

/**
 * Asks the server to end the command that this connection started and what that has started, short of what left its session. Resolves
 * when `ended` does, and after five seconds in any case. Never throws: the command has failed already.
 */
export async function stopCommand(client: Client, ended: Promise<unknown>): Promise<void> {
  const patience = Promise.withResolvers<void>();
  const timer = setTimeout(patience.resolve, patienceMs);
  const stopped = new Promise<void>((resolve, reject) => {
    // The login shell may be any; the script is for sh, and must be a child of the server's process itself.
    client.exec(`exec /bin/sh -c ${shellQuoted(script)}`, (error, stopper) => {
      if (error) return reject(error);
      stopper.resume();
      stopper.stderr.resume();
      stopper.on("error", () => {});
      stopper.once("close", resolve);
    });
  }).catch(() => {});
  // When the script is through, the command's channel has a moment to close by itself and bring its last words.
  await Promise.race([
    ended,
    stopped.then(() => Promise.race([ended, new Promise((r) => setTimeout(r, 300))])),
    patience.promise,
  ]).catch(() => {});
  clearTimeout(timer);
}
