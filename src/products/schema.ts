/** What a product definition must be: every field of product.ts, and what they say of one another. Nothing else is let in. */
import { z } from "zod";
import { isLowerCaseName } from "../edges/names.ts";
import { didYouMean } from "../edges/nearest.ts";
import { shown } from "../edges/edges.ts";
import type * as p from "./product.ts";
import * as part from "./schema-parts.ts";
import {
  callable,
  field,
  fields,
  filled,
  items,
  listOf,
  maybe,
  namesIn,
  oneOf,
  texts,
  textThat,
} from "./schema-parts.ts";
import { commandLine, environment, serviceSchema, socketsOf } from "./service-schema.ts";

const name = textThat("is no name of a-z, 0-9 and -", isLowerCaseName);

/** Something that is said, unless the binary cannot be asked for it. */
const unless = <T extends string>(silent: boolean, base: z.ZodType<T>, fault: string, holds: (text: T) => boolean) =>
  base.refine((text) => silent || holds(text), { error: ({ input }) => `${shown(input)} ${fault}` });

const binary = part.within<p.Binary>((raw) => {
  const silent = (what: string): boolean => items(field(raw, "silent")).includes(what);
  return fields<p.Binary>({
    role: oneOf<p.Binary["role"]>({ cli: true, daemon: true, desktop: true }),
    onPath: z.boolean(),
    version: fields<p.Binary["version"]>({
      args: commandLine([]),
      prints: unless(silent("version"), filled(["version"]), "does not hold {version}", (t) => t.includes("{version}")),
    }),
    ownVersion: maybe(z.literal(true)),
    help: fields<p.Binary["help"]>({
      args: commandLine([]),
      contains: listOf(part.line, "word", silent("help") ? 0 : 1),
    }),
    silent: maybe(listOf(oneOf<NonNullable<p.Binary["silent"]>[number]>({ version: true, help: true }), "question")),
  });
});

const places = ["state", "config"];
const inPlaces = part.below(["{state}", "{config}"]);

const setup = (binaries: readonly string[]) =>
  fields<p.Setup>({
    binary: part.reference(binaries, "the kind's binaries"),
    args: commandLine(places),
    creates: part.below(["{config}"]),
    validate: commandLine(places),
  });

const isPattern = (text: string): boolean => {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
};

type KeptBy<How extends p.Kept["how"]> = Extract<p.Kept, { how: How }>;

/** One thing that is kept, of the services that there are. */
const kept = (services: readonly unknown[]) =>
  part.within<p.Kept>((raw) => {
    const how = field(raw, "how");
    const names = texts(services.map((service) => field(service, "name")));
    const sockets = socketsOf(services).map(({ address, port }) => `${address}:${port}`);
    if (how === "records")
      return fields<KeptBy<"records">>({
        how: z.literal(how),
        path: inPlaces,
        service: part.reference(names, "the kind's services"),
        named: maybe(textThat("is no regular expression", isPattern)),
      });
    if (how !== "presented")
      return fields<{ how: "bytes" | "sealed"; path: string }>({
        how: oneOf<"bytes" | "sealed">({ bytes: true, sealed: true, records: true, presented: true } as never),
        path: inPlaces,
      });
    return fields<KeptBy<"presented">>({
      how: z.literal(how),
      address: part.ipAddress,
      port: part.port,
      always: maybe(z.literal(true)),
    }).refine(({ address, port }) => sockets.includes(`${address}:${port}`), {
      error: ({ input }) => {
        const socket = `${String(field(input, "address"))}:${String(field(input, "port"))}`;
        return `${socket} is not where one of the kind's services listens, ${sockets.join(", ") || "which has none"}${didYouMean(socket, sockets)}`;
      },
    });
  });

/** A kind. @param known the product's binaries */
const kind = (known: readonly string[]) =>
  part.within<p.Kind>((raw) => {
    const binaries = texts(items(field(raw, "binaries")));
    const services = items(field(raw, "services"));
    const own = part.below(["{home}"], true);
    return fields<p.Kind>({
      binaries: listOf(part.reference(known, "the product's binaries"), "binary", 1),
      services: z
        .array(serviceSchema({ binaries, creates: field(field(raw, "setup"), "creates") }))
        .refine(
          (list) => new Set(list.map((each) => field(each, "name"))).size === list.length,
          "names a service twice",
        ),
      hostLibraries: maybe(listOf(part.line, "library")),
      root: maybe(part.machineName),
      state: maybe(own),
      config: maybe(own),
      commandEnvironment: maybe(environment(places)),
      setup: maybe(setup(binaries)),
      kept: maybe(listOf(kept(services), "thing")),
      keeps: maybe(listOf(own, "place")),
    });
  });

const fileName = textThat("is no name of a file, which has no /", (text) => text !== "" && !text.includes("/"));
const lowerCase = textThat("is not in lower case, and would fit nothing", (t) => t !== "" && t === t.toLowerCase());
const folderBelow = textThat("does not end with /", (text) => text.endsWith("/"));
const entry = filled(["exe"], part.relative);

const judged = {
  forbiddenNames: listOf(fileName, "file name"),
  forbiddenFragments: listOf(lowerCase, "fragment"),
  minimumRecipes: z.number().refine((n) => Number.isInteger(n) && n >= 0, "is no whole number from 0 up"),
};

/** A file of the archive; one that lies beside the folders of recipes lies in one of them. */
const required = (folders: readonly string[]) =>
  entry.superRefine((path, context) => {
    const first = (text: string): string => text.split("/")[0]!;
    const beside = folders.filter((each) => each.includes("/") && first(each) === first(path));
    if (beside.length === 0 || !path.includes("/") || beside.some((each) => path.startsWith(`${each}/`))) return;
    const near = didYouMean(path.split("/").slice(0, beside[0]!.split("/").length).join("/"), beside);
    context.addIssue({
      code: "custom",
      message: `${shown(path)} is in none of the recipeFolders ${beside.join(", ")}${near}`,
    });
  });

const payload = (binaries: readonly string[]) =>
  part.within<p.PayloadRules>((raw) => {
    const recipes = field(raw, "recipeFolders");
    const folders = texts(namesIn(recipes).map((each) => field(recipes, each))).map((each) => each.replace(/\/$/, ""));
    return fields<p.PayloadRules>({
      ...judged,
      required: listOf(required(folders), "file"),
      excludedPatterns: listOf(part.line, "pattern"),
      placedBelow: maybe(z.record(folderBelow, folderBelow)),
      recipeFolders: z.record(part.line, part.relative),
      recipeCommand: maybe(
        fields<NonNullable<p.PayloadRules["recipeCommand"]>>({
          binary: part.reference(binaries, "the product's binaries"),
          args: commandLine(["profile", "folder"]).refine(
            (text) => text.includes("{folder}"),
            "does not hold {folder}",
          ),
        }),
      ),
    });
  });

const sources = fields<p.SourceRules>({
  versions: z.record(part.line, fields<p.SourceRules["versions"][string]>({ file: part.relative, key: part.line })),
  capabilities: maybe(
    fields<p.CapabilityRules>({
      file: part.relative,
      what: part.line,
      line: callable<p.CapabilityRules["line"]>(),
      names: callable<p.CapabilityRules["names"]>(),
      mode: callable<p.CapabilityRules["mode"]>(),
    }),
  ),
  policy: maybe(part.relative),
});

const readiness = (kinds: readonly string[]) => {
  const checks = fields<p.MachineChecks>({
    kind: part.reference(kinds, "the product's kinds"),
    checks: listOf(
      textThat("is not <suite>/<check>", (text) => /^[a-z0-9-]+\/[a-z0-9-]+$/.test(text)),
      "check",
      1,
    ),
  });
  const track = fields<p.ReadinessRules["tracks"][string]>({ apply: checks, verify: checks, rollback: checks });
  return fields<p.ReadinessRules>({ controls: z.record(part.line, checks), tracks: z.record(part.line, track) });
};

type Checks = p.Product["checks"];

const checks = fields<Checks>({
  smoke: callable<Checks["smoke"]>(),
  healthy: maybe(callable<NonNullable<Checks["healthy"]>>()),
  plant: callable<Checks["plant"]>(),
  planted: callable<Checks["planted"]>(),
  write: maybe(callable<NonNullable<Checks["write"]>>()),
  writeLater: maybe(callable<NonNullable<Checks["writeLater"]>>()),
  laterIsGone: maybe(callable<NonNullable<Checks["laterIsGone"]>>()),
});

/** A whole definition. @param known the name that index.ts has it by */
export const productSchema = (known: string): z.ZodType<p.Product> =>
  part.within<p.Product>((raw) => {
    const [binaries, kinds] = [namesIn(field(raw, "binaries")), namesIn(field(raw, "kinds"))];
    return fields<p.Product>({
      name: name.refine((text) => text === known, {
        error: ({ input }) => `${shown(input)} is not ${known}, which it is asked for by`,
      }),
      title: part.line,
      licence: part.line,
      kinds: z.record(name, kind(binaries)).refine((all) => Object.keys(all).length > 0, "names no kind"),
      binaries: z.record(part.machineName, binary),
      payload: maybe(payload(binaries)),
      upstreamValidator: maybe(
        fields<p.UpstreamValidator>({
          payload: fields<p.JudgedPayload>({ ...judged, required: listOf(entry, "file") }),
          otherKinds: maybe(part.reference(kinds, "the product's kinds")),
        }),
      ),
      sources: maybe(sources),
      readiness: maybe(readiness(kinds)),
      secrets: maybe(callable<NonNullable<p.Product["secrets"]>>()),
      checks,
      judges: maybe(z.record(part.line, callable<NonNullable<p.Product["judges"]>[string]>())),
      sample: maybe(part.relative),
    });
  });
