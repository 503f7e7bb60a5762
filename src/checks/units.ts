/** What `systemctl show` prints, read: properties of units. */

/** The properties of each unit that was asked for, in order: blocks of `name=value` with an empty line between them. */
export function shownUnits(text: string): Record<string, string>[] {
  const blocks = text.trim().split(/\n\n+/);
  return blocks
    .filter((block) => block !== "")
    .map((block) =>
      Object.fromEntries<string>(
        [...block.matchAll(/^([A-Za-z]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
      ),
    );
}
