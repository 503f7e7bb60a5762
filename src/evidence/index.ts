/** Evidence of what machines proved, and where it is kept. */
export {
  EvidenceSchema,
  MachineFactsSchema,
  makeEvidence,
  ProvenSchema,
  rejudge,
  type Evidence,
  type Observations,
  type PhaseOutputs,
  type Proof,
  type Rejudged,
  type Settled,
} from "./evidence.ts";
export { cellsOf, evidenceFile, loadEvidence, pointCell, readCell, storeEvidence, type CellPointer } from "./store.ts";
