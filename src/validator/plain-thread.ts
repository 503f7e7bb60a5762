/** The other thread of plain-entries.ts: waits until it is known what there is, reads groups until none is left, then ends. */
import { workerData } from "node:worker_threads";
import { readNextGroup, UNKNOWN, type PlainWork } from "./plain-entries.ts";

const work = workerData as PlainWork;
Atomics.wait(work.groups, 0, UNKNOWN);
while (readNextGroup(work));
