/** Rules about release-manifest.json: that it is one, and that it says what the archive's name, its caller and its files say. */
import { basename } from "node:path";
import { entriesByPath } from "../by-path.ts";
import { MANIFEST, type Content, type Expected } from "../content.ts";
import type { Manifest } from "../manifest.ts";
import { payloadRules } from "../payload-rules.ts";
import { archives, everything, type Found, type Rule } from "../rule.ts";
import { isThere, unreadable } from "./payload.ts";

const anew = "pack it again with `greenlight`";

/** Findings about the manifest when there is one that can be understood; the rules before these say when there is not. */
function ofManifest(judge: (manifest: Manifest, content: Content) => string[]): (content: Content) => Found[] {
  return (content) =>
    content.manifest?.value ? judge(content.manifest.value, content).map((found) => ({ entry: MANIFEST, found })) : [];
}

const says = (field: string, found: string | undefined, wanted: string | undefined): string[] =>
  wanted === undefined || found === wanted ? [] : [`says ${field} ${found ?? "of none"}, and ${wanted} was expected`];

function expected(manifest: Manifest, { product, expected: wanted }: Content): string[] {
  const found: Expected = { version: manifest.version, platform: manifest.platform };
  return [
    ...(product || wanted.product === undefined ? says("product", product?.name, wanted.product) : []),
    ...says("version", found.version, wanted.version),
    ...says("platform", found.platform, wanted.platform),
  ];
}

function nameParts(
  { artifact_name: name, artifact_kind: kind, version, platform }: Manifest,
  { product }: Content,
): string[] {
  const rest = `-${kind}-${version}-${platform}`;
  const whole = product ? `${product.name}${rest}` : undefined;
  return (whole === undefined ? name.endsWith(rest) : name === whole)
    ? []
    : [`says artifact_name ${name}, and its other fields make ${whole ?? `…${rest}`}`];
}

const generated = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{7}Z$/;

function recipeFiles({ deployment_recipes: recipes }: Manifest, content: Content): string[] {
  const { product, entries } = content;
  const folders = product?.payload?.recipeFolders ?? {};
  const faults: string[] = [];
  const listed = new Set<string>();
  const there = entriesByPath(content);
  for (const { profile, relative_path: path } of recipes) {
    if (listed.has(path)) faults.push(`lists the recipe file ${path} twice`);
    listed.add(path);
    if (!there.has(path)) faults.push(`lists the recipe file ${path}, which is not there`);
    const folder = folders[profile]?.replace(/\/?$/, "/");
    if (product?.payload && (folder === undefined || !path.startsWith(folder)))
      faults.push(`lists ${path} for the profile ${profile}, whose files lie in ${folder ?? "no folder"}`);
  }
  for (const [profile, given] of Object.entries(folders)) {
    const folder = given.replace(/\/?$/, "/");
    for (const { path, type } of entries)
      if (type === "file" && path.startsWith(folder) && !listed.has(path))
        faults.push(`does not list ${path}, a recipe file of ${profile}`);
  }
  return faults;
}

function recipeDigests({ deployment_recipes: recipes }: Manifest, content: Content): string[] {
  const byPath = entriesByPath(content);
  return recipes.flatMap(({ relative_path: path, sha256, size_bytes: size }) => {
    const entry = byPath.get(path);
    if (!entry?.content || (entry.content.sha256 === sha256 && entry.size === size)) return [];
    return [`says SHA-256 ${sha256} and ${size} bytes of ${path}, which has ${entry.content.sha256} and ${entry.size}`];
  });
}

export const manifestRules: Rule[] = [
  {
    id: "manifest-present",
    title: "release-manifest.json is there",
    protects: "everybody who asks the archive what it is",
    remedy: anew,
    of: everything,
    upstream: 3,
    find: (content) =>
      unreadable(content) || isThere(content, MANIFEST) ? [] : [{ entry: MANIFEST, found: "is missing" }],
  },
  {
    id: "manifest-json",
    title: "release-manifest.json is JSON in UTF-8",
    protects: "programs that read it",
    remedy: anew,
    of: everything,
    upstream: 3,
    find: ({ manifest }) =>
      manifest?.broken === undefined ? [] : [{ entry: MANIFEST, found: `is not JSON (${manifest.broken})` }],
  },
  {
    id: "manifest-schema",
    title: "release-manifest.json fits its schema, version 1",
    protects: "programs that read it",
    remedy: anew,
    of: everything,
    find: ({ manifest }) =>
      (manifest?.misfits ?? []).map((misfit) => ({ entry: MANIFEST, found: `does not fit its schema: ${misfit}` })),
  },
  {
    id: "manifest-canonical",
    title: "release-manifest.json is written in its one form: no key twice, indented by two, LF",
    protects: "from readers that see another manifest in the same text",
    remedy: anew,
    of: everything,
    find: ({ manifest }) =>
      manifest?.unusual
        ? [
            {
              entry: MANIFEST,
              found:
                "is not written as its value is written again (a key twice, a byte order mark, or other white space)",
            },
          ]
        : [],
  },
  {
    id: "product-known",
    title: "artifact_name begins with a product that is known",
    protects: "from judging by the general rules alone",
    remedy: "name a product that has a definition",
    of: everything,
    find: ofManifest(({ artifact_name: name }, { product }) =>
      product ? [] : [`says artifact_name ${name}, which is of no known product`],
    ),
  },
  {
    id: "kind-known",
    title: "artifact_kind is a kind of the product",
    protects: "from judging as another kind",
    remedy: "name a kind that the product has",
    of: everything,
    find: ofManifest(({ artifact_kind: kind }, { product }) =>
      !product || Object.hasOwn(product.kinds, kind)
        ? []
        : [`says artifact_kind ${kind}, and ${product.name} has ${Object.keys(product.kinds).join(", ")}`],
    ),
  },
  {
    id: "kind-expected",
    title: "artifact_kind is the one that was asked for",
    protects: "from installing another kind",
    remedy: "bring the archive of that kind",
    of: everything,
    upstream: 4,
    find: ofManifest(({ artifact_kind: kind }, { expected: wanted }) => says("artifact_kind", kind, wanted.kind)),
  },
  {
    id: "release-expected",
    title: "Product, version and platform are those that were asked for",
    protects: "from releasing another archive",
    remedy: "bring the archive that was asked for",
    of: everything,
    find: ofManifest(expected),
  },
  {
    id: "artifact-name",
    title: "artifact_name is made of product, kind, version and platform",
    protects: "from manifests that contradict themselves",
    remedy: anew,
    of: everything,
    find: ofManifest(nameParts),
  },
  {
    id: "file-name",
    title: "The archive's file is named by artifact_name",
    protects: "from archives that were renamed into another release",
    remedy: "give the file its own name again",
    of: archives,
    find: (content) =>
      ofManifest(({ artifact_name: name }) =>
        basename(content.path) === `${name}.zip`
          ? []
          : [`says artifact_name ${name}, and the file is named ${basename(content.path)}`],
      )(content),
  },
  {
    id: "generated-at",
    title: "generated_at_utc is a UTC time with seven digits of fraction",
    protects: "clients that read the field by that form",
    remedy: anew,
    of: everything,
    find: ofManifest(({ generated_at_utc: time }) =>
      generated.test(time) && !Number.isNaN(Date.parse(time.replace(/(\.\d{3})\d{4}Z$/, "$1Z")))
        ? []
        : [`says generated_at_utc ${time}`],
    ),
  },
  {
    id: "source-sha",
    title: "source_sha is a commit of 40 or 64 lower-case hex digits, or null when it is not known",
    protects: "the way back from an archive to its source",
    remedy: "seal the candidate with its source's commit",
    of: everything,
    find: ofManifest(({ source_sha: sha }) =>
      sha === null || /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(sha) ? [] : [`says source_sha ${sha}`],
    ),
  },
  {
    id: "excluded-patterns",
    title: "packaging_boundaries states the product's patterns, in their order",
    protects: "from packing by other rules than those that are published",
    remedy: anew,
    of: everything,
    find: ofManifest(({ packaging_boundaries: stated }, { product }) =>
      !product?.payload || JSON.stringify(stated.excluded_patterns) === JSON.stringify(product.payload.excludedPatterns)
        ? []
        : ["states other excluded_patterns than the product's"],
    ),
  },
  {
    id: "recipes-count",
    title: "The manifest lists as many deployment recipe files as the product has at least",
    protects: "operators who deploy by them",
    remedy: anew,
    of: everything,
    upstream: 6,
    find: (content) =>
      ofManifest(({ deployment_recipes: { length } }) =>
        length >= payloadRules(content).minimumRecipes
          ? []
          : [`lists ${length} deployment recipe files, fewer than ${payloadRules(content).minimumRecipes}`],
      )(content),
  },
  {
    id: "recipe-files",
    title: "The manifest lists exactly the files of the product's recipe folders",
    protects: "from recipes that were put in or taken out",
    remedy: anew,
    of: everything,
    find: ofManifest(recipeFiles),
  },
  {
    id: "recipe-digests",
    title: "Recipe files have the digest and size that the manifest says",
    protects: "from recipes that were changed",
    remedy: anew,
    of: everything,
    find: ofManifest(recipeDigests),
  },
];
