/** The gates beside the machines: what policy asks of a release that no single machine shows. */
export { DecisionSchema, type Decision } from "./asked.ts";
export { useApprovals } from "./approvals.ts";
export { judgeDecision, type Circumstances } from "./judge.ts";
export { remedyOf, type Remedy } from "./remedy.ts";
