/** Seeded faults that show what the checks catch, and when they were last seen to. */
export { controlLines, controlsOf, controlStates, forgetRed, sawRed, type Control, type ControlState } from "./controls.ts";
