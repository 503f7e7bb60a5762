/** Where Palyra's sources name its capabilities, and how its deployment profiles set their modes. */
import type { CapabilityRules } from "../product.ts";

/** Variants of a Rust enum in their order, as the snake case that settings have; empty when there is no such enum. */
export function enumVariants(rust: string, name: string): string[] {
  const body = new RegExp(`\\benum\\s+${name}\\s*\\{([^}]*)\\}`).exec(rust)?.[1] ?? "";
  return body
    .replace(/\/\/.*$/gm, "")
    .replace(/#\[[^\]]*\]/g, "")
    .split(",")
    .flatMap((part) => /^\s*([A-Z]\w*)/.exec(part)?.[1] ?? [])
    .map((variant) => variant.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase());
}

/** What a deployment profile's manifest says of settings: config path → value. */
function profileDefaults(manifest: string): Map<string, unknown> {
  try {
    const { defaults } = JSON.parse(manifest) as { defaults?: { config_path?: string; value?: { value?: unknown } }[] };
    return new Map(
      (Array.isArray(defaults) ? defaults : []).flatMap((d) =>
        typeof d?.config_path === "string" ? [[d.config_path, d.value?.value]] : [],
      ),
    );
  } catch {
    return new Map();
  }
}

/** The line of a text that a pattern first fits after another one has; the line after those when none does. */
function lineOf(lines: readonly string[], from: number, pattern: RegExp): number {
  const at = lines.findIndex((line, i) => i >= from && pattern.test(line));
  return at < 0 ? from + 1 : at + 1;
}

/** A name like `flow_orchestration` as Rust writes a variant: `FlowOrchestration`. */
const variantOf = (name: string): string => name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Where an enum stands in Rust, or a variant of its. */
function enumLine(rust: string, name: string, variant: string | undefined): number {
  const lines = rust.split("\n");
  const begin = lineOf(lines, 0, new RegExp(`\\benum\\s+${name}\\b`));
  return variant === undefined ? begin : lineOf(lines, begin - 1, new RegExp(`\\b${variantOf(variant)}\\b`));
}

/** Capabilities that are the variants of a Rust enum; a profile sets `<capability>.mode`, or its rollout. */
export function rustCapabilities(file: string, name: string): CapabilityRules {
  return {
    file,
    what: `enum ${name}`,
    line: (source, capability) => enumLine(source, name, capability),
    names: (source) => enumVariants(source, name),
    mode: (manifest, capability) => {
      const values = profileDefaults(manifest);
      const mode =
        values.get(`${capability}.mode`) ??
        (values.get(`feature_rollouts.${capability}`) === true ? "enabled" : undefined);
      return typeof mode === "string" ? mode : undefined;
    },
  };
}

export const capabilities = rustCapabilities("crates/palyra-common/src/runtime_preview.rs", "RuntimePreviewCapability");
