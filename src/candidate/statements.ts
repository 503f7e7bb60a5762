/** What a checkout states of the product, by the product's source rules: versions in TOML and JSON files, its capabilities and its policy. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse as parseToml, TomlError } from "smol-toml";
import type { SourceRules } from "../products/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { secretIn } from "../secret-search/index.ts";
import type { SealedText } from "./schema.ts";

/** The text at `a.b.c` of a parsed file; undefined when there is none. */
function textAt(file: unknown, key: string): string | undefined {
  let value = file;
  for (const part of key.split("."))
    value =
      value !== null && typeof value === "object" && Object.hasOwn(value, part) ? (value as Table)[part] : undefined;
  return typeof value === "string" ? value : undefined;
}
type Table = Record<string, unknown>;

/** The text at a key of a TOML or JSON file. @throws when the file is broken, with what follows its name in a sentence. */
export function statedText(name: string, text: string, key: string): string | undefined {
  const json = name.endsWith(".json");
  let file: unknown;
  try {
    file = json ? JSON.parse(text) : parseToml(text);
  } catch (e) {
    const where = e instanceof TomlError ? ` (line ${e.line}, column ${e.column})` : "";
    throw new Error(`is not ${json ? "JSON" : "TOML"}${where}`);
  }
  return textAt(file, key);
}

/**
 * The version that each place states.
 * @throws EdgeError naming every place that states none.
 */
export async function versionStatements(checkout: string, rules: SourceRules): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const faults: string[] = [];
  for (const [name, { file, key }] of Object.entries(rules.versions)) {
    const text = await readFile(join(checkout, file), "utf8").catch(() => undefined);
    let version: string | undefined;
    try {
      version = text === undefined ? undefined : statedText(file, text, key);
    } catch (e) {
      faults.push(`${name}: ${join(checkout, file)} ${(e as Error).message}`);
      continue;
    }
    if (version === undefined)
      faults.push(
        `${name}: ${join(checkout, file)} ${text === undefined ? "cannot be read" : `has no text at ${key}`}`,
      );
    else found[name] = version;
  }
  if (faults.length > 0)
    throw new EdgeError(
      `The sources do not state their version everywhere: ${faults.join("; ")}; name the checkout that the binaries were built from with \`--source\`.`,
    );
  return found;
}

export type Capabilities = Record<string, { mode: string; profiles?: Record<string, string> }>;

/**
 * Modes of the product's capabilities: `disabled` by default, and what profiles set.
 * `profiles`: texts of the profiles' manifests by profile. Undefined when the sources name no capabilities.
 */
export async function capabilityModes(
  checkout: string,
  { capabilities }: SourceRules,
  profiles: Readonly<Record<string, string>>,
): Promise<Capabilities | undefined> {
  if (!capabilities) return undefined;
  const names = capabilities.names(await readFile(join(checkout, capabilities.file), "utf8").catch(() => ""));
  if (names.length === 0) return undefined;
  return Object.fromEntries(
    names.map((name) => {
      const set = Object.entries(profiles).flatMap(([profile, manifest]) => {
        const mode = capabilities.mode(manifest, name);
        return mode !== undefined && mode !== "disabled" ? [[profile, mode]] : [];
      });
      return [
        name,
        { mode: "disabled", ...(set.length > 0 && { profiles: Object.fromEntries(set) as Record<string, string> }) },
      ];
    }),
  );
}

/**
 * The product's own policy files, by their names; undefined when the checkout has none of them.
 * @throws EdgeError naming a file that cannot be read, is no text, or holds a secret.
 */
export async function policyTexts(
  checkout: string,
  { policy: folder }: SourceRules,
): Promise<Record<string, SealedText> | undefined> {
  if (folder === undefined) return undefined;
  // Loaded here, since few commands seal anything and all of them load this file.
  const { fileNames } = await import("../matrix/index.ts");
  const found: Record<string, SealedText> = {};
  for (const name of Object.values(fileNames)) {
    const file = `${folder}/${name}`;
    const refuse = (why: string): never => {
      throw new EdgeError(`${join(checkout, file)} ${why}; mend it in the checkout, then seal the candidate again.`);
    };
    const bytes = await readFile(join(checkout, file)).catch((e: NodeJS.ErrnoException) =>
      e.code === "ENOENT" || e.code === "ENOTDIR" ? undefined : refuse(`cannot be read (${e.code})`),
    );
    if (bytes === undefined) continue;
    const secret = secretIn(bytes);
    if (secret !== undefined) refuse(`holds ${secret}`);
    try {
      found[name] = { file, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
    } catch {
      refuse("is no text in UTF-8");
    }
  }
  return Object.keys(found).length > 0 ? found : undefined;
}
