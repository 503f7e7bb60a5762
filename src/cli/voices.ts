/** The ways to a person: what was asked for, and what is said on the way to it. */
export interface Voices {
  write: (line: string) => void;
  note: (line: string) => void;
}
