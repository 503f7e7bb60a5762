/**
 * A shell script as the commands in it: words without their quotes. Comments are left out, and so are the bodies of here-documents,
 * which are data, or a comment of many lines.
 */

/** A command, as its words. */
export type Command = readonly string[];

/** What stands before a command's name and is none. */
const before = /^(?:if|then|elif|else|while|until|do|!|\{|time|exec|command|env|sudo|[A-Za-z_]\w*\+?=.*)$/s;

/** Commands that say something or nothing, and run nothing of what they are given. */
const idle = new Set([":", "true", "false", "echo", "printf"]);

class Scanner {
  readonly commands: string[][] = [];
  readonly #text: string;
  #at = 0;
  #words: string[] = [];
  #word: string | undefined;
  /** here-documents whose bodies begin on the next line */
  #documents: { end: string; tabs: boolean }[] = [];

  constructor(text: string) {
    this.#text = text.replaceAll("\r\n", "\n");
  }

  #add(text: string): void {
    this.#word = (this.#word ?? "") + text;
  }

  #endWord(): void {
    if (this.#word !== undefined) this.#words.push(this.#word);
    this.#word = undefined;
  }

  #endCommand(): void {
    this.#endWord();
    if (this.#words.length > 0) this.commands.push(this.#words);
    this.#words = [];
  }

  #starts(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  /** Commands within a command, which go on with it once they are over. */
  #inner(end: string): void {
    const [words, word] = [this.#words, this.#word];
    [this.#words, this.#word] = [[], undefined];
    this.scan(end);
    [this.#words, this.#word] = [words, word];
  }

  #skipBodies(): void {
    for (const { end, tabs } of this.#documents.splice(0)) {
      while (this.#at < this.#text.length) {
        const stop = this.#text.indexOf("\n", this.#at);
        const line = this.#text.slice(this.#at, stop < 0 ? undefined : stop);
        this.#at = stop < 0 ? this.#text.length : stop + 1;
        if ((tabs ? line.replace(/^\t+/, "") : line) === end) break;
      }
    }
  }

  /** `<<END`, with its word quoted or not. */
  #document(): void {
    const found = /^<<(-?)[ \t]*((?:'[^'\n]*'|"[^"\n]*"|\\.|[^\s;&|<>()'"\\])+)/.exec(this.#text.slice(this.#at));
    if (!found) return void (this.#at += 2);
    this.#documents.push({ end: found[2]!.replace(/['"]|\\(?=.)/g, ""), tabs: found[1] === "-" });
    this.#at += found[0].length;
  }

  #single(): void {
    const end = this.#text.indexOf("'", this.#at + 1);
    const stop = end < 0 ? this.#text.length : end;
    this.#add(this.#text.slice(this.#at + 1, stop));
    this.#at = stop + 1;
  }

  /** `"…"`, or `${…}` with its closing brace for `end`. */
  #quoted(end: '"' | "}"): void {
    this.#add("");
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at]!;
      if (character === end) return void this.#at++;
      if (character === "\\") {
        this.#add(this.#text[this.#at + 1] === "\n" ? "" : (this.#text[this.#at + 1] ?? ""));
        this.#at += 2;
      } else if (end === "}" && character === "'") this.#single();
      else if (end === "}" && character === '"') this.#open('"', 1);
      else if (!this.#expansion()) {
        this.#add(character);
        this.#at++;
      }
    }
  }

  #open(end: '"' | "}", length: number): void {
    this.#at += length;
    this.#quoted(end);
  }

  /** `$(…)`, `` `…` `` and `${…}`; answers whether there was one. */
  #expansion(): boolean {
    if (this.#starts("${")) this.#open("}", 2);
    else if (this.#starts("$(")) {
      this.#at += 2;
      this.#inner(")");
    } else if (this.#starts("`")) {
      this.#at++;
      this.#inner("`");
    } else return false;
    this.#add("");
    return true;
  }

  /** Reads on to the end of the text, or to `end`. */
  scan(end?: string): void {
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at]!;
      if (character === end) {
        this.#at++;
        break;
      }
      if (character === "#" && this.#word === undefined) {
        const stop = this.#text.indexOf("\n", this.#at);
        this.#at = stop < 0 ? this.#text.length : stop;
      } else if (character === "'") this.#single();
      else if (character === '"') this.#open('"', 1);
      else if (character === "\\") {
        if (this.#text[this.#at + 1] !== "\n") this.#add(this.#text[this.#at + 1] ?? "");
        this.#at += 2;
      } else if (this.#starts("<<<")) {
        this.#endWord();
        this.#at += 3;
      } else if (this.#starts("<<")) this.#document();
      else if (character === "(") {
        this.#endCommand();
        this.#at++;
        this.#inner(")");
      } else if (/[<>]/.test(character)) {
        this.#add(character);
        this.#at++;
        if (this.#starts("&")) this.#at++;
      } else if (/[\n;&|)]/.test(character)) {
        this.#endCommand();
        this.#at++;
        if (character === "\n") this.#skipBodies();
      } else if (/\s/.test(character)) {
        this.#endWord();
        this.#at++;
      } else if (!this.#expansion()) {
        this.#add(character);
        this.#at++;
      }
    }
    this.#endCommand();
  }
}

/** Every command of a script that runs something, in order, with what assignments and keywords stand before it. */
export function shellCommands(text: string): Command[] {
  const scanner = new Scanner(text);
  scanner.scan();
  return scanner.commands.filter((words) => !idle.has(words.find((word) => !before.test(word)) ?? ""));
}
