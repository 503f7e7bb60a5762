/** Recordings: what real machines said, kept as fixtures and judged again without a machine. */
export { readRecording, writeRecording, type Recording, type RecordingFacts, type Said } from "./recording.ts";
export { recordingOf, saidOf } from "./record.ts";
export { redactor, type RedactionFacts, type Redactor } from "./redact.ts";
export { currentSuites, replay, type ReplayedCheck } from "./replay.ts";
export { shapeDifferences, shapeOf, type ShapeDifference } from "./shape.ts";
