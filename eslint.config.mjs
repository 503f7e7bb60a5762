/** What ESLint asks of the sources: the type-checked rules of typescript-eslint, and no import cycles. */
import { createNodeResolver, importX } from "eslint-plugin-import-x";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** Rules about values of type `any`. */
const unsafe = ["argument", "assignment", "call", "member-access", "return"].map(
  (name) => `@typescript-eslint/no-unsafe-${name}`,
);

/**
 * Switches rules off.
 * @param {string[]} rules
 * @returns {Record<string, "off">}
 */
const off = (rules) => Object.fromEntries(rules.map((rule) => [rule, "off"]));

export default defineConfig(
  { ignores: [".greenlight/", "archives/", "candidates/"] },
  {
    files: ["**/*.ts", "**/*.mjs"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    plugins: { "import-x": importX },
    settings: {
      "import-x/extensions": [".ts", ".mjs"],
      "import-x/parsers": { "@typescript-eslint/parser": [".ts", ".mjs"] },
      "import-x/resolver-next": [createNodeResolver({ extensions: [".ts", ".mjs", ".js"] })],
    },
    rules: {
      "import-x/no-cycle": ["error", { ignoreExternal: true }],
      ...off([
        // tsc reports these (noUnusedLocals, noUnusedParameters).
        "@typescript-eslint/no-unused-vars",
        // A function that keeps to an asynchronous contract need not wait, and what it throws is a rejection.
        "@typescript-eslint/require-await",
        // Contracts are written as methods; none of their functions uses `this`, so they may be taken out.
        "@typescript-eslint/unbound-method",
      ]),
    },
  },
  {
    // JavaScript has no `as`: each JSON.parse would need a cast in a comment. tsc still checks these files.
    files: ["**/*.mjs"],
    rules: off(unsafe),
  },
  {
    // Tests look into JSON, recordings and gRPC messages, and assert on what they find: several hundred places.
    files: ["test/**"],
    // What they put into texts, they know.
    rules: off([
      ...unsafe,
      "@typescript-eslint/no-base-to-string",
      "@typescript-eslint/no-explicit-any",
      "@typescript-eslint/restrict-plus-operands",
      "@typescript-eslint/restrict-template-expressions",
    ]),
  },
);
