/** Code and policy of a product, held together: whatever one of them names, the others know. */
export { checkContract, type ContractTask } from "./check.ts";
export { placeText, type Disagreement } from "./places.ts";
