/** What the definition declares of secrets and folders, as it is on the machine once services have run. */
import { accessOf, type Kind, type SecretFormat, type Service } from "../products/index.ts";
import { quote } from "../checks/quote.ts";
import type { Check } from "../checks/check.ts";

/** Sh lines that print whether a value has its form, and nothing of the value. */
function form(file: string, { name, bytes, encoding, prefix = "" }: SecretFormat): string[] {
  const digits = bytes * 2;
  const fits = {
    hex: [`case $value in *[!0-9A-Fa-f]*) ;; *) [ \${#value} -ne ${digits} ] || fits=yes ;; esac`],
    base64: [
      `[ "$(printf %s "$value" | base64 -d 2>/dev/null | wc -c)" -ne ${bytes} ] || fits=yes`,
      '[ "$(printf %s "$value" | base64 -d 2>/dev/null | base64 -w 0)" = "$value" ] || fits=no',
    ],
  }[encoding];
  return [
    `value=$(sed -n 's/^${name}=\\(.*\\)$/\\1/p' ${quote(file)} | tail -n 1); fits=no`,
    'case $value in \\"*\\") value=${value#?}; value=${value%?} ;; esac',
    `case $value in ${quote(prefix)}*) value=\${value#${quote(prefix)}}`,
    ...fits,
    ";; esac",
    `[ $fits = yes ] && echo ${quote(`${name}: fits`)} || echo "${name}: \${#value} characters that are not ${bytes} bytes of ${encoding}"`,
  ];
}

/** Each secret of a service has the form that it needs; it is not printed. */
export function secretFormChecks({ services }: Pick<Kind, "services">): Check[] {
  return services
    .filter(({ secrets = [] }) => secrets.length > 0)
    .map(({ name, configFolder, secrets = [] }) => ({
      name: `secret-form-${name}`,
      run: secrets.flatMap((secret) => form(`${configFolder}/${name}.secrets`, secret)).join("\n"),
      expect: { stdout: { equals: secrets.map((secret) => `${secret.name}: fits`).join("\n") } },
    }));
}

/** The folders of a service belong to whom they should, and are no wider than declared. */
export function folderChecks(kind: Pick<Kind, "services" | "setup">): Check[] {
  return kind.services.map((service: Service): Check => {
    const { state, config } = accessOf(kind, service);
    const folders = [
      { path: service.stateFolder, ...state },
      { path: service.configFolder, ...config },
    ];
    return {
      name: `folders-${service.name}`,
      run: folders
        .map(({ path, owner, mode }) =>
          [
            `set -- $(stat -c '%U:%G %a' ${quote(path)}) || exit`,
            `[ "$1" = ${owner} ] && [ $((0$2 & ~0${mode})) -eq 0 ] && echo ${quote(`${path}: closed`)} || echo "$1 $2 ${path}, declared ${owner} ${mode}"`,
          ].join("\n"),
        )
        .join("\n"),
      expect: { stdout: { equals: folders.map(({ path }) => `${path}: closed`).join("\n") } },
    };
  });
}
