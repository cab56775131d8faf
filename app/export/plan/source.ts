/** What every export is made from, and how its free text is told. */
import type { ShuntConfig } from "../../contract/config.ts";
import type { ExportRequest } from "../../contract/export.ts";
import type { ParsedConfig } from "../../config/parsed-config.ts";
import type { Remarks } from "../remarks.ts";

export interface ExportSource extends ParsedConfig {
  readonly request: ExportRequest;
  readonly remarks: Remarks;
}

type Kind = "tunnels" | "backends" | "pools" | "routes";

/** Label, environment and note of a thing as the operator wrote them: values of variables are not for comments. */
export function describe({ document, resolved }: ParsedConfig, kind: Kind, id: string): readonly string[] {
  const index = resolved[kind].findIndex((one) => one.id === id);
  const written = document[kind][index] as
    { readonly label?: string; readonly environment?: string; readonly note?: string } | undefined;
  if (!written) return [];
  const facts = [
    written.label === undefined ? "" : `"${written.label}"`,
    written.environment === undefined ? "" : `environment ${written.environment}`,
  ].filter((fact) => fact !== "");
  return [
    ...(facts.length === 0 ? [] : [`${id}: ${facts.join(", ")}`]),
    ...(written.note === undefined || written.note === "" ? [] : [`${id}: ${written.note}`]),
  ];
}

/** Names of the environment variables whose values an export writes out; those in free text stay as they are. */
export function namedVariables(document: ShuntConfig): readonly string[] {
  const found = new Set<string>();
  const text = JSON.stringify(document, (key, value: unknown) =>
    ["note", "label", "environment", "tags"].includes(key) ? undefined : value,
  );
  for (const match of text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)) found.add(match[1] ?? "");
  return [...found].sort();
}
