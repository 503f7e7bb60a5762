/** What an installation of the headless Palyra keeps, and how it is known to be the same. */
import type { Kept } from "../product.ts";

/** Names of records: ULIDs. */
const ulid = "[0-9A-HJKMNP-TV-Z]{26}";

export const kept: Kept[] = [
  { how: "bytes", path: "{state}/identity/.store-key.v1" },
  // Encrypted, and sealed anew at every start of the daemon.
  { how: "sealed", path: "{state}/identity" },
  { how: "records", path: "{state}/data/journal.sqlite3", service: "palyrad", named: ulid },
  // The nodes' address. Whether it speaks TLS is the configuration's to say.
  { how: "presented", address: "127.0.0.1", port: 7444 },
];
