/** The commands on a recipe's page, in their order: the lines of its blocks marked `sh`. */
export function operatorCommands(page: string): string[] {
  return [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap((match) => match[1]!.trimEnd().split("\n"));
}
