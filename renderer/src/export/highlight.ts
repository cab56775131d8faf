/** Text as coloured lines: lowlight reads the grammar, React writes the spans, so no HTML is ever parsed. */
import type { LanguageFn } from "highlight.js";
import ini from "highlight.js/lib/languages/ini";
import json from "highlight.js/lib/languages/json";
import nginx from "highlight.js/lib/languages/nginx";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";
import type { ExportedFile } from "../../../app/contract/export.ts";

/** A piece of a line; `kind` is the grammar's word for it (`comment`, `string`, …), null for plain text. */
interface Token {
  readonly kind: string | null;
  readonly text: string;
}

type Line = readonly Token[];

/** highlight.js has no HAProxy grammar: comments, quoted text, sections, directives, numbers. */
const haproxy: LanguageFn = (hljs) => ({
  contains: [
    hljs.COMMENT(/(?:^|\s)#/, /$/),
    hljs.QUOTE_STRING_MODE,
    hljs.APOS_STRING_MODE,
    {
      className: "section",
      begin: /^(?:global|defaults|frontend|backend|listen|userlist|resolvers|peers)\b/,
    },
    { className: "attribute", begin: /^\s+[a-z][a-z0-9.-]*/ },
    hljs.NUMBER_MODE,
  ],
});

const lowlight = createLowlight({ ini, json, nginx, xml, yaml, haproxy });

const grammars: Readonly<Record<ExportedFile["language"], string | null>> = {
  nginx: "nginx",
  haproxy: "haproxy",
  yaml: "yaml",
  xml: "xml",
  systemd: "ini",
  json: "json",
  text: null,
};

/** Beyond this a file is shown without colours: reading it would hold the window up. */
const colouredAtMost = 400_000;

export function linesOf(text: string, language: ExportedFile["language"]): readonly Line[] {
  const grammar = grammars[language];
  const tokens: Token[] = [];
  if (grammar === null || text.length > colouredAtMost) tokens.push({ kind: null, text });
  else collect(lowlight.highlight(grammar, text), null, tokens);
  return intoLines(tokens);
}

type Node = ReturnType<typeof lowlight.highlight>["children"][number];

function collect(
  node: Node | { readonly type: "root"; readonly children: readonly Node[] },
  kind: string | null,
  tokens: Token[],
): void {
  if (node.type === "text") tokens.push({ kind, text: node.value });
  if (node.type === "root") for (const child of node.children) collect(child, kind, tokens);
  if (node.type !== "element") return;
  const own = kindOf(node.properties["className"]);
  for (const child of node.children) collect(child, own ?? kind, tokens);
}

/** `hljs-comment` is a comment. */
function kindOf(names: unknown): string | null {
  const first: unknown = Array.isArray(names) ? names[0] : undefined;
  return typeof first === "string" ? first.replace(/^hljs-/, "") : null;
}

function intoLines(tokens: readonly Token[]): readonly Line[] {
  const lines: Token[][] = [[]];
  for (const { kind, text } of tokens) {
    const [first = "", ...rest] = text.split("\n");
    if (first) lines.at(-1)?.push({ kind, text: first });
    for (const part of rest) lines.push(part ? [{ kind, text: part }] : []);
  }
  // A text ends with a line break, not with an empty line.
  if (lines.length > 1 && lines.at(-1)?.length === 0) lines.pop();
  return lines;
}
