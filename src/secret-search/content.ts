/**
 * Secrets by what a file holds, whatever its name. Each row wants the secret itself and not its mention: the header of a key as a
 * constant of a program, a public certificate or a text that explains a key are none. One look for all hints comes first: most
 * files have none, and that is all that they cost.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { beginningsOf, WordSearch } from "./word-search.ts";

interface Row {
  /** what every such secret has in it, as the source of a regular expression; fixed text comes first */
  hint: string;
  /** the secret, in bytes read as Latin-1; every one of several must be there */
  secret: RegExp | RegExp[];
  what: string;
}

// Between header and key: line ends, those of JSON (\n), HTML and XML, indents of YAML, quotes and signs of source code and comments.
const pem = (label: string, begin: string): RegExp =>
  new RegExp(`-----BEGIN ${label}-----(?:[\\s"',|>#*+/;]|\\\\+[rn]|<br ?/?>|&#(?:x0?[aAdD]|1[03]);)*${begin}`);

// DER begins with a sequence, which is M in base64; an encrypted one of old has its headers before it.
const keys: Row[] = [
  {
    hint: "PRIVATE KEY-----",
    secret: pem("(?:[A-Z0-9]+ )?PRIVATE KEY", "M(?![A-Za-z0-9+/]{0,40}(?:x{8}|X{8}|A{20}))[A-Za-z0-9+/]{40}"),
    what: "a private key (PEM)",
  },
  {
    hint: "DEK-Info:",
    secret:
      /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----\s{0,4}Proc-Type:[^]{0,200}?DEK-Info:[^\n]{0,200}\s{1,8}[A-Za-z0-9+/]{40}/,
    what: "a private key (PEM)",
  },
  {
    hint: "OPENSSH PRIVATE KEY-----",
    secret: pem("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjE"),
    what: "a private key (OpenSSH)",
  },
  {
    hint: "SSH2 ENCRYPTED PRIVATE KEY",
    secret: /---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----[^]{0,400}?[A-Za-z0-9+/]{60}/,
    what: "a private key (SSH2)",
  },
  {
    hint: "PGP PRIVATE KEY BLOCK",
    secret: /-----BEGIN PGP PRIVATE KEY BLOCK-----(?:\s{1,4}[A-Za-z]+: [^\n]{0,200}){0,8}\s{1,8}[A-Za-z0-9+/]{40}/,
    what: "a private key (OpenPGP)",
  },
  {
    hint: "LS0tLS1CRUdJTi",
    secret:
      /LS0tLS1CRUdJTi(?:BSU0EgUFJJVkFURSBLRVkt|BQUklWQVRFIEtFWS|BFQyBQUklWQVRFIEtFWS|BEU0EgUFJJVkFURSBLRVkt|BPUEVOU1NIIFBSSVZBVEUgS0VZ|BFTkNSWVBURUQgUFJJVkFURSBLRVkt)[A-Za-z0-9+/=]{8}(?:\s{0,8}[A-Za-z0-9+/=]){50}/,
    what: "a private key (PEM in base64)",
  },
  {
    hint: "PRIVATE(?:%20|\\+)KEY-----",
    secret:
      /-----BEGIN(?:%20|\+)(?:[A-Z0-9]+(?:%20|\+))?PRIVATE(?:%20|\+)KEY-----(?:%0[AD])+(?:M|b3BlbnNza)[A-Za-z0-9]/i,
    what: "a private key (PEM in an address)",
  },
  { hint: "NKEY SEED-----", secret: /NKEY SEED-----\s{1,8}S[OAUNXC][A-Z2-7]{56}/, what: "a private key (NATS)" },
  {
    hint: "PuTTY-User-Key-File",
    secret: [/PuTTY-User-Key-File-\d:/, /Private-Lines: \d+\s+[A-Za-z0-9+/]{20}/],
    what: "a private key (PuTTY)",
  },
  { hint: "AGE-SECRET-KEY-", secret: /AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]{50}/, what: "a private key (age)" },
  {
    hint: "encrypted secret key",
    secret: /(?:minisign|rsign) encrypted secret key\s{1,4}[A-Za-z0-9+/]{60}/,
    what: "a private key (minisign)",
  },
  {
    hint: "PrivateKey",
    secret: /^[ \t]*PrivateKey[ \t]*=[ \t]*[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=[ \t]*\r?$/m,
    what: "a private key (WireGuard)",
  },
  { hint: '"kty"', secret: [/"kty"\s*:\s*"(?:RSA|EC|OKP)"/, /"d"\s*:\s*"[\w-]{40,}"/], what: "a private key (JWK)" },
  { hint: '"kty"', secret: [/"kty"\s*:\s*"oct"/, /"k"\s*:\s*"[\w-]{20,}"/], what: "a secret key (JWK)" },
];

// Words of their own that tools have given their tokens, so that they are found.
const tokens: Row[] = [
  { hint: "_authToken", secret: /_authToken[ \t]*=[ \t]*["']?(?!\$\{)[\w./+=-]{16,}/g, what: "a token (npm)" },
  {
    hint: ":_auth",
    secret: /^[ \t]*\/\/[^\s=]+:_auth[ \t]*=[ \t]*["']?(?!\$\{)[\w./+=-]{12,}/gm,
    what: "a password (npm)",
  },
  { hint: "npm_[A-Za-z0-9]{36}", secret: /\bnpm_[A-Za-z0-9]{36}\b/g, what: "a token (npm)" },
  { hint: "pypi-AgEI", secret: /\bpypi-AgEI[\w-]{60,}/g, what: "a token (PyPI)" },
  { hint: "\\[pypi\\]", secret: [/^\[pypi\]/m, /^password[ \t]*[=:][ \t]*\S{8,}/gm], what: "a login (PyPI)" },
  { hint: "gh[pousr]_", secret: /\bgh[pousr]_[A-Za-z0-9]{36}\b/g, what: "a token (GitHub)" },
  { hint: "github_pat_", secret: /\bgithub_pat_\w{60,}/g, what: "a token (GitHub)" },
  { hint: "glpat-", secret: /\bglpat-[\w-]{20}/g, what: "a token (GitLab)" },
  { hint: "xox[abeoprs]-", secret: /\bxox[abeoprs]-\d{6,}-[\w-]{16,}/g, what: "a token (Slack)" },
  { hint: "k_live_", secret: /\b[rs]k_live_[A-Za-z0-9]{20,}/g, what: "a key (Stripe)" },
  { hint: "AccountKey=", secret: /\bAccountKey=[A-Za-z0-9+/]{86}==/g, what: "a key (Azure storage)" },
  { hint: "dckr_pat_", secret: /\bdckr_pat_[\w-]{20,}/g, what: "a token (Docker)" },
  { hint: "hvs\\.", secret: /\bhvs\.[\w-]{24,}/g, what: "a token (Vault)" },
  { hint: "dop_v1_", secret: /\bdop_v1_[0-9a-f]{64}\b/g, what: "a token (DigitalOcean)" },
  { hint: "pul-[0-9a-f]{40}", secret: /\bpul-[0-9a-f]{40}\b/g, what: "a token (Pulumi)" },
  { hint: "hf_[A-Za-z0-9]{34}", secret: /\bhf_[A-Za-z0-9]{34}\b/g, what: "a token (Hugging Face)" },
  { hint: "sk-ant-", secret: /\bsk-ant-[\w-]{60,}/g, what: "a key (Anthropic)" },
  {
    hint: "[sS]ecret_?(?:[aA]ccess_?)?[kK]ey",
    secret: /aws_?secret_?(?:access_?)?key["']?[ \t]*[=:][ \t]*["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/gi,
    what: "a key (AWS)",
  },
  {
    hint: "SECRET_ACCESS_KEY",
    secret: /AWS_SECRET_ACCESS_KEY["']?[ \t]*[=:][ \t]*["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/g,
    what: "a key (AWS)",
  },
  { hint: "sk-proj-", secret: /\bsk-proj-[\w-]{40,}/g, what: "a key (OpenAI)" },
  { hint: "GOCSPX-", secret: /\bGOCSPX-[\w-]{24,}/g, what: "a client's secret (Google)" },
  {
    hint: "hooks\\.slack\\.com",
    secret: /\bhooks\.slack\.com\/services\/T\w{6,}\/B\w{6,}\/\w{20,}/g,
    what: "the address of a hook (Slack)",
  },
  { hint: "npmAuth", secret: /\bnpmAuth(?:Token|Ident):[ \t]*["']?(?!\$)[\w.:/+=-]{12,}/g, what: "a token (Yarn)" },
  { hint: "ClearTextPassword", secret: /"ClearTextPassword"\s+value="(?!%)[^"]{4,200}"/g, what: "a password (NuGet)" },
  {
    hint: "<server>",
    secret: [/<servers>/, /<password>(?!\$)[^<>\s]{4,200}<\/password>/g],
    what: "a password (Maven)",
  },
  {
    hint: "machine[ \\t]",
    secret: /^[ \t]*machine[ \t]+\S{1,200}\s{1,20}login[ \t]+\S{1,200}\s{1,20}password[ \t]+(?![$<])\S{8,200}/gm,
    what: "a login (netrc)",
  },
  {
    hint: "index-url[ \\t]*=",
    secret: /^[ \t]*(?:extra-)?index-url[ \t]*=[ \t]*https?:\/\/[^\s/@:]{1,200}:[^\s/@$<{]{8,200}@(?!localhost\b)\S/gm,
    what: "a login in an index's address (pip)",
  },
  {
    hint: '"auths"',
    secret: [/"auths"\s*:\s*\{/, /"(?:auth|identitytoken)"\s*:\s*"[A-Za-z0-9+/=._-]{8,}"/g],
    what: "a login of a registry (Docker)",
  },
  {
    hint: "users:\\s",
    secret: [/^kind:[ \t]*Config\b/m, /^users:/m, /\b(?:token|password):[ \t]*["']?(?!\$|<)[\w.-]{16,}/g],
    what: "a login of a cluster (kubeconfig)",
  },
  {
    hint: "url[ \\t=]",
    secret: /^[ \t]*(?:push)?url[ \t]*=[ \t]*https?:\/\/[^\s/@:]{1,200}:[^\s/@$<{]{8,200}@(?!localhost\b)\S/gm,
    what: "a login in a git remote's address",
  },
];

/** How texts write that no secret stands here. */
const placeholder = /x{6}|X{6}|\*{4}|\.{3}|0{12}|example|your[_-]/i;

/** Whole DER structures, by how they begin: OIDs and integers that public certificates and keys do not have there. */
function derFault(bytes: Buffer): string | undefined {
  if (bytes.length < 40 || bytes[0] !== 0x30) return undefined;
  const long = bytes[1]! & 0x80 ? bytes[1]! & 0x7f : 0;
  if (long > 4) return undefined;
  const length = long === 0 ? bytes[1]! : bytes.readUIntBE(2, long);
  if (2 + long + length !== bytes.length) return undefined;
  const inside = bytes.subarray(2 + long, 2 + long + 64).toString("latin1");
  // PKCS #8, PKCS #1, SEC 1 and PKCS #12, by version and what follows it.
  if (
    /^\x02\x01[\x00\x01]\x30[^]\x06/.test(inside) ||
    /^\x02\x01\x00\x02[\x40-\x84]/.test(inside) ||
    /^\x02\x01\x01\x04[\x14-\x42]/.test(inside)
  )
    return "a private key (DER)";
  // Encrypted PKCS #8: an algorithm of PKCS #5 or #12, and what it hides.
  if (
    /^\x30[^]{1,3}?\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05|\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01)/.test(inside)
  )
    return "a private key (DER)";
  if (/^\x02\x01\x03\x30/.test(inside) && inside.includes("\x2a\x86\x48\x86\xf7\x0d\x01\x07"))
    return "a store of keys (PKCS #12)";
  return undefined;
}

/** Stores of keys by their first bytes; a store of certificates alone begins with another kind of entry. */
function storeFault(bytes: Buffer): string | undefined {
  if (bytes.length < 16) return undefined;
  // A seed of NATS is all that its file holds, and begins with nothing of its own.
  if (bytes.length < 80 && /^\s*S[OAUNXC][A-Z2-7]{56}\s*$/.test(bytes.toString("latin1")))
    return "a private key (NATS)";
  const magic = bytes.readUInt32BE(0);
  if ((magic === 0xfeedfeed || magic === 0xcececece) && bytes.readUInt32BE(4) <= 2 && bytes.readUInt32BE(12) !== 2)
    return "a store of keys (Java)";
  return magic === 0x03d9a29a ? "a store of passwords (KeePass)" : undefined;
}

const hints = [...keys, ...tokens].map(({ hint }) => new RegExp(hint));
const words = new WordSearch(hints.map(({ source }) => beginningsOf(source)));

function textFault(bytes: Buffer): string | undefined {
  const begun = words.groupsIn(bytes);
  if (begun.size === 0) return undefined;
  const text = bytes.toString("latin1");
  if (![...begun].some((group) => hints[group]!.test(text))) return undefined;
  const has = ({ secret }: Row, real: (found: string) => boolean): boolean =>
    [secret]
      .flat()
      .every((one) => (one.global ? [...text.matchAll(one)].some(([found]) => real(found)) : one.test(text)));
  return (
    keys.find((row) => has(row, () => true))?.what ??
    tokens.find((row) => has(row, (found) => !placeholder.test(found)))?.what
  );
}

/** Files are looked into in pieces of this many bytes, each with the end of the one before: no secret is as long as that end. */
const PIECE = 1 << 20;
const OVERLAP = 16 << 10;
/** How much tells a text from other data. */
const HEAD = 8 << 10;

/** Programs are full of constants, and what they hold is not asked; other data that is no text is looked into by its form only. */
function isProgram(bytes: Buffer): boolean {
  if (bytes.length >= 2 && bytes.readUInt16BE(0) === 0x4d5a) return true;
  return (
    bytes.length >= 4 &&
    [0x7f454c46, 0xcffaedfe, 0xcefaedfe, 0xfeedface, 0xfeedfacf, 0xcafebabe].includes(bytes.readUInt32BE(0))
  );
}

/** Whether it is ELF's kind of a file that holds what was in a program's memory, in both orders of bytes. */
function isMemory(bytes: Buffer): boolean {
  if (bytes[0] !== 0x7f || bytes.length < 18 || bytes.readUInt32BE(0) !== 0x7f454c46) return false;
  return bytes.readUInt16BE(16) === 4 || bytes.readUInt16LE(16) === 4;
}

/** Looks into a file as its bytes come by; what it said once stays. */
export class SecretScan {
  #first = true;
  #skip = false;
  #wide: "little" | "big" | undefined;
  #tail: Buffer = Buffer.alloc(0);
  #found: string | undefined;
  /** Takes the file's next bytes, which may be used again afterwards; `whole` says that there are no others. */
  take(bytes: Buffer, whole = false): void {
    if (this.#found !== undefined || this.#skip || bytes.length === 0) return;
    if (this.#first) {
      this.#first = false;
      if (isMemory(bytes)) this.#found = "a dump of a program's memory";
      this.#skip = isProgram(bytes);
      if (this.#skip) return;
      this.#found = storeFault(bytes) ?? (whole ? derFault(bytes) : undefined);
      // PowerShell writes texts like this.
      const mark = bytes.length > 1 ? bytes.readUInt16BE(0) : 0;
      this.#wide = mark === 0xfffe ? "little" : mark === 0xfeff ? "big" : undefined;
      this.#skip = !whole && !this.#wide && bytes.subarray(0, HEAD).includes(0);
    }
    if (this.#found !== undefined || this.#skip) return;
    let text = this.#tail.length > 0 ? Buffer.concat([this.#tail, bytes]) : bytes;
    if (!whole) this.#tail = Buffer.from(text.subarray(-OVERLAP));
    if (this.#wide) {
      const even = Buffer.from(text.subarray(0, text.length & ~1));
      text = Buffer.from((this.#wide === "big" ? even.swap16() : even).toString("utf16le"), "latin1");
    }
    this.#found = textFault(text);
  }
  /** Whether further bytes can change nothing. */
  get over(): boolean {
    return this.#skip || this.#found !== undefined;
  }
  /** {@link found}, as a part of a file's facts. */
  get facts(): { secret?: string } {
    return this.#found === undefined ? {} : { secret: this.#found };
  }
  /** What secret is in what was taken, as a noun; undefined when none was seen. */
  get found(): string | undefined {
    return this.#found;
  }
}

/** What secret these bytes of a whole file hold, as a noun (`a private key (PEM)`), or undefined. */
export function secretIn(bytes: Buffer): string | undefined {
  const scan = new SecretScan();
  scan.take(bytes, true);
  return scan.found;
}

/**
 * As {@link secretIn}, for whole files that lie one after the other in `all`. Words are looked for in all of them at once: where
 * there are none, each file is asked only what does not depend on words.
 */
export function secretsAmong(all: Buffer): (file: Buffer) => string | undefined {
  if (words.groupsIn(all).size > 0) return secretIn;
  return (file) => {
    // A text in UTF-16 has its words in other bytes.
    const wide = file[0] === 0xff || file[0] === 0xfe;
    return wide || isMemory(file) ? secretIn(file) : (storeFault(file) ?? derFault(file));
  };
}

/** As {@link secretIn}, of a file of any size, piece by piece. @throws the file system's error when it cannot be read */
export function secretInFile(file: string): string | undefined {
  const fd = openSync(file, "r");
  try {
    const scan = new SecretScan();
    const piece = Buffer.allocUnsafe(PIECE);
    for (
      let at = 0, read = readSync(fd, piece, 0, HEAD, 0);
      read > 0;
      at += read, read = readSync(fd, piece, 0, PIECE, at)
    ) {
      scan.take(piece.subarray(0, read));
      if (scan.over) return scan.found;
    }
    return scan.found;
  } finally {
    closeSync(fd);
  }
}
