/** What the engine's values look like on the wire: secrets arrive wrapped, unknown values as a marker text. */

/** Marks special values in the engine's protocol, and the mark of a secret (pulumi/pulumi, sdk/go/common/resource/sig). */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** What stands for a value that is not known yet, in a preview (pulumi/pulumi, sdk/go/common/resource/plugin, UnknownStringValue). */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A value marked as a secret. */
export function secret(value: unknown): unknown {
  return { [signatureKey]: secretSignature, value };
}

/** Outputs with those of these names marked as secrets. */
export function sealed(outputs: object, secrets: readonly string[]): object {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, secrets.includes(name) ? secret(value) : value]),
  );
}

/** The value with every secret in it laid open. */
export function open(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(open);
  if (value === null || typeof value !== "object") return value;
  const object = value as Record<string, unknown>;
  if (object[signatureKey] === secretSignature) return open(object["value"]);
  return Object.fromEntries(Object.entries(object).map(([key, v]) => [key, open(v)]));
}

/** Whether a value is, or holds, something that is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (value === unknownText) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return value !== null && typeof value === "object" && Object.values(value).some(hasUnknown);
}

/** Whether the value at the path, something on the way to it, or something in it is not known yet. */
export function unknownWithin(value: unknown, path: readonly PropertyKey[]): boolean {
  let at = value;
  for (const key of path) {
    if (at === unknownText) return true;
    if (at === null || typeof at !== "object") return false;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return hasUnknown(at);
}

/** A plain copy without `undefined`, which the protocol cannot carry. */
export function sendable<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
