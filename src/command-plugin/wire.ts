/**
 * The engine's values as they are on the wire: plain JSON in which secrets, assets and archives are objects with a
 * signature, and what is not known yet is a marker text (pulumi/pulumi, sdk/go/common/resource/sig and resource/plugin/rpc.go).
 */
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";

export type Properties = Record<string, unknown>;

export const signatureKey = "4dabf18193072939515e22adb298388d";
export const signatures = {
  secret: "1b47061264138c4ac30d75fd1eb44270",
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
} as const;

/** Stands for a text that is not known yet; outputs of a preview use it. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The markers by the type that the value will have: text, boolean, number, list, asset, archive, object. */
const unknowns = new Set([
  unknownText,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** A file, a text or an address, as the engine hands it over; `hash` is SHA-256 of the content, lower-case hex. */
export interface Asset {
  hash?: string;
  path?: string;
  text?: string;
  uri?: string;
}

/** A folder or archive file (`path`), an address, or a map of assets; `hash` as the engine computes it. */
export interface Archive {
  hash?: string;
  path?: string;
  uri?: string;
  assets?: Properties;
}

function signed(value: unknown, signature: string): value is Properties {
  return value !== null && typeof value === "object" && (value as Properties)[signatureKey] === signature;
}

export const isUnknown = (value: unknown): boolean => typeof value === "string" && unknowns.has(value);
export const isSecret = (value: unknown): value is { value: unknown } => signed(value, signatures.secret);
export const isAsset = (value: unknown): value is Asset => signed(value, signatures.asset);
export const isArchive = (value: unknown): value is Archive => signed(value, signatures.archive);

/** A value marked as a secret; one that is marked already stays as it is. */
export function secret(value: unknown): unknown {
  return isSecret(value) ? value : { [signatureKey]: signatures.secret, value };
}

/** The value with every secret in it laid open. */
export function open(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(open);
  if (value === null || typeof value !== "object") return value;
  if (isSecret(value)) return open(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, open(v)]));
}

/** Whether the value is, or holds, something that is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return value !== null && typeof value === "object" && Object.values(value).some(hasUnknown);
}

/** Whether the value is, or holds, a secret. */
export function hasSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(hasSecret);
  return value !== null && typeof value === "object" && Object.values(value).some(hasSecret);
}

/** Whether the value at the path, or something on the way to it, is not known yet. */
export function unknownAt(value: unknown, path: readonly string[]): boolean {
  let at = value;
  for (const key of path) {
    if (isUnknown(at)) return true;
    if (at === null || typeof at !== "object") return false;
    at = (at as Properties)[key];
  }
  return isUnknown(at);
}

/** A message's properties as plain values; nothing when it carries none. */
export function received(message: Struct | undefined): Properties {
  return message?.toJavaScript() ?? {};
}

/** Plain values as a message. Leaves out `undefined`, which the protocol cannot carry. */
export function sendable(properties: Properties): Struct {
  return struct.Struct.fromJavaScript(
    JSON.parse(JSON.stringify(properties)) as Parameters<typeof struct.Struct.fromJavaScript>[0],
  );
}
