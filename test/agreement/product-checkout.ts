/** What a checkout of Palyra has that the contract is about: the enum, and the three files without what is the releaser's alone. */
import { fileNames } from "../../src/matrix/index.ts";
import { policyFiles, policyJson, type Json } from "../matrix/policy-folder.ts";

export const enumFile = "crates/palyra-common/src/runtime_preview.rs";

/** Rust that declares these capabilities. */
export function rustOf(capabilities: readonly string[]): string {
  const variants = capabilities.map((name) =>
    name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase()),
  );
  return [
    "/// What can be switched on.",
    "pub enum RuntimePreviewCapability {",
    ...variants.map((name) => `    ${name},`),
    "}",
    "",
  ].join("\n");
}

/** The product's own files, by the names that tests call them by. */
export function ownFiles(): Record<"matrix" | "checklist" | "gates", Json> {
  const files = policyFiles("palyra");
  const [matrix, checklist, gates] = [
    policyJson(files["matrix"]!),
    policyJson(files["checklist"]!),
    policyJson(files["gates"]!),
  ];
  for (const scenario of matrix.scenarios) {
    delete scenario.proof;
    delete scenario.time_limit_seconds;
  }
  for (const control of checklist.rollout_controls) {
    delete control.capabilities;
    delete control.may_open_with;
  }
  for (const limitation of checklist.known_limitations) delete limitation.effect;
  checklist.matrix_manifest = "infra/release/workflow-regression-matrix.json";
  return { matrix, checklist, gates };
}

/** The same files as a candidate is sealed with them. */
export function sealedFiles(change: (own: ReturnType<typeof ownFiles>) => void = () => {}): Json {
  const own = ownFiles();
  change(own);
  return Object.fromEntries(
    Object.entries(own).map(([key, value]) => {
      const name = fileNames[key as keyof typeof own];
      return [name, { file: `infra/release/${name}`, text: `${JSON.stringify(value, null, 2)}\n` }];
    }),
  );
}
