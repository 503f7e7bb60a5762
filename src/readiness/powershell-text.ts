/**
 * A PowerShell script as its statements, without comments and without here-strings, which are data, or a comment of many lines. What a
 * statement only prints is left out as well.
 */

/** Statements that print what they are given. */
const prints = /^(?:&\s*)?(?:Write-(?:Host|Output|Verbose|Debug|Information|Warning|Error)|echo|throw)\b/i;

class Scanner {
  readonly statements: string[] = [];
  readonly #text: string;
  #at = 0;
  #statement = "";

  constructor(text: string) {
    this.#text = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  }

  #end(): void {
    if (this.#statement.trim() !== "") this.statements.push(this.#statement.trim());
    this.#statement = "";
  }

  #starts(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  /** Goes to what is behind the next `text`, or to the end. */
  #past(text: string): void {
    const found = this.#text.indexOf(text, this.#at);
    this.#at = found < 0 ? this.#text.length : found + text.length;
  }

  #single(): void {
    // Two quotes within are one.
    const found = /^'((?:''|[^'])*)'?/.exec(this.#text.slice(this.#at))!;
    this.#statement += found[1]!.replaceAll("''", "'");
    this.#at += found[0].length;
  }

  #double(): void {
    this.#at++;
    while (this.#at < this.#text.length) {
      if (this.#starts('""')) {
        this.#statement += '"';
        this.#at += 2;
      } else if (this.#starts('"')) return void this.#at++;
      else if (this.#starts("$(")) {
        const outer = this.#statement;
        this.#statement = "";
        this.#at += 2;
        this.scan(")");
        this.#statement = outer;
      } else this.#character();
    }
  }

  /** One character, or the one that a backtick takes as it is; a backtick at a line's end takes the line feed away. */
  #character(): void {
    const escaped = this.#starts("`");
    if (escaped) this.#at++;
    const character = this.#text[this.#at] ?? "";
    this.#statement += escaped && character === "\n" ? " " : character;
    this.#at++;
  }

  /** Reads on to the end of the text, or to the `end` that closes what was opened. */
  scan(end?: string): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at]!;
      if (character === end && depth === 0) {
        this.#at++;
        break;
      }
      if (character === "(") depth++;
      if (character === ")") depth--;
      const here = /^@(['"])[ \t]*\n/.exec(this.#text.slice(this.#at, this.#at + 80));
      if (this.#starts("<#")) this.#past("#>");
      else if (here) this.#past(`\n${here[1]}@`);
      else if (character === "#" && /(?:^|[\s;(){}|,=&])$/.test(this.#text.slice(Math.max(0, this.#at - 1), this.#at)))
        this.#at = this.#text.indexOf("\n", this.#at) < 0 ? this.#text.length : this.#text.indexOf("\n", this.#at);
      else if (character === "'") this.#single();
      else if (character === '"') this.#double();
      else if (/[\n;|{}]/.test(character)) {
        this.#end();
        this.#at++;
      } else this.#character();
    }
    this.#end();
  }
}

/** Every statement of a script, in order, but for those that only print. */
export function powershellStatements(text: string): string[] {
  const scanner = new Scanner(text);
  scanner.scan();
  return scanner.statements.filter((statement) => !prints.test(statement));
}
