/** What a service in a product definition must be, given the kind that it is of. */
import { z } from "zod";
import { shown } from "../edges/edges.ts";
import { didYouMean } from "../edges/nearest.ts";
import type { Access, SecretFormat, Service } from "./product.ts";
import * as part from "./schema-parts.ts";
import { field, fields, filled, items, listOf, maybe, namesIn, oneOf, textThat } from "./schema-parts.ts";

type Listens = Service["listens"][number];

/** An address and a port, as far as they can be read. */
interface Socket {
  address: string;
  port: number;
}

/** Where services of a definition listen over TCP; what is no such place is left out, and found elsewhere. */
export function socketsOf(services: readonly unknown[]): Socket[] {
  return services.flatMap((service) =>
    items(field(service, "listens")).flatMap((each) => {
      const [address, port, protocol] = ["address", "port", "protocol"].map((name) => field(each, name));
      return typeof address === "string" && typeof port === "number" && protocol !== "udp" ? [{ address, port }] : [];
    }),
  );
}

const said = ({ address, port }: Socket): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;

/** Whether who asks for `host` reaches a socket of `address`. */
function answers(address: string, host: string): boolean {
  if (["0.0.0.0", "::"].includes(address)) return true;
  return address === host || (host === "localhost" && ["127.0.0.1", "::1"].includes(address));
}

/** A plain HTTP address where the service listens. */
const url = (sockets: readonly Socket[]) =>
  z.string().superRefine((text, context) => {
    const say = (message: string): void => context.addIssue({ code: "custom", message: `${shown(text)} ${message}` });
    const parsed = URL.canParse(text) ? new URL(text) : undefined;
    if (parsed?.protocol !== "http:") return say("is not an http:// address");
    const host = parsed.hostname.replace(/^\[|\]$/g, "");
    const port = Number(parsed.port || 80);
    if (sockets.some((socket) => socket.port === port && answers(socket.address, host))) return;
    const known = sockets.map(said);
    const near = didYouMean(said({ address: host, port }), known);
    say(
      `is none of the addresses in its listens, ${known.length === 0 ? "which has none over TCP" : known.join(", ")}${near}`,
    );
  });

const names = /^[A-Za-z0-9_.-]+$/;

/** A check of what may be wrong with a mode, first to last. */
const mode = textThat(
  "is not four octal digits that leave the owner all and others no writing, as 0700",
  (text) => /^[0-7]{4}$/.test(text) && (parseInt(text, 8) & 0o702) === 0o700,
);

const access = fields<Access>({
  owner: textThat("is not user:group, each root or {user}", (text) => /^(root|\{user\}):(root|\{user\})$/.test(text)),
  mode,
});

const secret = fields<SecretFormat>({
  name: part.variableName,
  bytes: z
    .number()
    .refine((n) => Number.isInteger(n) && n >= 16 && n <= 512, {
      error: ({ input }) => `${shown(input)} is no whole number from 16 to 512`,
    }),
  encoding: oneOf<SecretFormat["encoding"]>({ hex: true, base64: true }),
  prefix: maybe(textThat("has more than letters, digits, _ - . and :", (text) => /^[A-Za-z0-9_.:-]*$/.test(text))),
});

const listens = fields<Listens>({
  address: part.ipAddress,
  port: part.port,
  protocol: maybe(oneOf<NonNullable<Listens["protocol"]>>({ tcp: true, udp: true })),
});

/** A text of words, none of which may be a line of its own. */
export const commandLine = (gaps: readonly string[]) =>
  filled(
    gaps,
    textThat("is more than one line", (text) => !/[\n\r\0]/.test(text)),
  );

/** Values of environment variables. */
export const environment = (gaps: readonly string[]) => z.record(part.variableName, commandLine(gaps));

/** What is there for a service to name. */
export interface ServiceScope {
  /** binaries of its kind */
  binaries: readonly string[];
  /** the kind's setup makes this file, as `{config}/<name>` */
  creates?: unknown;
}

const gaps = ["root", "state", "config"];

/** A service of a kind. */
export const serviceSchema = (scope: ServiceScope) =>
  part.within<Service>((raw) => {
    const address = url(socketsOf([raw]));
    const made = typeof scope.creates === "string" ? [scope.creates.replace(/^\{config\}\//, "")] : [];
    return fields<Service>({
      name: part.machineName,
      description: textThat(
        "is not one line without white space around it or a backslash at its end",
        (text) => text !== "" && text === text.trim() && !/[\n\r\0]|\\$/.test(text),
      ),
      binary: part.reference(scope.binaries, "the kind's binaries"),
      args: commandLine(gaps),
      user: part.machineName,
      stateFolder: part.ownFolder,
      stateAccess: maybe(access),
      configFolder: part.ownFolder,
      configAccess: maybe(access),
      configFiles: z.record(part.relative, z.string()),
      environment: environment(gaps),
      health: fields<Service["health"]>({
        url: address,
        json: z.array(
          fields<Service["health"]["json"][number]>({
            path: part.line,
            equals: z.custom<unknown>((value) => value !== undefined, "is missing"),
          }),
        ),
        moved: maybe(
          fields<NonNullable<Service["health"]["moved"]>>({
            file: part.reference([...namesIn(field(raw, "configFiles")), ...made], "its configFiles"),
            settings: listOf(
              textThat("is no setting of letters, digits, _ . and -", (text) => names.test(text)),
              "setting",
              1,
            ),
          }),
        ),
      }),
      identity: fields<Service["identity"]>({ url: address, path: part.line }),
      listens: listOf(listens, "socket"),
      secrets: maybe(listOf(secret, "secret")),
      hostPrograms: maybe(
        listOf(
          textThat("is no name of a program", (text) => names.test(text)),
          "program",
        ),
      ),
    });
  });
