/** `greenlight shell CELL`: a terminal on a machine that is still alive. */
import { Client } from "ssh2";
import { EdgeError } from "../edges/edges.ts";
import { listMachines, machineAccess } from "../machines/index.ts";

export async function shell(workspace: string, stack: string, cell: string): Promise<number> {
  const machines = await listMachines({ workspace, stack });
  const machine = machines.find((m) => m.cell === cell && m.alive);
  if (!machine) {
    const alive = machines.filter((m) => m.alive).map((m) => m.cell);
    throw new EdgeError(
      `No machine of cell ${cell} is alive; ${alive.length > 0 ? `alive are ${alive.join(", ")}` : "none is: `npm start -- up --keep-red` keeps the machines of red cells until their life ends"}.`,
    );
  }
  const { host, port, user, privateKey, hostKey } = await machineAccess(workspace, machine.id);
  const expected = Buffer.from(hostKey.split(" ")[1]!, "base64");
  const client = new Client();
  return new Promise<number>((done, failed) => {
    client.on("error", (e) =>
      failed(
        new EdgeError(
          `The machine of ${cell} does not answer (${e.message}); it may have reached its life limit.`,
          "machine",
        ),
      ),
    );
    client.on("ready", () => {
      const { columns = 80, rows = 24 } = process.stdout;
      // Without a terminal here there is none there either: commands can be piped in.
      const terminal = process.stdin.isTTY ? { term: process.env["TERM"] ?? "xterm", cols: columns, rows } : false;
      client.shell(terminal, (e, stream) => {
        if (e) return failed(e);
        if (process.stdin.isTTY) process.stdin.setRawMode(true);
        process.stdin.pipe(stream);
        stream.pipe(process.stdout);
        stream.stderr.pipe(process.stderr);
        process.stdout.on("resize", () => stream.setWindow(process.stdout.rows, process.stdout.columns, 0, 0));
        let code = 0;
        stream.on("exit", (c: number | null) => (code = c ?? 0));
        stream.on("close", () => {
          if (process.stdin.isTTY) process.stdin.setRawMode(false);
          process.stdin.unref?.();
          client.end();
          done(code);
        });
      });
    });
    client.connect({
      host,
      port,
      username: user,
      privateKey,
      hostVerifier: (key: Buffer) => key.equals(expected),
      readyTimeout: 20_000,
    });
  });
}
