/** Code and policy of a product, held together: whatever one of them names, the others know. */
export { checkContract, type ContractTask } from "./check.ts";
export type { Disagreement } from "./places.ts";
