/** Signatures by OpenSSH: made and verified by `ssh-keygen -Y`, so that anybody can do the same with the files alone. */
import { readFileSync } from "node:fs";
import { EdgeError } from "../edges/edges.ts";
import { oneLine } from "../edges/one-line.ts";
import { namespace } from "./statements.ts";

interface Said {
  ok: boolean;
  stdout: string;
  stderr: string;
}

/** Asks ssh-keygen; it neither prompts nor reads anything but its input and the files that it is told of. */
async function keygen(args: readonly string[], input = ""): Promise<Said> {
  // Loaded here, since few commands sign something and many load this file.
  const { execa } = await import("execa");
  const ran = await execa("ssh-keygen", args, {
    input,
    // Times of allowed-signers are those of the time zone. A passphrase is asked for by this program, which says nothing.
    env: { LC_ALL: "C", TZ: "UTC", SSH_ASKPASS: "/bin/false", SSH_ASKPASS_REQUIRE: "force", DISPLAY: ":0" },
    timeout: 30_000,
    stripFinalNewline: false,
    reject: false,
  });
  if (ran.code === "ENOENT")
    throw new EdgeError(
      "Signatures take `ssh-keygen`, which is not on PATH; install the package openssh-client.",
      "host",
    );
  if (ran.timedOut)
    throw new EdgeError("`ssh-keygen` did not answer within 30 s; see that the ssh agent answers, then try again.");
  return { ok: !ran.failed, stdout: ran.stdout, stderr: ran.stderr };
}

const lastLine = (text: string): string => oneLine(text.trim().split("\n").at(-1) ?? "").replace(/\.$/, "");

/** A time as ssh-keygen reads it, in UTC. */
const stamp = (time: Date): string =>
  time
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replace(/[-T:]/g, "");

/** What became of a signature: the key that made it, or why it does not count, as a clause. */
export type Verified =
  | { key: string }
  /** `broken`: it is no signature of this text at all; otherwise it is one, by somebody else than who is named */
  | { broken: boolean; why: string };

/** Verifies that `by` has signed the text, as of `now`. @throws EdgeError when it cannot be asked, or there are no allowed signers */
export async function verify(
  text: string,
  { signature, by, signersFile, now }: { signature: string; by: string; signersFile: string; now: Date },
): Promise<Verified> {
  const of = ["-n", namespace, "-s", signature];
  const at = `-Overify-time=${stamp(now)}`;
  const said = await keygen(["-Y", "verify", at, "-f", signersFile, "-I", by, ...of], text);
  const key = /^Good "greenlight-approval" signature for .* with \S+ key (SHA256:[A-Za-z0-9+/=]+)$/m.exec(said.stdout);
  if (said.ok && key) return { key: key[1]! };
  const whole = await keygen(["-Y", "check-novalidate", ...of], text);
  if (!whole.ok) return { broken: true, why: "its signature is not one of this statement" };
  const reason = /key (?:has expired|is not yet valid|is revoked)/.exec(said.stderr)?.[0];
  return {
    broken: false,
    why: reason
      ? `the ${reason.replace("key", `key of ${by}`)} by ${signersFile}`
      : `the key that signed it is not one of ${by} in ${signersFile}`,
  };
}

/** The signature of a text by a key: a file of a private key, or of a public one whose private half an agent holds. @throws EdgeError */
export async function sign(text: string, keyFile: string): Promise<string> {
  const said = await keygen(["-Y", "sign", "-f", keyFile, "-n", namespace], text);
  if (said.ok && said.stdout.startsWith("-----BEGIN SSH SIGNATURE-----")) return said.stdout;
  if (/passphrase/.test(said.stderr))
    throw new EdgeError(
      `The key ${keyFile} is encrypted, and no ssh agent holds it; add it with \`ssh-add ${keyFile}\` and try again.`,
    );
  if (/too open/.test(said.stderr))
    throw new EdgeError(`The key ${keyFile} can be read by others; \`chmod 600 ${keyFile}\`, and try again.`);
  if (/No such file/.test(said.stderr))
    throw new EdgeError(`${keyFile} does not exist or is no key; name a private key of OpenSSH with --key.`);
  throw new EdgeError(
    `Nothing could be signed with ${keyFile}: ${lastLine(said.stderr) || "ssh-keygen said nothing"}; name another key with --key.`,
  );
}

/** The names that allowed-signers has for whoever made the signature; none when it is a stranger's. @throws EdgeError */
export async function principalsOf(signature: string, signersFile: string, now: Date): Promise<string[]> {
  const at = `-Overify-time=${stamp(now)}`;
  const said = await keygen(["-Y", "find-principals", at, "-s", signature, "-f", signersFile]);
  return said.ok ? [...new Set(said.stdout.split(/[\n,]/).map((name) => name.trim()))].filter(Boolean) : [];
}

/** Sees that there are allowed signers to verify by. @throws EdgeError when the file cannot be read, or lets a key have any name */
export function requireSigners(signersFile: string): void {
  let text: string;
  try {
    text = readFileSync(signersFile, "utf8");
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    throw new EdgeError(
      `The allowed signers ${signersFile} ${code === "ENOENT" ? "do not exist" : `cannot be read (${code})`}; docs/approvals.md says what the file holds.`,
    );
  }
  for (const [i, line] of text.split("\n").entries()) {
    const names = /^\s*("[^"]*"|[^\s#]\S*)/.exec(line)?.[1] ?? "";
    if (/[*?!]/.test(names))
      throw new EdgeError(
        `Line ${i + 1} of ${signersFile} gives a key every name like ${names}; write out the names that it stands for.`,
      );
  }
}
