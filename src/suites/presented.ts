/**
 * The certificates that a service presents over TLS, read from what it sent to a client that can do nothing but send one fixed
 * greeting: a minimal machine has no TLS client. TLS 1.2 sends them in the open. TLS 1.3 seals them for whoever has the private
 * half of the greeting's key: it is here, and no secret, for nothing but such a greeting is ever sealed with it (RFC 8446, 7.1).
 */
import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  X509Certificate,
} from "node:crypto";

const privateKey = createPrivateKey({
  key: Buffer.concat([
    Buffer.from("302e020100300506032b656e04220420", "hex"),
    createHash("sha256").update("greenlight looks at what a service presents").digest(),
  ]),
  format: "der",
  type: "pkcs8",
});
const spki = Buffer.from("302a300506032b656e032100", "hex");
const publicKey = createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(spki.length);

const uint = (value: number, bytes: number): Buffer => Buffer.from(value.toString(16).padStart(bytes * 2, "0"), "hex");
const sized = (bytes: number, ...parts: Buffer[]): Buffer =>
  Buffer.concat([uint(Buffer.concat(parts).length, bytes), ...parts]);
const extension = (type: number, body: Buffer): Buffer => Buffer.concat([uint(type, 2), sized(2, body)]);
const shorts = (...values: number[]): Buffer => Buffer.concat(values.map((value) => uint(value, 2)));

const [x25519, p256, sha256Aes128] = [0x1d, 0x17, 0x1301];

/** The greeting's handshake message: TLS 1.3 with one suite of ciphers, or 1.2. */
const clientHello = ((): Buffer => {
  const body = Buffer.concat([
    Buffer.from("0303", "hex"),
    createHash("sha256").update("greenlight").digest(),
    sized(1),
    sized(2, shorts(sha256Aes128, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8)),
    Buffer.from("0100", "hex"),
    sized(
      2,
      extension(0x00, sized(2, Buffer.of(0), sized(2, Buffer.from("localhost")))),
      extension(0x0a, sized(2, shorts(x25519, p256))),
      extension(0x0b, sized(1, Buffer.of(0))),
      extension(0x0d, sized(2, shorts(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0807))),
      extension(0x10, sized(2, sized(1, Buffer.from("h2")), sized(1, Buffer.from("http/1.1")))),
      extension(0x2b, sized(1, shorts(0x0304, 0x0303))),
      extension(0x33, sized(2, uint(x25519, 2), sized(2, publicKey))),
    ),
  ]);
  return Buffer.concat([Buffer.of(1), sized(3, body)]);
})();

/** The bytes that a client sends first. */
export const greeting: Buffer = Buffer.concat([Buffer.from("160301", "hex"), sized(2, clientHello)]);

interface Frame {
  type: number;
  head: Buffer;
  body: Buffer;
}

/** Cuts bytes into frames of a head, with a length at its end, and a body; what is cut off at the end is left out. */
function frames(bytes: Buffer, headBytes: number, lengthBytes: number): Frame[] {
  const list: Frame[] = [];
  for (let at = 0; at + headBytes <= bytes.length;) {
    const end = at + headBytes + bytes.readUIntBE(at + headBytes - lengthBytes, lengthBytes);
    if (end > bytes.length) break;
    list.push({
      type: bytes[at]!,
      head: bytes.subarray(at, at + headBytes),
      body: bytes.subarray(at + headBytes, end),
    });
    at = end;
  }
  return list;
}

const messages = (handshake: Buffer): Frame[] => frames(handshake, 4, 3);

/** An extension of a server's hello. */
function extensionOf(hello: Buffer, type: number): Buffer | undefined {
  // Version, random, session, cipher suite, compression.
  const at = 2 + 32 + 1 + hello[34]! + 2 + 1;
  return frames(hello.subarray(at + 2), 4, 2).find(({ head }) => head.readUInt16BE(0) === type)?.body;
}

/** The handshake of TLS 1.3 after the server's hello, opened. */
function opened(records: Frame[], hello: Frame): Buffer {
  const share = extensionOf(hello.body, 0x33);
  if (!share || share.readUInt16BE(0) !== x25519) return Buffer.alloc(0);
  const theirs = createPublicKey({ key: Buffer.concat([spki, share.subarray(4)]), format: "der", type: "spki" });
  const label = (secret: Buffer, name: string, context: Buffer, length: number): Buffer => {
    const info = Buffer.concat([uint(length, 2), sized(1, Buffer.from(`tls13 ${name}`)), sized(1, context)]);
    // Only the second half of HKDF, which for at most one digest is one HMAC.
    return createHmac("sha256", secret).update(info).update(Buffer.of(1)).digest().subarray(0, length);
  };
  const digest = (...parts: Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();
  const early = createHmac("sha256", Buffer.alloc(32)).update(Buffer.alloc(32)).digest();
  const handshake = createHmac("sha256", label(early, "derived", digest(), 32))
    .update(diffieHellman({ privateKey, publicKey: theirs }))
    .digest();
  const server = label(handshake, "s hs traffic", digest(clientHello, hello.head, hello.body), 32);
  const [key, iv] = [label(server, "key", Buffer.alloc(0), 16), label(server, "iv", Buffer.alloc(0), 12)];
  const sealed = records.filter(({ type }) => type === 23);
  const texts = sealed.map(({ head, body }, n): Buffer => {
    const nonce = Buffer.from(iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ n) >>> 0, 8);
    const decipher = createDecipheriv("aes-128-gcm", key, nonce).setAAD(head).setAuthTag(body.subarray(-16));
    const text = Buffer.concat([decipher.update(body.subarray(0, -16)), decipher.final()]);
    const end = text.findLastIndex((byte) => byte !== 0);
    return text[end] === 22 ? text.subarray(0, end) : Buffer.alloc(0);
  });
  return Buffer.concat(texts);
}

/** The certificates in what a service sent, its own first; none when it sent none, or what it sent cannot be read. */
export function presentedCertificates(sent: Buffer): X509Certificate[] {
  try {
    const records = frames(sent, 5, 2);
    const plain = messages(Buffer.concat(records.filter(({ type }) => type === 22).map(({ body }) => body)));
    const hello = plain.find(({ type }) => type === 2);
    if (!hello) return [];
    const later = extensionOf(hello.body, 0x2b)?.readUInt16BE(0) === 0x0304;
    const certificate = (later ? messages(opened(records, hello)) : plain).find(({ type }) => type === 11)?.body;
    if (!certificate) return [];
    const list = later ? certificate.subarray(1 + certificate[0]! + 3) : certificate.subarray(3);
    const chain: X509Certificate[] = [];
    for (let at = 0; at + 3 <= list.length;) {
      const end = at + 3 + list.readUIntBE(at, 3);
      chain.push(new X509Certificate(list.subarray(at + 3, end)));
      at = later ? end + 2 + list.readUInt16BE(end) : end;
    }
    return chain;
  } catch {
    return [];
  }
}

/** The identifier of the issuer's key (2.5.29.35), as it stands in a certificate; empty when there is none. */
function issuerKey({ raw }: X509Certificate): string {
  const at = raw.indexOf(Buffer.from("0603551d23", "hex"));
  if (at < 0) return "";
  // An octet string follows, perhaps after a truth.
  const octets = raw[at + 5] === 1 ? at + 8 : at + 5;
  return raw.subarray(octets, octets + 2 + raw[octets + 1]!).toString("hex");
}

/**
 * Who vouches for what is presented: the authority in the chain, or what the certificate says of its issuer. A service may make
 * itself a new certificate at each start; its authority makes the installation what it is.
 */
export function authorityOf(chain: readonly X509Certificate[]): string {
  const [own, ...others] = chain;
  if (!own) return "";
  const authority = others.at(-1) ?? (own.checkIssued(own) ? own : undefined);
  return [own.issuer.replaceAll("\n", ", "), issuerKey(own), authority?.fingerprint256 ?? ""]
    .filter((part) => part !== "")
    .join(" ");
}
