import { showControls } from "./prove.ts";

showControls("seeded faults of palyra that only its use shows", ({ suites }) => suites.at(-1) === "smoke");
