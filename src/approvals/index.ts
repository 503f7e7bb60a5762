/** Approvals and waivers: what people decide, as signed statements that anybody can verify, and what counts of it. */
export { approvalOf, type ApprovalAnswer, type ApprovalQuestion } from "./approval.ts";
export { failureText, fingerprintOf, type Judged } from "./fingerprint.ts";
export { listStatements, type Listed } from "./listing.ts";
export { approve, makeWaiver, markUsed, revoke, type Made, type Signer } from "./making.ts";
export { ApprovalRulesSchema, WaiverRulesSchema, type ApprovalRules, type WaiverRules } from "./rules.ts";
export type { Circumstances } from "./standing.ts";
export { namespace, type Approval, type Revocation, type WaiverStatement } from "./statements.ts";
export { isUsed, statementFile, type Used } from "./store.ts";
export { overLimit, waive, type Waiver, type WaiverAnswer, type WaiverQuestion } from "./waiver.ts";
