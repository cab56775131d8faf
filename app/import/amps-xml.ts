/** An AMPS configuration's XML as a tree of elements; entities, attributes and comments are left out. Pure. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { Reply } from "../contract/commands.ts";
import { accept, refuse } from "../failures.ts";
import { longestImportBytes } from "./import-source.ts";

/** Child elements by name; several of one name as a list. */
export interface Element {
  readonly [name: string]: Element | string | readonly (Element | string)[] | undefined;
}

const deepest = 100;

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: false,
  trimValues: true,
  maxNestedTags: deepest,
});

/** The `AMPSConfig` element, wherever it stands. What is wrong is told by line and never by value. */
export function parseAmpsXml(text: string): Reply<Element> {
  if (Buffer.byteLength(text) > longestImportBytes)
    return refuse("IMPORT_UNREADABLE", `The file is larger than ${longestImportBytes / 1024 / 1024} MB.`);
  // What a DOCTYPE declares is not put in, and the parser would refuse entities that stand in files.
  const plain = text
    .replace(/^\uFEFF/, "")
    .replace(/<!DOCTYPE[^[>]*(?:\[[^\]]*\]\s*)?>/i, "")
    .trim();
  let root: unknown;
  try {
    const valid = XMLValidator.validate(plain);
    if (valid !== true)
      return refuse("IMPORT_UNREADABLE", `This is not well-formed XML: see line ${valid.err.line}.`);
    root = parser.parse(plain);
  } catch {
    return refuse("IMPORT_UNREADABLE", "This is not XML that can be read.");
  }
  const found = findElement(root, "AMPSConfig", 0);
  return found
    ? accept(found)
    : refuse("IMPORT_UNREADABLE", "This is not an AMPS configuration: it has no AMPSConfig element.");
}

function isElement(value: unknown): value is Element {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function findElement(value: unknown, name: string, depth: number): Element | null {
  if (!isElement(value) || depth > 8) return null;
  const own = value[name];
  if (own === "") return {};
  if (isElement(own)) return own;
  for (const child of Object.values(value)) {
    const found = findElement(child, name, depth + 1);
    if (found) return found;
  }
  return null;
}

/** Child elements of a name; none where there is none. */
export function childrenOf(element: Element | undefined, name: string): readonly Element[] {
  const value = element?.[name];
  return (Array.isArray(value) ? value : [value]).filter(isElement);
}

/** Texts of the children of a name, empty ones left out. */
export function textsOf(element: Element | undefined, name: string): readonly string[] {
  const value = element?.[name];
  return (Array.isArray(value) ? value : [value])
    .filter((one): one is string => typeof one === "string" && one !== "")
    .map((text) => text.replace(/&(lt|gt|quot|apos|amp);/g, (_all, name: string) => predefined[name] ?? ""));
}

/** The five that every XML document has; all others stay as they are written. */
const predefined: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

export function textOf(element: Element | undefined, name: string): string | undefined {
  return textsOf(element, name)[0];
}

/** Whether an element of this name stands anywhere in it. */
export function hasElement(value: unknown, name: RegExp, depth = 0): boolean {
  if (depth > deepest || typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, child]) => name.test(key) || hasElement(child, name, depth + 1));
}
