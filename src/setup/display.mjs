/** Shows running steps: on a terminal one live line each, elsewhere a line when one starts, now and then, and when it ends. */

/** Without a terminal, progress of a step is told this often, in milliseconds. */
const EVERY = 15_000;
/** Steps that are done sooner than this are not worth a line about their progress, in milliseconds. */
const SHORT = 2_000;

/**
 * `0.4 s`, `12 s`, `3 min 07 s`.
 * @param {number} milliseconds
 */
export function elapsed(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/**
 * @param {NodeJS.WriteStream} out
 * @param {{ quietStart?: boolean, every?: number }} [options] without a terminal: no line when a step starts; milliseconds between lines of progress
 * @returns {import("./steps.mjs").Display & { stop: () => void }} stop: clears what is live
 */
export function display(out, { quietStart = false, every = EVERY } = {}) {
  /** @type {Map<string, { since: number, said: number, text: string }>} */
  const live = new Map();
  const terminal = out.isTTY === true;
  let drawn = 0;

  const lineOf = (/** @type {string} */ name) => {
    const state = live.get(name);
    return state ? `  … ${name}: ${elapsed(Date.now() - state.since)}${state.text ? `, ${state.text}` : ""}` : "";
  };
  const erase = () => {
    if (drawn > 0) out.write(`\x1b[${drawn}A\x1b[J`);
    drawn = 0;
  };
  const draw = () => {
    if (!terminal) return;
    erase();
    const width = (out.columns ?? 80) - 1;
    for (const name of live.keys()) out.write(`${lineOf(name).slice(0, width)}\n`);
    drawn = live.size;
  };
  /** @param {string} text */
  const say = (text) => {
    if (terminal) erase();
    out.write(`${text}\n`);
    draw();
  };
  const tick = () => {
    if (terminal) return draw();
    for (const [name, state] of live) {
      if (Date.now() - state.since < SHORT || Date.now() - state.said < every) continue;
      state.said = Date.now();
      say(lineOf(name));
    }
  };
  const timer = setInterval(tick, terminal ? 250 : 1000);
  timer.unref();

  return {
    started(step) {
      live.set(step.name, { since: Date.now(), said: Date.now(), text: "" });
      if (!terminal && !quietStart) say(`  … ${step.name}: ${step.purpose}`);
    },
    progress(step, text) {
      const state = live.get(step.name);
      if (state) state.text = text;
    },
    noted(step, text) {
      say(`  ! ${step.name}: ${text}`);
    },
    done(step, found) {
      const state = live.get(step.name);
      live.delete(step.name);
      say(`  ✓ ${step.name}: ${found} (${elapsed(Date.now() - (state?.since ?? Date.now()))})`);
    },
    failed(step, fault) {
      live.delete(step.name);
      say(`  ✗ ${step.name}: ${fault}`);
    },
    stop() {
      clearInterval(timer);
      if (terminal) erase();
    },
  };
}
