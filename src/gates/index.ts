/** Gates: policy as data, and the judgement of evidence by it. */
export { gatePolicyDigest, type GatePolicy } from "./policy.ts";
export {
  isOpen,
  judgeGate,
  type GateQuestion,
  type Judgement,
  RequirementSchema,
  type Requirement,
  type RequirementStatus,
  VerdictSchema,
  type Verdict,
} from "./judge.ts";
