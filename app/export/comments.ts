/** Free text as comments: nothing in it can end the comment, whatever the syntax around it. */

const width = 110;

/** One line of printable text: control, format and line-breaking characters become blanks. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** Words on lines of at most `width` characters; a longer word is cut. A line never ends in a backslash. */
function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of oneLine(text).split(" ")) {
    for (const piece of word.match(/.{1,100}/gu) ?? []) {
      if (line !== "" && line.length + 1 + piece.length > width) {
        lines.push(line);
        line = "";
      }
      line = line === "" ? piece : `${line} ${piece}`;
    }
  }
  if (line !== "") lines.push(line);
  return lines.map((one) => one.replace(/\\$/, "\\."));
}

/** `# ` comments of NGINX, HAProxy, YAML and systemd, one or more lines for each text. */
export function hashComments(texts: readonly string[], indent = ""): readonly string[] {
  return texts.flatMap((text) => wrap(text).map((line) => `${indent}# ${line}`));
}
