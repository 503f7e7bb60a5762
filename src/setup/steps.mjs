/** Runs steps: what is there is skipped, what is independent runs at the same time, and a fault of one stops only what needs it. */
import { SetupFault, sentence } from "./fault.mjs";
import { withLock } from "./lock.mjs";

/**
 * One part of setup. Its result is known by a version (a folder in the cache, a digest), so that `check` can be quick and exact.
 * @typedef {object} Step
 * @property {string} name as shown, with its version
 * @property {string} purpose what it is for, a few words
 * @property {string[]} needs names of steps that come first; names that are not in the run count as done
 * @property {string} lock a file; of several processes at this step one works and the others wait for its result
 * @property {() => string | undefined | Promise<string | undefined>} check quick, offline, changes nothing: what is there in a few words, or undefined
 * @property {(report: (text: string) => void, note: (text: string) => void) => Promise<void>} get makes it be there; may be killed anywhere and begun again
 */

/** What a display needs to know of a step. @typedef {Pick<Step, "name" | "purpose">} Shown */

/**
 * How the progress of steps is shown.
 * @typedef {object} Display
 * @property {(step: Shown) => void} started its result was not there
 * @property {(step: Shown, text: string) => void} progress
 * @property {(step: Shown, text: string) => void} noted what a person should know of it, also when it is done
 * @property {(step: Shown, found: string) => void} done after started
 * @property {(step: Shown, fault: string) => void} failed
 */

/**
 * Runs the steps.
 * @param {Step[]} steps
 * @param {Display} display
 * @returns {Promise<{ found: Map<string, string>, got: string[], faults: Map<string, string> }>} found: by step what is there; got: steps that had
 *   something to do; faults: by step a sentence
 */
export async function runSteps(steps, display) {
  /** @type {Map<string, Promise<boolean>>} */
  const running = new Map();
  /** @type {Map<string, string>} */
  const found = new Map();
  /** @type {Map<string, string>} */
  const faults = new Map();
  /** @type {string[]} */
  const got = [];

  /** @param {Step} step */
  async function one(step) {
    for (const need of step.needs) {
      if (steps.some((s) => s.name === need) && !(await start(need))) {
        faults.set(step.name, `${step.name} was not tried, because it needs ${need}.`);
        return false;
      }
    }
    try {
      let there = await step.check();
      if (there === undefined) {
        display.started(step);
        got.push(step.name);
        /** @param {string} text */
        const report = (text) => display.progress(step, text);
        there = await withLock(
          step.lock,
          report,
          async () => {
            const before = await step.check(); // somebody else may have got it meanwhile
            if (before !== undefined) return before;
            await step.get(report, (text) => display.noted(step, text));
            return await step.check();
          },
          step.name,
        );
        if (there === undefined)
          throw new SetupFault(`${step.name} is still not there after it was got; run \`greenlight doctor\`.`);
        display.done(step, there);
      }
      found.set(step.name, there);
      return true;
    } catch (e) {
      const text = sentence(e);
      faults.set(step.name, text);
      display.failed(step, text);
      return false;
    }
  }

  /** @param {string} name */
  function start(name) {
    let promise = running.get(name);
    if (!promise) {
      const step = steps.find((s) => s.name === name);
      if (!step) throw new Error(`no step ${name}`);
      promise = one(step);
      running.set(name, promise);
    }
    return promise;
  }

  await Promise.all(steps.map((step) => start(step.name)));
  return { found, got, faults };
}
