/** Tells a plugin that its engine is gone. An engine that was killed says nothing; its plugins must not outlive it. */
import { connect } from "node:net";

/**
 * Calls `gone` once when the engine has ended. A parent that changes tells; but a plugin that was still starting when its
 * engine was killed has never seen its true parent, so it also asks once whether the engine's own server still answers.
 * @param address the engine's server as it stands in the plugin's arguments, `127.0.0.1:PORT`; undefined when there is none
 */
export function whenEngineIsGone(address: string | undefined, gone: () => void): void {
  const parent = process.ppid;
  let told = false;
  const tell = () => {
    clearInterval(watch);
    if (!told) gone();
    told = true;
  };
  const watch = setInterval(() => {
    if (process.ppid !== parent) tell();
  }, 500);
  watch.unref();
  const [, host, port] = /^(.*):(\d+)$/.exec(address ?? "") ?? [];
  if (!host || !port) return;
  const socket = connect(Number(port), host);
  socket.once("connect", () => socket.destroy());
  socket.once("error", (e: NodeJS.ErrnoException) => {
    socket.destroy();
    if (e.code === "ECONNREFUSED") tell();
  });
}
