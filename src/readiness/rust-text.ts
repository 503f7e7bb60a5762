/** Rust without its comments, which may be nested, and without what stands in its strings, where that is wanted. */

/** A string literal that begins here, as a whole and what stands in it: `"…"`, `b"…"`, `r#"…"#`. */
function stringAt(text: string, at: number): string | undefined {
  const rest = text.slice(at);
  const raw = /^(?:b|c)?r(#*)"/.exec(rest);
  if (raw) {
    const end = text.indexOf(`"${raw[1]}`, at + raw[0].length);
    return end < 0 ? rest : text.slice(at, end + 1 + raw[1]!.length);
  }
  return /^(?:b|c)?"(?:\\[\s\S]|[^"\\])*"?/.exec(rest)?.[0];
}

/** Where a comment that begins at `at` ends; comments within it end first. */
function endOfComment(text: string, at: number): number {
  let depth = 1;
  let end = at + 2;
  for (; end < text.length && depth > 0; end++) {
    if (text.startsWith("/*", end)) [depth, end] = [depth + 1, end + 1];
    else if (text.startsWith("*/", end)) [depth, end] = [depth - 1, end + 1];
  }
  return end;
}

/** @param strings whether what stands in string literals stays */
export function rustCode(text: string, strings: boolean): string {
  let code = "";
  for (let at = 0; at < text.length;) {
    const inName = /\w$/.test(code);
    const literal = inName ? /^"(?:\\[\s\S]|[^"\\])*"?/.exec(text.slice(at))?.[0] : stringAt(text, at);
    const character = /^'(?:\\(?:u\{[^}]*\}|x..|.)|[^\\'])'/u.exec(text.slice(at, at + 16))?.[0];
    if (text.startsWith("//", at)) {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
      code += " ";
    } else if (text.startsWith("/*", at)) {
      at = endOfComment(text, at);
      code += " ";
    } else if (literal !== undefined) {
      at += literal.length;
      code += strings ? literal : '""';
    } else if (character !== undefined) {
      at += character.length;
      code += strings ? character : "''";
    } else code += text[at++];
  }
  return code;
}
