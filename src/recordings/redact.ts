/**
 * What a recording may not hold: secrets, tokens, keys, paths and names of the host, addresses that vary. Pure. Each
 * gets a placeholder with a number, the same for the same text wherever it stands, so that what was equal stays equal.
 *
 * What the suites themselves say is public: it stands in the sources. So a long random text that a suite knows (the
 * digest of the archive, an address that a service must listen on) stays as it is, and any other goes, whatever it may
 * be.
 */

/** What is known when outputs are redacted. */
export interface RedactionFacts {
  /** what is public: the text of the suites and the facts of their subject */
  known: string;
  /** texts of the host that recorded, and what each is: its workspace, its name, its user's home */
  host: Readonly<Record<string, string>>;
}

/** Redacts texts of one recording; placeholders are numbered across them. */
export interface Redactor {
  redact(text: string): string;
  /** how often each kind of thing was redacted */
  readonly counts: Record<string, number>;
}

const pem = /-----BEGIN ([A-Z0-9 ]+)-----[^]*?(?:-----END \1-----|$)/g;
const credentials = /(:\/\/)[^\s/@:"']+(?::[^\s/@"']*)?@/g;
/** `name = value`, `"name": "value"`, `name: Bearer value`, where the name says that the value is a secret. */
const secretName =
  "pass(?:word|wd|phrase)?|secret|token|(?:api|access|encryption|private)[-_]?key|credentials?|authorization|cookie";
const named = new RegExp(
  String.raw`((?:${secretName})[\w-]*["']?\s*[:=]\s*["']?(?:(?:bearer|basic)\s+)?)([^\s"',;}\]]+)`,
  "gi",
);
const uuid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
const mac = /\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/gi;
const ipv4 = /\b(?:\d{1,3}\.){3}\d{1,3}\b/g;
const ipv6 =
  /(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}(?![\w:])|(?<![\w:])(?:[0-9a-f]{1,4}:)+(?::[0-9a-f]{1,4})+(?![\w:])/gi;
/** a port of loopback that the kernel chose */
const passingPort = /((?:127\.0\.0\.1|\[::1\]|localhost):)(3[2-9]\d{3}|[45]\d{4}|6[0-5]\d{3})\b/g;
const home = /\/home\/([a-z_][\w.-]*)/g;
const chunk = /[A-Za-z0-9+/_-]{16,}={0,2}/g;

/** How often letters and digits, or small letters and capitals, follow one another. */
function changes(text: string): { digits: number; all: number } {
  const digits = text.match(/(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])/g)?.length ?? 0;
  const cases = text.match(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[a-z])/g)?.length ?? 0;
  return { digits, all: digits + cases };
}

/** Whether a text is made of letters and digits as no name is: a token, a key, a digest. */
function random(text: string): boolean {
  const runs = text.match(/[A-Za-z0-9]{12,}/g) ?? [];
  if (runs.map(changes).some(({ digits, all }) => digits >= 3 || all >= 6)) return true;
  // Marks of base64 may cut it into short pieces.
  const joined = text.replace(/[^A-Za-z0-9]/g, "");
  return joined.length >= 20 && changes(joined).all / joined.length >= 0.3;
}

/** Words that say that there is no secret, or how one is. */
const word = "true|false|null|none|yes|no|present|absent|set|unset|missing|redacted";
const harmless = new RegExp(String.raw`^(?:\[[a-z]+|\[[a-z ]+ \d+\].*|${word}|\d{1,5}|<.*>)$`, "i");

/** @returns a redactor for all texts of one recording */
export function redactor({ known, host }: RedactionFacts): Redactor {
  const numbers = new Map<string, number>();
  const counts: Record<string, number> = {};
  const place = (kind: string, text: string): string => {
    const key = `${kind}\0${text}`;
    if (!numbers.has(key))
      numbers.set(key, [...numbers.keys()].filter((each) => each.startsWith(`${kind}\0`)).length + 1);
    counts[kind] = (counts[kind] ?? 0) + 1;
    return `[${kind} ${numbers.get(key)}]`;
  };
  // Only a whole word of the suites is public, not what happens to be a piece of one.
  const words = new Set(
    known
      .split(/[^A-Za-z0-9+/_=.:-]+/)
      .flatMap((word) => [word, ...word.split(/[^A-Za-z0-9+/_-]+/), ...word.split(/[^A-Za-z0-9]+/)]),
  );
  const unless = (kind: string) => (text: string) => (words.has(text) ? text : place(kind, text));
  const fixed = /^(?:127\.|0\.0\.0\.0$|255\.)/;
  const address = (text: string): string =>
    fixed.test(text) || text.split(".").some((part) => Number(part) > 255) ? text : unless("address")(text);
  const token = (text: string): string => {
    if (!random(text) || words.has(text)) return text;
    // A path keeps its shape; of anything else all of it goes.
    if (text.startsWith("/"))
      return text
        .split("/")
        .map((part) => (random(part) && !words.has(part) ? place("token", part) : part))
        .join("/");
    return place("token", text);
  };
  const hosts = Object.entries(host)
    .filter(([, text]) => text.length > 2)
    .sort(([, a], [, b]) => b.length - a.length);
  const redact = (text: string): string => {
    let rest = text
      .replace(pem, (key) => place("key", key))
      .replace(credentials, (_, start: string) => `${start}${place("credentials", _)}@`);
    for (const [kind, own] of hosts) rest = rest.replaceAll(own, () => place(kind, own));
    return rest
      .replace(named, (all, name: string, value: string) =>
        harmless.test(value) || words.has(value) ? all : `${name}${place("secret", value)}`,
      )
      .replace(uuid, unless("uuid"))
      .replace(mac, unless("mac"))
      .replace(ipv4, address)
      .replace(ipv6, unless("address"))
      .replace(passingPort, (all, start: string, port: string) =>
        words.has(port) ? all : `${start}${place("port", port)}`,
      )
      .replace(home, (_, user: string) => `/home/${place("user", user)}`)
      .replace(chunk, token);
  };
  return { redact, counts };
}
