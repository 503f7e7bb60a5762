/** Evidence of what machines proved, and where it is kept. */
export {
  EvidenceSchema,
  MachineFactsSchema,
  makeEvidence,
  ObservationsSchema,
  ProvenSchema,
  rejudge,
  type Evidence,
  type MachineFacts,
  type Observations,
  type PhaseOutputs,
  type Proof,
  type Rejudged,
} from "./evidence.ts";
export { cellsOf, evidenceFile, loadEvidence, pointCell, readCell, storeEvidence, type CellPointer } from "./store.ts";
