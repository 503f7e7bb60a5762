import { showControls } from "./prove.ts";

showControls(
  "seeded faults of palyra that installing, running, upgrading and removing it shows",
  ({ suites }) => suites.at(-1) !== "smoke",
);
