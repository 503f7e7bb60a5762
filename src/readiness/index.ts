/** The regression matrix and readiness, judged: of what was stored, by policy alone. Nothing here runs anything or asks a machine. */
export { reportsOf, sourceContractFile, sourceContractOf } from "./stored.ts";
export { lookAtSources, type SourceFile } from "./source-contract.ts";
export { machineReport, type MachineReportTask } from "./machine-report.ts";
export { judgeMatrix, type MatrixJudgement, type MatrixQuestion } from "./matrix.ts";
export { mappedResults, type Mapped, type MappedResults, type TrackParts } from "./mapped.ts";
export { judgeReadiness, type ReadinessJudgement, type ReadinessQuestion, type ReadinessState } from "./readiness.ts";
