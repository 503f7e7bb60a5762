/** Platforms that archives are made for, and targets: a platform on a system image. */
import { z } from "zod";

export const platforms = ["linux-x64", "linux-arm64", "windows-x64", "macos-arm64", "macos-x64"] as const;

/** `<os>-<arch>`, as it stands in an archive's name. */
export const PlatformSchema = z.enum(platforms);
export type Platform = z.infer<typeof PlatformSchema>;

/** The platform of the host that this runs on; undefined when it is none that archives are made for. */
export function hostPlatform(): Platform | undefined {
  const systems: Partial<Record<NodeJS.Platform, string>> = { linux: "linux", darwin: "macos", win32: "windows" };
  return PlatformSchema.safeParse(`${systems[process.platform]}-${process.arch}`).data;
}

/** System images that machines can be made of, by the platform they run. */
export const systemImages = { "linux-x64": ["debian-12"] } as const satisfies Partial<
  Record<Platform, readonly string[]>
>;

const targets = Object.entries(systemImages).flatMap(([platform, images]) =>
  images.map((image) => `${platform}/${image}`),
);

/** `<platform>/<system image>`: `linux-x64/debian-12`. */
export const TargetSchema = z.enum(targets as ["linux-x64/debian-12"]);
export type Target = z.infer<typeof TargetSchema>;

/** The platform half of a target. */
export function platformOf(target: Target): Platform {
  return PlatformSchema.parse(target.split("/")[0]);
}

/** The file name of an executable on a platform: `.exe` on Windows only. */
export function executableName(name: string, platform: Platform): string {
  return platform.startsWith("windows-") ? `${name}.exe` : name;
}
