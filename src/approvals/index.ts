/** Approvals and waivers: what people decide, as signed statements that anybody can verify, and what counts of it. */
export { approvalOf, type ApprovalAnswer, type ApprovalQuestion } from "./approval.ts";
export { fingerprintOf } from "./fingerprint.ts";
export { approve, makeWaiver, markUsed, revoke, type Made, type Signer } from "./making.ts";
export { ApprovalRulesSchema, WaiverRulesSchema, type ApprovalRules, type WaiverRules } from "./rules.ts";
export type { Circumstances } from "./standing.ts";
export type { Approval, Revocation, WaiverStatement } from "./statements.ts";
export { isUsed, type Used } from "./store.ts";
export { overLimit, waive, type Waiver, type WaiverAnswer, type WaiverQuestion } from "./waiver.ts";
