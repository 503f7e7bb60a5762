/** `greenlight validate`: archives, unpacked or installed folders, judged by every rule; text for people, JSON for programs. */
import { EdgeError } from "../edges/edges.ts";
import { wholeProducts } from "../products/index.ts";
import {
  documentRules,
  validate as judge,
  type ValidateOptions as JudgeOptions,
  type Validation,
} from "../validator/index.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import { plain } from "./findings.ts";

export interface ValidateOptions {
  json?: boolean;
  kind?: string;
  canonical?: boolean;
  compat?: string;
  rules?: boolean;
}

/** What is valid, in the lines that programs know from Palyra's first validator. */
function valid({ path, manifest }: Validation): string[] {
  return [
    `validated_path=${plain(path)}`,
    `artifact_kind=${manifest?.artifact_kind ?? ""}`,
    `version=${manifest?.version ?? ""}`,
    `platform=${manifest?.platform ?? ""}`,
  ];
}

function invalid({ path, findings }: Validation): string[] {
  return [
    `✗ ${plain(path)}: ${findings.length} ${findings.length === 1 ? "finding" : "findings"}`,
    ...[...Map.groupBy(findings, ({ rule }) => rule)].flatMap(([rule, group]) => ofRule(rule, group)),
  ];
}

/** Findings of one rule that are shown; how many there are is said, and JSON has all of them. */
const SHOWN = 10;

/** The lines about one rule: one archive of another packer breaks some rules once a file. */
function ofRule(rule: string, group: Validation["findings"]): string[] {
  const said = group.slice(0, SHOWN).map(({ entry, found }) => plain(entry === "" ? found : `${entry} ${found}`));
  const remedy = group[0]!.remedy;
  if (group.length === 1) return [`  ${said[0]}; ${remedy} [${rule}]`];
  const more = group.length - said.length;
  return [
    `  ${group.length} × [${rule}]; ${remedy}:`,
    ...said.map((line) => `    ${line}`),
    ...(more > 0 ? [`    … and ${more} more (--json lists all)`] : []),
  ];
}

function exitCode(all: readonly Validation[]): number {
  if (all.every(({ findings }) => findings.length === 0)) return exitCodes.green;
  // A path that leads nowhere is a wrong argument, not a bad archive; a bad archive beside it counts for more.
  return all.some(({ findings, kind }) => findings.length > 0 && kind !== "nothing") ? exitCodes.red : exitCodes.usage;
}

/** How our writer compresses; loaded only where it is asked for. @throws EdgeError when this Node compresses otherwise */
async function ownDeflate(): Promise<JudgeOptions["deflate"]> {
  const { deflateAsWritten, OWN_DIALECT, zlibDialect } = await import("../archive/index.ts");
  if (zlibDialect() !== OWN_DIALECT)
    throw new EdgeError(
      `This Node's zlib (${process.versions.zlib}) writes other bytes than that of Node's own builds, so that it cannot tell ours; run \`validate --canonical\` with a Node from nodejs.org.`,
    );
  return deflateAsWritten;
}

/**
 * Judges every path, writes what was found, and answers the exit code.
 * @throws EdgeError for options that are none, or no path at all.
 */
export async function validate(
  paths: readonly string[],
  options: ValidateOptions,
  write: (line: string) => void,
): Promise<number> {
  if (options.rules) {
    write(documentRules().trimEnd());
    return exitCodes.green;
  }
  if (paths.length === 0)
    throw new EdgeError("There is nothing to validate; name an archive, an unpacked folder or an installed folder.");
  if (options.compat !== undefined && options.compat !== "upstream")
    throw new EdgeError(`--compat is ${JSON.stringify(options.compat)}; use upstream, or leave it out.`);
  const kinds = new Set(wholeProducts().flatMap((product) => Object.keys(product.kinds)));
  if (options.kind !== undefined && !kinds.has(options.kind))
    throw new EdgeError(
      `--kind is ${JSON.stringify(options.kind)}, which no product has; use one of ${[...kinds].join(", ")}.`,
    );

  if (options.canonical && options.compat !== undefined)
    throw new EdgeError(
      "--canonical is no rule of Palyra's first validator; leave out one of --canonical and --compat.",
    );
  const deflate = options.canonical ? await ownDeflate() : undefined;
  const all: Validation[] = [];
  for (const path of paths) {
    const validation = await judge(path, {
      upstream: options.compat === "upstream",
      ...(deflate && { deflate }),
      expected: { ...(options.kind !== undefined && { kind: options.kind }) },
    });
    all.push(validation);
    if (!options.json)
      for (const line of validation.findings.length === 0 ? valid(validation) : invalid(validation)) write(line);
  }
  if (options.json)
    write(
      JSON.stringify(
        {
          schema: 1,
          valid: exitCode(all) === exitCodes.green,
          archives: all.map(({ path, kind, findings, manifest }) => ({
            path,
            kind,
            valid: findings.length === 0,
            manifest: manifest ?? null,
            findings,
          })),
        },
        undefined,
        2,
      ),
    );
  return exitCode(all);
}
