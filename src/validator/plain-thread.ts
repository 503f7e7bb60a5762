/** The other thread of plain-entries.ts: reads groups until none is left, then ends. */
import { workerData } from "node:worker_threads";
import { readNextGroup, type PlainWork } from "./plain-entries.ts";

while (readNextGroup(workerData as PlainWork));
