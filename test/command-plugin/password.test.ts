/** Ways in that the contract's SSH server does not offer, against a server of the library's own. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import ssh2 from "ssh2";
import { dial } from "../../src/command-plugin/ssh-dial.ts";
import { ConnectionSchema } from "../../src/command-plugin/inputs.ts";

type Accepts = (method: string, answer: string) => boolean;

async function withServer<T>(accepts: Accepts, work: (port: number) => Promise<T>): Promise<T> {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const server = new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
    client.on("error", () => {});
    client.on("authentication", (context) => {
      const { method } = context;
      if (method === "password")
        return accepts(method, context.password)
          ? context.accept()
          : context.reject(["password", "keyboard-interactive"]);
      if (method === "keyboard-interactive")
        return void context.prompt([{ prompt: "Password:", echo: false }], (answers: string[]) =>
          accepts(method, answers[0] ?? "") ? context.accept() : context.reject(),
        );
      context.reject(["password", "keyboard-interactive"]);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work((server.address() as { port: number }).port);
  } finally {
    server.close();
  }
}

const to = (port: number, password: string) =>
  dial(ConnectionSchema.parse({ host: "127.0.0.1", port, password, dialErrorLimit: 0 }), {
    signal: new AbortController().signal,
    status: () => {},
  });

describe("command plugin: passwords", () => {
  for (const way of ["password", "keyboard-interactive"]) {
    it(`are given by ${way}`, () =>
      withServer(
        (method, answer) => method === way && answer === "sesame",
        async (port) => {
          (await to(port, "sesame")).close();
          await assert.rejects(
            to(port, "wrong"),
            /unable to authenticate.*attempted methods \[none password keyboard-interactive\]/,
          );
        },
      ));
  }
});
