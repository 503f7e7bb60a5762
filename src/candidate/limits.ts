/**
 * The most that an archive may be: so that reading it takes bounded time, memory and space, whoever made it. A candidate is
 * held to the same, before anything of it is packed.
 */
export const limits = {
  /** unpacked, in all */
  bytes: 4 * 2 ** 30,
  entries: 65_000,
  /** the directory at the archive's end */
  directory: 32 << 20,
  /** unpacked size as a multiple of the packed one, for entries past `free` bytes */
  ratio: 200,
  free: 1 << 20,
  /** texts that are kept in memory */
  manifest: 256 << 10,
  checksums: 16 << 20,
  installed: 1 << 20,
  unit: 64 << 10,
  /** systemd units; further ones are not looked into, and that is said */
  units: 64,
};
