/** Licence texts of everything linked into the binaries, taken from the module cache: their licences ask for it. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { go } from "./go.mjs";
import { sample } from "./sample.mjs";

/**
 * One text with the licence files of every module linked in on a platform, sorted by module.
 * @param {Record<string, string>} environment Go's names of the platform
 */
export async function noticesOf(environment) {
  const packages = Object.values(sample.binaries).map((binary) => binary.package);
  const listed = await go(
    ["list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}", ...packages],
    environment,
  );
  const modules = [...new Set(listed.split("\n").filter(Boolean))].sort();
  const parts = modules.flatMap((line) => {
    const [path = "", version = "", folder = ""] = line.split("\t");
    const files = readdirSync(folder)
      .filter((name) => /^(licen[cs]e|copying|notice|patents)/i.test(name))
      .sort();
    return files.map(
      (name) => `${"=".repeat(100)}\n${path} ${version}: ${name}\n${"=".repeat(100)}\n\n${text(join(folder, name))}`,
    );
  });
  return `Texts that come with the Go modules linked into these binaries.\n\n${parts.join("\n")}`;
}

/** @param {string} file */
function text(file) {
  return `${readFileSync(file, "utf8").replace(/\r\n/g, "\n").trimEnd()}\n`;
}
