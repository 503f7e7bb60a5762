/** What the definition declares of secrets and folders, as it is on the machine once services have run. */
import { z } from "zod";
import { accessOf, type Kind, type SecretFormat } from "../products/index.ts";
import type { Check } from "../checks/check.ts";
import { guest } from "../checks/guest.ts";
import { judge, unless } from "../checks/judging.ts";

/** Each secret of a service has the form that it needs; it is not printed. */
export function secretFormChecks({ services }: Pick<Kind, "services">): Check[] {
  return services
    .filter(({ secrets = [] }) => secrets.length > 0)
    .map(({ name, configFolder, secrets = [] }) => ({
      name: `secret-form-${name}`,
      run: guest(
        import.meta.url,
        "secret-form",
        `${configFolder}/${name}.secrets`,
        ...secrets.flatMap((secret) => [secret.name, secret.prefix ?? ""]),
      ),
      expect: { judge: { name: "secret-form", given: secrets } },
    }));
}

const FormatSchema = z.strictObject({
  name: z.string(),
  bytes: z.int(),
  encoding: z.enum(["hex", "base64"]),
  prefix: z.string().optional(),
}) satisfies z.ZodType<SecretFormat>;

/** Secrets by what is known of their form: name, whether the prefix is there, characters after it, whether they are hexadecimal, bytes in base64. */
export const secretFormJudge = judge(z.array(FormatSchema).min(1), (secrets, { own }) => {
  const seen = new Map(
    own.stdout
      .split("\n")
      .map((line) => line.split(" "))
      .map(([name = "", ...rest]) => [name, rest]),
  );
  return secrets.flatMap(({ name, bytes, encoding }) => {
    const [prefixed, characters = "no", hex, base64] = seen.get(name) ?? [];
    const fits = encoding === "hex" ? hex === "yes" && Number(characters) === 2 * bytes : Number(base64) === bytes;
    const form = `${bytes} bytes of ${encoding}`;
    return unless(
      prefixed === "yes" && fits,
      `${name} to be ${form}`,
      `${name}: ${characters} characters that are not ${form}`,
    );
  });
});

/** The folders of a service belong to whom they should, and are no wider than declared. */
export function folderChecks(kind: Pick<Kind, "services" | "setup">): Check[] {
  return kind.services.map((service): Check => {
    const { state, config } = accessOf(kind, service);
    const folders = [
      { path: service.stateFolder, ...state },
      { path: service.configFolder, ...config },
    ];
    return {
      name: `folders-${service.name}`,
      run: ["stat", "-c", "%U:%G %a %n", ...folders.map(({ path }) => path)],
      expect: { judge: { name: "folders", given: folders } },
    };
  });
}

/** Folders by owner, mode and path, a line each. */
export const foldersJudge = judge(
  z.array(z.strictObject({ path: z.string(), owner: z.string(), mode: z.string().regex(/^[0-7]{4}$/) })).min(1),
  (folders, { own }) => {
    const lines = own.stdout.split("\n");
    return folders.flatMap(({ path, owner, mode }) => {
      const line = lines.find((each) => each.endsWith(` ${path}`)) ?? `nothing of ${path}`;
      const [, by, bits = "7777"] = /^(\S+) ([0-7]+) /.exec(line) ?? [];
      const closed = by === owner && (parseInt(bits, 8) & ~parseInt(mode, 8)) === 0;
      return unless(closed, `${path} to be ${owner}'s, ${mode} or narrower`, `${line}, declared ${owner} ${mode}`);
    });
  },
);
