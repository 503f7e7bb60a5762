/** Which version each binary of an archive has, as its manifest states it: one that states none has the archive's. */
import { z } from "zod";

/** Reads as little of a manifest as is needed, so that those of old releases can be read, too. By the binary's key. */
export const BinaryVersionsSchema = z
  .object({
    version: z.string(),
    binaries: z.array(z.object({ logical_name: z.string(), version: z.string().optional() })),
  })
  .transform(({ version, binaries }) =>
    Object.fromEntries(binaries.map((binary) => [binary.logical_name, binary.version ?? version])),
  );
