/** The commands by which people decide: `approve`, `waive`, `revoke`, `approvals`. */
import { InvalidArgumentError, type Command } from "commander";
import { workspaceFolder } from "../storage/folders.ts";
import type { ApproveOptions, RevokeOptions, Surroundings, WaiveOptions } from "./approvals.ts";
import { word } from "./matrix-commands.ts";
import type { Voices } from "./voices.ts";

const codes = `
Exit codes here: 0 it is signed and stored · 1 it was used already, and cannot be revoked · 2 wrong argument, no key of an allowed signer,
or nothing there to be decided`;

const listCodes = `
Exit codes here: 0 everything could be read, whether it holds or not · 2 something cannot be read, and no gate takes anything for approved`;

function days(text: string): number {
  const many = Number(text);
  if (text.trim() === "" || !(many > 0) || many > 3660)
    throw new InvalidArgumentError("Give a number of days, such as 7.");
  return many;
}

const release = ["--release <product@version>", "the release, like nats@2.10.18", word] as const;
const channel = ["--channel <name>", "the channel that it is decided for", word] as const;
const key = ["--key <file>", "your private key, or its public half where an ssh agent holds it", word] as const;
const as = [
  "--as <name>",
  "who you are in infra/release/allowed-signers, where your key has several names",
  word,
] as const;
const valid = ["--days <number>", "how long it is valid; policy may give it less", days, 7] as const;

/** Adds the commands; `done` gets the exit code. `at`: other signers than the releaser's, and another time, for tests. */
export function addApprovalCommands(
  program: Command,
  { write }: Voices,
  done: (code: number) => void,
  at?: Surroundings,
): void {
  const here = () => import("./approvals.ts");

  program
    .command("approve")
    .argument("<gate>", "a gate that waits for people", word)
    .description("sign that a release may pass a gate into a channel (docs/approvals.md)")
    .requiredOption(...release)
    .requiredOption(...channel)
    .requiredOption(...key)
    .option("--reason <text>", "why; it is signed too", word, "")
    .option(...valid)
    .option("--from <channel>", "the channel whose release is meant, where several hold different ones", word)
    .option(...as)
    .addHelpText("after", codes)
    .action(async (gate: string, options: ApproveOptions) =>
      done(await (await here()).approveRelease(workspaceFolder(), gate, options, write, at)),
    );

  program
    .command("waive")
    .argument("<gate/requirement>", "a gate of the stack, and what is open of it", word)
    .description("sign that one failure of one archive is let pass, as it was last seen; no gate takes waivers yet")
    .requiredOption(...release)
    .requiredOption(...channel)
    .requiredOption(...key)
    .requiredOption("--reason <text>", "why; it is signed too, and shown wherever the gate is called green", word)
    .option(...valid)
    .option("--archive <sha256>", "the archive that is meant; without it, that of the latest evidence", word)
    .option("-s, --stack <name>", "the stack that has the evidence", word, "dev")
    .option(...as)
    .addHelpText("after", codes)
    .action(async (what: string, options: WaiveOptions) =>
      done(await (await here()).waiveRequirement(workspaceFolder(), what, options, write, at)),
    );

  program
    .command("revoke")
    .argument("<id>", "of an approval or a waiver, as `approvals` lists it; 8 digits are enough", word)
    .description("take an approval or a waiver back, as long as no release went out thanks to it")
    .requiredOption(...key)
    .requiredOption("--reason <text>", "why; it is signed too", word)
    .option(...as)
    .addHelpText("after", codes)
    .action(async (id: string, options: RevokeOptions) =>
      done(await (await here()).revokeStatement(workspaceFolder(), id, options, write, at)),
    );

  program
    .command("approvals")
    .description("list approvals and waivers: who, what, until when, and why one does not hold")
    .option("--json", "the list as JSON")
    .addHelpText("after", listCodes)
    .action(async (options: { json?: boolean }) =>
      done(await (await here()).approvals(workspaceFolder(), options, write, at)),
    );
}
