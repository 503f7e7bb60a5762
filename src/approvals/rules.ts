/** What policy says of approvals and waivers: who may, how many, and for how long. */
import { z } from "zod";

/** A name in infra/release/allowed-signers: no white space, and nothing that ssh-keygen takes for a pattern. */
export const PrincipalSchema = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]*$/, "is no name of a signer, such as alice@example.com");

const Principals = z
  .array(PrincipalSchema)
  .min(1, "nobody is allowed to")
  .refine((names) => new Set(names).size === names.length, "a name stands there twice");

/** What a gate that waits for people asks of them. */
export const ApprovalRulesSchema = z
  .strictObject({
    /** how many different people */
    people: z.int().min(1),
    /** who may approve: names in infra/release/allowed-signers */
    by: Principals,
    /** how many days an approval is valid at most, whatever it says itself */
    days: z.number().positive(),
  })
  .refine(({ people, by }) => people <= by.length, {
    path: ["people"],
    message: "is more than there are people who may approve",
  });
export type ApprovalRules = z.output<typeof ApprovalRulesSchema>;

/** What may be waived in a channel. */
export const WaiverRulesSchema = z.strictObject({
  /** how many waivers one release of the channel may need at once, over all its gates */
  atMost: z.int().min(0),
  /** who may waive: names in infra/release/allowed-signers */
  by: Principals,
  /** what may be waived: `<gate>/<requirement>`, each part with `*` for any text */
  may: z.array(z.string().regex(/^[^\s/!][^\s/]*\/\S+$/, "is no <gate>/<requirement>")).min(1),
  /** how many days a waiver is valid at most, whatever it says itself */
  days: z.number().positive(),
});
export type WaiverRules = z.output<typeof WaiverRulesSchema>;
