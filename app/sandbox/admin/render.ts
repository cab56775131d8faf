import type { StatisticsGroup, StatisticsNode, StatisticsRow } from "./node.ts";

/** XML of a wrapped node: a group's values are elements, a row is an element with its values as attributes. */
export function toXml(node: StatisticsNode): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${children(node, "").join("\n")}\n`;
}

/** One value as CSV, its time before it. */
export function toCsv(time: string, value: string): string {
  const quoted = /[",\r\n]/.test(value) ? `"${value.replace(/"/g, '""')}"` : value;
  return `${time},${quoted}\n`;
}

/** A page that lists what is below a node: what AMPS answers without a suffix. */
export function toHtml(path: string, node: StatisticsNode): string {
  const names = Array.isArray(node)
    ? (node as readonly StatisticsRow[]).map((row) => row["id"] ?? "")
    : Object.keys(node as StatisticsGroup);
  const base = path.replace(/\/$/, "").split("/").pop() ?? "";
  const items = names.map((name) => {
    const link = `${encodeURIComponent(base)}/${encodeURIComponent(name)}`;
    return `<li><a href="${escapeXml(link)}">${escapeXml(name)}</a></li>`;
  });
  const title = `SANDBOX ${escapeXml(path)}`;
  return `<!doctype html><meta charset="utf-8"><title>${title}</title><h1>${title}</h1><ul>${items.join("")}</ul>\n`;
}

export function escapeXml(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/'/g, "&apos;")
    .replace(/"/g, "&quot;");
}

function children(node: StatisticsNode, indent: string): string[] {
  if (typeof node === "string" || Array.isArray(node)) return [];
  return Object.entries(node as StatisticsGroup).flatMap(([name, child]) => element(name, child, indent));
}

function element(name: string, node: StatisticsNode, indent: string): string[] {
  if (typeof node === "string") return [`${indent}<${name}>${escapeXml(node)}</${name}>`];
  const inner = Array.isArray(node)
    ? (node as readonly StatisticsRow[]).map((row) => `${indent}  <${singular(name)}${attributes(row)}/>`)
    : children(node, `${indent}  `);
  return [`${indent}<${name}>`, ...inner, `${indent}</${name}>`];
}

function attributes(row: StatisticsRow): string {
  return Object.entries(row)
    .map(([name, value]) => ` ${name}='${escapeXml(value)}'`)
    .join("");
}

function singular(name: string): string {
  return name.endsWith("s") ? name.slice(0, -1) : name;
}
