/** zod without its messages in other languages than English. */
import nodeModule from "node:module";

/**
 * Keeps zod's other languages from being loaded. Its entrance imports all sixty of them, of which Greenlight shows none: they are a
 * fifth of the modules of a command, and a seventh of the time until it begins. A Node without such hooks loads them.
 */
export function withoutOtherLanguages() {
  nodeModule.registerHooks?.({
    resolve: (specifier, context, next) =>
      specifier === "../locales/index.js" && context.parentURL?.includes("/node_modules/zod/")
        ? { url: "data:text/javascript,", format: "module", shortCircuit: true }
        : next(specifier, context),
  });
}
