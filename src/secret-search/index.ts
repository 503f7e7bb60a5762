/** Secrets by what a file holds: for candidates before they are sealed, and for archives of whatever origin. */
export { secretIn, secretInFile, secretsAmong, SecretScan } from "./content.ts";
