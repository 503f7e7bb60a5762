/** The releaser's policy: what each channel asks before it may hold a release. */
export {
  allSuites,
  channelPolicy,
  gateNames,
  isDecision,
  policyDigest,
  readPolicyFile,
  suitesRequired,
} from "./read.ts";
export {
  ChannelPolicySchema,
  SuiteRequirementSchema,
  type ChannelPolicy,
  type DecisionName,
  type Policy,
  type SuiteRequirement,
} from "./schema.ts";
