/** The judges of Palyra's checks, by the part of their names after `palyra/`. */
import type { Judge } from "../../checks/judging.ts";
import { doctorFinds } from "./doctor.ts";
import { asReleased } from "./healthy.ts";
import { helpAsPackaged } from "./help-judge.ts";
import { capabilitiesOff } from "./rollout.ts";

export const judges: Record<string, Judge> = {
  "as-released": asReleased,
  "capabilities-off": capabilitiesOff,
  doctor: doctorFinds,
  help: helpAsPackaged,
};
