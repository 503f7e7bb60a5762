/** Who vouches for what a service presents over TLS, from the certificates that it showed to a client on its machine. */
import { X509Certificate } from "node:crypto";

/** The certificates in a text, the service's own first; none when it holds none, or what it holds cannot be read. */
export function certificatesIn(text: string): X509Certificate[] {
  // A client may print them twice: when it is connected, and when it ends.
  const found = new Set(text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g));
  try {
    return [...found].map((pem) => new X509Certificate(pem));
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
