/** A file of a machine's system, as data. */

/** A file of the system, which belongs to root. */
export type GuestText = { path: string; mode: number; text: string };

/** A file or symbolic link of the system. */
export type GuestFile = GuestText | { path: string; link: string };
